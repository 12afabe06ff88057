//! Test messages, the schedule, holding and stopping, and what happened for each person.

use std::time::Duration;

use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::Desk;

use super::{SURE, add_readers, rows, state, until_page_says};

on_both_databases! {
    async fn a_test_goes_to_the_staff_who_were_chosen(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Tried out", &["news"]).await;
        let page = desk.author.get(&path).await;
        let me = page.attribute("input[name=to][checked]", "value");
        let test = format!("{path}/test");
        let asked = desk.author.post_form(&test, &[]).await.expect(422);
        assert!(asked.text("#to-error").contains("who gets the test"));
        desk.author.post_form(&test, &[("to", &me)]).await.expect(303);
        assert!(app.notice_kinds("author@clinic.example").await.contains(&"test".to_owned()));
        assert!(!app.notice_kinds("reviewer@clinic.example").await.contains(&"test".to_owned()));
        desk.author.post_form(&test, &[("to", "999")]).await.expect(409);

        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.publisher, "/staff/mailbox", "[Test] Tried out").await;
        worker.stop().await;
        assert_eq!(state(&desk.author, &path).await, "Draft");
        assert_eq!(rows(&app).await, []);
    }

    async fn nobodys_inbox_is_filled_with_tests(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.assemble("Again and again", &["news"]).await;
        let me = desk.author.get(&path).await.attribute("input[name=to][checked]", "value");
        let test = format!("{path}/test");
        for _ in 0..20 {
            desk.author.post_form(&test, &[("to", &me)]).await.expect(303);
        }
        let refused = desk.publisher.post_form(&test, &[("to", &me)]).await.expect(409);
        assert!(refused.text("main").contains("20 tests within an hour"));
        app.app.clock.advance(Duration::from_secs(61 * 60));
        desk.author.post_form(&test, &[("to", &me)]).await.expect(303);
    }

    async fn of_two_times_that_are_called_the_same_it_is_the_first_and_that_is_said(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("In the night", &["news"]).await;
        // Daylight saving ends on Sunday 4 April 2027 at 3 am.
        let at = [("at", "2027-04-04T02:30")];
        desk.publisher.post_form(&format!("{path}/schedule"), &at).await.expect(303);
        let page = desk.publisher.get(&path).await;
        let said = page.text("main");
        assert!(said.contains("4 April 2027, 2:30 am NZDT (UTC+13). The clock shows this time twice"), "{said}");
    }

    async fn a_time_that_does_not_exist_is_refused_in_words(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("At its time", &["news"]).await;
        let schedule = format!("{path}/schedule");
        // Daylight saving begins on Sunday 26 September 2027 at 2 am.
        let skipped = [("at", "2027-09-26T02:30")];
        let page = desk.publisher.post_form(&schedule, &skipped).await.expect(422);
        assert!(page.text("#at-error").contains("does not exist"), "{}", page.text("main"));
        assert_eq!(page.attribute("input[name=at]", "value"), "2027-09-26T02:30");
        for (at, words) in [("2026-11-22T09:00", "past"), ("tomorrow", "a date and a time"), ("", "a date")] {
            let page = desk.publisher.post_form(&schedule, &[("at", at)]).await.expect(422);
            assert!(page.text("#at-error").contains(words), "{at}");
        }
        desk.reviewer.post_form(&schedule, &[("at", "2027-01-05T07:00")]).await.expect(403);
        assert_eq!(state(&desk.author, &path).await, "Approved");
        assert!(page_note(&desk, &path).await.contains("NZDT (UTC+13)"));
    }

    async fn a_time_is_shown_with_its_offset_and_can_be_taken_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("Twice half past two", &["news"]).await;
        let schedule = format!("{path}/schedule");
        // Daylight saving ends on Sunday 4 April 2027: half past two comes twice, and is the first.
        desk.publisher.post_form(&schedule, &[("at", "2027-04-04T02:30")]).await.expect(303);
        let facts = desk.author.get(&path).await.text(".facts");
        assert!(facts.contains("4 April 2027, 2:30 am NZDT (UTC+13)"), "{facts}");
        desk.publisher.post_form(&format!("{path}/unschedule"), &[]).await.expect(303);
        assert_eq!(state(&desk.author, &path).await, "Approved");
        desk.publisher.post_form(&schedule, &[("at", "2027-07-01T07:00")]).await.expect(303);
        let list = desk.author.get("/staff/bulletins").await.text("tbody");
        assert!(list.contains("1 July 2027, 7:00 am NZST (UTC+12)"), "{list}");
    }

    async fn a_scheduled_bulletin_goes_out_by_itself_when_its_time_has_come(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 2).await;
        let path = desk.approved_bulletin("By itself", &["news"]).await;
        let schedule = format!("{path}/schedule");
        desk.publisher.post_form(&schedule, &[("at", "2026-11-23T11:00")]).await.expect(303);
        let worker = Worker::start(&app.app).unwrap();
        // A message that is sent meanwhile shows that the worker is at work.
        let me = desk.author.get(&path).await.attribute("input[name=to][checked]", "value");
        desk.author.post_form(&format!("{path}/test"), &[("to", &me)]).await.expect(303);
        until_page_says(&desk.publisher, "/staff/mailbox", "[Test] By itself").await;
        assert_eq!(state(&desk.author, &path).await, "Scheduled");
        app.app.clock.advance(Duration::from_secs(60 * 60));
        until_page_says(&desk.author, &path, "2 of 2 done.").await;
        worker.stop().await;
        assert_eq!(state(&desk.author, &path).await, "Sent");
    }

    async fn a_paused_bulletin_waits_and_goes_on_when_it_is_resumed(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 3).await;
        let path = desk.approved_bulletin("Held", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        assert_eq!(
            desk.author.get(&path).await.attribute("#progress", "data-refresh"),
            format!("{path}/progress")
        );
        desk.publisher.post_form(&format!("{path}/pause"), &[]).await.expect(303);
        let trouble = desk.publisher.get("/staff").await.text(".troubles");
        assert!(trouble.contains("Sample Publisher paused it; 3 people wait."), "{trouble}");
        let worker = Worker::start(&app.app).unwrap();
        // Whoever signs up now is written to, and the bulletin is not.
        app.sign_up("new@practice.example").await.expect(303);
        until_page_says(&desk.publisher, "/staff/mailbox", "new@practice.example").await;
        let progress = desk.author.get(&format!("{path}/progress")).await;
        assert_eq!(progress.text("#progress-sentence"), "0 of 3 done; paused.");
        assert!(rows(&app).await.iter().all(|(_, state)| state == "queued"));
        desk.publisher.post_form(&format!("{path}/pause"), &[]).await.expect(409);

        desk.publisher.post_form(&format!("{path}/resume"), &[]).await.expect(303);
        until_page_says(&desk.author, &format!("{path}/progress"), "3 of 3 done.").await;
        worker.stop().await;
        let states = rows(&app).await;
        assert!(states.iter().all(|(_, state)| state == "accepted"), "{states:?}");
    }

    async fn a_cancelled_bulletin_goes_to_nobody_more(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 2).await;
        let path = desk.approved_bulletin("Given up", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let cancel = format!("{path}/cancel");
        let asked = desk.publisher.post_form(&cancel, &[]).await.expect(422);
        assert!(asked.text("#confirm_cancel-error").contains("Please tick"));
        desk.reviewer.post_form(&cancel, &SURE).await.expect(403);
        assert_eq!(state(&desk.author, &path).await, "Sending");
        desk.publisher.post_form(&cancel, &SURE).await.expect(303);
        assert_eq!(state(&desk.author, &path).await, "Cancelled");
        assert!(rows(&app).await.iter().all(|(_, state)| state == "skipped"));
        let people = desk.publisher.get(&format!("{path}/deliveries")).await.expect(200);
        assert!(people.text("tbody").contains("the bulletin was cancelled"));
        desk.publisher.post_form(&format!("{path}/resume"), &[]).await.expect(409);
        desk.publisher.post_form(&cancel, &SURE).await.expect(409);
    }

    async fn for_each_person_there_is_what_happened_and_what_the_server_said(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 2).await;
        let path = desk.approved_bulletin("Followed", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let gone = app.unsubscribe_path("gp2@practice.example").await;
        app.post_form(&gone, &[]).await.expect(200);
        let worker = Worker::start(&app.app).unwrap();
        until_page_says(&desk.author, &format!("{path}/progress"), "2 of 2 done.").await;
        worker.stop().await;

        let people = format!("{path}/deliveries");
        let page = desk.publisher.get(&people).await.expect(200);
        assert!(page.text("tbody tr:nth-child(1)").contains("kept in the built-in mailbox"));
        assert!(page.text("tbody tr:nth-child(2)").contains("Skipped"));
        let accepted = desk.publisher.get(&format!("{people}?state=accepted")).await.text("tbody");
        assert!(accepted.contains("gp1@") && !accepted.contains("gp2@"), "{accepted}");
        let found = desk.publisher.get(&format!("{people}?q=READER+2")).await.text("tbody");
        assert!(found.contains("gp2@") && !found.contains("gp1@"), "{found}");

        let tries = page.attribute("tbody tr:nth-child(1) td.number a", "href");
        let one = desk.publisher.get(&tries).await.expect(200);
        assert!(one.text("h1").contains("Sample Reader 1"));
        assert!(one.text("tbody").contains("kept in the built-in mailbox"), "{}", one.text("main"));
        // A row is found under its own bulletin only.
        let other = desk.assemble("Another one", &["news"]).await;
        let row = tries.rsplit('/').next().unwrap();
        desk.publisher.get(&format!("{other}/deliveries/{row}")).await.expect(404);
        desk.author.get(&people).await.expect(403);
        desk.reviewer.get(&tries).await.expect(403);
    }

    async fn many_people_are_paged_through_in_both_directions(app: TestApp) {
        let desk = Desk::open(&app).await;
        add_readers(&app, 130).await;
        let path = desk.approved_bulletin("To many", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &SURE).await.expect(303);
        let first = desk.publisher.get(&format!("{path}/deliveries?q=reader")).await.expect(200);
        assert_eq!(first.text(".pager p"), "100 on this page");
        assert_eq!(first.attribute(".pager a[rel=prev]", "href"), "");
        let last = desk.publisher.get(&first.attribute(".pager a[rel=next]", "href")).await.expect(200);
        assert_eq!(last.text(".pager p"), "30 on this page");
        assert_eq!(last.attribute(".pager a[rel=next]", "href"), "");
        assert!(last.text("tbody").contains("gp130@") && !last.text("tbody").contains("gp99@"));
        let back = desk.publisher.get(&last.attribute(".pager a[rel=prev]", "href")).await.expect(200);
        assert_eq!(back.text("tbody"), first.text("tbody"));
    }
}

async fn page_note(desk: &Desk, path: &str) -> String {
    desk.publisher.get(path).await.text("#at-hint")
}
