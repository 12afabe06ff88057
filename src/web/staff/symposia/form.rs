//! A symposium's form, as it was typed.

use std::time::Duration;

use serde::Deserialize;

use crate::app::write_symposium;
use crate::clock::Timestamp;
use crate::domain::local_time::{self, LocalTimeError};
use crate::store::symposia::{Symposium, SymposiumText};
use crate::web::forms::{Problems, checked};

const HOUR: Duration = Duration::from_secs(60 * 60);

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
        let starts_at = problems.take("starts", time(&self.starts, "when it begins"));
        let ends_at = problems.take("ends", time(&self.ends, "when it ends"));
        let closes_at: Option<Timestamp> = match self.closes.trim() {
            // Nothing said: until it begins.
            "" => starts_at,
            closes => problems.take("closes", time(closes, "when registration closes")),
        };
        let cpd_minutes = problems.take(
            "cpd_minutes",
            number(&self.cpd_minutes, "minutes of learning"),
        );
        let capacity = problems.take("capacity", number(&self.capacity, "places"));
        let is_readable = problems.is_empty();
        self.problems = problems.in_order(&FIELDS);
        // Of what cannot be read something stands in its place that goes with the rest, so that all else is looked at too.
        let starts = starts_at
            .or_else(|| ends_at.map(|end| end.minus(HOUR)))
            .unwrap_or(Timestamp::from_millis(0));
        let text = SymposiumText {
            title: self.title.clone(),
            summary: self.summary.clone(),
            programme: self.programme.clone(),
            speakers: self.speakers.clone(),
            place: self.place.clone(),
            starts_at: starts,
            ends_at: ends_at.unwrap_or_else(|| starts.plus(HOUR)),
            cpd_minutes: cpd_minutes.flatten().unwrap_or(0),
            capacity: capacity.flatten(),
            registration_closes_at: closes_at.filter(|_| starts_at.is_some()).unwrap_or(starts),
            asks_dietary: self.asks_dietary == "yes",
            asks_access: self.asks_access == "yes",
        };
        if is_readable {
            return Some(text);
        }
        self.refuse(write_symposium::find_problems(text));
        None
    }

    /// Notes what a use case found.
    pub(super) fn refuse(&mut self, found: Vec<(&'static str, String)>) {
        self.problems.extend(found);
        self.problems = std::mem::take(&mut self.problems).in_order(&FIELDS);
    }
}

/// A time of Auckland's clock; `what` is what it tells.
fn time(text: &str, what: &str) -> Result<Timestamp, String> {
    local_time::parse_local(text).map_err(|error| match error {
        LocalTimeError::MalformedTime => {
            format!("Please say {what}, such as 30 March 2027, 9:00 am.")
        }
        other => other.to_string(),
    })
}

fn number(text: &str, of_what: &str) -> Result<Option<i32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| format!("Please give the {of_what} as a whole number, such as 60.")),
    }
}
