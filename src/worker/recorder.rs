//! Settles what the connections ask for, all that wait at the moment in one transaction: what became of a message is
//! written, and whether the next one may go is asked. A connection does not go on before: so at most one acceptance a
//! connection can be unknown after a crash.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::app::AppError;
use crate::app::deliver::{self, Batch, Outcome};
use crate::domain::delivery::DeliveryId;
use crate::store::deliveries::Claimed;

use super::Shared;

/// What one connection asks for.
pub struct Request {
    outcome: Option<Outcome>,
    next: Option<Claimed>,
    told: oneshot::Sender<bool>,
}

/// The way to the recorder.
#[derive(Clone)]
pub struct Recorder(mpsc::Sender<Request>);

/// The most requests in one transaction.
const MOST: usize = 256;

/// While the database is away, try again in this time.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The two ends.
pub fn channel() -> (Recorder, mpsc::Receiver<Request>) {
    let (sender, receiver) = mpsc::channel(MOST);
    (Recorder(sender), receiver)
}

impl Recorder {
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
        let request = Request {
            outcome,
            next: next.cloned(),
            told,
        };
        self.0.send(request).await.map_err(AppError::internal)?;
        answer.await.map_err(AppError::internal)
    }
}

/// Runs until nobody can ask any more.
pub async fn run(shared: Arc<Shared>, mut requests: mpsc::Receiver<Request>) {
    let mut waiting = Vec::with_capacity(MOST);
    while requests.recv_many(&mut waiting, MOST).await > 0 {
        let mut batch = Batch::default();
        let mut told: Vec<(Option<DeliveryId>, oneshot::Sender<bool>)> =
            Vec::with_capacity(waiting.len());
        for request in waiting.drain(..) {
            told.push((request.next.as_ref().map(|row| row.id), request.told));
            batch.outcomes.extend(request.outcome);
            batch.next.extend(request.next);
        }
        let batch = Arc::new(batch);
        // What the server took must be written, whatever it takes: the leases are renewed meanwhile, and on a stop the
        // time limit of the worker ends it.
        let wanted = loop {
            match deliver::settle(&shared.app, &shared.name, batch.clone()).await {
                Ok(wanted) => break wanted,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "results cannot be written; trying again"
                    );
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        };
        for (next, told) in told {
            // Whoever does not wait any more has ended.
            let _ = told.send(next.is_none_or(|id| wanted.contains(&id)));
        }
    }
}
