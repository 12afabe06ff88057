//! One record of two.

use diesel::RunQueryDsl as _;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::{SubscriberId, SubscriberStatus};

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;

use super::bring;

const OLD: &str = "aroha@old.example";
const NEW: &str = "aroha@new.example";

/// Merges two: the first record stays, with the address of the one or the other.
async fn merges(
    app: &TestApp,
    stays: SubscriberId,
    goes: SubscriberId,
    address: SubscriberId,
) -> Answer {
    let [stays, goes, address] = [stays, goes, address].map(|id| id.to_string());
    let form = [
        ("with", &*goes),
        ("keep", &*stays),
        ("address", &*address),
        ("confirm", "yes"),
    ];
    app.post_form(&format!("/staff/subscribers/{stays}/merge"), &form)
        .await
}

/// Runs statements on the application's database.
async fn runs(app: &TestApp, statements: Vec<String>) {
    let done = app.app.store.write(move |db| {
        for statement in statements {
            diesel::sql_query(statement).execute(db)?;
        }
        Ok::<_, practice_points::store::StoreError>(())
    });
    done.await.unwrap();
}

on_both_databases! {
    async fn a_bulletin_to_both_stays_noted_for_both_and_the_accepted_one_counts(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        let staff = "(SELECT min(id) FROM staff_member)";
        let bulletin = "(SELECT max(id) FROM bulletin)";
        let row = |person, email, state| format!(
            "INSERT INTO delivery (kind, bulletin_id, subscriber_id, recipient, state, due_at, tries, created_at, finished_at) \
             VALUES ('bulletin', {bulletin}, {person}, '{email}', '{state}', 0, 1, 1, 2)"
        );
        runs(&app, vec![
            format!(
                "INSERT INTO bulletin (slug, subject, preheader, introduction, state, version, created_by, updated_by, \
                 created_at, updated_at, audience_count) VALUES ('b', 'Of both', '', '', 'sent', 1, {staff}, {staff}, 1, 1, 2)"
            ),
            row(old, OLD, "accepted"),
            row(new, NEW, "failed"),
        ]).await;
        let received = "/staff/subscribers/export.csv?received=1";
        assert!(app.get(received).await.body.contains(OLD));
        merges(&app, new, old, new).await.expect(303);
        assert!(app.get(received).await.body.contains(NEW), "who stays has received it");
        let text = app.get(&format!("/staff/subscribers/{new}")).await.text("main");
        assert_eq!(text.matches("Of both").count(), 2, "{text}");
        assert_eq!(app.count("delivery WHERE bulletin_id IS NOT NULL").await, 2);
    }

    async fn of_two_places_at_a_symposium_one_is_given_up(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        let staff = "(SELECT min(id) FROM staff_member)";
        let place = |person, state| format!(
            "INSERT INTO registration (symposium_id, subscriber_id, state, asked_at) \
             VALUES ((SELECT max(id) FROM symposium), {person}, '{state}', 1)"
        );
        runs(&app, vec![
            format!(
                "INSERT INTO symposium (slug, title, summary, programme, speakers, place, starts_at, ends_at, cpd_minutes, \
                 registration_closes_at, asks_dietary, asks_access, state, sequence, version, created_by, updated_by, created_at, updated_at) \
                 VALUES ('s', 'An evening', '', '', '', '', 4000000000000, 4000000001000, 60, 3999999999000, false, false, 'published', \
                 0, 1, {staff}, {staff}, 1, 1)"
            ),
            place(old, "registered"),
            place(new, "waiting"),
        ]).await;
        merges(&app, new, old, new).await.expect(303);
        assert_eq!(app.count("registration r WHERE NOT EXISTS (SELECT 1 FROM subscriber s WHERE s.id = r.subscriber_id AND s.status = 'erased')").await, 2);
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 1);
        assert_eq!(app.count("registration WHERE state = 'waiting'").await, 0);
    }

    async fn two_records_become_one_with_the_history_of_both(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        let form = [("email", NEW), ("name", "Āroha Sample"), ("topics", "symposium"), ("practice", "New Practice")];
        app.post_form(&format!("/staff/subscribers/{new}"), &form).await.expect(303);
        let found = app.get(&format!("/staff/subscribers/{old}/merge?q=new")).await.expect(200);
        let compare = found.attribute("tbody a", "href");
        let page = app.get(&compare).await.expect(200);
        assert!(page.text("tbody").contains(OLD) && page.text("tbody").contains(NEW));
        assert!(page.text(&format!("label[for='keep-{old}']")).contains(OLD), "who is who");
        assert!(page.text(&format!("label[for='keep-{new}']")).contains("aroha@new.example, New Practice"));
        let action = page.attribute("form.card", "action");
        let nothing = app.post_form(&action, &[("with", &new.to_string())]).await.expect(422);
        for field in ["keep", "address", "confirm"] {
            assert!(!nothing.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
        assert_eq!(app.subscriber(OLD).await.status, SubscriberStatus::Active, "asking changes nothing");

        let link = app.unsubscribe_path(NEW).await;
        merges(&app, old, new, new).await.expect(303);
        assert!(app.find_subscriber(OLD).await.is_none());
        let one = app.subscriber(NEW).await;
        assert_eq!((one.id, one.status, one.practice.as_deref()), (old, SubscriberStatus::Active, Some("New Practice")));
        let page = app.get(&format!("/staff/subscribers/{old}")).await.expect(200);
        let text = page.text("main");
        assert_eq!(text.matches("Confirmed").count(), 2, "consent of both: {text}");
        assert_eq!(text.matches("Confirmation").count(), 2, "messages to both: {text}");
        assert!(text.contains("Merged two records of a subscriber"), "{text}");
        let topics = page.text(".facts");
        assert!(topics.contains("symposium") || topics.contains("Symposium"), "{topics}");
        let gone = app.get(&format!("/staff/subscribers/{new}")).await.expect(303);
        assert_eq!(gone.location(), format!("/staff/subscribers/{old}"));

        // Links that were mailed to the record that is gone.
        assert!(app.get(&link).await.expect(200).text("main").contains("Unsubscribe"));
        app.post_form(&link, &[("List-Unsubscribe", "One-Click")]).await.expect(200);
        assert_eq!(app.subscriber(NEW).await.status, SubscriberStatus::Unsubscribed);
        merges(&app, old, new, old).await.expect(404);
        merges(&app, old, old, old).await.expect(409);
    }

    async fn who_has_left_by_either_record_has_left(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        app.post_form(&format!("/staff/subscribers/{old}/unsubscribe"), &[]).await.expect(303);
        merges(&app, new, old, new).await.expect(303);
        let one = app.subscriber(NEW).await;
        assert_eq!((one.id, one.status), (new, SubscriberStatus::Unsubscribed));
        // Lifting a later suspension does not bring them back either.
        app.post_form(&format!("/staff/subscribers/{new}/reinstate"), &[]).await.expect(409);
    }

    async fn whom_staff_suspended_stays_so(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        app.post_form(&format!("/staff/subscribers/{old}/suspend"), &[("reason", "They complained")]).await.expect(303);
        merges(&app, new, old, new).await.expect(303);
        let one = app.subscriber(NEW).await;
        assert_eq!(one.status, SubscriberStatus::Suspended);
        assert_eq!(one.status_reason.as_deref(), Some("by staff: They complained"));
    }

    async fn no_file_and_no_form_of_the_staff_brings_a_former_address_back_but_its_owner_may(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        merges(&app, new, old, new).await.expect(303);
        let file = format!("email\n{OLD}\n");
        let report = bring(&app, file.as_bytes(), "commit").await.expect(303).location().to_owned();
        assert!(app.get(&report).await.text(".counts").contains("Known already 1"));
        let person = [("email", OLD), ("name", "A Sample"), ("topics", "news"), ("consent_basis", "express"), ("consent_note", "x")];
        let page = app.post_form("/staff/subscribers", &person).await.expect(422);
        assert!(page.text("#email-error").contains("former address"));
        let form = [("email", OLD), ("name", "Āroha Sample"), ("topics", "news")];
        app.post_form(&format!("/staff/subscribers/{new}"), &form).await.expect(303);
        assert_eq!(app.subscriber(OLD).await.id, new, "the one who stays may have it");
        app.subscribe(NEW).await;
    }

    async fn erasing_who_stays_takes_what_is_left_of_both(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let old = app.subscribe(OLD).await.id;
        let new = app.subscribe(NEW).await.id;
        merges(&app, new, old, new).await.expect(303);
        app.post_form(&format!("/staff/subscribers/{new}/erase"), &[("confirm", "yes")]).await.expect(303);
        assert!(app.notices(OLD).await.is_empty() && app.notices(NEW).await.is_empty());
        let file = format!("email\n{OLD}\n{NEW}\n");
        bring(&app, file.as_bytes(), "commit").await.expect(303);
        assert!(app.find_subscriber(OLD).await.is_none() && app.find_subscriber(NEW).await.is_none());
    }
}
