//! An event in words: in a list, and on its page.

use crate::app::read_symposia::Shown;
use crate::clock::Timestamp;
use crate::domain::clinical_text::lines;
use crate::domain::local_time;
use crate::domain::registration::gets_a_place;
use crate::domain::symposium::{DoorsError, ProgrammeLine, SymposiumState, cpd_hours, programme};
use crate::store::symposia::Symposium;

/// An event in a list.
pub(in crate::web) struct EventCard {
    pub(in crate::web) slug: String,
    pub(in crate::web) title: String,
    pub(in crate::web) summary: String,
    pub(in crate::web) when: String,
    pub(in crate::web) place: String,
    /// What is to be known of its places; empty for one that is over.
    pub(in crate::web) places: String,
    pub(in crate::web) is_cancelled: bool,
    /// Whether somebody can ask for a place, or to wait for one.
    pub(in crate::web) is_open: bool,
    /// Whether who asks now has to wait.
    pub(in crate::web) is_full: bool,
}

impl EventCard {
    pub(in crate::web) fn of_coming(shown: &Shown, now: Timestamp) -> Self {
        let symposium = &shown.symposium;
        let doors = symposium.doors().open(now);
        Self {
            when: local_time::display_span(symposium.starts_at, symposium.ends_at),
            places: match doors {
                Ok(()) => places_in_words(shown.places_left, shown.waiting),
                Err(why) => why.to_string(),
            },
            is_open: doors.is_ok(),
            is_full: !gets_a_place(shown.places_left, shown.waiting),
            ..Self::of_past(symposium)
        }
    }

    pub(in crate::web) fn of_past(symposium: &Symposium) -> Self {
        Self {
            slug: symposium.slug.clone(),
            title: symposium.title.clone(),
            summary: symposium.summary.clone(),
            when: local_time::display_date(symposium.starts_at),
            place: symposium.place.clone(),
            places: String::new(),
            is_open: false,
            is_full: false,
            is_cancelled: symposium.state == SymposiumState::Cancelled,
        }
    }
}

/// An event with all that is to be known of it.
pub(in crate::web) struct EventView {
    pub(in crate::web) slug: String,
    pub(in crate::web) title: String,
    pub(in crate::web) summary: String,
    pub(in crate::web) when: String,
    pub(in crate::web) place: String,
    /// "1.5 hours"; none for an event without.
    pub(in crate::web) cpd: Option<String>,
    pub(in crate::web) programme: Vec<ProgrammeLine>,
    pub(in crate::web) speakers: Vec<String>,
    pub(in crate::web) is_cancelled: bool,
    pub(in crate::web) is_over: bool,
    /// Whether somebody can ask for a place.
    pub(in crate::web) is_open: bool,
    /// Why not, if so.
    pub(in crate::web) why_closed: String,
    /// Until when.
    pub(in crate::web) closes: String,
}

impl EventView {
    pub(in crate::web) fn of(symposium: &Symposium, now: Timestamp) -> Self {
        let doors = symposium.doors().open(now);
        Self {
            slug: symposium.slug.clone(),
            title: symposium.title.clone(),
            summary: symposium.summary.clone(),
            when: local_time::display_span(symposium.starts_at, symposium.ends_at),
            place: symposium.place.clone(),
            cpd: (symposium.cpd_minutes > 0).then(|| cpd_hours(symposium.cpd_minutes)),
            // What could not be read was not saved.
            programme: programme(&symposium.programme).unwrap_or_default(),
            speakers: lines(&symposium.speakers).map(str::to_owned).collect(),
            is_cancelled: symposium.state == SymposiumState::Cancelled,
            is_over: symposium.ends_at <= now,
            is_open: doors.is_ok(),
            why_closed: doors
                .err()
                .as_ref()
                .map(DoorsError::to_string)
                .unwrap_or_default(),
            closes: local_time::display(symposium.registration_closes_at),
        }
    }
}

/// How many places are free, in words.
pub(in crate::web) fn places_in_words(left: Option<i64>, waiting: i64) -> String {
    const SMALL: [&str; 11] = [
        "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    ];
    match (left, waiting) {
        (None, _) => "There is room for everybody who registers.".to_owned(),
        (Some(1), 0) => "One place is left.".to_owned(),
        (Some(left @ 2..), 0) => {
            let small = usize::try_from(left - 2).ok().and_then(|at| SMALL.get(at));
            match small {
                Some(words) => format!("{words} places are left."),
                None => format!("{left} places are left."),
            }
        }
        (_, 0) => "All places are taken; nobody is waiting yet.".to_owned(),
        (_, 1) => "All places are taken; one person is waiting.".to_owned(),
        (_, waiting) => format!("All places are taken; {waiting} people are waiting."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_in_words() {
        assert_eq!(places_in_words(Some(1), 0), "One place is left.");
        assert_eq!(places_in_words(Some(3), 0), "Three places are left.");
        assert_eq!(places_in_words(Some(40), 0), "40 places are left.");
        assert!(places_in_words(Some(0), 0).contains("nobody is waiting"));
        assert!(places_in_words(Some(0), 2).contains("2 people are waiting"));
        assert!(places_in_words(None, 0).contains("room for everybody"));
    }
}
