//! What is done, what is not done, and how often.

use std::time::Duration;

use practice_points::app::{keep_subscribers, retain};
use practice_points::domain::bounce::{Category, Remedy};
use practice_points::domain::consent::{Channel, ConsentKind};
use practice_points::domain::inbound::Way;
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;

use crate::both_databases::on_both_databases;

use super::{Marks, Returning as TestApp, corpus, filled_in};

const GP: &str = "gp@practice.example";
const OTHER: &str = "other@practice.example";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn ledger(here: &TestApp, email: &str) -> Vec<(ConsentKind, Channel)> {
    let id = here.app.subscriber(email).await.id;
    let record = keep_subscribers::show(&here.app.app, id).await.unwrap();
    let events = record
        .consent
        .iter()
        .map(|event| (event.kind, event.channel));
    events.collect()
}

on_both_databases! {
    async fn the_same_report_twice_or_by_two_ways_counts_once(here: TestApp) {
        here.app.subscribe(GP).await;
        let report = here.message("postfix-mailbox-full", GP).await;
        for (way, was_known) in [(Way::Pipe, false), (Way::Pipe, true), (Way::Mailbox, true)] {
            // Each way puts headers of its own on top.
            let mut content = format!("Received: by {way}\n").into_bytes();
            content.extend_from_slice(&report);
            let taken = here.take_in_by(way, content).await;
            assert_eq!(taken.was_known, was_known, "{way}");
            assert!(!taken.is_kept);
        }
        // Another server's report of the same failure is the same failure.
        here.take_in("qmail-too-long-in-the-queue", GP).await;
        assert_eq!((here.app.count("strike").await, here.app.count("inbound_event").await), (1, 1));
        assert_eq!(here.status(GP).await, SubscriberStatus::Active);
    }

    async fn three_failures_within_thirty_days_suspend_and_older_ones_do_not_count(here: TestApp) {
        here.app.subscribe(GP).await;
        for days in [0, 20, 20] {
            here.app.app.clock.advance(days * DAY);
            here.one_more_message(GP).await;
            here.take_in("postfix-mailbox-full", GP).await;
            assert_eq!(here.status(GP).await, SubscriberStatus::Active, "after {days} more days");
        }
        here.app.app.clock.advance(DAY);
        here.one_more_message(GP).await;
        here.take_in("gmail-over-quota", GP).await;
        assert_eq!(here.status(GP).await, SubscriberStatus::Suspended);
        let why = here.app.subscriber(GP).await.status_reason.unwrap();
        assert!(why.starts_with("3 messages within 30 days") && why.ends_with("mailbox full (code 4.2.2)"), "{why}");
        assert!(ledger(&here, GP).await.contains(&(ConsentKind::Suspended, Channel::Report)));
    }

    async fn who_is_suspended_comes_back_by_confirming_again(here: TestApp) {
        here.app.subscribe(GP).await;
        let before = here.marks(GP).await;
        here.take_in("postfix-unknown-user", GP).await;
        assert_eq!(here.status(GP).await, SubscriberStatus::Suspended);
        let staff = here.app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        let page = format!("/staff/subscribers/{}", here.app.subscriber(GP).await.id);
        let shown = staff.get(&page).await.expect(200);
        assert!(shown.text("main").contains("asks them to confirm"), "{}", shown.text("main"));
        assert!(shown.text("main").contains("User unknown in virtual mailbox table"));
        staff.post_form(&format!("{page}/reinstate"), &[]).await.expect(303);
        assert_eq!(here.status(GP).await, SubscriberStatus::Suspended, "until they confirm");
        here.app.app.clock.advance(DAY);
        let link = here.app.confirm_path(GP).await;
        here.app.post_form(&link, &[]).await.expect(200);
        let back = here.app.subscriber(GP).await;
        assert_eq!((back.status, back.status_reason), (SubscriberStatus::Active, None));
        // What was sent before says nothing of the address now.
        let late = filled_in(&corpus::message("postfix-no-such-domain"), GP, &before);
        let taken = here.take_in_by(Way::Pipe, late).await;
        assert_eq!(taken.acts, [(Category::Unreachable, Remedy::Note)]);
        assert_eq!(here.app.count("strike").await, 0);
    }

    async fn a_report_about_an_address_that_was_changed_since_is_noted_and_nothing_else(here: TestApp) {
        here.app.subscribe(GP).await;
        let report = here.message("postfix-unknown-user", GP).await;
        here.everything_was_sent().await;
        let staff = here.app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        let page = format!("/staff/subscribers/{}", here.app.subscriber(GP).await.id);
        let changed = [("email", OTHER), ("name", "Aroha Sample"), ("topics", "news")];
        staff.post_form(&page, &changed).await.expect(303);
        let taken = here.take_in_by(Way::Pipe, report).await;
        assert_eq!(taken.acts, [(Category::NoMailbox, Remedy::Note)]);
        assert_eq!(here.status(OTHER).await, SubscriberStatus::Active);
    }

    async fn a_forged_report_suspends_nobody_whatever_it_holds(here: TestApp) {
        here.app.subscribe(GP).await;
        here.app.subscribe(OTHER).await;
        let (ours, theirs) = (here.marks(GP).await, here.marks(OTHER).await);
        // The id of one message with the signature of another, both marks at once, and none.
        let id = |path: &str| path.split('-').nth(1).unwrap().to_owned();
        let mixed = theirs.return_path.replace(
            &format!("b-{}-", id(&theirs.return_path)),
            &format!("b-{}-", id(&ours.return_path)),
        );
        for return_path in [mixed, format!("{} {}", ours.return_path, theirs.return_path), "bounces@clinic.example".into()] {
            let marks = Marks { return_path, message_id: "1.2@clinic.example".into(), leave_token: String::new() };
            let report = filled_in(&corpus::message("postfix-unknown-user"), GP, &marks);
            let taken = here.take_in_by(Way::Pipe, report).await;
            assert!(taken.is_kept, "{}", marks.return_path);
        }
        assert_eq!(here.status(GP).await, SubscriberStatus::Active);
        assert_eq!(here.status(OTHER).await, SubscriberStatus::Active);
        assert_eq!((here.app.count("inbound_event").await, here.app.count("inbound_message").await), (0, 3));
    }

    async fn who_complains_or_asks_for_it_is_unsubscribed_once_and_the_ledger_says_how(here: TestApp) {
        for (name, channel) in [
            ("arf-abuse", Channel::Complaint),
            ("arf-abuse-redacted", Channel::Complaint),
            ("reply-unsubscribe", Channel::Reply),
            ("mailto-unsubscribe", Channel::Reply),
        ] {
            let email = format!("{name}@practice.example");
            here.app.subscribe(&email).await;
            for _ in 0..2 {
                here.take_in(name, &email).await;
            }
            assert_eq!(here.status(&email).await, SubscriberStatus::Unsubscribed, "{name}");
            let left: Vec<_> = ledger(&here, &email).await;
            let left = left.iter().filter(|(kind, _)| *kind == ConsentKind::Unsubscribed);
            assert_eq!(left.collect::<Vec<_>>(), [&(ConsentKind::Unsubscribed, channel)], "{name}");
        }
    }

    /// The same message again, after they have come back, does not make them leave again; a new one does.
    async fn who_came_back_may_leave_again_and_is_not_made_to(here: TestApp) {
        here.app.subscribe(GP).await;
        let first = here.message("reply-unsubscribe", GP).await;
        here.take_in_by(Way::Pipe, first.clone()).await;
        here.app.subscribe(GP).await;
        here.take_in_by(Way::Mailbox, first).await;
        assert_eq!(here.status(GP).await, SubscriberStatus::Active);
        here.take_in("reply-please-unsubscribe-me", GP).await;
        assert_eq!(here.status(GP).await, SubscriberStatus::Unsubscribed);
    }

    async fn of_an_erased_person_nothing_stays_and_what_comes_late_is_not_kept(here: TestApp) {
        here.app.subscribe(GP).await;
        let (report, question) = (here.message("postfix-mailbox-full", GP).await, here.message("reply-question", GP).await);
        here.take_in_by(Way::Pipe, report).await;
        here.take_in_by(Way::Pipe, question).await;
        let late = here.message("postfix-policy", GP).await;
        let id = here.app.subscriber(GP).await.id;
        let by = here.app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        let data = keep_subscribers::download(&here.app.app, by, id).await.unwrap();
        let data = serde_json::to_string(&data).unwrap();
        assert!(data.contains("Mailbox is over quota"), "they may have it before: {data}");
        keep_subscribers::erase(&here.app.app, by, id).await.unwrap();
        assert_eq!((here.app.count("inbound_message").await, here.app.count("strike").await), (0, 0));
        here.take_in_by(Way::Pipe, late).await;
        assert_eq!(here.app.count("inbound_event WHERE words <> ''").await, 0);
        assert_eq!(here.app.count("inbound_event").await, 2);
    }

    async fn what_is_kept_is_let_go_of_after_its_time(here: TestApp) {
        here.app.subscribe(GP).await;
        here.take_in("reply-question", GP).await;
        here.take_in("postfix-mailbox-full", GP).await;
        here.app.app.clock.advance(29 * DAY);
        retain::let_go(&here.app.app).await.unwrap();
        assert_eq!((here.app.count("inbound_message").await, here.app.count("strike").await), (1, 1));
        here.app.app.clock.advance(2 * DAY);
        retain::let_go(&here.app.app).await.unwrap();
        assert_eq!((here.app.count("inbound_message").await, here.app.count("strike").await), (1, 0));
        here.app.app.clock.advance(60 * DAY);
        retain::let_go(&here.app.app).await.unwrap();
        assert_eq!(here.app.count("inbound_message").await, 0);
    }
}
