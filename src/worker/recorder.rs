//! Settles what the connections ask for: what became of a message is written, and whether the next one may go is asked. A
//! connection does not go on before: so at most one acceptance a connection can be unknown after a crash.
//!
//! What waits when a transaction begins goes into it, so that the connections share it and its synchronisation with the
//! disk; the next one is already called for while it runs.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::app::deliver::{self, Batch, Outcome};
use crate::app::{App, AppError};
use crate::domain::delivery::DeliveryId;
use crate::store::DatabaseUrl;
use crate::store::deliveries::Claimed;

/// While the database is away, try again in this time.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Whoever waits for an answer, with the row that they asked about.
type Waiter = (Option<DeliveryId>, oneshot::Sender<bool>);

/// Settles for all connections of a worker.
#[derive(Clone)]
pub struct Recorder {
    app: App,
    worker: Arc<str>,
    at_a_time: usize,
    state: Arc<Mutex<State>>,
    transactions: TaskTracker,
}

#[derive(Default)]
struct State {
    batch: Batch,
    waiters: Vec<Waiter>,
    /// A transaction has been called for that will take what waits when it begins.
    called: bool,
    /// Transactions that have been called for and are not kept yet.
    on_their_way: usize,
}

impl State {
    /// Whether a transaction is to be called for now.
    fn calls(&mut self, at_a_time: usize) -> bool {
        let calls = !self.called && !self.waiters.is_empty() && self.on_their_way < at_a_time;
        if calls {
            self.called = true;
            self.on_their_way += 1;
        }
        calls
    }
}

/// What a transaction took.
struct Taken {
    batch: Arc<Batch>,
    waiters: Mutex<Vec<Waiter>>,
}

/// How many transactions are on their way at a time. SQLite's writer has the next one at hand when it has kept one; with
/// PostgreSQL two would run beside each other, each with half of what waits, for the price of two.
fn at_a_time(database: &DatabaseUrl) -> usize {
    match database {
        DatabaseUrl::Sqlite(_) => 2,
        DatabaseUrl::Postgres(_) => 1,
    }
}

impl Recorder {
    /// One for a worker.
    pub fn new(app: &App, worker: &str) -> Self {
        Self {
            app: app.clone(),
            worker: worker.into(),
            at_a_time: at_a_time(app.store.url()),
            state: Arc::default(),
            transactions: TaskTracker::new(),
        }
    }

    /// Has an outcome written, and asks whether a row may be sent now. Returns when both is so.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the worker is ending.
    pub async fn settle(
        &self,
        outcome: Option<Outcome>,
        next: Option<&Claimed>,
    ) -> Result<bool, AppError> {
        let (told, answer) = oneshot::channel();
        let calls = {
            let mut state = self.state();
            state.waiters.push((next.map(|row| row.id), told));
            state.batch.outcomes.extend(outcome);
            state.batch.next.extend(next.cloned());
            state.calls(self.at_a_time)
        };
        if calls {
            self.transactions.spawn(self.clone().keep());
        }
        answer.await.map_err(AppError::internal)
    }

    /// Returns when everything that was asked for is settled.
    pub async fn finish(&self) {
        self.transactions.close();
        self.transactions.wait().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Requests are moved in and out whole: a panic elsewhere leaves the list in order.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Taken {
        let mut state = self.state();
        state.called = false;
        Taken {
            batch: Arc::new(mem::take(&mut state.batch)),
            waiters: Mutex::new(mem::take(&mut state.waiters)),
        }
    }

    /// Makes transactions of what waits when they begin, and tells the results, until nothing waits.
    async fn keep(self) {
        loop {
            let taken = Arc::new(OnceLock::new());
            let wanted = self.transaction(&taken).await;
            let calls = {
                let mut state = self.state();
                state.on_their_way -= 1;
                state.calls(self.at_a_time)
            };
            let waiters = taken.get().map(|taken: &Taken| {
                let mut waiters = taken.waiters.lock().unwrap_or_else(PoisonError::into_inner);
                mem::take(&mut *waiters)
            });
            for (next, told) in waiters.into_iter().flatten() {
                // Whoever does not wait any more has ended.
                let _ = told.send(next.is_none_or(|id| wanted.contains(&id)));
            }
            if !calls {
                return;
            }
        }
    }

    async fn transaction(&self, taken: &Arc<OnceLock<Taken>>) -> HashSet<DeliveryId> {
        // What the server took must be written, whatever it takes: the leases are renewed meanwhile, and on a stop the
        // time limit of the worker ends it.
        loop {
            let (recorder, slot) = (self.clone(), taken.clone());
            let take = move || slot.get_or_init(|| recorder.take()).batch.clone();
            match deliver::settle(&self.app, &self.worker, take).await {
                Ok(wanted) => return wanted,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "results cannot be written; trying again"
                    );
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        }
    }
}
