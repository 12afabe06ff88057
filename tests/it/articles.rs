//! Articles are written, approved by a second person, and published.

use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, guidance, post, with};

/// The state that a staff page's badge shows.
async fn state(who: &TestApp, path: &str) -> String {
    who.get(path).await.expect(200).text("h1 .badge")
}

on_both_databases! {
    async fn nobody_approves_their_own_text_and_a_second_person_does(app: TestApp) {
        let desk = Desk::open(&app).await;
        // The reviewer writes: their role alone does not make them the second person.
        let saved = post(&desk.reviewer, "/staff/articles", &guidance("By the reviewer")).await;
        let path = saved.expect(303).location().to_owned();
        desk.reviewer.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let own = desk.reviewer.get(&path).await.expect(200);
        assert_eq!(own.attribute("form[action$='/approve']", "action"), "");
        assert!(own.text(".notice").contains("A second person has to approve it"));
        let approve = format!("{path}/approve");
        let refused = desk.reviewer.post_form(&approve, &[("version", "1")]).await.expect(409);
        assert!(refused.text("main").contains("A second person has to approve it"));
        assert_eq!(state(&desk.reviewer, &path).await, "In review");

        let page = desk.publisher.get(&path).await.expect(200);
        assert_eq!(page.attribute("form[action$='/approve']", "action"), approve);
        desk.publisher.post_form(&approve, &[("version", "1")]).await.expect(303);
        let page = desk.publisher.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Approved");
        assert!(page.text("main").contains("approved by Sample Publisher on 23 November 2026"));
    }

    async fn who_changed_a_text_of_another_does_not_approve_it_either(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Two writers").await;
        let form = with(with(guidance("Two writers"), "version", "1"), "summary", "Shorter.");
        post(&desk.reviewer, &path, &form).await.expect(303);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let approve = format!("{path}/approve");
        desk.reviewer.post_form(&approve, &[("version", "2")]).await.expect(409);
        desk.publisher.post_form(&approve, &[("version", "2")]).await.expect(303);
    }

    async fn what_is_approved_is_the_version_that_was_read(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Changed behind the back").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let form = with(guidance("Changed behind the back"), "version", "1");
        post(&desk.author, &path, &with(form, "body", "Other words.")).await.expect(303);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let approve = format!("{path}/approve");
        desk.reviewer.post_form(&approve, &[("version", "1")]).await.expect(409);
        assert_eq!(state(&desk.reviewer, &path).await, "In review");
    }

    async fn each_step_needs_its_role(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("By role").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let page = desk.author.get(&path).await;
        assert!(page.text(".notice").contains("role “Reviewer”"), "{}", page.text("main"));
        let approve = format!("{path}/approve");
        desk.author.post_form(&approve, &[("version", "1")]).await.expect(403);
        desk.reviewer.post_form(&approve, &[("version", "1")]).await.expect(303);
        for step in ["publish", "unpublish"] {
            desk.author.post_form(&format!("{path}/{step}"), &[]).await.expect(403);
            desk.reviewer.post_form(&format!("{path}/{step}"), &[]).await.expect(403);
        }
        assert!(desk.author.get(&path).await.text(".notice").contains("role “Publisher”"));
        let nobody = app.other_browser();
        let sent_away = nobody.get(&path).await.expect(303);
        assert!(sent_away.location().starts_with("/staff/sign-in?"));
        nobody.post_form("/staff/articles", &[("title", "X")]).await.expect(403);
        assert_eq!(state(&desk.author, &path).await, "Approved");
    }

    async fn a_saved_change_withdraws_the_approval_and_the_editor_says_so_before(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Frozen").await;
        desk.approve(&path).await;
        let editor = desk.author.get(&format!("{path}/edit")).await.expect(200);
        assert!(editor.text(".notice.warn").contains("withdraws the approval"));
        // Saving what is there already changes nothing.
        let unchanged = with(with(guidance("Frozen"), "version", "1"), "topic", "calcium-score");
        post(&desk.reviewer, &path, &unchanged).await.expect(303);
        assert_eq!(state(&desk.author, &path).await, "Approved");
        let changed = with(unchanged, "body", "Other words.");
        post(&desk.author, &path, &changed).await.expect(303);
        let page = desk.author.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "Draft");
        assert!(!page.text(".meta").contains("approved"));
    }

    async fn of_two_who_write_at_once_neither_loses_a_word(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Two at once").await;
        let opened = with(guidance("Two at once"), "version", "1");
        let first = with(opened.clone(), "body", "The first one’s words.");
        post(&desk.publisher, &path, &first).await.expect(303);

        let second = with(opened, "body", "The second one’s words.");
        let conflict = post(&desk.author, &path, &second).await.expect(409);
        assert!(conflict.text("textarea[name=body]").contains("The second one’s words."));
        let facts = conflict.text("form .notice.warn");
        assert!(facts.contains("version 1 , saved by Sample Author, 23 November 2026"), "{facts}");
        assert!(facts.contains("version 2 , saved by Sample Publisher"), "{facts}");
        assert!(facts.contains("differs from the newest in: text Both"), "{facts}");
        assert!(desk.author.get(&path).await.text(".card").contains("The first one’s words."));

        // Having read the newer version, they save theirs after it; both stay among the revisions.
        let over = conflict.attribute("input[name=over]", "value");
        assert_eq!(over, "2");
        post(&desk.author, &path, &with(second, "over", over)).await.expect(303);
        assert!(desk.author.get(&path).await.text(".card").contains("The second one’s words."));
        let earlier = desk.author.get(&format!("{path}/revisions/2")).await.expect(200);
        assert!(earlier.text(".card").contains("The first one’s words."));
        assert!(earlier.text(".notice").contains("saved 23 November 2026, 10:00 am by Sample Publisher"));
    }

    async fn a_patients_number_keeps_an_article_from_review_and_its_place_is_shown(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = with(guidance("With a number"), "body", "A man.\r\nHis NHI is ZAC5361.");
        let path = post(&desk.author, "/staff/articles", &form).await.expect(303).location().to_owned();
        let page = desk.author.get(&path).await.expect(200);
        let alert = page.text(".notice.bad");
        assert!(alert.contains("in the text (line 2, character 12)"), "{alert}");
        assert_eq!(page.attribute("form[action$='/submit']", "action"), "");
        let refused = desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        assert!(refused.text("main").contains("line 2, character 12"));
        assert_eq!(state(&desk.author, &path).await, "Draft");
    }

    async fn what_is_missing_is_said_before_review(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = with(with(guidance("Unfinished"), "review_by", ""), "practice_points", "One.");
        let path = post(&desk.author, "/staff/articles", &form).await.expect(303).location().to_owned();
        let todo = desk.author.get(&path).await.text(".notice.warn");
        assert!(todo.contains("three to five practice points"), "{todo}");
        assert!(todo.contains("date by which it is reviewed"), "{todo}");
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
    }

    async fn a_review_date_that_is_past_keeps_an_article_from_review(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = post(&desk.author, "/staff/articles", &with(guidance("Late"), "review_by", "2026-11-22")).await;
        let path = path.expect(303).location().to_owned();
        assert!(desk.author.get(&path).await.text(".notice.warn").contains("reviewed is past"));
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        let today = with(with(guidance("Late"), "review_by", "2026-11-23"), "version", "1");
        post(&desk.author, &path, &today).await.expect(303);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
    }

    async fn nobody_is_asked_to_review_what_they_wrote(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = desk.publisher.get("/staff/articles/new").await.expect(200);
        let me = form.page().select(&scraper::Selector::parse("#reviewer option").unwrap())
            .find(|option| option.text().collect::<String>() == "Sample Publisher")
            .map(|option| option.value().attr("value").unwrap().to_owned()).unwrap();
        let form = with(guidance("Mine"), "reviewer", me);
        let path = post(&desk.publisher, "/staff/articles", &form).await.expect(303).location().to_owned();
        let refused = desk.publisher.post_form(&format!("{path}/submit"), &[]).await.expect(409);
        assert!(refused.text("main").contains("Please ask a second person"));
    }

    async fn the_first_owner_finds_a_draft_that_waits_for_its_author(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        app.add_staff("second@clinic.example", StaffRole::Owner).await;
        assert_eq!(app.count("article").await, 1);
        let path = app.get("/staff/articles").await.attribute("tbody a", "href");
        let todo = app.get(&path).await.expect(200).text(".notice.warn");
        assert!(todo.contains("The author and their role are missing."), "{todo}");
    }

    async fn a_published_text_is_on_the_site_and_a_later_draft_does_not_change_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.publish("On the site").await;
        let public = "/articles/on-the-site";
        let page = app.get(public).await.expect(200);
        assert!(page.text("article").contains("At moderate risk."));
        assert!(page.text(".governance").contains("Sample Reviewer"));
        assert!(page.text(".governance").contains("We provide CT calcium scoring at Ascot Radiology."));
        assert_eq!(
            page.attribute(".references a", "href"),
            "https://doi.org/10.1016/j.hlc.2017.05.130"
        );

        let draft = with(with(guidance("On the site"), "version", "1"), "body", "Not approved yet.");
        post(&desk.author, &path, &draft).await.expect(303);
        assert!(app.get(public).await.text("article").contains("At moderate risk."));
        let staff = desk.author.get(&path).await;
        assert!(staff.text("main").contains("The public page shows version 1"));
        desk.approve(&path).await;
        assert!(app.get(public).await.text("article").contains("At moderate risk."));
        desk.publisher.post_form(&format!("{path}/publish"), &[]).await.expect(303);
        assert!(app.get(public).await.text("article").contains("Not approved yet."));

        desk.publisher.post_form(&format!("{path}/unpublish"), &[]).await.expect(303);
        app.get(public).await.expect(404);
        assert_eq!(state(&desk.author, &path).await, "Approved");
    }

    async fn a_step_that_is_not_possible_now_is_refused_in_words(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Step by step").await;
        let refused = desk.publisher.post_form(&format!("{path}/publish"), &[]).await.expect(409);
        assert!(refused.text("main").contains("approved before it is published"));
        for step in ["withdraw", "unpublish"] {
            desk.publisher.post_form(&format!("{path}/{step}"), &[]).await.expect(409);
        }
        let approve = format!("{path}/approve");
        desk.reviewer.post_form(&approve, &[("version", "1")]).await.expect(409);
        assert_eq!(state(&desk.author, &path).await, "Draft");
    }

    async fn what_is_not_there_is_not_found(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Only one").await;
        for missing in ["/staff/articles/999", "/staff/articles/999/edit", "/staff/articles/x"] {
            desk.author.get(missing).await.expect(404);
        }
        desk.author.get(&format!("{path}/revisions/9")).await.expect(404);
        desk.author.post_form("/staff/articles/999/submit", &[]).await.expect(404);
        post(&desk.author, "/staff/articles/999", &guidance("Nowhere")).await.expect(404);
    }

    async fn a_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(app: TestApp) {
        let desk = Desk::open(&app).await;
        let form = with(with(guidance("  "), "review_by", "soon"), "body", "Kōrero <b>& co</b>");
        let page = post(&desk.author, "/staff/articles", &form).await.expect(422);
        assert!(page.text("#title-error").contains("Please give a title."));
        assert!(page.text("#review_by-error").contains("Please give a date"));
        assert_eq!(page.text("textarea[name=body]"), "Kōrero <b>& co</b>");
        assert_eq!(page.attribute("option[value=guidance]", "selected"), "");
        assert!(page.body.contains("value=\"guidance\" selected"));
        assert_eq!(app.count("article").await, 0);

        let unknown = with(guidance("Unknown"), "reviewer", "999");
        let page = post(&desk.author, "/staff/articles", &unknown).await.expect(422);
        assert!(page.text("#reviewer-error").contains("somebody from the list"));
    }

    async fn a_text_that_is_too_long_comes_back_whole(app: TestApp) {
        let desk = Desk::open(&app).await;
        let long = "ā".repeat(100_001);
        let form = with(guidance("Too long"), "body", long.clone());
        let page = post(&desk.author, "/staff/articles", &form).await.expect(422);
        assert!(page.text("#body-error").contains("too long"));
        assert_eq!(page.text("textarea[name=body]").len(), long.len());

        let longer = with(guidance("Far too long"), "body", "x".repeat(3 << 20));
        let page = post(&desk.author, "/staff/articles", &longer).await.expect(413);
        assert!(page.text("main").contains("larger than 2 MB"));
        assert_eq!(app.count("article").await, 0);
    }

    async fn a_preview_shows_harmless_html_and_saves_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let text = "**Strong** <script>alert(1)</script> [x](javascript:alert(1))";
        let fragment = desk.author.post_form("/staff/articles/preview", &[("body", text)]).await;
        let fragment = fragment.expect(200).body;
        assert!(fragment.contains("<strong>Strong</strong>"), "{fragment}");
        assert!(!fragment.contains("<script") && !fragment.contains("href=\"javascript"), "{fragment}");

        let form = with(with(guidance("Previewed"), "action", "preview"), "body", text);
        let page = post(&desk.author, "/staff/articles", &form).await.expect(200);
        assert_eq!(page.text("#preview strong"), "Strong");
        assert_eq!(page.attribute("input[name=title]", "value"), "Previewed");
        assert_eq!(app.count("article").await, 0);
    }

    async fn new_guidance_on_calcium_scores_says_what_the_clinic_sells_unless_told_otherwise(app: TestApp) {
        let desk = Desk::open(&app).await;
        let empty = desk.author.get("/staff/articles/new?kind=guidance").await.expect(200);
        assert!(empty.text("textarea[name=conflicts]").contains("Ascot Radiology"));
        // Who writes it is its author, with the role that stands in an earlier article.
        assert_eq!(empty.text("textarea[name=authors]"), "Sample Author");
        let silent = with(guidance("Says so by itself"), "conflicts", "");
        let saved = post(&desk.author, "/staff/articles", &silent).await.expect(303);
        let path = saved.location().to_owned();
        let next = desk.author.get("/staff/articles/new").await.expect(200);
        assert_eq!(next.text("textarea[name=authors]"), "Sample Author, cardiologist");
        assert!(desk.author.get(&path).await.text(".governance").contains("Ascot Radiology"));
        let none = with(guidance("Says otherwise"), "conflicts", "None");
        let saved = post(&desk.author, "/staff/articles", &none).await.expect(303);
        assert!(!desk.author.get(saved.location()).await.text(".governance").contains("Ascot"));
        // News sells nothing.
        let news = with(with(guidance("News"), "kind", "news"), "conflicts", "");
        let saved = post(&desk.author, "/staff/articles", &news).await.expect(303);
        let said = desk.author.get(saved.location()).await.text(".governance");
        assert!(!said.contains("Ascot") && said.contains("Not stated yet"), "{said}");
        // Of what else is clinical nothing is said that may be wrong: its author is asked.
        let case = desk.author.get("/staff/articles/new?kind=case-study").await.expect(200);
        assert_eq!(case.text("textarea[name=conflicts]"), "");
        let other = with(with(guidance("On rhythm"), "topic", "news"), "conflicts", "");
        let case = with(with(guidance("A case"), "kind", "case-study"), "conflicts", "");
        for silent in [other, case] {
            let saved = post(&desk.author, "/staff/articles", &silent).await.expect(303);
            let page = desk.author.get(saved.location()).await.expect(200);
            assert!(!page.text(".governance").contains("Ascot"));
            assert!(page.text(".notice.warn").contains("The conflicts of interest are missing"), "{}", page.text("main"));
        }
    }

    async fn the_list_is_searched_without_regard_to_macrons_and_narrowed_by_state(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.write("Māngere clinic").await;
        let reviewed = desk.write("Waitematā news").await;
        desk.author.post_form(&format!("{reviewed}/submit"), &[]).await.expect(303);
        let found = desk.author.get("/staff/articles?q=mangere").await.expect(200).text("tbody");
        assert!(found.contains("Māngere") && !found.contains("Waitematā"), "{found}");
        let found = desk.author.get("/staff/articles?state=in-review&kind=guidance").await.text("tbody");
        assert!(found.contains("Waitematā") && !found.contains("Māngere"), "{found}");
        let none = desk.author.get("/staff/articles?q=nowhere&state=nonsense").await.expect(200);
        assert!(none.text(".empty").contains("No article matches."));
    }

    async fn an_owner_may_do_all_of_it_but_not_alone(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let saved = post(&app, "/staff/articles", &guidance("Alone")).await.expect(303);
        let path = saved.location().to_owned();
        app.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        app.post_form(&format!("{path}/approve"), &[("version", "1")]).await.expect(409);
        app.post_form(&format!("{path}/publish"), &[]).await.expect(409);
        app.get("/articles/alone").await.expect(404);
    }
}
