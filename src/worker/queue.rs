//! The rows in hand that no connection has taken yet. Notices go before bulletins: people wait for them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::in_hand::Held;

/// Claimed rows on their way to the connections.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    filled: Notify,
    low: Notify,
}

#[derive(Default)]
struct State {
    rows: VecDeque<Held>,
    /// Fewer than this many ask for more.
    low_below: usize,
    closed: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Rows are moved in and out whole: a panic elsewhere leaves the list in order.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts rows behind those that wait; notices before the bulletins' rows. More are asked for when fewer than half of
    /// `full` are left.
    pub fn push(&self, rows: Vec<Held>, full: usize) {
        let mut state = self.state();
        state.low_below = full.div_ceil(2);
        for held in rows {
            if held.row().bulletin_id.is_none() {
                let place = state
                    .rows
                    .partition_point(|other| other.row().bulletin_id.is_none());
                state.rows.insert(place, held);
            } else {
                state.rows.push_back(held);
            }
        }
        drop(state);
        self.filled.notify_waiters();
    }

    /// Puts a row back whose turn it still is.
    pub fn put_back(&self, held: Held) {
        self.state().rows.push_front(held);
        self.filled.notify_waiters();
    }

    /// How many rows wait.
    pub fn len(&self) -> usize {
        self.state().rows.len()
    }

    /// The next row, if one waits.
    pub fn try_pop(&self) -> Option<Held> {
        let mut state = self.state();
        let held = state.rows.pop_front();
        if state.rows.len() < state.low_below {
            self.low.notify_one();
        }
        held
    }

    /// The next row; none when there will be no more.
    pub async fn pop(&self) -> Option<Held> {
        loop {
            let filled = self.filled.notified();
            tokio::pin!(filled);
            filled.as_mut().enable();
            if let Some(held) = self.try_pop() {
                return Some(held);
            }
            if self.state().closed {
                return None;
            }
            filled.await;
        }
    }

    /// Waits until few rows are left.
    pub async fn low(&self) {
        self.low.notified().await;
    }

    /// Takes everything out.
    pub fn drain(&self) -> Vec<Held> {
        self.state().rows.drain(..).collect()
    }

    /// Lets nobody wait for more any longer.
    pub fn close(&self) {
        self.state().closed = true;
        self.filled.notify_waiters();
    }
}
