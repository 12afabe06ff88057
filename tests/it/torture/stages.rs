//! The server misbehaves at every stage of the conversation, in every way, while others get their messages.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::Signal;

use crate::both_databases::on_both_databases;
use crate::process::Installation as TestApp;
use crate::smtp_sink::{Act, At, is_in_share};

use super::sending::{Sending, address};

const PEOPLE: usize = 200;

on_both_databases! {
    /// Each fault comes once, all of them at about the same time, over several connections.
    async fn a_connection_that_is_lost_at_any_stage_costs_nobody_anything(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Mail, 30) | (At::Rcpt, 40) | (At::Data, 50) | (At::Body, 60) | (At::Content, 70)
            | (At::Greeting, 5) | (At::Hello, 6) => Some(Act::Drop),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
    }

    async fn what_was_taken_without_a_word_comes_again_with_the_same_message_id(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Content, 30..=32) => Some(Act::KeepThenDrop),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        let received = sending.received().everybody(PEOPLE).twice_at_most(3);
        assert_eq!(received.number(), PEOPLE + 3);
        sending.assert_nobodys_tries_are_used_up().await;
    }

    async fn who_is_deferred_at_any_stage_gets_it_at_the_second_try(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        let asked = Mutex::new(BTreeSet::new());
        sending.sink.set_behaviour(move |moment| {
            let line = deferral(moment.at, moment.address)?;
            let is_first = asked.lock().unwrap().insert(moment.address.to_owned());
            is_first.then(|| Act::Reply(line.into()))
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        for row in sending.ledger.rows().await {
            let is_deferred = [At::Rcpt, At::Data, At::Content].iter().any(|&at| deferral(at, &row.recipient).is_some());
            assert_eq!((row.tries, row.strikes), (if is_deferred { 2 } else { 1 }, 0), "{row:?}");
        }
    }

    async fn a_421_at_any_stage_is_the_servers_own_trouble(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Mail, 30) | (At::Rcpt, 40) | (At::Data, 50) | (At::Content, 60) | (At::Greeting, 5) => {
                Some(Act::ReplyThenDrop("421 4.3.2 Closing".into()))
            }
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
    }

    async fn who_is_refused_at_any_stage_is_refused_and_nobody_else(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| {
            refusal(moment.at, moment.address).map(|line| Act::Reply(line.into()))
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        let mut refused = 0;
        for row in sending.ledger.rows().await {
            let words = [At::Rcpt, At::Data, At::Content].iter().find_map(|&at| refusal(at, &row.recipient));
            match words {
                Some(words) => assert_eq!((row.state.as_str(), row.reply.as_deref()), ("refused", Some(words)), "{row:?}"),
                None => assert_eq!(row.state, "accepted", "{row:?}"),
            }
            refused += usize::from(words.is_some());
        }
        assert!(refused > PEOPLE / 20, "{refused}");
        assert_eq!(sending.received().once().number(), PEOPLE - refused);
    }

    async fn a_mailbox_server_that_is_full_from_the_nth_message_on_is_tried_again(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Content, 80..) => Act::reply("452 4.3.1 Insufficient system storage"),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        let full = sending.wait_until(&service, |progress| progress.count("accepted") + progress.count("deferred") == PEOPLE);
        assert_eq!(full.await.count("accepted"), 80);
        sending.sink.behave();
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
    }

    async fn replies_that_are_slow_long_or_in_pieces_are_replies(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        let long: String = (0..40).map(|n| format!("250-2.1.5 line {n} of words that nobody needs\r\n")).collect();
        let long = format!("{long}250 2.1.5 Ok");
        sending.sink.set_behaviour(move |moment| match (moment.at, moment.nth % 4) {
            (At::Mail | At::Rcpt, 0) => Act::reply(&long),
            (At::Mail | At::Rcpt, 1) => Some(Act::InPieces("250 2.1.0 Ok".into())),
            (At::Data, 0) => Some(Act::InPieces("354 Go ahead".into())),
            (At::Data, 1) => Act::reply("354-It is\r\n354 your turn"),
            (At::Content, 0) => Some(Act::InPieces("250-2.0.0 Queued\r\n250 2.0.0 as a sample".into())),
            (At::Content, 1) => Act::reply("250-2.0.0 Queued\r\n250-2.0.0 and\r\n250 2.0.0 kept"),
            (_, 2) => Some(Act::Slow(Duration::from_millis(5))),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
    }

    async fn garbage_for_a_reply_holds_up_nobody_and_costs_one_try_at_most(here: TestApp) {
        let sending = Sending::queued(here, PEOPLE).await;
        let garbage = || Some(Act::RawThenDrop(b"\xff\x00 what a fine day\r\n\r\n2\xc3\x28".to_vec()));
        sending.sink.set_behaviour(move |moment| match (moment.at, moment.nth) {
            (At::Mail, 30) | (At::Rcpt, 40) | (At::Data, 50) | (At::Content, 60) | (At::Greeting, 5) => garbage(),
            _ => None,
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        // What one recipient's server says must not hold up everybody: at RCPT and DATA it counts as theirs.
        let tries: Vec<i32> = sending.ledger.rows().await.iter().map(|row| row.tries).collect();
        let more = tries.iter().filter(|&&tries| tries > 1).count();
        assert!(more <= 2 && tries.iter().all(|&tries| tries <= 2), "{tries:?}");
    }

    async fn a_server_that_stops_reading_holds_up_its_own_connection_only(here: TestApp) {
        let mut sending = Sending::queued(here, PEOPLE).await;
        sending.sink.set_behaviour(|moment| match (moment.at, moment.nth) {
            (At::Body, 30) | (At::Data, 60) => Some(Act::Hang),
            _ => None,
        });
        let mut service = sending.here.service(&[]).await;
        let progress = sending.wait_until(&service, |progress| progress.count("accepted") + 4 >= PEOPLE).await;
        assert_eq!(progress.bulletin, "sending", "{progress:?}");
        service.send(Signal::TERM);
        let status = service.end(Duration::from_secs(5)).await.expect("it ends within five seconds");
        assert_eq!(status.code(), Some(0), "{}", service.said());
        sending.sink.go_away().await;
        sending.sink.behave();
        sending.sink.come_back();
        sending.ledger.end_leases().await;
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
    }
}

/// How the server defers an address at a stage, the first time.
fn deferral(at: At, address: &str) -> Option<&'static str> {
    let within = |from, to| is_in_share(address, to) && !is_in_share(address, from);
    match at {
        At::Rcpt if within(0, 6) => Some("450 4.2.0 Greylisted"),
        At::Rcpt if within(6, 12) => Some("451 4.3.0 Try again later"),
        At::Rcpt if within(12, 18) => Some("452 4.2.2 Mailbox full"),
        At::Data if within(18, 24) => Some("451 4.3.0 Not now"),
        At::Content if within(24, 30) => Some("452 4.3.1 No space"),
        _ => None,
    }
}

/// How the server refuses an address at a stage.
fn refusal(at: At, address: &str) -> Option<&'static str> {
    let within = |from, to| is_in_share(address, to) && !is_in_share(address, from);
    match at {
        At::Rcpt if within(0, 5) => Some("550 5.1.1 No such user"),
        At::Data if within(5, 10) => Some("554 5.6.0 No valid recipients"),
        At::Content if within(10, 15) => Some("552 5.3.4 Too big"),
        _ => None,
    }
}

#[test]
fn every_fault_of_these_tests_meets_somebody() {
    let stages = [At::Rcpt, At::Data, At::Content];
    let of = |fault: fn(At, &str) -> Option<&'static str>| -> BTreeSet<&str> {
        let people = (0..PEOPLE).map(address);
        people
            .flat_map(|address| stages.map(|at| fault(at, &address)))
            .flatten()
            .collect()
    };
    assert_eq!((of(deferral).len(), of(refusal).len()), (5, 3));
}
