//! What staff type into the form of a bulletin is kept by itself, and never over what somebody else saved.

use practice_points::worker::Worker;
use serde_json::Value;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, Fields, bulletin, post, with};

use super::{SURE, add_readers, until_page_says};

const KEEP: &str = "/staff/bulletins/working-copies";

/// What the form's script sends of a bulletin with this path, or of one that is not begun yet.
fn typed(form: &Fields, path: &str, version: &str) -> Fields {
    let id = path.strip_prefix("/staff/bulletins/").unwrap_or_default();
    with(with(form.clone(), "version", version), "bulletin", id)
}

async fn keep(who: &TestApp, fields: &Fields) -> Value {
    let kept = post(who, KEEP, fields).await.expect(200);
    serde_json::from_str(&kept.body).unwrap()
}

fn introduction(page: &Answer) -> String {
    page.text("textarea[name=introduction]").trim().to_owned()
}

/// The articles that have a number on the form's page: title, number, and how much of it.
fn chosen(page: &Answer) -> Vec<(String, String, String)> {
    let html = page.page();
    let select = |selector: &str| scraper::Selector::parse(selector).unwrap();
    let (rows, title) = (select("[data-assemble] tbody tr"), select("[data-title]"));
    let (position, form) = (select("[name=position]"), select("option[selected]"));
    let rows = html.select(&rows).map(|row| {
        let one = |selector| row.select(selector).next().unwrap();
        let title = one(&title).text().collect::<String>();
        let position = one(&position).attr("value").unwrap_or_default().to_owned();
        let form = one(&form).attr("value").unwrap_or_default().to_owned();
        (title, position, form)
    });
    rows.filter(|(_, position, _)| !position.is_empty())
        .collect()
}

on_both_databases! {
    async fn all_of_the_form_is_there_again_and_for_nobody_else(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Half a bulletin", &["news"]).await;
        let edit = format!("{path}/edit");
        let first = desk.publish("The first of two").await;
        let second = desk.publish("The second of two").await;
        let key = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let mut form: Fields = [
            ("subject", "Half a subj"),
            ("preheader", "Another line"),
            ("introduction", "Half a sen"),
            ("topics", "case-studies"),
            ("topics", "symposium"),
            ("regions", "northern"),
            ("joined_from", "2026-11-01"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        for (article, position, how) in [(&first, "2", "teaser"), (&second, "1", "whole")] {
            form.extend([("article", key(article)), ("position", position.to_owned()), ("form", how.to_owned())]);
        }
        let kept = keep(&desk.author, &typed(&form, &path, "1")).await;
        assert_eq!(kept["newest"], Value::Null);

        // The tab was closed, or the session ended: whoever comes back finds it as it was.
        let page = desk.author.get(&edit).await.expect(200);
        assert_eq!(page.attribute("#subject", "value"), "Half a subj");
        assert_eq!(page.attribute("#preheader", "value"), "Another line");
        assert_eq!(introduction(&page), "Half a sen");
        assert_eq!(page.attribute("#joined_from", "value"), "2026-11-01");
        let ticked = page.page();
        let ticked: Vec<String> = ticked
            .select(&scraper::Selector::parse("input[type=checkbox][checked]").unwrap())
            .map(|one| one.attr("value").unwrap_or_default().to_owned())
            .collect();
        assert_eq!(ticked, ["case-studies", "symposium", "northern"]);
        let line = |title: &str, position: &str, form: &str| (title.to_owned(), position.to_owned(), form.to_owned());
        assert_eq!(chosen(&page), [line("The second of two", "1", "whole"), line("The first of two", "2", "teaser")]);
        assert!(page.text("form .notice").contains("did not save"));

        // It is found again from the list, and from the bulletin's page.
        let list = desk.author.get("/staff/bulletins").await.expect(200);
        assert!(list.text("main .notice").starts_with("Changed, and not saved"), "{}", list.text("main"));
        assert_eq!(list.attribute("main .notice a", "href"), edit);
        assert_eq!(desk.author.get(&path).await.expect(200).attribute("#unsaved a", "href"), edit);

        // Nobody else has it, and nothing is saved.
        let other = desk.reviewer.get(&edit).await.expect(200);
        assert_eq!(introduction(&other), "Kia ora, here is *our news*.");
        assert!(other.text("#others").contains("Sample Author has changes in this bulletin that are not saved"));
        assert!(desk.author.get(&path).await.text("h1").contains("Half a bulletin"));
        keep(&desk.author, &typed(&form, &path, "1")).await;
        assert_eq!(app.count("working_copy").await, 1);
        post(&desk.author, &path, &typed(&form, &path, "1")).await.expect(303);
        assert_eq!(app.count("working_copy").await, 0);
        let page = desk.author.get(&edit).await.expect(200);
        assert_eq!(introduction(&page), "Half a sen");
        assert!(!page.text("form").contains("did not save"));
    }

    async fn whoever_saved_meanwhile_is_told_of_and_both_are_shown(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("Left out later").await;
        let form = bulletin("Two at once", &article, &["news"]);
        let saved = post(&desk.author, "/staff/bulletins", &form).await.expect(303);
        let path = saved.location().to_owned();
        let mut theirs = with(form.clone(), "introduction", "The reviewer’s words.");
        theirs.push(("topics", "case-studies".to_owned()));
        post(&desk.reviewer, &path, &typed(&theirs, &path, "1")).await.expect(303);

        let mine = with(form.clone(), "introduction", "The author’s words.");
        let mine = typed(&with(mine, "position", ""), &path, "1");
        let kept = keep(&desk.author, &mine).await;
        assert_eq!((&kept["newest"]["version"], &kept["newest"]["by"]), (&Value::from(2), &Value::from("Sample Reviewer")));
        assert_eq!(kept["newest"]["url"], path.as_str());

        let differ = |page: &Answer| {
            let (old, new) = (page.text(".comparison del"), page.text(".comparison ins"));
            assert!(old.contains("reviewer’s"), "{old}");
            assert!(new.contains("author’s"), "{new}");
            let both = page.text(".comparison");
            assert!(both.contains("Case studies") && both.contains("Left out later (whole)"), "{both}");
            assert_eq!(introduction(page), "The author’s words.");
            assert_eq!(page.attribute("input[name=over]", "value"), "2");
        };
        differ(&desk.author.get(&format!("{path}/edit")).await.expect(200));
        differ(&post(&desk.author, &path, &mine).await.expect(409));
        let still = desk.reviewer.get(&format!("{path}/edit")).await.expect(200);
        assert_eq!(introduction(&still), "The reviewer’s words.", "nothing was overwritten");
        post(&desk.author, &path, &with(mine, "over", "2")).await.expect(303);
        let page = desk.author.get(&format!("{path}/edit")).await.expect(200);
        assert_eq!((introduction(&page).as_str(), chosen(&page).len()), ("The author’s words.", 0));
        assert_eq!(app.count("working_copy").await, 0);
    }

    async fn a_bulletin_that_is_not_begun_is_kept_and_is_no_article(app: TestApp) {
        let desk = Desk::open(&app).await;
        let article = desk.publish("In it").await;
        let form = bulletin("Not begun", &article, &["news"]);
        let kept = keep(&desk.author, &typed(&form, "", "0")).await;
        let copy = kept["copy"].to_string();
        let again = with(typed(&with(form, "introduction", "One, two"), "", "0"), "copy", copy.as_str());
        assert_eq!(keep(&desk.author, &again).await["copy"], kept["copy"]);
        let list = desk.author.get("/staff/bulletins").await.expect(200);
        let link = list.attribute("main .notice a", "href");
        assert_eq!(link, format!("/staff/bulletins/new?copy={copy}"));
        assert_eq!(desk.author.get("/staff/articles").await.expect(200).text("main .notice"), "");
        let page = desk.author.get(&link).await.expect(200);
        assert_eq!((introduction(&page).as_str(), chosen(&page).len()), ("One, two", 1));

        // It is nobody else's, and neither form takes the other's.
        assert_eq!(desk.reviewer.get(&link).await.expect(303).location(), "/staff/bulletins");
        desk.reviewer.post_form(&format!("{KEEP}/{copy}/discard"), &[]).await.expect(404);
        desk.author.get(&format!("/staff/articles/new?copy={copy}")).await.expect(303);
        let article = [("title", "An article"), ("copy", copy.as_str())];
        let other = desk.author.post_form("/staff/articles/working-copies", &article).await.expect(200);
        let other: Value = serde_json::from_str(&other.body).unwrap();
        assert_ne!(other["copy"], kept["copy"]);

        let saved = post(&desk.author, "/staff/bulletins", &again).await.expect(303);
        assert!(desk.author.get(saved.location()).await.expect(200).text("h1").contains("Not begun"));
        desk.author.get(&link).await.expect(303);
        let list = desk.author.get("/staff/bulletins").await;
        assert!(list.body.contains("That draft was saved or thrown away."), "{}", list.body);
        assert_eq!(list.text("main .notice"), "");
    }

    async fn what_was_typed_outlives_a_review_and_can_be_thrown_away(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Submitted meanwhile", &["news"]).await;
        let edit = format!("{path}/edit");
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let form = with(bulletin("Submitted meanwhile", "/1", &["news"]), "introduction", "Too late");
        let kept = keep(&desk.author, &typed(&form, &path, "1")).await;
        assert!(kept["others"][0].as_str().unwrap().contains("no draft any more: in review"), "{kept}");
        let refused = desk.author.get(&edit).await.expect(409);
        assert!(refused.text("main").contains("What you typed and did not save is kept for you."));
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        let page = desk.author.get(&edit).await.expect(200);
        assert_eq!(introduction(&page), "Too late");

        let discard = page.attribute("button[formaction]", "formaction");
        let form = page.attribute("button[formaction]", "form");
        assert_eq!(page.attribute(&format!("form#{form}"), "data-autosave"), "");
        assert_eq!(desk.author.post_form(&discard, &[]).await.expect(303).location(), path);
        assert_eq!(introduction(&desk.author.get(&edit).await.expect(200)), "Kia ora, here is *our news*.");
        post(&desk.author, KEEP, &typed(&bulletin("x", "/1", &[]), "/staff/bulletins/999", "1")).await.expect(404);
    }

    async fn a_draft_at_which_somebody_else_writes_is_not_deleted(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Not yet", &["news"]).await;
        let form = typed(&bulletin("Not yet, but soon", "/1", &["news"]), &path, "1");
        let kept = keep(&desk.reviewer, &form).await;
        let refused = desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(409);
        assert!(refused.text("main").contains("Sample Reviewer has typed something in it"));
        desk.reviewer.post_form(&format!("{KEEP}/{}/discard", kept["copy"]), &[]).await.expect(303);
        keep(&desk.author, &form).await;
        desk.author.post_form(&format!("{path}/delete"), &[]).await.expect(303);
        assert_eq!(app.count("working_copy").await, 0);
    }

    async fn what_is_kept_is_never_sent(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 1).await;
        let path = desk.assemble("As it was saved", &["news"]).await;
        let form = with(bulletin("As it was typed", "/1", &["news"]), "introduction", "About ZAC5361, not finished");
        let kept = keep(&desk.author, &typed(&form, &path, "1")).await;
        assert_eq!((&kept["marks"][0]["text"], &kept["marks"][0]["field"]), (&Value::from("ZAC5361"), &Value::from("introduction")));
        desk.approve(&path).await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "1 of 1 done.").await;
        worker.stop().await;
        let archive = app.get("/bulletins/as-it-was-saved/mail.html").await.expect(200).body;
        assert!(archive.contains("our news") && !archive.contains("not finished"));
    }
}
