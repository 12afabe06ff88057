//! Events of the clinic: their states, how many may come, and the programme as staff type it.

use crate::clock::Timestamp;
use crate::domain::named::{entity_id, named};

mod programme;

pub use programme::{ProgrammeError, ProgrammeLine, programme};

entity_id!(
    /// The key of a symposium.
    SymposiumId
);

named! {
    /// Where a symposium is on its way.
    SymposiumState, "state" {
        /// Being written; only staff see it.
        Draft = "draft", "Draft";
        /// On the site.
        Published = "published", "Published";
        /// Called off; its page stays and says so.
        Cancelled = "cancelled", "Cancelled";
    }
}

/// The most minutes of learning that an event may give: a working week.
pub const MAX_CPD_MINUTES: i32 = 40 * 60;

/// The most places that may be set.
pub const MAX_CAPACITY: i32 = 10_000;

/// What decides whether somebody may ask for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doors {
    /// Where the event is on its way.
    pub state: SymposiumState,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Until when places can be asked for.
    pub closes_at: Timestamp,
}

/// Why nobody can ask for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoorsError {
    /// Called off.
    #[error("The event has been cancelled.")]
    Cancelled,
    /// The last time to ask has passed.
    #[error("Registration has closed.")]
    Closed,
    /// It has begun, or is over.
    #[error("The event has begun, or is over.")]
    Begun,
    /// It is not on the site.
    #[error("Registration has not opened.")]
    NotPublished,
}

impl Doors {
    /// Whether somebody may ask for a place now.
    ///
    /// # Errors
    /// Why not.
    pub fn open(self, now: Timestamp) -> Result<(), DoorsError> {
        match self.state {
            SymposiumState::Draft => Err(DoorsError::NotPublished),
            SymposiumState::Cancelled => Err(DoorsError::Cancelled),
            SymposiumState::Published if now >= self.starts_at => Err(DoorsError::Begun),
            SymposiumState::Published if now >= self.closes_at => Err(DoorsError::Closed),
            SymposiumState::Published => Ok(()),
        }
    }

    /// Whether places still pass from one person to the next: until it begins, even after the last time to ask.
    pub fn places_move(self, now: Timestamp) -> bool {
        self.state == SymposiumState::Published && now < self.starts_at
    }
}

/// How many places are free: `None` for no limit. Fewer places than there are people leave none, and nobody loses theirs.
pub fn places_left(capacity: Option<i32>, registered: i64) -> Option<i64> {
    capacity.map(|capacity| i64::from(capacity).saturating_sub(registered).max(0))
}

/// Minutes of learning in hours, as records of CPD count them (one hour is one credit): "1.5 hours", "1 hour".
pub fn cpd_hours(minutes: i32) -> String {
    let hundredths = i64::from(minutes.max(0)) * 100 / 60;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let number = match (rest, rest % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", rest / 10),
        _ => format!("{whole}.{rest:02}"),
    };
    format!("{number} hour{}", if number == "1" { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn doors(state: SymposiumState) -> Doors {
        Doors {
            state,
            starts_at: at(100),
            closes_at: at(50),
        }
    }

    #[test]
    fn the_doors_are_open_from_publication_until_they_close() {
        let published = doors(SymposiumState::Published);
        assert_eq!(published.open(at(49)), Ok(()));
        assert_eq!(published.open(at(50)), Err(DoorsError::Closed));
        assert_eq!(published.open(at(100)), Err(DoorsError::Begun));
        let draft = doors(SymposiumState::Draft);
        assert_eq!(draft.open(at(0)), Err(DoorsError::NotPublished));
        let cancelled = doors(SymposiumState::Cancelled);
        assert_eq!(cancelled.open(at(0)), Err(DoorsError::Cancelled));
    }

    #[test]
    fn places_pass_on_until_the_event_begins() {
        assert!(doors(SymposiumState::Published).places_move(at(99)));
        assert!(!doors(SymposiumState::Published).places_move(at(100)));
        assert!(!doors(SymposiumState::Cancelled).places_move(at(0)));
    }

    #[test]
    fn there_are_never_fewer_than_no_places() {
        assert_eq!(places_left(None, 7), None);
        assert_eq!(places_left(Some(3), 1), Some(2));
        assert_eq!(places_left(Some(3), 5), Some(0));
    }

    #[test]
    fn learning_is_counted_in_hours() {
        for (minutes, hours) in [
            (60, "1 hour"),
            (90, "1.5 hours"),
            (75, "1.25 hours"),
            (20, "0.33 hours"),
            (5, "0.08 hours"),
            (120, "2 hours"),
        ] {
            assert_eq!(cpd_hours(minutes), hours);
        }
    }
}
