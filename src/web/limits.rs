//! Limits on everything that a stranger can do often: sign up, ask for a link, try a password.
//!
//! They hold for one process. That an inbox is not filled is seen to in the database as well, where
//! it holds for all of them.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::StaffId;

use super::client_address::ClientNetwork;

/// So much of something, and how it grows back.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// At once.
    pub burst: u32,
    /// Then one each such time.
    pub one_per: Duration,
}

impl Allowance {
    /// `burst` at once, then one each `one_per`.
    pub const fn new(burst: u32, one_per: Duration) -> Self {
        Self { burst, one_per }
    }

    fn quota(self) -> Quota {
        let burst = NonZeroU32::new(self.burst).unwrap_or(NonZeroU32::MIN);
        let one_per = self.one_per.max(Duration::from_nanos(1));
        Quota::with_period(one_per)
            .map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst))
    }
}

/// All limits. Those of a network and of an address count each sign-up and each request for a link.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Messages that one network asks for.
    pub mail_per_network: Allowance,
    /// Messages that are asked for to one address; what is more is dropped without a word. Enough for who signs up, mistypes
    /// a field, and at once wants a place at a symposium and their own page; what one kind of message may fill an inbox with is
    /// capped in the database.
    pub mail_per_address: Allowance,
    /// Messages that strangers ask for, in all.
    pub mail_per_instance: Allowance,
    /// Passwords tried for one account.
    pub sign_in_per_account: Allowance,
    /// Passwords tried from one network.
    pub sign_in_per_network: Allowance,
    /// Passwords tried in all; hashing them is work.
    pub sign_in_per_instance: Allowance,
    /// One-time codes tried for one account, by whoever has its password: three of a million are right at any time.
    pub code_per_account: Allowance,
    /// Codes of the first owner tried, in all.
    pub first_owner: Allowance,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            mail_per_network: Allowance::new(5, seconds(360)),
            mail_per_address: Allowance::new(4, seconds(300)),
            mail_per_instance: Allowance::new(60, seconds(12)),
            sign_in_per_account: Allowance::new(5, seconds(60)),
            sign_in_per_network: Allowance::new(20, seconds(30)),
            sign_in_per_instance: Allowance::new(60, seconds(1)),
            code_per_account: Allowance::new(10, seconds(300)),
            first_owner: Allowance::new(5, seconds(12)),
        }
    }
}

impl Quotas {
    /// Of the demo, which sends nothing anywhere: one person tries every form from one place.
    pub fn demo() -> Self {
        Self {
            mail_per_network: Allowance::new(50, seconds(12)),
            ..Self::default()
        }
    }

    /// So much that a test does not meet them.
    pub fn loose() -> Self {
        let plenty = Allowance::new(1_000_000, Duration::from_millis(1));
        Self {
            mail_per_network: plenty,
            mail_per_address: plenty,
            mail_per_instance: plenty,
            sign_in_per_account: plenty,
            sign_in_per_network: plenty,
            sign_in_per_instance: plenty,
            code_per_account: plenty,
            first_owner: plenty,
        }
    }
}

/// Too many; again after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany(pub Duration);

/// What becomes of a wish for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailWish {
    /// It may be granted.
    Granted,
    /// This address has been asked for enough: answer as if it were granted, and do nothing.
    Dropped,
}

/// The counters.
pub struct Limits {
    mail_per_network: Keyed<ClientNetwork>,
    mail_per_address: Keyed<u64>,
    mail_per_instance: DefaultDirectRateLimiter,
    sign_in_per_account: Keyed<u64>,
    sign_in_per_network: Keyed<ClientNetwork>,
    sign_in_per_instance: DefaultDirectRateLimiter,
    code_per_account: Keyed<StaffId>,
    first_owner: DefaultDirectRateLimiter,
    /// Addresses are counted by a hash that only this process knows.
    hasher: RandomState,
}

impl Limits {
    /// With nothing counted yet.
    pub fn new(quotas: Quotas) -> Self {
        Self {
            mail_per_network: Keyed::new(quotas.mail_per_network),
            mail_per_address: Keyed::new(quotas.mail_per_address),
            mail_per_instance: RateLimiter::direct(quotas.mail_per_instance.quota()),
            sign_in_per_account: Keyed::new(quotas.sign_in_per_account),
            sign_in_per_network: Keyed::new(quotas.sign_in_per_network),
            sign_in_per_instance: RateLimiter::direct(quotas.sign_in_per_instance.quota()),
            code_per_account: Keyed::new(quotas.code_per_account),
            first_owner: RateLimiter::direct(quotas.first_owner.quota()),
            hasher: RandomState::new(),
        }
    }

    /// Somebody asks for a message to an address: a sign-up, or a link to their own page.
    pub(super) fn mail(
        &self,
        network: ClientNetwork,
        email: &EmailAddress,
    ) -> Result<MailWish, TooMany> {
        self.mail_per_network.check(&network)?;
        if self
            .mail_per_address
            .check(&self.hasher.hash_one(email.key()))
            .is_err()
        {
            return Ok(MailWish::Dropped);
        }
        direct(&self.mail_per_instance)?;
        Ok(MailWish::Granted)
    }

    /// Somebody tries a password.
    pub(super) fn sign_in(&self, network: ClientNetwork, account: &str) -> Result<(), TooMany> {
        self.sign_in_per_network.check(&network)?;
        let account = account.trim().to_lowercase();
        self.sign_in_per_account
            .check(&self.hasher.hash_one(account))?;
        direct(&self.sign_in_per_instance)
    }

    /// Somebody tries a password in a browser in which this person has signed in before: counted apart from what strangers
    /// try for the same account.
    pub(super) fn sign_in_known(
        &self,
        network: ClientNetwork,
        known: StaffId,
    ) -> Result<(), TooMany> {
        self.sign_in_per_network.check(&network)?;
        self.sign_in_per_account
            .check(&self.hasher.hash_one(("known", known)))?;
        direct(&self.sign_in_per_instance)
    }

    /// Somebody tries a one-time code of an account.
    pub(super) fn code(&self, account: StaffId) -> Result<(), TooMany> {
        self.code_per_account.check(&account)
    }

    /// Somebody tries the code of the first owner.
    pub(super) fn first_owner(&self) -> Result<(), TooMany> {
        direct(&self.first_owner)
    }
}

fn direct(limiter: &DefaultDirectRateLimiter) -> Result<(), TooMany> {
    limiter
        .check()
        .map_err(|until| TooMany(until.wait_time_from(DefaultClock::default().now())))
}

/// Counts by a key. Keys that have grown back to the full are let go of, and there is an end to how
/// many are kept: who comes with a million addresses fills no memory.
struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicUsize,
    is_full: AtomicBool,
}

/// So many keys are kept, give or take those between two sweeps. Then everybody waits until the keys
/// have grown back: better than to count nobody.
const MOST_KEYS: usize = 100_000;

/// After so many checks the keys are looked through.
const SWEEP_EVERY: usize = 1_000;

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(allowance: Allowance) -> Self {
        Self {
            limiter: RateLimiter::keyed(allowance.quota()),
            checks: AtomicUsize::new(0),
            is_full: AtomicBool::new(false),
        }
    }

    fn check(&self, key: &K) -> Result<(), TooMany> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.is_full
                .store(self.limiter.len() > MOST_KEYS, Ordering::Relaxed);
        }
        if self.is_full.load(Ordering::Relaxed) {
            return Err(TooMany(seconds(60)));
        }
        self.limiter
            .check_key(key)
            .map_err(|until| TooMany(until.wait_time_from(DefaultClock::default().now())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::Network;

    fn network(last: u8) -> ClientNetwork {
        let request = actix_web::test::TestRequest::default()
            .peer_addr(([192, 0, 2, last], 1).into())
            .to_http_request();
        super::super::client_address::client_network(&request, &Vec::<Network>::new())
    }

    fn address(number: u32) -> EmailAddress {
        EmailAddress::parse(&format!("gp{number}@practice.example")).unwrap()
    }

    #[test]
    fn a_fifth_message_to_one_address_is_dropped_without_a_word() {
        let limits = Limits::new(Quotas::default());
        for number in 0..4 {
            assert_eq!(
                limits.mail(network(number), &address(1)),
                Ok(MailWish::Granted)
            );
        }
        assert_eq!(limits.mail(network(4), &address(1)), Ok(MailWish::Dropped));
    }

    #[test]
    fn a_network_that_asks_too_often_is_told_when_to_come_back() {
        let limits = Limits::new(Quotas::default());
        for number in 0..5 {
            assert_eq!(
                limits.mail(network(1), &address(number)),
                Ok(MailWish::Granted)
            );
        }
        let TooMany(wait) = limits.mail(network(1), &address(9)).unwrap_err();
        assert!(wait > seconds(300) && wait <= seconds(360), "{wait:?}");
        assert_eq!(limits.mail(network(2), &address(9)), Ok(MailWish::Granted));
    }

    #[test]
    fn all_networks_together_have_a_limit_too() {
        let limits = Limits::new(Quotas::default());
        let granted = (0..100)
            .filter(|&number| {
                limits.mail(network(number as u8), &address(number)) == Ok(MailWish::Granted)
            })
            .count();
        assert_eq!(granted, 60);
    }

    #[test]
    fn there_is_an_end_to_how_many_keys_are_kept() {
        let keyed = Keyed::new(Allowance::new(1, seconds(3_600)));
        let refused = (0..2 * MOST_KEYS)
            .filter(|key| keyed.check(key).is_err())
            .count();
        assert!(refused > MOST_KEYS / 2, "{refused}");
        assert!(keyed.limiter.len() <= MOST_KEYS + SWEEP_EVERY);
    }

    #[test]
    fn keys_that_have_grown_back_are_let_go_of() {
        let keyed = Keyed::new(Allowance::new(1, Duration::from_nanos(1)));
        for key in 0..10 * SWEEP_EVERY {
            assert_eq!(keyed.check(&key), Ok(()));
        }
        assert!(keyed.limiter.len() <= SWEEP_EVERY);
    }

    #[test]
    fn an_account_is_guessed_at_five_times_whatever_the_network_and_spelling() {
        let limits = Limits::new(Quotas::default());
        for number in 0..5 {
            assert_eq!(
                limits.sign_in(network(number), "Hine@clinic.example"),
                Ok(())
            );
        }
        assert!(limits.sign_in(network(7), " hine@CLINIC.example").is_err());
        assert_eq!(limits.sign_in(network(7), "wiremu@clinic.example"), Ok(()));
    }
}
