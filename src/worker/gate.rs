//! Holds work back from a mail server while it is in trouble, for all its connections alike.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::delivery::server_pause;

/// Whether there is any sense in asking the server just now.
#[derive(Debug, Default)]
pub struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    opens_at: Option<Instant>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is plain numbers: a panic elsewhere leaves them whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When work may go on, if it may not now.
    pub fn opens_at(&self) -> Option<Instant> {
        self.state().opens_at.filter(|at| *at > Instant::now())
    }

    /// The server took a message, or refused one recipient: it works.
    pub fn works(&self) {
        let mut state = self.state();
        state.opens_at = None;
        state.failures = 0;
    }

    /// The server is in trouble. Returns for how long it is left alone; several connections that notice the same trouble
    /// at once count as one.
    pub fn trouble(&self) -> Duration {
        let mut state = self.state();
        let now = Instant::now();
        if state.opens_at.is_none_or(|at| at <= now) {
            state.failures = state.failures.saturating_add(1);
            state.opens_at = Some(now + server_pause(state.failures));
        }
        state
            .opens_at
            .map(|at| at.saturating_duration_since(now))
            .unwrap_or_default()
    }
}

/// Counts refusals that are about us, over all servers and bulletins.
#[derive(Debug, Default)]
pub struct PolicyRefusals(std::sync::atomic::AtomicU32);

impl PolicyRefusals {
    /// So many in a row mean that a person has to look: with fewer, servers that refuse one recipient in ten would now and
    /// then do so by chance, over all connections.
    const LIMIT: u32 = 10;

    /// Another one. Returns whether a person has to look.
    pub fn another(&self) -> bool {
        let refusals = 1 + self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if refusals >= Self::LIMIT {
            self.none();
        }
        refusals >= Self::LIMIT
    }

    /// A message was taken, or refused for another reason.
    pub fn none(&self) {
        self.0.store(0, std::sync::atomic::Ordering::Relaxed);
    }
}
