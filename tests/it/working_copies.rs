//! What staff type is kept by itself, and never over what somebody else saved; what was saved can be compared and restored.

use std::time::Duration;

use practice_points::app::retain;
use practice_points::domain::staff_member::StaffRole;
use serde_json::Value;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, Fields, guidance, post, with};

const KEEP: &str = "/staff/articles/working-copies";

/// What the form's script sends of an article with this path, or of one that is not begun yet.
fn typed(title: &str, path: &str, version: &str, body: &str) -> Fields {
    let article = path.strip_prefix("/staff/articles/").unwrap_or_default();
    let form = with(with(guidance(title), "body", body), "version", version);
    with(form, "article", article)
}

async fn keep(who: &TestApp, fields: &Fields) -> Value {
    let kept = post(who, KEEP, fields).await.expect(200);
    serde_json::from_str(&kept.body).unwrap()
}

fn body_of(page: &crate::answer::Answer) -> String {
    page.text("textarea[name=body]").trim().to_owned()
}

on_both_databases! {
    async fn what_was_typed_is_in_the_form_again_and_for_nobody_else(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Half a thought").await;
        let edit = format!("{path}/edit");
        let kept = keep(&desk.author, &typed("Half a thought", &path, "1", "Half a sen")).await;
        assert_eq!(kept["newest"], Value::Null);
        let page = desk.author.get(&edit).await.expect(200);
        assert_eq!(body_of(&page), "Half a sen");
        assert!(page.text("form .notice").contains("did not save"));

        // It is found again from the lists, and from the first page.
        let list = desk.author.get("/staff/articles").await.expect(200);
        assert!(list.text("main .notice").starts_with("Changed, and not saved"), "{}", list.text("main"));
        assert_eq!(list.attribute("main .notice a", "href"), edit);
        assert_eq!(desk.author.get(&path).await.expect(200).attribute("#unsaved a", "href"), edit);
        let overview = desk.author.get("/staff").await.expect(200).text(".work");
        assert!(overview.contains("Changed, and not saved"), "{overview}");
        assert_eq!(desk.reviewer.get("/staff/articles").await.expect(200).text("main .notice"), "");

        let other = desk.reviewer.get(&edit).await.expect(200);
        assert!(body_of(&other).contains("moderate"));
        assert!(other.text("#others").contains("Sample Author has changes in this article that are not saved"));
        // Nothing was saved: there is one version, and nobody's approval is touched.
        assert!(desk.author.get(&path).await.text(".meta").contains("version 1,"));

        // What is typed next takes its place.
        keep(&desk.author, &typed("Half a thought", &path, "1", "A whole sentence.")).await;
        assert_eq!(app.count("working_copy").await, 1);
        post(&desk.author, &path, &typed("Half a thought", &path, "1", "A whole sentence.")).await.expect(303);
        assert_eq!(app.count("working_copy").await, 0);
        let page = desk.author.get(&edit).await;
        assert_eq!(body_of(&page), "A whole sentence.");
        assert!(!page.text("form").contains("did not save"));
    }

    async fn whoever_saved_meanwhile_is_told_of_at_once_and_shown_beside(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Two at once").await;
        let theirs = typed("Two at once", &path, "1", "The reviewer’s words.");
        post(&desk.reviewer, &path, &theirs).await.expect(303);
        let mine = typed("Two at once", &path, "1", "The author’s words.");
        let kept = keep(&desk.author, &mine).await;
        assert_eq!(kept["newest"]["version"], 2);
        assert_eq!(kept["newest"]["by"], "Sample Reviewer");

        // On return, both are there, and saving needs a tick.
        let page = desk.author.get(&format!("{path}/edit")).await.expect(200);
        assert_eq!(body_of(&page), "The author’s words.");
        assert_eq!(page.attribute("input[name=over]", "value"), "2");
        assert!(page.text(".comparison del").contains("reviewer’s"));
        assert!(page.text(".comparison ins").contains("author’s"));
        let refused = post(&desk.author, &path, &mine).await.expect(409);
        assert!(refused.text(".comparison del").contains("reviewer’s"));
        let shown = desk.author.get(&path).await;
        assert!(shown.text(".prose").contains("The reviewer’s words."));
        post(&desk.author, &path, &with(mine, "over", "2")).await.expect(303);
        assert!(desk.author.get(&path).await.text(".prose").contains("The author’s words."));
    }

    async fn an_article_that_is_not_begun_is_kept_and_found_again(app: TestApp) {
        let desk = Desk::open(&app).await;
        let kept = keep(&desk.author, &typed("Not begun", "", "0", "One")).await;
        let copy = kept["copy"].to_string();
        let again = with(typed("Not begun", "", "0", "One, two"), "copy", copy.as_str());
        assert_eq!(keep(&desk.author, &again).await["copy"], kept["copy"]);
        let list = desk.author.get("/staff/articles").await.expect(200);
        let link = list.attribute("main .notice a", "href");
        assert_eq!(link, format!("/staff/articles/new?copy={copy}"));
        assert_eq!(list.attribute("main .notice form", "action"), format!("{KEEP}/{copy}/discard"));
        assert_eq!(body_of(&desk.author.get(&link).await.expect(200)), "One, two");

        // It is nobody else's.
        assert_eq!(desk.reviewer.get(&link).await.expect(303).location(), "/staff/articles");
        let discard = format!("{KEEP}/{copy}/discard");
        desk.reviewer.post_form(&discard, &[]).await.expect(404);
        let stolen = keep(&desk.reviewer, &again).await;
        assert_ne!(stolen["copy"], kept["copy"]);
        assert_eq!(desk.reviewer.get("/staff/articles").await.text("main .notice li").matches("Not begun").count(), 1);

        let saved = post(&desk.author, "/staff/articles", &again).await.expect(303);
        assert!(desk.author.get(saved.location()).await.text(".prose").contains("One, two"));
        assert_eq!(desk.author.get(&link).await.expect(303).location(), "/staff/articles");
        let list = desk.author.get("/staff/articles").await;
        assert!(list.body.contains("That draft was saved or thrown away."), "{}", list.body);
        assert_eq!(list.text("main .notice li"), "");
    }

    async fn what_was_typed_can_be_thrown_away(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Thrown away").await;
        keep(&desk.author, &typed("Thrown away", &path, "1", "Nonsense")).await;
        let page = desk.author.get(&format!("{path}/edit")).await;
        let discard = page.attribute("button[formaction]", "formaction");
        // Not the button of the form with the text: Enter in its title would press it.
        let form = page.attribute("button[formaction]", "form");
        assert_eq!(page.attribute(&format!("form#{form}"), "data-autosave"), "");
        assert_eq!(desk.author.post_form(&discard, &[]).await.expect(303).location(), path);
        assert!(body_of(&desk.author.get(&format!("{path}/edit")).await).contains("moderate"));
        let nowhere = typed("Thrown away", "/staff/articles/999", "1", "x");
        post(&desk.author, KEEP, &nowhere).await.expect(404);
    }

    async fn what_nobody_touches_any_more_is_let_go_of(app: TestApp) {
        let desk = Desk::open(&app).await;
        keep(&desk.author, &typed("Forgotten", "", "0", "One")).await;
        for (days, left) in [(89, 1), (2, 0)] {
            app.app.clock.advance(Duration::from_secs(days * 24 * 60 * 60));
            retain::let_go(&app.app).await.unwrap();
            assert_eq!(app.count("working_copy").await, left, "{days} days on");
        }
    }

    async fn places_that_may_tell_who_a_patient_is_are_found_while_writing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let kept = keep(&desk.author, &typed("Places", "", "0", "Ring 021 555 0123 about ZAC5361.")).await;
        let marks = kept["marks"].as_array().unwrap();
        let texts: Vec<&str> = marks.iter().map(|mark| mark["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["ZAC5361", "021 555 0123"]);
        assert_eq!((&marks[0]["blocks"], &marks[1]["blocks"]), (&Value::Bool(true), &Value::Bool(false)));
    }

    async fn two_versions_are_compared_in_words_and_an_earlier_one_is_restored(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Changed").await;
        let form = with(guidance("Changed"), "version", "1");
        let form = with(form, "body", "## When\r\n\r\nAt **high** risk.");
        post(&desk.author, &path, &with(form, "summary", "Shorter.")).await.expect(303);
        let page = desk.reviewer.get(&format!("{path}/compare")).await.expect(200);
        assert_eq!(page.text("dl.comparison dt:first-of-type"), "Summary");
        assert!(page.text(".comparison").contains("At "));
        assert!(page.text(".comparison dd:last-of-type del").contains("moderate"));
        assert!(page.text(".comparison dd:last-of-type ins").contains("high"));
        let same = desk.reviewer.get(&format!("{path}/compare?from=2&to=2")).await.expect(200);
        assert!(same.text("main").contains("These two are the same."));
        desk.reviewer.get(&format!("{path}/compare?from=1&to=9")).await.expect(404);

        let old = desk.author.get(&format!("{path}/revisions/1")).await.expect(200);
        let restore = old.attribute("form[action$='/restore']", "action");
        assert_eq!(old.attribute("form[action$='/restore'] input", "value"), "2");
        desk.author.post_form(&restore, &[("version", "1")]).await.expect(409);
        // What they typed meanwhile and did not save stays theirs.
        keep(&desk.author, &typed("Typed meanwhile", &path, "2", "Not saved")).await;
        desk.author.post_form(&restore, &[("version", "2")]).await.expect(303);
        assert_eq!(body_of(&desk.author.get(&format!("{path}/edit")).await), "Not saved");
        let page = desk.author.get(&path).await;
        assert!(page.text(".prose").contains("moderate"));
        assert!(page.text(".meta").contains("version 3,"));
    }

    async fn keeping_needs_a_sign_in_and_says_so_to_the_script(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let stranger = app.other_browser();
        let request = stranger
            .request(reqwest::Method::POST, KEEP)
            .header("Sec-Fetch-Site", "same-origin")
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("title=x");
        let refused = stranger.send(request).await.expect(403);
        let problem: Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!(problem["title"], "You are not signed in");
        assert_eq!(app.count("working_copy").await, 0);
    }
}
