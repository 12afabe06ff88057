//! The crash promise, seen on the wire: a connection does not end a message before it is known what became of the one
//! before it. So at most one acceptance a connection can be unknown after a crash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use diesel::RunQueryDsl as _;
use practice_points::store::{Db, StoreError};

use crate::both_databases::on_both_databases;
use crate::ledger::Ledger;
use crate::process::Installation as TestApp;
use crate::smtp_sink::At;

use super::sending::{CONNECTIONS, Sending};

/// What the sink saw.
#[derive(Default)]
struct Watch {
    /// Whose message came last, by connection.
    last: HashMap<usize, String>,
    looked: usize,
    too_early: Vec<String>,
}

/// A lock on the ledger: it can be read, and nothing is written, until this is dropped.
pub struct Locked {
    let_go: Option<mpsc::Sender<()>>,
    holder: Option<tokio::task::JoinHandle<()>>,
}

impl Locked {
    /// Takes it.
    pub async fn take(ledger: &Ledger) -> Self {
        let (let_go, until) = mpsc::channel::<()>();
        let (taken, is_taken) = tokio::sync::oneshot::channel();
        let store = ledger.store().clone();
        let holder = tokio::spawn(async move {
            // On SQLite the transaction itself is the lock.
            let held = store.write(move |db| {
                if let Db::Pg(_) = db {
                    diesel::sql_query("LOCK TABLE delivery IN EXCLUSIVE MODE").execute(db)?;
                }
                taken.send(()).unwrap();
                // Ends as well when the test has ended without a word.
                let _ = until.recv();
                Ok::<_, StoreError>(())
            });
            held.await.unwrap();
        });
        is_taken.await.unwrap();
        Self {
            let_go: Some(let_go),
            holder: Some(holder),
        }
    }

    /// Lets go of it.
    pub async fn let_go(mut self) {
        drop(self.let_go.take());
        self.holder.take().unwrap().await.unwrap();
    }
}

on_both_databases! {
    async fn no_connection_ends_a_message_before_the_outcome_of_its_last_one_is_in_the_database(here: TestApp) {
        let sending = Sending::queued(here, 250).await;
        let watch = Arc::new(Mutex::new(Watch::default()));
        let (ledger, seen) = (sending.ledger.clone(), Arc::clone(&watch));
        sending.sink.set_behaviour(move |moment| {
            if moment.at != At::Content {
                return None;
            }
            let before = {
                let mut watch = seen.lock().unwrap();
                watch.looked += 1;
                watch.last.insert(moment.connection, moment.address.to_owned())
            };
            if let Some(before) = before {
                let asked = ledger.state_of(&before);
                let state = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked));
                if state == "claimed" {
                    seen.lock().unwrap().too_early.push(before);
                }
            }
            None
        });
        let service = sending.here.service(&[]).await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
        let watch = watch.lock().unwrap();
        assert_eq!(watch.looked, 250);
        assert_eq!(watch.too_early, [""; 0], "not recorded, and the next message was ended on the same connection");
    }

    /// The sharp form of the same: nothing can be recorded, so no connection may end a second message.
    async fn while_nothing_can_be_recorded_each_connection_ends_one_message_at_most(here: TestApp) {
        let sending = Sending::queued(here, 250).await;
        sending.take(Duration::from_millis(5));
        let service = sending.here.service(&[]).await;
        sending.sink.wait_for_number(60).await;
        let locked = Locked::take(&sending.ledger).await;
        // As long as two hundred messages take.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let known = sending.ledger.progress().await.count("accepted");
        let came = sending.sink.number();
        assert!(known < 250, "the lock came in the middle");
        assert!(came - known <= CONNECTIONS, "{came} came, and {known} are known to have");
        locked.let_go().await;
        sending.wait_until_sent(&service).await;
        sending.assert_everybody_has_it_once().await;
    }
}
