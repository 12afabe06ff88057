//! The worker's side of the ledger: claims what is due, and records what became of it.
//!
//! The promise: nobody is missed, nobody is mailed twice beyond what SMTP itself cannot rule out. A
//! row is claimed with a lease in a small transaction; sending happens outside any; the result is
//! written only by the holder of the lease. Whether a person may be written to is asked in the
//! claim, and again in the transaction that settles the message before theirs on the same connection.

mod claim;
mod decide;
mod hold;
mod message;
mod objection;
mod settle;
mod staff;
mod staff_mail;
mod symposium;
mod wave;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryState};
use crate::domain::subscriber::SubscriberId;
use crate::mail::outcome::AddressConsequence;
use crate::store::deliveries::{Claimed, Finished};

pub use claim::{Lanes, claim, release, renew};
pub use decide::{Decision, decide};
pub use hold::{next_due, pause_for_trouble, say_waiting, skip_cancelled};
pub use message::{ComposeError, Composer};
pub use settle::{Batch, settle};

/// A claim lasts this long unless it is renewed: so soon is a row sent by another when its holder
/// was killed.
pub const LEASE: Duration = Duration::from_secs(60);

/// So much of a lease has to be left when a message goes on the wire.
const LEAST_LEFT: Duration = Duration::from_secs(10);

/// A row that this worker holds.
#[derive(Debug, Clone)]
pub struct Job {
    /// The row.
    pub row: Claimed,
}

/// What became of a row, to be recorded.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is written to the row.
    pub finished: Finished,
    /// The bulletin it belongs to.
    pub bulletin: Option<BulletinId>,
    /// The subscriber it went to.
    pub subscriber: Option<SubscriberId>,
    /// How often in a row their address had failed when the row was claimed.
    pub strikes: i32,
    /// What it says about their address.
    pub consequence: AddressConsequence,
}

impl Outcome {
    /// Nothing was sent, and nothing is going to be.
    fn skipped(row: &Claimed, why: &str, now: Timestamp) -> Self {
        Self::ended(row, DeliveryState::Skipped, false, why.to_owned(), now)
    }

    /// The message could not be made: a fault of ours; the row says which, and nobody waits for it.
    pub fn not_made(row: &Claimed, why: &ComposeError, now: Timestamp) -> Self {
        let why = format!("the message could not be made: {why}");
        Self::ended(row, DeliveryState::Failed, true, why, now)
    }

    fn ended(
        row: &Claimed,
        state: DeliveryState,
        counts: bool,
        reply: String,
        now: Timestamp,
    ) -> Self {
        Self {
            finished: Finished {
                id: row.id,
                state,
                due_at: now,
                counts,
                stage: None,
                reply_code: None,
                reply,
            },
            bulletin: row.bulletin_id,
            subscriber: row.subscriber_id,
            strikes: row.strikes.unwrap_or(0),
            consequence: AddressConsequence::None,
        }
    }

    fn id(&self) -> DeliveryId {
        self.finished.id
    }
}
