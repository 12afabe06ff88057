//! Looks into the mailbox of what comes back, again and again.

use std::sync::Arc;
use std::time::Duration;

use crate::app::AppError;
use crate::app::take_in::{self, Arrival};
use crate::domain::inbound::Way;
use crate::mail::inbound::mailbox::{MailboxError, MailboxServer};

use super::Shared;

/// After trouble with the server it is left alone at least for so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(60);

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    #[error(transparent)]
    App(#[from] AppError),
}

/// Runs until the worker is stopped.
pub(super) async fn run(shared: Arc<Shared>, server: MailboxServer, every: Duration) {
    loop {
        let round = tokio::select! {
            // What was fetched and not yet taken in stays in the mailbox.
            () = shared.stop.cancelled() => return,
            round = round(&shared, &server) => round,
        };
        let pause = match round {
            Ok(()) => every,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    place = server.place(),
                    "the mailbox is looked into later"
                );
                every.max(AFTER_TROUBLE)
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes in all that is there. A message goes out of the mailbox when it is in the database, and not before.
async fn round(shared: &Shared, server: &MailboxServer) -> Result<(), RoundError> {
    let mut mailbox = server.open().await?;
    // What the server says against one message does not stop the next; it is told at the end.
    let mut refused = None;
    for message in mailbox.messages().await? {
        let fetched = match mailbox.fetch(message).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) => continue,
            Err(error) if error.is_refusal() => {
                refused = Some(error);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let arrival = Arrival {
            way: Way::Mailbox,
            envelope_to: None,
            content: fetched.content,
            byte_count: fetched.byte_count,
        };
        take_in::take_in(&shared.app, arrival).await?;
        match mailbox.done(message).await {
            Err(error) if error.is_refusal() => refused = Some(error),
            done => done?,
        }
    }
    mailbox.close().await;
    match refused {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}
