//! Who gets a bulletin: to whom it goes at all, and what narrows that down.
//!
//! Consent comes first: a bulletin goes to people who chose one of its topics. The two exceptions are what somebody asked
//! for by coming to an event, and the correction of what they were sent. All else only ever leaves people out.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::bulletin::BulletinId;
use crate::domain::local_time::CalendarDate;
use crate::domain::named::{UnknownName, entity_id, named};
use crate::domain::subscriber::{Region, Role};
use crate::domain::symposium::SymposiumId;
use crate::domain::topic::TopicId;

entity_id!(
    /// The key of a saved audience.
    SavedAudienceId
);

/// The people among whom the audience is, before anybody is left out. Whoever may not be written to never belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// All who chose one of these topics; with none, nobody.
    Topics(Vec<TopicId>),
    /// Those who have a place at an event, whatever their topics.
    Event(SymposiumId),
    /// Those who may have received this bulletin, whatever their topics now.
    ReceiversOf(BulletinId),
}

named! {
    /// What somebody has to do with an event.
    Attendance, "attendance" {
        /// Is registered, and not on the waiting list.
        Registered = "registered", "Has a place";
        /// It was noted that they came.
        Attended = "attended", "Was there";
    }
}

/// What leaves people out. Each part that is given has to be met; nothing given leaves nobody out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Narrowing {
    /// In one of these regions; with none, wherever they are.
    pub regions: Vec<Region>,
    /// With one of these roles; with none, whatever they do.
    pub roles: Vec<Role>,
    /// On the list since this day or later.
    pub joined_from: Option<CalendarDate>,
    /// On the list since before this day.
    pub joined_before: Option<CalendarDate>,
    /// Connected with an event in this way.
    pub event: Option<(SymposiumId, Attendance)>,
    /// A mail server took this bulletin for them.
    pub received: Option<BulletinId>,
    /// They have not received this bulletin, nor is it on its way to them.
    pub not_received: Option<BulletinId>,
}

impl Narrowing {
    /// Whether it leaves nobody out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same, with each region and role once and in the order in which people see them.
    pub fn tidy(mut self) -> Self {
        let regions = Region::ALL.iter().filter(|one| self.regions.contains(one));
        self.regions = regions.copied().collect();
        let roles = Role::ALL.iter().filter(|one| self.roles.contains(one));
        self.roles = roles.copied().collect();
        self
    }
}

/// What an audience is chosen by, to be saved under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// They chose one of these topics.
    pub topics: Vec<TopicId>,
    /// And this leaves nobody of them out.
    #[serde(default)]
    pub narrowing: Narrowing,
}

/// How [`Narrowing`] is stored. A part that this version does not know is an error and not left out: without it the
/// bulletin would go to people whom somebody meant to leave out.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Stored {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    regions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_from: Option<CalendarDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_before: Option<CalendarDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<(SymposiumId, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<BulletinId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_received: Option<BulletinId>,
}

impl TryFrom<Stored> for Narrowing {
    type Error = UnknownName;

    fn try_from(stored: Stored) -> Result<Self, UnknownName> {
        Ok(Self {
            regions: all_named(&stored.regions)?,
            roles: all_named(&stored.roles)?,
            joined_from: stored.joined_from,
            joined_before: stored.joined_before,
            event: match stored.event {
                Some((symposium, how)) => Some((symposium, how.parse()?)),
                None => None,
            },
            received: stored.received,
            not_received: stored.not_received,
        }
        .tidy())
    }
}

fn all_named<T: FromStr>(names: &[String]) -> Result<Vec<T>, T::Err> {
    names.iter().map(|name| name.parse()).collect()
}

impl From<Narrowing> for Stored {
    fn from(narrowing: Narrowing) -> Self {
        let narrowing = narrowing.tidy();
        let regions = narrowing.regions.iter();
        let roles = narrowing.roles.iter();
        Self {
            regions: regions.map(|one| one.as_str().to_owned()).collect(),
            roles: roles.map(|one| one.as_str().to_owned()).collect(),
            joined_from: narrowing.joined_from,
            joined_before: narrowing.joined_before,
            event: narrowing
                .event
                .map(|(symposium, how)| (symposium, how.as_str().to_owned())),
            received: narrowing.received,
            not_received: narrowing.not_received,
        }
    }
}

/// Declares how a type is read from the text in which it is stored.
macro_rules! read_from_json {
    ($($type:ty),+) => { $(
        impl FromStr for $type {
            type Err = serde_json::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                serde_json::from_str(text)
            }
        }
    )+ };
}

read_from_json!(Narrowing, Criteria);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn everything() -> Narrowing {
        Narrowing {
            regions: vec![Region::Central, Region::Northern],
            roles: vec![Role::Gp],
            joined_from: Some("2026-01-01".parse().unwrap()),
            joined_before: Some("2026-11-23".parse().unwrap()),
            event: Some((SymposiumId(3), Attendance::Attended)),
            received: Some(BulletinId(4)),
            not_received: Some(BulletinId(5)),
        }
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let criteria = Criteria {
            topics: vec![TopicId(1), TopicId(2)],
            narrowing: everything().tidy(),
        };
        let stored = serde_json::to_string(&criteria).unwrap();
        assert_eq!(stored.parse::<Criteria>().unwrap(), criteria);
        assert!("{}".parse::<Narrowing>().unwrap().is_empty());
        assert_eq!(serde_json::to_string(&Narrowing::default()).unwrap(), "{}");
    }

    #[test]
    fn what_is_not_known_is_never_taken_for_everybody() {
        for stored in [
            r#"{"shoe_size":[43]}"#,
            r#"{"regions":["atlantis"]}"#,
            r#"{"event":[3,"dreamt-of"]}"#,
            r#"{"joined_before":"soon"}"#,
        ] {
            assert!(stored.parse::<Narrowing>().is_err(), "{stored}");
        }
    }

    #[test]
    fn the_order_of_ticking_does_not_matter() {
        let mut twice = everything();
        twice.regions = vec![Region::Northern, Region::Central, Region::Northern];
        assert_eq!(twice.tidy(), everything().tidy());
    }
}
