//! Several workers on one PostgreSQL share the queue; one of them is killed again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;

use crate::ledger::Ledger;

use super::sending::{CONNECTIONS, Sending, address};
use super::{Random, installation};

/// So much of it: how many people, workers and kills, and how long the server takes for each message.
struct Scale {
    people: usize,
    workers: usize,
    kills: usize,
    each: Duration,
}

/// The name that is new among the workers: that of the one that was started last.
async fn newcomer(ledger: &Ledger, known: &BTreeSet<String>) -> String {
    for _ in 0..300 {
        let names: BTreeSet<String> = ledger.workers().await.into_iter().collect();
        if let Some(name) = names.difference(known).next() {
            return name.clone();
        }
        // Another process writes the ledger: nothing tells when.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!(
        "the worker that was started last takes nothing: {:?}",
        ledger.progress().await
    );
}

async fn share_the_queue(scale: Scale) {
    let Some(here) = installation(true).await else {
        return;
    };
    let mut random = Random::seeded();
    let sending = Sending::queued(here, scale.people).await;
    sending.take(scale.each);
    let Sending {
        here,
        sink,
        ledger,
        people,
        ..
    } = &sending;
    let mut workers = Vec::new();
    let mut known = BTreeSet::new();
    for _ in 1..scale.workers {
        workers.push(here.service(&["worker"]).await);
        known.insert(newcomer(ledger, &known).await);
    }
    let mut held_by_the_killed = BTreeSet::new();
    for kill in 1..=scale.kills {
        let mut victim = here.service(&["worker"]).await;
        let name = newcomer(ledger, &known).await;
        known.insert(name.clone());
        let few = people / (scale.kills * 6);
        sink.wait_for_number(sink.number() + 1 + random.below(few))
            .await;
        victim.send(Signal::KILL);
        victim
            .end(Duration::from_secs(5))
            .await
            .expect("it is gone");
        let rows = ledger.rows().await;
        let open = rows.iter().filter(|row| row.state != "accepted").count();
        assert!(open > 0, "kill {kill} came in the middle");
        let held = rows
            .into_iter()
            .filter(|row| row.claimed_by.as_deref() == Some(&name));
        held_by_the_killed.extend(held.map(|row| row.recipient));
        ledger.progress().await;
        ledger.end_leases_of(&name).await;
    }
    workers.push(here.service(&["worker"]).await);
    let said = || workers.iter().map(|worker| worker.said()).collect();
    let progress = ledger
        .wait_until_sent(super::sending::LONG_ENOUGH, said)
        .await;
    assert_eq!(progress.count("accepted"), *people, "{progress:?}");
    let received = sending.received();
    for address in (0..*people).map(address) {
        let copies = received.to(&address);
        let is_excused = held_by_the_killed.contains(&address);
        assert!(
            copies.len() <= 1 || is_excused,
            "nobody was killed over it: {copies:?}"
        );
    }
    received
        .everybody(*people)
        .twice_at_most(scale.kills * CONNECTIONS);
    for worker in &mut workers {
        worker.send(Signal::TERM);
        let status = worker
            .end(Duration::from_secs(5))
            .await
            .expect("it ends within five seconds");
        assert_eq!(status.code(), Some(0), "{}", worker.said());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_the_queue_and_one_is_killed_twice() {
    let each = Duration::from_millis(20);
    share_the_queue(Scale {
        people: 600,
        workers: 2,
        kills: 2,
        each,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; see the README"]
async fn long_two_workers_share_the_queue_and_one_is_killed_eight_times() {
    let each = Duration::from_millis(15);
    share_the_queue(Scale {
        people: 5_000,
        workers: 2,
        kills: 8,
        each,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; see the README"]
async fn long_four_workers_share_the_queue_and_one_is_killed_eight_times() {
    let each = Duration::from_millis(30);
    share_the_queue(Scale {
        people: 5_000,
        workers: 4,
        kills: 8,
        each,
    })
    .await;
}
