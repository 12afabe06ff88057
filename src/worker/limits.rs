//! The limits that the settings ask for: messages a second in all, and to each recipient's domain within any minute.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Delivery;

use super::route::per_second;

/// The window in which messages to a domain are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// So many domains are remembered before those are forgotten to which nothing went within the window.
const MOST_DOMAINS: usize = 1000;

/// What the settings allow.
pub struct Limits {
    /// Messages a second in all.
    pub rate: Option<governor::DefaultDirectRateLimiter>,
    per_second: Option<NonZeroU32>,
    per_domain: Option<NonZeroU32>,
    sent: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Limits {
    /// By the settings.
    pub fn new(delivery: &Delivery) -> Self {
        Self {
            rate: delivery.per_second.map(per_second),
            per_second: delivery.per_second,
            per_domain: delivery.per_domain_per_minute,
            sent: Mutex::default(),
        }
    }

    fn sent(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Instant>>> {
        // Times are added and taken out one by one: a panic elsewhere leaves them in order.
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message to an address, if it may go now.
    ///
    /// # Errors
    /// How long it has to wait, because within the last minute as many went to its domain as may.
    pub fn admit(&self, address: &str) -> Result<(), Duration> {
        self.admit_at(address, Instant::now())
    }

    fn admit_at(&self, address: &str, now: Instant) -> Result<(), Duration> {
        let Some(most) = self.per_domain else {
            return Ok(());
        };
        let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
        let domain = address.rsplit('@').next().unwrap_or_default();
        let mut sent = self.sent();
        if sent.len() > MOST_DOMAINS {
            sent.retain(|_, times| times.back().is_some_and(|at| *at + WINDOW > now));
        }
        let times = sent.entry(domain.to_ascii_lowercase()).or_default();
        while times.front().is_some_and(|at| *at + WINDOW <= now) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= most => {
                Err((*first + WINDOW).saturating_duration_since(now))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    /// Takes back what was counted for a message that did not go.
    pub fn give_back(&self, address: &str) {
        if self.per_domain.is_some() {
            let domain = address.rsplit('@').next().unwrap_or_default();
            if let Some(times) = self.sent().get_mut(&domain.to_ascii_lowercase()) {
                times.pop_back();
            }
        }
    }

    /// What holds a message to this address back, for the page.
    pub fn domain_words(&self, address: &str) -> String {
        let domain = address.rsplit('@').next().unwrap_or_default();
        let most = self.per_domain.map_or(0, NonZeroU32::get);
        format!(
            "Messages to {domain} are held to {most} a minute (the setting delivery.per_domain_per_minute). The others \
             go on."
        )
    }

    /// What holds all messages back, for the page, if something does.
    pub fn rate_words(&self) -> Option<String> {
        let most = self.per_second?;
        Some(format!(
            "Sending is held to {most} messages a second (the setting delivery.per_second)."
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn limits(per_domain: u32) -> Limits {
        Limits::new(&Delivery {
            connections: 1,
            per_second: None,
            per_domain_per_minute: NonZeroU32::new(per_domain),
            messages_per_connection: 1,
        })
    }

    #[test]
    fn a_domain_gets_no_more_than_its_number_within_any_minute() {
        let limits = limits(2);
        let start = Instant::now();
        let admit =
            |seconds, address| limits.admit_at(address, start + Duration::from_secs(seconds));
        assert_eq!(admit(0, "a@one.example"), Ok(()));
        assert_eq!(admit(40, "b@ONE.example"), Ok(()));
        assert_eq!(admit(40, "a@two.example"), Ok(()));
        assert_eq!(admit(40, "c@one.example"), Err(Duration::from_secs(20)));
        assert_eq!(
            admit(60, "c@one.example"),
            Ok(()),
            "the first is a minute ago"
        );
        assert_eq!(admit(60, "d@one.example"), Err(Duration::from_secs(40)));
        limits.give_back("c@one.example");
        assert_eq!(admit(60, "d@one.example"), Ok(()));
    }

    #[test]
    fn without_a_number_everybody_may() {
        let limits = limits(0);
        for _ in 0..1000 {
            assert_eq!(limits.admit("a@one.example"), Ok(()));
        }
    }
}
