//! A bulletin goes to some people first, and later to the rest.

use std::time::Duration;

use practice_points::app::{follow_bulletin, send_bulletin, send_in_waves};
use practice_points::domain::bulletin::BulletinState;
use practice_points::domain::delivery::DeliveryState;
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::Desk;
use crate::smtp_sink::{Act, At};

use super::{SURE, add_readers, rows, state, until_page_says};

/// Chooses two waves on the bulletin's page.
async fn divide(who: &TestApp, path: &str, first: &str, wait: &str, unit: &str) {
    let form = [
        ("waves", "two"),
        ("first", first),
        ("wait", wait),
        ("unit", unit),
    ];
    who.post_form(&format!("{path}/waves"), &form)
        .await
        .expect(303);
}

on_both_databases! {
    async fn the_rest_waits_for_its_time_and_the_bulletin_is_not_sent_before(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 5).await;
        let path = desk.approved_bulletin("In waves", &["news"]).await;
        divide(&desk.publisher, &path, "2", "90", "minutes").await;
        let page = desk.publisher.get(&path).await;
        assert!(page.text(".facts").contains("In two waves: first 2 people, then 90 minutes later the rest."));
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        assert_eq!(rows(&app).await.len(), 5, "the audience is frozen at once");

        let worker = Worker::start(&app.app).unwrap();
        let progress = format!("{path}/progress");
        until_page_says(&desk.author, &progress, "2 of 5 done; waiting for the second wave.").await;
        let fragment = desk.author.get(&progress).await.body;
        assert!(fragment.contains("The second wave, 3 people, goes out at 11:30 am NZDT."), "{fragment}");
        assert_eq!(state(&desk.author, &path).await, "Sending");
        app.app.clock.advance(Duration::from_secs(90 * 60));
        until_page_says(&desk.author, &progress, "5 of 5 done.").await;
        worker.stop().await;
        assert_eq!(state(&desk.author, &path).await, "Sent");
    }

    async fn what_a_colleague_has_saved_since_the_page_was_opened_is_not_written_over(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 3).await;
        let path = desk.approved_bulletin("Two tabs", &["news"]).await;
        let opened = desk.publisher.get(&path).await.attribute("input[name=was]", "value");
        divide(&desk.publisher, &path, "2", "90", "minutes").await;
        for (step, more) in [("send", ("confirm", "yes")), ("schedule", ("at", "2026-12-01T09:00"))] {
            let stale = [("waves", "one"), ("was", opened.as_str()), more];
            let refused = desk.publisher.post_form(&format!("{path}/{step}"), &stale).await.expect(409);
            assert!(refused.text("main").contains("changed meanwhile how it goes out"), "{step}");
        }
        let page = desk.publisher.get(&path).await;
        assert!(page.text(".facts").contains("In two waves: first 2 people"));
        let now = page.attribute("input[name=was]", "value");
        let known = [("waves", "one"), ("was", now.as_str()), ("confirm", "yes")];
        desk.publisher.post_form(&format!("{path}/send"), &known).await.expect(303);
        assert!(desk.publisher.get(&path).await.text(".facts").contains("All at once."));
    }

    async fn a_draft_that_is_divided_can_be_deleted(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 3).await;
        let path = desk.assemble("Never sent", &["news"]).await;
        divide(&desk.publisher, &path, "1", "90", "minutes").await;
        desk.author.post_form(&format!("{path}/delete"), &SURE).await.expect(303);
        assert_eq!(app.count("bulletin").await + app.count("bulletin_wave").await, 0);
    }

    async fn staff_have_the_rest_go_at_once(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 4).await;
        let path = desk.approved_bulletin("Not so slow", &["news"]).await;
        divide(&desk.publisher, &path, "1", "90", "minutes").await;
        let release = format!("{path}/release");
        desk.publisher.post_form(&release, &SURE).await.expect(409);
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        assert!(desk.publisher.get(&path).await.body.contains("Send the rest now"));
        desk.reviewer.post_form(&release, &SURE).await.expect(403);
        let asked = desk.publisher.post_form(&release, &[]).await.expect(422);
        assert!(asked.text("#confirm_release-error").contains("Please tick"));
        desk.publisher.post_form(&release, &SURE).await.expect(303);
        desk.publisher.post_form(&release, &SURE).await.expect(409);
        let how = desk.publisher.get(&path).await.text(".facts");
        assert!(how.contains("first 1 person; the rest was released by Sample Publisher, 23 November 2026"), "{how}");
        let closed = desk.author.get(&format!("{path}/edit")).await.expect(409);
        assert!(closed.text("main").contains("use “Correct” on its page"), "{}", closed.text("main"));
        // How it goes out is settled.
        desk.publisher.post_form(&format!("{path}/waves"), &[("waves", "one")]).await.expect(409);
        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "4 of 4 done.").await;
        worker.stop().await;
    }

    async fn a_paused_and_a_cancelled_one_send_no_second_wave(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 3).await;
        let path = desk.approved_bulletin("Given up", &["news"]).await;
        divide(&desk.publisher, &path, "1", "1", "hours").await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let worker = Worker::start(&app.app).unwrap();
        let progress = format!("{path}/progress");
        until_page_says(&desk.author, &progress, "1 of 3 done").await;
        desk.publisher.post_form(&format!("{path}/pause"), &[]).await.expect(303);
        let fragment = desk.author.get(&progress).await.body;
        assert!(fragment.contains("The second wave, 2 people, waits until the bulletin is resumed."), "{fragment}");
        app.app.clock.advance(Duration::from_secs(90 * 60));
        app.app.wake.notify_one();
        until_page_says(&desk.author, &progress, "1 of 3 done; paused.").await;
        desk.publisher.post_form(&format!("{path}/cancel"), &SURE).await.expect(303);
        worker.stop().await;
        let states: Vec<_> = rows(&app).await.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, ["accepted", "skipped", "skipped"]);
    }

    async fn what_is_no_number_is_told_beside_its_field(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 29).await;
        let path = desk.approved_bulletin("Wrong numbers", &["news"]).await;
        let first = desk.publisher.get(&path).await.attribute("#first", "value");
        assert_eq!(first, "2", "a tenth of them is offered");
        let waves = format!("{path}/waves");
        let form = [("waves", "two"), ("first", "some"), ("wait", "9"), ("unit", "weeks")];
        let page = desk.publisher.post_form(&waves, &form).await.expect(422);
        assert!(page.text("#first-error").contains("as a number from 1 on"));
        assert_eq!(page.attribute("#first", "value"), "some");
        let form = [("waves", "two"), ("first", "20"), ("wait", "200"), ("unit", "hours")];
        let page = desk.publisher.post_form(&waves, &form).await.expect(422);
        assert!(page.text("#wait-error").contains("from 1 minute to 7 days"));
        assert_eq!(page.text("#first-error"), "");
        // Nobody would be left for the second wave.
        let form = [("waves", "two"), ("first", "29"), ("wait", "2"), ("unit", "hours")];
        let page = desk.publisher.post_form(&waves, &form).await.expect(422);
        let said = page.text("#first-error");
        assert!(said.contains("Only 29 people get it: choose at most 28."), "{said}");
    }

    async fn what_is_chosen_and_not_saved_counts_for_sending_and_for_the_schedule(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 5).await;
        let path = desk.approved_bulletin("Chosen and sent", &["news"]).await;
        let two = [("waves", "two"), ("first", "2"), ("wait", "90"), ("unit", "minutes")];
        // Without the tick nothing goes, and what was chosen stands there still.
        let page = desk.publisher.post_form(&format!("{path}/send"), &two).await.expect(422);
        assert_eq!(page.attribute("#waves-two[checked]", "value"), "two");
        assert_eq!(page.attribute("#first", "value"), "2");
        // Numbers that make no sense stop it, beside their fields.
        let wrong = [("confirm", "yes"), ("waves", "two"), ("first", "99"), ("wait", "90"), ("unit", "minutes")];
        let page = desk.publisher.post_form(&format!("{path}/send"), &wrong).await.expect(422);
        assert!(page.text("#first-error").contains("choose at most 4"), "{}", page.text("main"));
        let at = [("at", "2026-11-24T07:00"), ("waves", "two"), ("first", "0"), ("wait", "90"), ("unit", "minutes")];
        let page = desk.publisher.post_form(&format!("{path}/schedule"), &at).await.expect(422);
        assert!(!page.text("#first-error").is_empty() && page.text("#at-error").is_empty());
        assert_eq!(state(&desk.author, &path).await, "Approved");

        let at = [("at", "2026-11-24T07:00"), ("waves", "two"), ("first", "3"), ("wait", "1"), ("unit", "hours")];
        desk.publisher.post_form(&format!("{path}/schedule"), &at).await.expect(303);
        let facts = desk.publisher.get(&path).await.text(".facts");
        assert!(facts.contains("first 3 people, then 1 hour later the rest"), "{facts}");

        let sure = [("confirm", "yes"), ("waves", "two"), ("first", "2"), ("wait", "90"), ("unit", "minutes")];
        desk.publisher.post_form(&format!("{path}/send"), &sure).await.expect(303);
        let page = desk.publisher.get(&path).await;
        assert!(page.text("main").contains("first to 2 of 5 people, and 90 minutes later to the rest"), "{}", page.text("main"));
        assert!(page.text(".facts").contains("In two waves: first 2 people, then 90 minutes later the rest."));

        // All at once, where waves were saved before.
        let path = desk.approved_bulletin("At once after all", &["news"]).await;
        divide(&desk.publisher, &path, "2", "90", "minutes").await;
        let once = [("confirm", "yes"), ("waves", "one"), ("first", "2"), ("wait", "90"), ("unit", "minutes")];
        desk.publisher.post_form(&format!("{path}/send"), &once).await.expect(303);
        assert!(desk.publisher.get(&path).await.text(".facts").contains("All at once."));
    }
}

mod with_trouble {
    use super::*;
    use crate::clinic::Clinic as TestApp;

    on_both_databases! {
        async fn a_first_wave_with_trouble_holds_the_rest_until_somebody_has_looked(clinic: TestApp) {
            clinic.add_subscribers(6).await;
            clinic.sink.set_behaviour(|moment| match (moment.at, moment.address) {
                (At::Rcpt, "gp0@practice.example") => Act::reply("550 5.1.1 No such user"),
                _ => None,
            });
            let (app, by) = (&clinic.app, clinic.reviewer);
            let id = clinic.approved_bulletin().await;
            send_in_waves::divide(app, by, id, Some((3, 60))).await.unwrap();
            send_bulletin::send_now(app, by, id).await.unwrap();
            let worker = clinic.worker();
            clinic.wait_for_rows(id, DeliveryState::Accepted, 2).await;
            clinic.wait_for_rows(id, DeliveryState::Refused, 1).await;
            clinic.advance(Duration::from_secs(60 * 60));
            clinic.wait_for_state(id, BulletinState::Paused).await;
            let progress = follow_bulletin::progress(app, id).await.unwrap();
            let why = progress.bulletin.waiting_for.unwrap();
            assert!(why.contains("1 of the first 3 messages were refused"), "{why}");
            assert_eq!(clinic.accepted().len(), 2, "nobody of the rest");
            send_bulletin::resume(app, by, id).await.unwrap();
            clinic.wait_for_state(id, BulletinState::Sent).await;
            worker.stop().await;
            assert_eq!(clinic.accepted().len(), 5);
            assert!(clinic.accepted().values().all(|times| *times == 1));
            clinic.assert_adds_up(id).await;
        }
    }
}
