//! One thing done to many people.

use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;

use super::{done, list_of, texts};

const BULK: &str = "/staff/subscribers/bulk";

/// Asks to do something to all whom the query finds, and says yes.
async fn does(app: &TestApp, action: &str, query: &str, form: &[(&str, &str)]) -> (String, Answer) {
    let asked = app
        .post_form(
            BULK,
            &[("action", action), ("scope", "all"), ("query", query)],
        )
        .await
        .expect(303);
    let page = asked.location().to_owned();
    app.get(&page).await.expect(200);
    app.post_form(&page, form).await.expect(303);
    let report = done(app, &page).await;
    (page, report)
}

/// What came of it: numbers by their words.
fn counts(page: &Answer) -> Vec<String> {
    texts(page, ".counts div")
}

async fn statuses(app: &TestApp, status: &str) -> usize {
    let export = app
        .get(&format!("/staff/subscribers/export.csv?status={status}"))
        .await
        .expect(200);
    export.body.lines().count() - 1
}

on_both_databases! {
    async fn many_leave_and_it_is_taken_back_where_nothing_else_has_happened(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        list_of(&app, 130).await;
        let asked = app.post_form(BULK, &[("action", "unsubscribe"), ("scope", "all"), ("query", "region=central")]).await.expect(303);
        let page = asked.location().to_owned();
        let question = app.get(&page).await.expect(200);
        assert_eq!(question.text("h1"), "Unsubscribe 65 people?");
        assert!(question.text("main").contains("and 57 more"), "{}", question.text("main"));
        assert_eq!(statuses(&app, "active").await, 130, "asking changes nothing");

        app.post_form(&page, &[]).await.expect(303);
        app.post_form(&page, &[]).await.expect(409);
        assert_eq!(counts(&done(&app, &page).await), ["Done 65"]);
        assert_eq!(statuses(&app, "unsubscribed").await, 65);

        // One of them comes back on their own and leaves again.
        app.app.clock.advance(std::time::Duration::from_secs(60));
        let person = app.subscribe("p0001@practice.example").await.id;
        app.post_form(&format!("/staff/subscribers/{person}/unsubscribe"), &[]).await.expect(303);
        app.post_form(&format!("{page}/undo"), &[]).await.expect(303);
        let report = done(&app, &page).await;
        assert_eq!(counts(&report), ["Done 65", "Taken back 64", "Left as they are: something else has happened since 1"]);
        assert_eq!(statuses(&app, "unsubscribed").await, 1);
        app.post_form(&format!("{page}/undo"), &[]).await.expect(409);
        let list = app.get("/staff/subscribers/bulk").await.expect(200);
        assert_eq!(list.attribute("tbody a", "href"), page);
        assert!(list.text("tbody").ends_with("Unsubscribe, 65 people Sample Owner Taken back"), "{}", list.text("tbody"));
        let audit = app.get("/staff/audit").await.text("tbody");
        assert!(audit.contains("Changed many subscribers: Unsubscribe: 65 people") && audit.contains("Took back"), "{audit}");
    }

    async fn a_suspension_of_many_is_taken_back_and_nobody_is_asked_to_confirm(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 4).await;
        app.sign_up("waiting@practice.example").await;
        let before = app.count("delivery").await;
        let (page, report) = does(&app, "suspend", "", &[("reason", "The wrong list")]).await;
        assert_eq!(counts(&report), ["Done 5"]);
        assert!(report.text("main").contains("nobody is asked to confirm again"), "{}", report.text("main"));
        let id = app.subscriber("p0002@practice.example").await.id;
        app.post_form(&format!("/staff/subscribers/{id}/reinstate"), &[]).await.expect(303);
        app.post_form(&format!("{page}/undo"), &[]).await.expect(303);
        let report = done(&app, &page).await;
        assert_eq!(counts(&report), ["Done 5", "Taken back 4", "Left as they are: something else has happened since 1"]);
        assert_eq!(statuses(&app, "active").await, 4);
        let waiting = app.subscriber("waiting@practice.example").await;
        assert_eq!(waiting.status, SubscriberStatus::Pending);
        assert_eq!(app.count("delivery").await, before, "nobody is written to");
        let id = app.subscriber("p0000@practice.example").await.id;
        let history = app.get(&format!("/staff/subscribers/{id}")).await.text("main");
        assert!(history.contains("Taken back: suspended by staff together with others"), "{history}");
        app.post_form(&format!("{page}/undo"), &[]).await.expect(409);
    }

    async fn the_people_are_those_who_were_shown(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 3).await;
        let form = [("action", "suspend"), ("scope", "all"), ("query", "")];
        let page = app.post_form(BULK, &form).await.expect(303).location().to_owned();
        app.subscribe("later@practice.example").await;
        let id = app.subscriber("p0000@practice.example").await.id;
        app.post_form(&format!("/staff/subscribers/{id}/erase"), &[("confirm", "yes")]).await.expect(303);
        assert!(!app.post_form(&page, &[]).await.expect(422).text("#reason-error").is_empty());
        app.post_form(&page, &[("reason", "The list was wrong")]).await.expect(303);
        let report = done(&app, &page).await;
        assert_eq!(counts(&report), ["Done 2", "No longer on the list 1"]);
        assert_eq!(app.subscriber("later@practice.example").await.status, SubscriberStatus::Active);
        let one = app.subscriber("p0001@practice.example").await;
        assert_eq!(one.status_reason.as_deref(), Some("by staff: The list was wrong"));
        let (_, report) = does(&app, "reinstate", "", &[]).await;
        assert_eq!(counts(&report), ["Done 2", "Nothing to change 1"]);
        assert_eq!(statuses(&app, "active").await, 3);
    }

    async fn a_topic_is_added_on_a_stated_ground_and_never_the_last_one_taken(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 3).await;
        let id = app.subscriber("p0002@practice.example").await.id;
        app.post_form(&format!("/staff/subscribers/{id}/unsubscribe"), &[]).await.expect(303);
        let asked = app.post_form(BULK, &[("action", "add-topic"), ("scope", "all")]).await.expect(303);
        let refused = app.post_form(asked.location(), &[]).await.expect(422);
        for field in ["topic", "consent_basis", "consent_note"] {
            assert!(!refused.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
        let ground = [("topic", "symposium"), ("consent_basis", "express"), ("consent_note", "Asked at the evening of 20 November")];
        app.post_form(asked.location(), &ground).await.expect(303);
        let report = done(&app, asked.location()).await;
        assert_eq!(counts(&report), ["Done 2", "Left as they are: unsubscribed 1"]);
        let said = report.text("#progress-sentence");
        assert_eq!(said, "Done for 2 of 3. 1 has unsubscribed, so nothing was changed for them.");
        assert!(report.text("main").contains("This cannot be taken back by a button."), "{}", report.text("main"));
        let id = app.subscriber("p0000@practice.example").await.id;
        let history = app.get(&format!("/staff/subscribers/{id}")).await.text("main");
        assert!(history.contains("Asked at the evening of 20 November") && history.contains("topics: News, Symposium"), "{history}");
        let (_, report) = does(&app, "remove-topic", "", &[("topic", "news")]).await;
        assert_eq!(counts(&report), ["Done 2", "Left as it was: it is their only topic 1"]);
    }

    async fn those_who_are_ticked_are_exported_or_changed_and_nobody_is_an_answer(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 4).await;
        let ids = [0, 2].map(|n| format!("p{n:04}@practice.example"));
        let mut form = vec![("scope", "ticked".to_owned())];
        for email in &ids {
            form.push(("person", app.subscriber(email).await.id.to_string()));
        }
        let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("action", "export"));
        let export = app.post_form(BULK, &fields).await.expect(200);
        assert_eq!(export.body.lines().count(), 3);
        fields.pop();
        fields.push(("action", "unsubscribe"));
        let asked = app.post_form(BULK, &fields).await.expect(303);
        assert_eq!(app.get(asked.location()).await.text("h1"), "Unsubscribe 2 people?");
        for form in [
            &[("action", "unsubscribe"), ("scope", "ticked")][..], &[("action", "unsubscribe"), ("scope", "all"), ("query", "q=walrus")],
            &[("action", "nonsense"), ("scope", "all")], &[("action", "unsubscribe"), ("person", "x")], &[],
        ] {
            let page = app.post_form(BULK, form).await.expect(422);
            assert!(page.text(".error-summary").len() > 20, "{form:?}");
        }
        app.get(&format!("{BULK}/999")).await.expect(404);
    }

    async fn what_a_killed_program_had_begun_is_gone_on_with(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        list_of(&app, 5).await;
        let asked = app.post_form(BULK, &[("action", "unsubscribe"), ("scope", "all")]).await.expect(303);
        let id: i64 = asked.location().rsplit('/').next().unwrap().parse().unwrap();
        // As if it had ended right after it was begun.
        app.app.store.write(move |db| {
            let change = practice_points::store::bulk_changes::get(db, id)?;
            let now = practice_points::clock::Timestamp::from_millis(1);
            practice_points::store::bulk_changes::start(db, id, change.asked_by, None, "", now)
        }).await.unwrap();
        practice_points::app::change_many::resume(&app.app).await.unwrap();
        practice_points::app::change_many::resume(&app.app).await.unwrap();
        assert_eq!(counts(&done(&app, asked.location()).await), ["Done 5"]);
        assert_eq!(statuses(&app, "unsubscribed").await, 5);
    }
}
