//! Whether a connection may take a row now: its server's trouble and share of the work, and the limits that are set.

use std::time::Duration;

use crate::app::AppError;
use crate::app::deliver;

use super::in_hand::Held;
use super::line::Line;
use super::send::Sender;

/// Tasks of servers that have no turn look again in this time.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl Sender {
    /// Waits for this server's turn. Returns whether it may be so.
    pub(super) async fn has_turn(&self, line: &mut Line) -> bool {
        let now = tokio::time::Instant::now();
        let route = self.route();
        let full = if line.is_open() {
            None
        } else {
            route.is_full_until()
        };
        let wait = match route.gate.opens_at().or(full) {
            Some(at) => at.saturating_duration_since(now),
            None if self.has_share() => return true,
            None => LOOK_AGAIN,
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.shared.stop.cancelled() => {}
        }
        false
    }

    /// Whether a message may go over this server and not over another: a fallback waits until all others are in trouble,
    /// and no server runs ahead of its weight.
    fn has_share(&self) -> bool {
        let routes = &self.shared.routes;
        let own = self.route();
        routes.len() == 1
            || routes
                .iter()
                .enumerate()
                .filter(|(place, other)| *place != self.route && other.gate.opens_at().is_none())
                .all(|(_, other)| match (own.is_fallback, other.is_fallback) {
                    (true, false) => false,
                    (false, true) => true,
                    _ => !own.is_ahead_of(other),
                })
    }

    /// The row whose message may follow the one that is on its way, if one waits and nothing speaks against it.
    pub(super) fn next(&self, line: &Line) -> Option<Held> {
        let shared = &self.shared;
        if shared.stop.is_cancelled() || !line.has_room_for_next() || !self.has_share() {
            return None;
        }
        let held = shared.queue.try_pop()?;
        let may = |rate: Option<&governor::DefaultDirectRateLimiter>| {
            rate.is_none_or(|rate| rate.check().is_ok())
        };
        let rates = may(shared.limits.rate.as_ref()) && may(self.route().rate.as_ref());
        if rates && shared.limits.admit(&held.row().recipient).is_ok() {
            self.route().take();
            return Some(held);
        }
        shared.queue.put_back(held);
        None
    }

    /// Waits until a row's message may go by the limits. Returns none if the row was given back, because its domain has had
    /// its number, or put back, because the worker ends.
    pub(super) async fn when_limits_allow(&self, held: Held) -> Result<Option<Held>, AppError> {
        let shared = &self.shared;
        if let Err(wait) = shared.limits.admit(&held.row().recipient) {
            return self.hold_back(held, wait).await.map(|()| None);
        }
        for (rate, words) in [
            (shared.limits.rate.as_ref(), shared.limits.rate_words()),
            (self.route().rate.as_ref(), self.server_rate_words()),
        ] {
            if let Some(rate) = rate
                && rate.check().is_err()
            {
                if let Some(words) = words {
                    shared.board.limit(&shared.app, words).await?;
                }
                tokio::select! {
                    () = rate.until_ready() => {}
                    () = shared.stop.cancelled() => {
                        shared.queue.put_back(held);
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(held))
    }

    /// Gives a row back until its domain may be written to again.
    async fn hold_back(&self, held: Held, wait: Duration) -> Result<(), AppError> {
        let shared = &self.shared;
        let words = shared.limits.domain_words(&held.row().recipient);
        shared.board.limit(&shared.app, words).await?;
        let due_at = shared.app.now().plus(wait);
        deliver::release(&shared.app, &shared.name, vec![held.row().id], due_at).await
    }

    fn server_rate_words(&self) -> Option<String> {
        self.route().rate.as_ref()?;
        Some(format!(
            "Sending through {} is held to its messages a second (per_second in smtp_url).",
            self.route().name()
        ))
    }
}
