//! The real program is ended in the middle of sending, again and again, and started again: by `kill -9` nobody is
//! missed and at most one message a connection comes twice, with the same Message-ID; by SIGTERM none does.

use std::time::Duration;

use rustix::process::Signal;

use super::sending::{CONNECTIONS, Sending};
use super::{Random, small_and_large};

/// After how many accepted messages the program is ended each time: random, in order, most of them in the middle.
fn moments(random: &mut Random, people: usize, times: usize) -> Vec<usize> {
    let mut moments: Vec<usize> = (0..times).map(|_| random.below(people * 9 / 10)).collect();
    moments.sort_unstable();
    moments
}

/// Within a message, or a few.
async fn a_moment_later(random: &mut Random) {
    let micros = u64::try_from(random.below(8_000)).unwrap();
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

small_and_large! {
    async fn after_kill_9_nobody_is_missed_and_at_most_one_message_a_connection_comes_twice(
        here: TestApp,
        (people, kills, each) = (300, 3, 15), (5_000, 20, 4)
    ) {
        let mut random = Random::seeded();
        let sending = Sending::queued(here, people).await;
        let Sending { here, sink, ledger, .. } = &sending;
        sending.take(Duration::from_millis(each));
        let mut in_doubt = 0;
        for moment in moments(&mut random, people, kills) {
            let mut service = here.service(&[]).await;
            sink.wait_for_number(moment).await;
            a_moment_later(&mut random).await;
            service.send(Signal::KILL);
            service.end(Duration::from_secs(5)).await.expect("it is gone");
            sink.wait_until_idle().await;

            let progress = ledger.progress().await;
            let (known, came) = (progress.count("accepted"), sending.received());
            // What came and is not known to have come: in flight when this kill or an earlier one came.
            assert!(known <= came.people().count(), "what counts as accepted has come: {progress:?}");
            let unknown = came.number() - in_doubt - known;
            assert!(unknown <= CONNECTIONS, "{unknown} came, and the ledger does not know it: {progress:?}");
            in_doubt += unknown;
            ledger.end_leases().await;
        }
        let service = here.service(&[]).await;
        let progress = sending.wait_until_sent(&service).await;
        assert_eq!(progress.count("accepted"), people, "{progress:?}");
        sending.received().everybody(people).twice_at_most(in_doubt);
    }

    async fn after_sigterm_nobody_is_missed_and_nothing_comes_twice(
        here: TestApp,
        (people, ends, each) = (300, 3, 15), (5_000, 20, 4)
    ) {
        let mut random = Random::seeded();
        let sending = Sending::queued(here, people).await;
        let Sending { here, sink, ledger, .. } = &sending;
        sending.take(Duration::from_millis(each));
        for moment in moments(&mut random, people, ends) {
            let mut service = here.service(&[]).await;
            sink.wait_for_number(moment).await;
            a_moment_later(&mut random).await;
            service.send(Signal::TERM);
            let status = service.end(Duration::from_secs(5)).await.expect("it ends within five seconds");
            assert_eq!(status.code(), Some(0), "{}", service.said());
            sink.wait_until_idle().await;
            let progress = ledger.progress().await;
            assert_eq!(progress.count("claimed"), 0, "what was in hand is given back: {progress:?}");
            assert_eq!(progress.count("accepted"), sink.number(), "what was accepted is known: {progress:?}");
        }
        let service = here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        sending.assert_nobodys_tries_are_used_up().await;
    }
}
