//! One record of two.

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

on_both_databases! {
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
