//! Writes outcomes, those of all connections that wait at the moment in one transaction. A
//! connection does not go on before its outcome is kept: so at most one acceptance a connection can
//! be unknown after a crash.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::app::deliver::{self, Outcome};

use super::Shared;

/// An outcome, and whom to tell that it is kept.
pub type Recording = (Outcome, oneshot::Sender<()>);

/// The most outcomes in one transaction.
const MOST: usize = 256;

/// While the database is away, try again in this time.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// A way for outcomes to the recorder.
pub fn channel() -> (mpsc::Sender<Recording>, mpsc::Receiver<Recording>) {
    mpsc::channel(MOST)
}

/// Runs until nobody can send outcomes any more.
pub async fn run(shared: Arc<Shared>, mut recorded: mpsc::Receiver<Recording>) {
    let mut batch = Vec::new();
    while recorded.recv_many(&mut batch, MOST).await > 0 {
        let (outcomes, told): (Vec<Outcome>, Vec<oneshot::Sender<()>>) = batch.drain(..).unzip();
        // What the server took must be written, whatever it takes: the leases are renewed
        // meanwhile, and on a stop the time limit of the worker ends it.
        while let Err(error) = deliver::record(&shared.app, &shared.name, outcomes.clone()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "results cannot be written; trying again"
            );
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        for told in told {
            // Whoever does not wait any more has ended.
            let _ = told.send(());
        }
    }
}
