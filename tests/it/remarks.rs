//! What colleagues say of an article, and drafts that nobody needs.

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, guidance, post, with};

on_both_databases! {
    async fn who_reviews_can_say_what_is_to_be_changed_and_give_the_text_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Almost good").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let page = desk.reviewer.get(&path).await.expect(200);
        let changes = page.attribute("button[formaction]", "formaction");
        assert_eq!(changes, format!("{path}/changes"));
        assert_eq!(page.text(".page-head a[href='#words']"), "Ask for changes");
        assert_eq!(desk.author.get(&path).await.text(".page-head a[href='#words']"), "");

        // Without a word it is not given back, and nothing moves.
        let empty = desk.reviewer.post_form(&changes, &[("version", "1"), ("words", " ")]).await;
        assert!(empty.expect(422).text("#words-error").contains("Please write"));
        let words = "The dose in point 2 is\r\nfor <b>adults</b>. Please say so.";
        let typed = [("version", "1"), ("words", words)];
        desk.author.post_form(&changes, &typed).await.expect(403);
        desk.reviewer.post_form(&changes, &typed).await.expect(303);

        let page = desk.author.get(&path).await.expect(200);
        assert_eq!(page.text("h1 .badge"), "Draft");
        assert!(page.text(".notice.warn").contains("Sample Reviewer asked for changes"));
        let remark = page.text(".remarks li");
        assert!(remark.contains("for <b>adults</b>. Please say so."), "{remark}");
        assert!(remark.contains("of version 1") && remark.contains("Asked for changes"), "{remark}");
        // The author finds it on the first page, once, and what is wanted stands beside the text.
        let overview = desk.author.get("/staff").await.expect(200).text(".work");
        assert!(overview.contains("Changes asked for") && overview.contains("Sample Reviewer asked for changes, 23 November"), "{overview}");
        assert!(!overview.contains("Your drafts") && overview.matches("Almost good").count() == 1, "{overview}");
        let wanted = desk.author.get(&format!("{path}/edit")).await.expect(200);
        assert!(wanted.text(".notice.warn").starts_with("Changes asked for Sample Reviewer, 23 November"), "{}", wanted.text("main"));
        assert!(wanted.text(".notice.warn .typed").contains("for <b>adults</b>. Please say so."));
        // Once it is a draft there is nothing to give back, and the author may answer.
        desk.reviewer.post_form(&changes, &typed).await.expect(409);
        let answer = [("version", "1"), ("words", "Done in the next version.")];
        desk.author.post_form(&format!("{path}/remarks"), &answer).await.expect(303);
        let page = desk.reviewer.get(&path).await;
        assert!(page.text(".remarks li").starts_with("Sample Author"));

        // A new text is a draft like others, until it is submitted still with what was wanted of the one before.
        let form = with(with(guidance("Almost good"), "version", "1"), "summary", "For adults.");
        post(&desk.author, &path, &form).await.expect(303);
        let overview = desk.author.get("/staff").await.expect(200).text(".work");
        assert!(overview.contains("Your drafts") && !overview.contains("Changes asked for"), "{overview}");
        let edit = format!("{path}/edit");
        assert!(desk.author.get(&edit).await.text(".notice.warn").contains("of version 1"));
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        assert!(!desk.author.get(&edit).await.text("main").contains("Changes asked for"));
    }

    async fn nobody_asks_themselves_for_changes(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = post(&desk.reviewer, "/staff/articles", &guidance("My own")).await.expect(303).location().to_owned();
        desk.reviewer.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let offered = async |who: &TestApp| who.get(&path).await.expect(200).text(".page-head a[href='#words']");
        assert_eq!(offered(&desk.reviewer).await, "");
        assert_eq!(offered(&desk.publisher).await, "Ask for changes");
    }

    async fn a_text_that_changed_meanwhile_is_not_given_back_unread(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Moves on").await;
        let form = with(with(guidance("Moves on"), "version", "1"), "summary", "Shorter.");
        post(&desk.author, &path, &form).await.expect(303);
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        let typed = [("version", "1"), ("words", "Of the older one.")];
        let refused = desk.reviewer.post_form(&format!("{path}/changes"), &typed).await.expect(409);
        assert!(refused.text("#words").contains("Of the older one."), "{}", refused.text("main"));
        let page = desk.reviewer.get(&path).await;
        assert_eq!(page.text("h1 .badge"), "In review");
        assert_eq!(page.text(".remarks"), "");
    }

    async fn a_remark_bears_no_patients_number_and_has_an_end(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = format!("{}/remarks", desk.write("Careful").await);
        let typed = [("version", "1"), ("words", "It is about ZAA0067, is it not?")];
        let refused = desk.author.post_form(&path, &typed).await.expect(422);
        assert!(refused.text("#words-error").contains("NHI"), "{}", refused.text("main"));
        assert!(refused.text("#words").contains("ZAA0067"), "what was typed stays");
        let long = "x".repeat(4_001);
        desk.author.post_form(&path, &[("version", "1"), ("words", &long)]).await.expect(422);
        let nowhere = [("version", "1"), ("words", "Anybody?")];
        desk.author.post_form("/staff/articles/999/remarks", &nowhere).await.expect(404);
    }

    async fn a_draft_is_deleted_by_its_author_once_they_mean_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Never mind").await;
        let remark = [("version", "1"), ("words", "Shall we?")];
        desk.author.post_form(&format!("{path}/remarks"), &remark).await.expect(303);
        let delete = format!("{path}/delete");
        desk.author.post_form(&delete, &[]).await.expect(409);
        let sure = [("confirm", "yes")];
        desk.reviewer.post_form(&delete, &sure).await.expect(409);
        let page = desk.author.get(&path).await.expect(200);
        assert_eq!(page.attribute("form[action$='/delete']", "action"), delete);
        desk.author.post_form(&delete, &sure).await.expect(303);
        desk.author.get(&path).await.expect(404);
        assert!(!desk.author.get("/staff/articles").await.text("main").contains("Never mind"));
        desk.author.post_form(&delete, &sure).await.expect(404);
    }

    async fn what_readers_have_seen_or_a_bulletin_holds_stays(app: TestApp) {
        let desk = Desk::open(&app).await;
        let sure = [("confirm", "yes")];
        let path = desk.publish("Was on the site").await;
        desk.publisher.post_form(&format!("{path}/delete"), &sure).await.expect(409);
        desk.publisher.post_form(&format!("{path}/unpublish"), &[]).await.expect(303);
        desk.publisher.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        let refused = desk.publisher.post_form(&format!("{path}/delete"), &sure).await.expect(409);
        assert!(refused.text("main").contains("has been on the site"), "{}", refused.text("main"));
        desk.author.get(&path).await.expect(200);
    }

    async fn nobody_loses_what_they_have_typed_into_a_draft(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Of two").await;
        let id = path.rsplit('/').next().unwrap();
        let mut typed = with(guidance("Of two"), "article", id);
        typed = with(with(typed, "version", "1"), "body", "Half a sentence");
        post(&desk.reviewer, "/staff/articles/working-copies", &typed).await.expect(200);
        let sure = [("confirm", "yes")];
        let refused = desk.author.post_form(&format!("{path}/delete"), &sure).await.expect(409);
        assert!(refused.text("main").contains("Sample Reviewer has typed"), "{}", refused.text("main"));
        desk.author.get(&path).await.expect(200);
    }
}
