//! How fast a bulletin goes, by what was seen of it in the last minute: nothing is counted for it besides.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;

/// What was seen longer ago does not count: a limit may have changed, or a pause ended.
const WITHIN: Duration = Duration::from_secs(60);

/// What was seen within a shorter time says nothing.
const LEAST: Duration = Duration::from_millis(1_500);

/// So many bulletins are watched.
const KEPT: usize = 16;

/// How many messages of each bulletin were finished when somebody looked.
#[derive(Debug, Default)]
pub(in crate::app) struct Paces(Mutex<HashMap<BulletinId, VecDeque<(Timestamp, i64)>>>);

impl Paces {
    /// Notes how many are finished now, and says how many that are in a second; none where it is not known.
    pub(super) fn seen(&self, id: BulletinId, finished: i64, now: Timestamp) -> Option<f64> {
        // Numbers are put in and taken out whole.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT && !all.contains_key(&id) {
            all.clear();
        }
        let seen = all.entry(id).or_default();
        if seen
            .back()
            .is_some_and(|(at, before)| *at > now || *before > finished)
        {
            seen.clear();
        }
        while seen.front().is_some_and(|(at, _)| now.since(*at) > WITHIN) {
            seen.pop_front();
        }
        // Several people may look on: one look in a second is enough for all.
        if seen
            .back()
            .is_none_or(|(at, _)| now.since(*at) >= Duration::from_secs(1))
        {
            seen.push_back((now, finished));
        }
        let (at, before) = *seen.front()?;
        let passed = now.since(at);
        let count = f64::from(u32::try_from(finished - before).unwrap_or(u32::MAX));
        (passed >= LEAST && count > 0.0).then(|| count / passed.as_secs_f64())
    }

    /// Forgets a bulletin that does not go on.
    pub(super) fn stands_still(&self, id: BulletinId) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_last_minute_counts() {
        let (paces, id) = (Paces::default(), BulletinId(1));
        assert_eq!(paces.seen(id, 0, at(0)), None, "once is not enough");
        assert_eq!(paces.seen(id, 40, at(1_000)), None, "too soon");
        assert_eq!(paces.seen(id, 100, at(2_000)), Some(50.0));
        assert_eq!(paces.seen(id, 100, at(62_500)), None, "nothing in a minute");
        paces.stands_still(id);
        assert_eq!(paces.seen(id, 200, at(64_500)), None);
        assert_eq!(paces.seen(id, 203, at(67_500)), Some(1.0));
    }

    #[test]
    fn each_bulletin_has_its_own() {
        let paces = Paces::default();
        paces.seen(BulletinId(1), 0, at(0));
        paces.seen(BulletinId(2), 0, at(0));
        assert_eq!(paces.seen(BulletinId(1), 20, at(2_000)), Some(10.0));
        assert_eq!(paces.seen(BulletinId(2), 4, at(2_000)), Some(2.0));
    }
}
