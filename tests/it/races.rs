//! What several people, or one impatient one, do at the same moment.

use futures_util::future::join_all;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

async fn upload(app: &TestApp, file: String, mode: &'static str) -> crate::app::Answer {
    let file = Part::bytes(file.into_bytes())
        .file_name("gps.csv")
        .mime_str("text/csv")
        .unwrap();
    let form = Form::new()
        .part("file", file)
        .text("source", "a sample")
        .text("topics", "news")
        .text("consent_basis", "express")
        .text("consent_note", "on paper")
        .text("mode", mode);
    let request = app
        .request(Method::POST, "/staff/subscribers/import")
        .header("Sec-Fetch-Site", "same-origin")
        .multipart(form);
    app.send(request).await
}

fn people(order: impl Iterator<Item = u32>) -> String {
    let lines = order.map(|number| format!("gp{number}@practice.example\n"));
    std::iter::once("email\n".to_owned()).chain(lines).collect()
}

/// Waits until no file is being taken over any more: long ones are, behind the page.
async fn all_taken_over(app: &TestApp) {
    let waiting = async {
        while app
            .count("import_run WHERE started_at IS NOT NULL AND finished_at IS NULL")
            .await
            > 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await;
    assert!(waited.is_ok(), "a file is still being taken over");
}

on_both_databases! {
    async fn sign_ups_of_one_address_at_once_are_all_answered_alike(app: TestApp) {
        for round in 0..5 {
            let email = format!("gp{round}@practice.example");
            let answers = join_all((0..12).map(|_| app.sign_up(&email))).await;
            for answer in answers {
                assert_eq!(answer.expect(303).location(), "/subscribe/sent");
            }
        }
        assert_eq!(app.count("subscriber").await, 5);
    }

    async fn a_file_that_is_taken_over_by_several_clicks_is_taken_over_once(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let checked = upload(&app, people(0..1_200), "dry-run").await.expect(303);
        let run = checked.location().to_owned();
        let mut statuses: Vec<u16> = join_all((0..4).map(|_| app.post_form(&run, &[])))
            .await
            .into_iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409, 409, 409]);
        all_taken_over(&app).await;
        assert_eq!(app.count("subscriber").await, 1_200);
        assert_eq!(app.count("import_run WHERE added = 1200 AND unchanged = 0").await, 1);
        assert_eq!(app.count("audit_event WHERE action = 'subscribers.import'").await, 1);
    }

    async fn two_files_with_the_same_people_in_another_order_do_not_wait_for_each_other(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let (one, other) = (people(0..1_200), people((0..1_200).rev()));
        let answers = join_all([upload(&app, one, "commit"), upload(&app, other, "commit")]).await;
        for answer in answers {
            answer.expect(303);
        }
        all_taken_over(&app).await;
        assert_eq!(app.count("subscriber").await, 1_200);
    }

    async fn clicks_at_once_leave_one_line_each_in_the_ledger(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        let undo = format!("{link}/undo");
        for _ in 0..3 {
            join_all((0..8).map(|_| app.post_form(&link, &[]))).await;
            join_all((0..8).map(|_| app.post_form(&undo, &[]))).await;
        }
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        assert_eq!(app.count("consent_event WHERE kind = 'unsubscribed'").await, 3);
        assert_eq!(app.count("consent_event WHERE kind = 'resubscribed'").await, 3);
    }

    async fn two_owners_who_take_each_others_role_away_at_once_leave_one(app: TestApp) {
        for _ in 0..5 {
            let (here, there) = (app.other_browser(), app.other_browser());
            let number = app.count("staff_member").await;
            let (one, other) = (format!("a{number}@clinic.example"), format!("b{number}@clinic.example"));
            let first = here.add_staff(&one, StaffRole::Owner).await;
            let second = here.add_staff(&other, StaffRole::Owner).await;
            here.sign_in(&one, crate::app::PASSWORD).await.expect(303);
            there.sign_in(&other, crate::app::PASSWORD).await.expect(303);
            let (to_second, to_first) =
                (format!("/staff/members/{second}/deactivate"), format!("/staff/members/{first}/deactivate"));
            join_all([here.post_form(&to_second, &[]), there.post_form(&to_first, &[])]).await;
            assert_eq!(app.count("staff_member WHERE role = 'owner' AND active").await, 1);
            // The one who is left makes way for the next round.
            app.app
                .store
                .write(|db| {
                    use diesel::RunQueryDsl as _;
                    diesel::sql_query("UPDATE staff_member SET active = FALSE")
                        .execute(db)
                        .map_err(practice_points::store::StoreError::from)
                })
                .await
                .unwrap();
        }
    }
}
