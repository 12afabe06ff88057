//! Holds work back while the mail server is in trouble, for all connections alike, and counts
//! refusals that are about us.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::domain::delivery::server_pause;

/// So many refusals by policy in a row mean that a person has to look.
const POLICY_LIMIT: u32 = 5;

/// Whether there is any sense in sending just now.
#[derive(Debug, Default)]
pub struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    said: bool,
    opens_at: Option<Instant>,
    policy_refusals: u32,
    held_at: Option<std::time::Instant>,
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

    /// The server took a message, or refused one recipient: it works. Returns whether it did not
    /// before.
    pub fn works(&self) -> bool {
        let mut state = self.state();
        state.policy_refusals = 0;
        state.opens_at = None;
        state.said = false;
        std::mem::take(&mut state.failures) > 0
    }

    /// The server is in trouble. Returns for how long it is left alone; several connections that
    /// notice the same trouble at once count as one.
    pub fn trouble(&self) -> std::time::Duration {
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

    /// Whether this trouble has not been told yet; it has from now on.
    pub fn is_news(&self) -> bool {
        !std::mem::replace(&mut self.state().said, true)
    }

    /// The server refused by its policy about us. Returns whether that has happened so often in a
    /// row that a person has to look.
    pub fn policy_refusal(&self) -> bool {
        let mut state = self.state();
        state.policy_refusals += 1;
        if state.policy_refusals >= POLICY_LIMIT {
            state.policy_refusals = 0;
            state.held_at = Some(std::time::Instant::now());
            return true;
        }
        false
    }

    /// Whether a bulletin was held after a row was claimed: the row has to be asked about again.
    pub fn doubts(&self, claimed_at: std::time::Instant) -> bool {
        self.state()
            .held_at
            .is_some_and(|held_at| held_at >= claimed_at)
    }
}
