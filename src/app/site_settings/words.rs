//! To what people agree, and what they are told. A wording is never changed: another one takes its place, and what was agreed
//! to stays readable (Unsolicited Electronic Messages Act 2007, s 9(3): the sender proves consent).

use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::consent::CURRENT_WORDING;
use crate::domain::local_time::CalendarDate;
use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::StaffId;
use crate::store::{Db, consent_events};

/// From how many to how many characters a wording has: a sentence or three.
const WORDING_CHARS: std::ops::RangeInclusive<usize> = 20..=600;

/// The longest notice, in characters.
const NOTICE_CHARS: usize = 600;

/// To what people agree, and the version under which it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The version: the day from which it has been used.
    pub version: String,
    /// The words beside the box that is ticked.
    pub text: String,
}

/// The wording that is asked for now.
pub(in crate::app) fn newest_wording(db: &mut Db) -> Result<Wording, AppError> {
    Ok(super::value(db, name::WORDING)?.unwrap_or_else(|| Wording {
        version: CURRENT_WORDING.version.to_owned(),
        text: CURRENT_WORDING.text.to_owned(),
    }))
}

/// Puts another wording in the place of the one that is asked for now. Returns whether it is another.
///
/// # Errors
/// [`AppError::Invalid`] for the field `wording`; [`AppError::Store`].
pub async fn set_wording(app: &App, by: StaffId, typed: &str) -> Result<bool, AppError> {
    let invalid = |problem: String| AppError::Invalid(vec![("wording", problem)]);
    let text = ShortText::parse(typed, *WORDING_CHARS.end())
        .map_err(|error| invalid(error.about("a wording")))?;
    if text.as_str().chars().count() < *WORDING_CHARS.start() {
        let problem = "Please say to what people agree: who writes to them, about what, and that they can leave.";
        return Err(invalid(problem.to_owned()));
    }
    let now = app.now();
    let changed = app
        .store
        .write(move |db| {
            let before = newest_wording(db)?;
            if before.text == text.as_str() {
                return Ok(false);
            }
            let known = consent_events::wordings(db)?;
            let known: Vec<String> = known.into_iter().map(|(version, ..)| version).collect();
            let wording = Wording {
                version: slug::free(&CalendarDate::of(now).iso(), &known),
                text: text.into(),
            };
            consent_events::insert_wording(db, &wording.version, &wording.text, now)?;
            let names = (name::WORDING, "settings.wording");
            super::set(db, by, names, (&before, &wording), now)
        })
        .await?;
    app.site.refresh().await?;
    Ok(changed)
}

/// All wordings that were ever asked for, the newest first: version, words, since when.
///
/// # Errors
/// [`AppError::Store`].
pub async fn wordings(app: &App) -> Result<Vec<(String, String, Timestamp)>, AppError> {
    app.store.read(|db| Ok(consent_events::wordings(db)?)).await
}

/// What people are told beside what the program itself knows to say. Each may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notices {
    /// Who carries the mail, and where that is (Privacy Act 2020, IPP 3 and IPP 12).
    pub carrier: String,
    /// Who looks after privacy at the clinic, and how they are reached (Privacy Act 2020, s 201).
    pub privacy_officer: String,
    /// Where the database is kept, if not at the clinic.
    pub place: String,
    /// Anything else that the clinic tells at the form.
    pub more: String,
}

/// What is typed.
pub type NoticesFields = Notices;

/// Sets what people are told. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::Store`].
pub async fn set_notices(app: &App, by: StaffId, typed: &NoticesFields) -> Result<bool, AppError> {
    let mut problems = Vec::new();
    let mut notice = |field, text: &str| match ShortText::optional(text, NOTICE_CHARS) {
        Ok(text) => text.map(String::from).unwrap_or_default(),
        Err(error) => {
            problems.push((field, error.to_string()));
            String::new()
        }
    };
    let notices = Notices {
        carrier: notice("carrier", &typed.carrier),
        privacy_officer: notice("privacy_officer", &typed.privacy_officer),
        place: notice("place", &typed.place),
        more: notice("more", &typed.more),
    };
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let names = (name::NOTICES, "settings.notices");
    super::save(app, by, names, (Notices::default(), notices)).await
}
