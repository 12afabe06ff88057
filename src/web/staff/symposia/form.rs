//! A symposium's form, as it was typed.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::local_time;
use crate::store::symposia::{Symposium, SymposiumText};
use crate::web::forms::{Problems, checked};

/// The fields in the order of the form.
const FIELDS: [&str; 11] = [
    "over",
    "title",
    "summary",
    "starts",
    "ends",
    "place",
    "programme",
    "speakers",
    "cpd_minutes",
    "capacity",
    "closes",
];

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SymposiumForm {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) starts: String,
    pub(super) ends: String,
    pub(super) place: String,
    pub(super) programme: String,
    pub(super) speakers: String,
    pub(super) cpd_minutes: String,
    pub(super) capacity: String,
    pub(super) closes: String,
    pub(super) asks_dietary: String,
    pub(super) asks_access: String,
    /// The version of the text that was opened.
    pub(super) version: i32,
    /// The newer version that its writer wants to replace, having been told of it.
    pub(super) over: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(SymposiumForm);

fn ticked(yes: bool) -> String {
    if yes { "yes" } else { "" }.to_owned()
}

impl SymposiumForm {
    /// For a symposium that is stored.
    pub(super) fn of(symposium: &Symposium) -> Self {
        let text = symposium.text();
        Self {
            title: text.title,
            summary: text.summary,
            starts: local_time::input_value(text.starts_at),
            ends: local_time::input_value(text.ends_at),
            place: text.place,
            programme: text.programme,
            speakers: text.speakers,
            cpd_minutes: text.cpd_minutes.to_string(),
            capacity: text.capacity.map(|n| n.to_string()).unwrap_or_default(),
            closes: local_time::input_value(text.registration_closes_at),
            asks_dietary: ticked(text.asks_dietary),
            asks_access: ticked(text.asks_access),
            version: symposium.version,
            ..Self::default()
        }
    }

    /// The version that saving replaces.
    pub(super) fn replaces(&self) -> i32 {
        self.over.parse().unwrap_or(self.version)
    }

    /// What is to be saved; or nothing, and what is wrong is noted. What a use case can judge is left to it.
    pub(super) fn text(&mut self) -> Option<SymposiumText> {
        let mut problems = std::mem::take(&mut self.problems);
        let starts_at = problems.take("starts", local_time::parse_local(&self.starts));
        let ends_at = problems.take("ends", local_time::parse_local(&self.ends));
        let closes_at: Option<Timestamp> = match self.closes.trim() {
            // Nothing said: until it begins.
            "" => starts_at,
            closes => problems.take("closes", local_time::parse_local(closes)),
        };
        let cpd_minutes = problems.take("cpd_minutes", number(&self.cpd_minutes));
        let capacity = problems.take("capacity", number(&self.capacity));
        self.problems = problems.in_order(&FIELDS);
        Some(SymposiumText {
            title: self.title.clone(),
            summary: self.summary.clone(),
            programme: self.programme.clone(),
            speakers: self.speakers.clone(),
            place: self.place.clone(),
            starts_at: starts_at?,
            ends_at: ends_at?,
            cpd_minutes: cpd_minutes?.unwrap_or(0),
            capacity: capacity?,
            registration_closes_at: closes_at?,
            asks_dietary: self.asks_dietary == "yes",
            asks_access: self.asks_access == "yes",
        })
    }

    /// Notes what a use case found.
    pub(super) fn refuse(&mut self, found: Vec<(&'static str, String)>) {
        self.problems.extend(found);
        self.problems = std::mem::take(&mut self.problems).in_order(&FIELDS);
    }
}

fn number(text: &str) -> Result<Option<i32>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| "Please give a whole number, such as 60."),
    }
}
