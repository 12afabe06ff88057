//! The rows that this worker is going to send or is sending: those whose leases are renewed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::deliver::Job;
use crate::domain::delivery::DeliveryId;
use crate::store::deliveries::Claimed;

/// The rows in hand, with how often each is: a row that is given back and claimed again at once is here twice for a
/// moment.
#[derive(Debug, Default)]
pub struct InHand(Mutex<HashMap<DeliveryId, usize>>);

/// A row that is in hand until this is dropped. One that could not be recorded or given back is left to its lease, and
/// falls due again when that ends.
pub struct Held {
    job: Job,
    hand: Arc<InHand>,
}

impl InHand {
    fn rows(&self) -> MutexGuard<'_, HashMap<DeliveryId, usize>> {
        // A list of numbers: a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a row that was claimed.
    pub fn take(self: &Arc<Self>, job: Job) -> Held {
        *self.rows().entry(job.row.id).or_default() += 1;
        Held {
            job,
            hand: self.clone(),
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<DeliveryId> {
        self.rows().keys().copied().collect()
    }
}

impl Held {
    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Its row.
    pub fn row(&self) -> &Claimed {
        &self.job.row
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut rows = self.hand.rows();
        if let Some(times) = rows.get_mut(&self.job.row.id) {
            *times -= 1;
            if *times == 0 {
                rows.remove(&self.job.row.id);
            }
        }
    }
}
