//! Delivery: nobody is missed, nobody is mailed twice, and the ledger says what happened to whom.

use std::time::Duration;

use practice_points::app::{deliver, follow_bulletin, send_bulletin, unsubscribe};
use practice_points::domain::bulletin::BulletinState;
use practice_points::domain::consent::Channel;
use practice_points::domain::delivery::DeliveryState;
use practice_points::domain::subscriber::SubscriberStatus;

use crate::both_databases::on_both_databases;
use crate::clinic::{Clinic as TestApp, count_recipients};
use crate::smtp_sink::{Act, At, SmtpSink};

const MINUTE: Duration = Duration::from_secs(60);

fn message_ids(sink: &SmtpSink) -> Vec<(String, String)> {
    let mut ids: Vec<(String, String)> = sink
        .messages()
        .iter()
        .map(|message| {
            let text = String::from_utf8_lossy(&message.bytes);
            let id = text
                .lines()
                .find_map(|line| line.strip_prefix("Message-ID: "))
                .unwrap();
            (message.to.join(","), id.to_owned())
        })
        .collect();
    ids.sort();
    ids
}

on_both_databases! {
    async fn a_bulletin_reaches_everybody_once_and_is_then_sent(clinic: TestApp) {
        clinic.add_subscribers(60).await;
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        assert_eq!(send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap(), 60);
        clinic.wait_for_state(id, BulletinState::Sent).await;
        let counts = clinic.accepted();
        assert_eq!(counts.len(), 60);
        assert!(counts.values().all(|&count| count == 1), "{counts:?}");
        clinic.assert_adds_up(id).await;
        let rows = clinic.rows(id, DeliveryState::Accepted).await;
        assert_eq!(rows.len(), 60);
        assert!(rows.iter().all(|row| row.reply.as_deref().is_some_and(|said| said.contains("250"))), "{rows:?}");
        let ids = message_ids(&clinic.sink);
        let mut unique: Vec<&String> = ids.iter().map(|(_, id)| id).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 60, "every message has a Message-ID of its own");
        worker.stop().await;
    }

    async fn exactly_the_refused_are_recorded_as_refused_and_struck_or_suspended_by_code(clinic: TestApp) {
        clinic.add_subscribers(20).await;
        clinic.sink.set_behaviour(|moment| match (moment.at, moment.address) {
            (At::Rcpt, "gp3@practice.example") => Act::reply("550 5.1.1 No such user here"),
            (At::Rcpt, "gp7@practice.example") => Act::reply("552 5.2.2 Mailbox full"),
            _ => None,
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        clinic.assert_adds_up(id).await;
        assert_eq!(clinic.accepted().len(), 18);
        let refused = clinic.rows(id, DeliveryState::Refused).await;
        let said: Vec<(&str, &str)> = refused
            .iter()
            .map(|row| (row.recipient.as_str(), row.reply.as_deref().unwrap()))
            .collect();
        assert_eq!(said, [
            ("gp3@practice.example", "550 5.1.1 No such user here"),
            ("gp7@practice.example", "552 5.2.2 Mailbox full"),
        ]);
        let gone = clinic.subscriber("gp3@practice.example").await;
        assert_eq!(gone.status, SubscriberStatus::Suspended);
        let full = clinic.subscriber("gp7@practice.example").await;
        assert_eq!((full.status, full.strikes), (SubscriberStatus::Active, 1));
        worker.stop().await;
    }

    async fn who_is_deferred_is_tried_again_and_gets_it_once(clinic: TestApp) {
        clinic.add_subscribers(10).await;
        clinic.sink.set_behaviour(|moment| match moment.at {
            At::Rcpt => Act::reply("451 4.3.0 Try again later"),
            _ => None,
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_rows(id, DeliveryState::Deferred, 10).await;
        clinic.assert_adds_up(id).await;
        clinic.sink.behave();
        clinic.advance(2 * MINUTE);
        clinic.wait_for_state(id, BulletinState::Sent).await;
        let counts = clinic.accepted();
        assert_eq!(counts.len(), 10);
        assert!(counts.values().all(|&count| count == 1), "{counts:?}");
        let rows = clinic.rows(id, DeliveryState::Accepted).await;
        assert!(rows.iter().all(|row| row.tries == 2), "{rows:?}");
        worker.stop().await;
    }

    async fn a_mail_server_that_is_away_uses_up_nobodys_tries_and_the_page_says_so(clinic: TestApp) {
        clinic.add_subscribers(10).await;
        let id = clinic.approved_bulletin().await;
        let TestApp { app, sink, reviewer, .. } = &clinic;
        let port = sink.port();
        sink.set_behaviour(|moment| (moment.at == At::Greeting).then_some(Act::Drop));
        let worker = clinic.worker();
        send_bulletin::send_now(app, *reviewer, id).await.unwrap();
        clinic.wait_until(id, |progress| progress.bulletin.waiting_for.is_some()).await;
        clinic.assert_adds_up(id).await;
        assert_eq!(sink.port(), port);
        sink.behave();
        // The clock stands still, so rows that come back a moment later fall due a moment later.
        clinic.wait_until(id, |progress| {
            clinic.advance(Duration::from_secs(1));
            progress.bulletin.state == BulletinState::Sent
        })
        .await;
        let rows = clinic.rows(id, DeliveryState::Accepted).await;
        assert_eq!(rows.len(), 10);
        assert!(rows.iter().all(|row| row.tries == 1), "{rows:?}");
        let progress = follow_bulletin::progress(app, id).await.unwrap();
        assert_eq!(progress.bulletin.waiting_for, None);
        worker.stop().await;
    }

    async fn who_leaves_while_mail_is_queued_gets_nothing(clinic: TestApp) {
        clinic.add_subscribers(5).await;
        let id = clinic.approved_bulletin().await;
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        let leaver = clinic.subscriber("gp2@practice.example").await;
        let token = clinic.app.unsubscribe_token(leaver.id);
        unsubscribe::unsubscribe(&clinic.app, &token, Channel::OneClick).await.unwrap();
        let worker = clinic.worker();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        clinic.assert_adds_up(id).await;
        assert!(!clinic.accepted().contains_key("gp2@practice.example"));
        assert_eq!(clinic.accepted().len(), 4);
        let skipped = clinic.rows(id, DeliveryState::Skipped).await;
        assert_eq!(skipped.len(), 1);
        assert_eq!(skipped[0].reply.as_deref(), Some("has unsubscribed"));
        worker.stop().await;
    }

    async fn a_connection_that_is_lost_after_the_final_dot_repeats_the_same_message_id(clinic: TestApp) {
        clinic.add_subscribers(4).await;
        clinic.sink.set_behaviour(|moment| {
            (moment.at == At::Content && moment.nth == 0).then_some(Act::KeepThenDrop)
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_rows(id, DeliveryState::Deferred, 1).await;
        // A jump of the clock would end the leases of what is on the wire.
        clinic.wait_for_rows(id, DeliveryState::Claimed, 0).await;
        clinic.advance(2 * MINUTE);
        clinic.wait_for_state(id, BulletinState::Sent).await;
        let counts = clinic.accepted();
        assert_eq!(counts.len(), 4, "nobody is missed");
        assert_eq!(counts.values().sum::<usize>(), 5, "the one in doubt came twice: {counts:?}");
        let mut ids = message_ids(&clinic.sink);
        ids.dedup();
        assert_eq!(ids.len(), 4, "with the same Message-ID");
        worker.stop().await;
    }

    async fn two_workers_share_the_queue_and_send_no_row_twice(clinic: TestApp) {
        clinic.add_subscribers(200).await;
        let id = clinic.approved_bulletin().await;
        let (one, other) = (clinic.worker(), clinic.worker());
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        let counts = clinic.accepted();
        assert_eq!(counts.len(), 200);
        assert!(counts.values().all(|&count| count == 1));
        clinic.assert_adds_up(id).await;
        one.stop().await;
        other.stop().await;
    }

    async fn a_worker_that_is_stopped_gives_back_what_it_has_not_sent(clinic: TestApp) {
        clinic.add_subscribers(40).await;
        clinic.sink.set_behaviour(|moment| {
            (moment.at == At::Content).then_some(Act::Slow(Duration::from_millis(100)))
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.sink.wait_for(3).await;
        worker.stop().await;
        let progress = follow_bulletin::progress(&clinic.app, id).await.unwrap();
        let count = |state| progress.counts.iter().find(|(s, _)| *s == state).unwrap().1;
        assert_eq!(count(DeliveryState::Claimed), 0, "{progress:?}");
        assert_eq!(count(DeliveryState::Accepted) as usize, clinic.sink.messages().len());
        let next = clinic.worker();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        let counts = clinic.accepted();
        assert_eq!(counts.len(), 40);
        assert!(counts.values().all(|&count| count == 1), "{counts:?}");
        next.stop().await;
    }

    async fn what_a_vanished_worker_held_is_sent_after_its_lease(clinic: TestApp) {
        clinic.add_subscribers(10).await;
        let id = clinic.approved_bulletin().await;
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        let held = deliver::claim(&clinic.app, "worker-that-vanished", deliver::Lanes::All, 6).await.unwrap();
        assert_eq!(held.len(), 6);
        let worker = clinic.worker();
        clinic.wait_for_rows(id, DeliveryState::Accepted, 4).await;
        clinic.assert_adds_up(id).await;
        assert_eq!(follow_bulletin::progress(&clinic.app, id).await.unwrap().bulletin.state, BulletinState::Sending);
        clinic.advance(deliver::LEASE + Duration::from_secs(1));
        clinic.wait_for_state(id, BulletinState::Sent).await;
        assert_eq!(clinic.accepted().len(), 10);
        worker.stop().await;
    }

    /// The database may fail between a claim and its end: what nobody has in hand any more is not held for ever.
    async fn only_what_a_worker_has_in_hand_stays_its_own(clinic: TestApp) {
        clinic.add_subscribers(5).await;
        let id = clinic.approved_bulletin().await;
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        let held = deliver::claim(&clinic.app, "worker-that-lost-sight", deliver::Lanes::All, 5).await.unwrap();
        let in_hand = vec![held[0].row.id];
        clinic.advance(deliver::LEASE / 2);
        deliver::renew(&clinic.app, "worker-that-lost-sight", in_hand.clone()).await.unwrap();
        clinic.advance(deliver::LEASE / 2 + Duration::from_secs(1));
        let taken_over = deliver::claim(&clinic.app, "another", deliver::Lanes::All, 5).await.unwrap();
        assert_eq!(taken_over.len(), 4);
        assert!(taken_over.iter().all(|job| job.row.id != in_hand[0]));
    }

    async fn refusals_that_are_about_us_pause_the_bulletin_and_suspend_nobody(clinic: TestApp) {
        clinic.add_subscribers(20).await;
        clinic.sink.set_behaviour(|moment| match moment.at {
            At::Rcpt => Act::reply("550 5.7.1 Your domain is not welcome"),
            _ => None,
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_state(id, BulletinState::Paused).await;
        clinic.assert_adds_up(id).await;
        let why = follow_bulletin::progress(&clinic.app, id).await.unwrap().bulletin.waiting_for.unwrap();
        assert!(why.contains("not welcome"), "{why}");
        assert!(clinic.rows(id, DeliveryState::Refused).await.is_empty());
        clinic.sink.behave();
        clinic.wait_for_rows(id, DeliveryState::Claimed, 0).await;
        clinic.advance(61 * MINUTE);
        send_bulletin::resume(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_state(id, BulletinState::Sent).await;
        assert_eq!(clinic.accepted().len(), 20);
        for n in 0..20 {
            let gp = clinic.subscriber(&format!("gp{n}@practice.example")).await;
            assert_eq!((gp.status, gp.strikes), (SubscriberStatus::Active, 0));
        }
        worker.stop().await;
    }

    async fn a_scheduled_bulletin_goes_out_at_its_time_and_not_before(clinic: TestApp) {
        clinic.add_subscribers(3).await;
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::schedule(&clinic.app, clinic.reviewer, id, "2026-11-24T07:00").await.unwrap();
        clinic.advance(20 * 60 * MINUTE);
        assert_eq!(send_bulletin::start_due(&clinic.app).await.unwrap(), 0);
        assert_eq!(clinic.sink.messages().len(), 0);
        clinic.advance(70 * MINUTE);
        clinic.wait_for_state(id, BulletinState::Sent).await;
        assert_eq!(clinic.accepted().len(), 3);
        worker.stop().await;
    }

    async fn a_paused_bulletin_waits_and_a_cancelled_one_skips_the_rest(clinic: TestApp) {
        clinic.add_subscribers(30).await;
        clinic.sink.set_behaviour(|moment| {
            (moment.at == At::Content).then_some(Act::Slow(Duration::from_millis(50)))
        });
        let id = clinic.approved_bulletin().await;
        let worker = clinic.worker();
        send_bulletin::send_now(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.sink.wait_for(2).await;
        send_bulletin::pause(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.wait_for_rows(id, DeliveryState::Claimed, 0).await;
        let before = clinic.sink.messages().len();
        assert!(before < 30);
        clinic.assert_adds_up(id).await;
        send_bulletin::cancel(&clinic.app, clinic.reviewer, id).await.unwrap();
        clinic.assert_adds_up(id).await;
        let skipped = clinic.rows(id, DeliveryState::Skipped).await;
        assert_eq!(skipped.len() + before, 30);
        assert_eq!(count_recipients(&clinic.sink).len(), before);
        assert!(send_bulletin::resume(&clinic.app, clinic.reviewer, id).await.is_err());
        worker.stop().await;
    }
}
