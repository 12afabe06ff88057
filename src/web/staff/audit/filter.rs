//! Which events are looked for.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::local_time;
use crate::domain::search_words::SearchWords;
use crate::domain::staff_member::StaffId;
use crate::store::audit_events::{AuditEvent, By, Filter};
use crate::store::staff_members::StaffMember;
use crate::web::page::list_address;

use super::{PROGRAM, WORDS};

/// Kinds of things that have a history of their own, and what one of them is called.
const ABOUT: [(&str, &str); 7] = [
    ("article", "article"),
    ("bulletin", "bulletin"),
    ("import", "import"),
    ("registration", "registration"),
    ("staff member", "member of staff"),
    ("subscriber", "subscriber"),
    ("symposium", "symposium"),
];

/// What the groups of actions are called.
const GROUPS: [(&str, &str); 14] = [
    ("article", "Articles"),
    ("audience", "Saved audiences"),
    ("audit", "Audit"),
    ("bulletin", "Bulletins"),
    ("filter", "Saved filters"),
    ("image", "Images"),
    ("inbound", "What came back"),
    ("registration", "Registrations"),
    ("settings", "Settings"),
    ("staff", "Staff"),
    ("subscriber", "Subscribers"),
    ("subscribers", "The list of subscribers"),
    ("symposium", "Symposia"),
    ("topic", "Topics"),
];

/// What is asked for, as it came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AuditQuery {
    pub(super) q: String,
    /// A member's number, or `program`.
    pub(super) who: String,
    /// An action, or a group of them.
    pub(super) what: String,
    /// One thing: `article:17`.
    pub(super) about: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) before: String,
}

impl AuditQuery {
    /// The filters, of which an event has to pass one; and whether a date could not be read.
    pub(super) fn filters(&self) -> (Vec<Filter>, bool) {
        let from = day(&self.from, Timestamp::from_millis(0), false);
        let until = day(&self.until, Timestamp::from_millis(i64::MAX), true);
        let bad_date = from.is_none() || until.is_none();
        let is_bounded = !self.from.trim().is_empty() || !self.until.trim().is_empty();
        let words = SearchWords::parse(&self.q);
        let named = Filter {
            by: self.by(),
            actions: self.actions(),
            about: self.about(),
            things: None,
            between: from.zip(until).filter(|_| is_bounded),
            words: SearchWords::default(),
        };
        if words.is_empty() {
            return (vec![named], bad_date);
        }
        // The words of what was done stand in the program, those of what is noted with it in the database.
        let told: Vec<&'static str> = WORDS
            .iter()
            .filter(|(action, _)| named.actions.is_empty() || named.actions.contains(action))
            .filter(|(_, told)| words.all_stand_in(told))
            .map(|(action, _)| *action)
            .collect();
        let mut filters = vec![Filter {
            words,
            ..named.clone()
        }];
        if !told.is_empty() {
            filters.push(Filter {
                actions: told,
                ..named
            });
        }
        (filters, bad_date)
    }

    fn by(&self) -> Option<By> {
        match self.who.as_str() {
            "program" => Some(By::Program),
            number => number.parse().ok().map(|id| By::Staff(StaffId(id))),
        }
    }

    fn actions(&self) -> Vec<&'static str> {
        WORDS
            .iter()
            .map(|(action, _)| *action)
            .filter(|action| *action == self.what || group_of(action) == self.what)
            .collect()
    }

    fn about(&self) -> Option<(&'static str, i64)> {
        let (kind, id) = self.about.split_once(':')?;
        let (kind, _) = ABOUT.iter().find(|(known, _)| *known == kind)?;
        Some((kind, id.parse().ok()?))
    }

    /// The one thing that is looked at.
    pub(super) fn about_in_words(&self) -> Option<String> {
        let (kind, id) = self.about()?;
        let (_, called) = ABOUT.iter().find(|(known, _)| *known == kind)?;
        Some(format!("{called} number {id}"))
    }

    /// Whether anything is set.
    pub(super) fn is_set(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("q", &self.q),
            ("who", &self.who),
            ("what", &self.what),
            ("about", &self.about),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    /// A page with the same filters, from an event on.
    pub(super) fn address(&self, path: &str, before: Option<i64>) -> String {
        let before = before.map(|id| id.to_string()).unwrap_or_default();
        let fields = self
            .fields()
            .into_iter()
            .chain([("before", before.as_str())]);
        list_address(path, fields, 0)
    }

    /// What is set, for the audit.
    pub(super) fn in_words(&self) -> String {
        let set: Vec<String> = self
            .fields()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name} {}", value.chars().take(60).collect::<String>()))
            .collect();
        if set.is_empty() {
            "all of it".to_owned()
        } else {
            set.join(", ")
        }
    }
}

/// The begin of a day, or its end; `open` where nothing was typed, and none where it is no day.
fn day(typed: &str, open: Timestamp, is_end: bool) -> Option<Timestamp> {
    const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);
    if typed.trim().is_empty() {
        return Some(open);
    }
    let day = local_time::parse_date(typed).ok()?.iso();
    let time = if is_end { "23:59" } else { "00:00" };
    let at = local_time::parse_local(&format!("{day}T{time}")).ok()?;
    Some(if is_end { at.plus(MINUTE) } else { at })
}

fn group_of(action: &str) -> &str {
    action.split('.').next().unwrap_or_default()
}

/// Everything that was done to the same thing as this.
pub(super) fn history(event: &AuditEvent) -> Option<String> {
    let id = event.entity_id?;
    let (kind, _) = ABOUT.iter().find(|(known, _)| *known == event.entity)?;
    let about = format!("{kind}:{id}");
    Some(list_address("/staff/audit", [("about", about.as_str())], 0))
}

/// Something to be chosen.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

/// By whom.
pub(super) fn people(members: Vec<StaffMember>) -> Vec<Choice> {
    let program = Choice {
        value: "program".to_owned(),
        label: PROGRAM.to_owned(),
    };
    members
        .into_iter()
        .map(|member| Choice {
            value: member.id.0.to_string(),
            label: member.name,
        })
        .chain([program])
        .collect()
}

/// A group of actions.
pub(super) struct Group {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) actions: Vec<Choice>,
}

/// What can be chosen of what was done.
pub(super) fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (action, words) in WORDS {
        let value = group_of(action);
        let choice = Choice {
            value: (*action).to_owned(),
            label: (*words).to_owned(),
        };
        match groups.iter_mut().find(|group| group.value == value) {
            Some(group) => group.actions.push(choice),
            None => groups.push(Group {
                value,
                label: GROUPS
                    .iter()
                    .find(|(known, _)| *known == value)
                    .map_or(value, |(_, label)| label),
                actions: vec![choice],
            }),
        }
    }
    groups
}
