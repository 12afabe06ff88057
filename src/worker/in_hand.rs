//! The rows that this worker is going to send or is sending: those whose leases are renewed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::delivery::DeliveryId;

/// The rows in hand. A row that is given back and claimed again at once is in here twice for a moment.
#[derive(Debug, Default)]
pub struct InHand(Mutex<Vec<DeliveryId>>);

impl InHand {
    fn rows(&self) -> MutexGuard<'_, Vec<DeliveryId>> {
        // A list of numbers: a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row was claimed.
    pub fn take(&self, id: DeliveryId) {
        self.rows().push(id);
    }

    /// A row is done with, whatever became of it. One that could not be recorded or given back is left
    /// to its lease, and falls due again when that ends.
    pub fn put_down(&self, id: DeliveryId) {
        let mut rows = self.rows();
        if let Some(place) = rows.iter().position(|row| *row == id) {
            rows.swap_remove(place);
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<DeliveryId> {
        self.rows().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_claimed_again_meanwhile_stays_in_hand() {
        let hand = InHand::default();
        hand.take(DeliveryId(1));
        hand.take(DeliveryId(1));
        hand.put_down(DeliveryId(1));
        assert_eq!(hand.all(), [DeliveryId(1)]);
        hand.put_down(DeliveryId(1));
        hand.put_down(DeliveryId(1));
        assert!(hand.all().is_empty());
    }
}
