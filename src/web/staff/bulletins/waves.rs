//! A bulletin goes out all at once, or in two waves.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::send_in_waves::{self, Division, Way};
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::wave::{MOST_REFUSED, wait_in_words};
use crate::store::bulletin_waves::Wave;
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext};
use crate::web::session::{Staff, see_other_saying};

use super::send::refuse;
use super::show::{SendForm, refused};
use super::{address, people};

/// So many people are offered for a first wave at most.
const MOST_OFFERED: i64 = 1_000;

/// How it is to go out.
#[derive(Clone, Deserialize)]
#[serde(default)]
pub(in crate::web) struct WaveForm {
    /// "two" for waves.
    pub(super) waves: String,
    /// How many are in the first.
    pub(super) first: String,
    /// How long the rest waits.
    pub(super) wait: String,
    /// "minutes" or "hours".
    pub(super) unit: String,
    /// What was saved when the page was opened, see [`saved`]; empty where the form does not say.
    pub(super) was: String,
}

/// What is saved, as the form brings it back: "one", or the first people and the minutes, as "20:120".
pub(super) fn saved(wave: Option<&Wave>) -> String {
    wave.map_or("one".to_owned(), |wave| {
        format!("{}:{}", wave.first_count, wave.wait_minutes)
    })
}

impl Default for WaveForm {
    fn default() -> Self {
        Self {
            waves: String::new(),
            first: "100".to_owned(),
            wait: "2".to_owned(),
            unit: "hours".to_owned(),
            was: String::new(),
        }
    }
}

impl WaveForm {
    /// How it was chosen; before that a tenth of the audience is offered for the first wave.
    pub(super) fn of(wave: Option<&Wave>, audience: i64) -> Self {
        let Some(wave) = wave else {
            return Self {
                first: (audience / 10).clamp(1, MOST_OFFERED).to_string(),
                ..Self::default()
            };
        };
        let (wait, unit) = match wave.wait_minutes % 60 {
            0 => (wave.wait_minutes / 60, "hours"),
            _ => (wave.wait_minutes, "minutes"),
        };
        Self {
            waves: "two".to_owned(),
            first: wave.first_count.to_string(),
            wait: wait.to_string(),
            unit: unit.to_owned(),
            was: String::new(),
        }
    }

    /// How it is to go out: as it was saved where the form does not say.
    pub(super) fn way(&self) -> Way {
        match self.waves.as_str() {
            "" => Way::AsSaved,
            _ => match self.seen() {
                Some(seen) => Way::ChosenOver(self.read(), seen),
                None => Way::Chosen(self.read()),
            },
        }
    }

    /// What was saved when the page was opened.
    fn seen(&self) -> Option<Division> {
        if self.was == "one" {
            return Some(None);
        }
        let (first, minutes) = self.was.split_once(':')?;
        Some(Some((first.parse().ok()?, minutes.parse().ok()?)))
    }

    /// The first people and the minutes, if there are to be waves; what is no number is none that is allowed.
    fn read(&self) -> Option<(i64, i64)> {
        let number = |text: &str| -> i64 {
            let digits = text.replace([',', ' ', '\u{a0}'], "");
            digits.parse().unwrap_or(0)
        };
        let minutes = match self.unit.as_str() {
            "hours" => number(&self.wait).saturating_mul(60),
            _ => number(&self.wait),
        };
        (self.waves == "two").then(|| (number(&self.first), minutes))
    }
}

/// How it goes out, in a sentence; and who had the rest go before its time, and when.
pub(super) fn in_words(wave: Option<&Wave>, released: Option<&(String, Timestamp)>) -> String {
    match (wave, released) {
        (None, _) => "All at once.".to_owned(),
        (Some(wave), Some((by, at))) => format!(
            "In two waves: first {}; the rest was released by {by}, {}.",
            people(wave.first_count),
            local_time::display(*at)
        ),
        (Some(wave), None) => format!(
            "In two waves: first {}, then {} later the rest. The rest is held if more than {MOST_REFUSED} in 100 of the \
             first are refused.",
            people(wave.first_count),
            wait_in_words(wave.wait_minutes)
        ),
    }
}

/// `POST /staff/bulletins/{id}/waves`.
pub(in crate::web) async fn divide(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<WaveForm>,
) -> Answer {
    let id = BulletinId(*id);
    let waves = form.read();
    match send_in_waves::divide(&app, actor.id, id, waves).await {
        Ok(()) => {
            let said = match waves {
                None => "It goes out all at once.".to_owned(),
                Some((first, minutes)) => format!(
                    "It goes out in two waves: first to {}, and {} later to the rest.",
                    people(first),
                    wait_in_words(minutes)
                ),
            };
            Ok(see_other_saying(&app, &address(id), &said))
        }
        Err(AppError::Invalid(problems)) => {
            let mut send = SendForm::untouched(&actor);
            send.problems.extend(problems);
            send.choose(form);
            refused(&app, &actor, page, id, send).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/bulletins/{id}/release`.
pub(in crate::web) async fn release(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<SendForm>,
) -> Answer {
    let id = BulletinId(*id);
    if form.confirm != "yes" {
        let problem = (
            "confirm_release",
            "Please tick that the rest is to go out now.",
        );
        return refuse(&app, &actor, page, id, form, problem).await;
    }
    send_in_waves::release(&app, actor.id, id).await?;
    Ok(see_other_saying(
        &app,
        &address(id),
        "The rest goes out now.",
    ))
}

/// "The second wave, 1,340 people, goes out at 2:00 pm NZDT."; with no time it waits for a person.
pub(super) fn second_wave(rest: i64, at: Option<&str>) -> String {
    let who = match rest {
        1 => "1 person".to_owned(),
        more => format!("{} people", grouped(more)),
    };
    match at {
        Some(at) => format!("The second wave, {who}, goes out {at}."),
        None => format!("The second wave, {who}, waits until the bulletin is resumed."),
    }
}
