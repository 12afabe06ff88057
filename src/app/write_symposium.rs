//! Staff write what a symposium is, when and where. What is on the site changes with it, and whoever registered is told of
//! another time or place.

use crate::clock::Timestamp;
use crate::domain::clinical_text::nhi_problems;
use crate::domain::delivery::DeliveryKind;
use crate::domain::local_time::CalendarDate;
use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::symposium::{
    MAX_CAPACITY, MAX_CPD_MINUTES, SymposiumId, SymposiumState, programme,
};
use crate::store::symposia::{self, Symposium, SymposiumText};
use crate::store::{Db, audit_events, registrations, staff_members};

use super::{Actor, App, AppError, index_site, places};

/// The longest programme, in bytes.
const MAX_PROGRAMME: usize = 20_000;

/// Begins a symposium as a draft.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong.
pub async fn create(app: &App, by: StaffId, text: SymposiumText) -> Result<SymposiumId, AppError> {
    let text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let base = slug::slug(&text.title, "symposium");
            let slug = slug::free(&base, &symposia::slugs_like(db, &base)?);
            let id = symposia::insert(db, &slug, &text, by, now)?;
            let entity = ("symposium", Some(id.0));
            audit_events::append(db, Some(by), "symposium.create", entity, None, now)?;
            Ok(id)
        })
        .await
}

/// What saving led to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// So many people are told of another time or place.
    pub told: usize,
    /// So many people who waited have a place now.
    pub moved_up: usize,
}

/// Saves a text over version `over`. Of one on the site, calendars get a new file, and whoever has a place or waits is told
/// of another time or place; more places go to those who wait.
///
/// # Errors
/// [`AppError::Conflict`] when somebody saved another meanwhile; [`AppError::Refused`] when it was called off or is over, or
/// is on the site and this is no publisher; [`AppError::Invalid`]; [`AppError::NotFound`].
pub async fn save(
    app: &App,
    by: &Actor,
    id: SymposiumId,
    over: i32,
    text: SymposiumText,
) -> Result<Saved, AppError> {
    let text = checked(text)?;
    let (by, role) = (by.id, by.role);
    let now = app.now();
    let saved = app
        .store
        .write(move |db| {
            symposia::take_turn(db, id)?;
            let before = symposia::get(db, id)?;
            may_be_changed(&before, role, now)?;
            if before.text() == text {
                return Ok(Saved::default());
            }
            let is_on_site = before.state == SymposiumState::Published;
            if is_on_site && text.ends_at <= now {
                return Err(AppError::Invalid(vec![(
                    "ends",
                    "It would be over already. Please choose a time to come.".to_owned(),
                )]));
            }
            if !symposia::update(db, id, over, &text, by, now)? {
                return Err(AppError::Conflict);
            }
            let entity = ("symposium", Some(id.0));
            audit_events::append(db, Some(by), "symposium.save", entity, None, now)?;
            if is_on_site {
                let problems = problems(&symposia::get(db, id)?, now);
                if !problems.is_empty() {
                    return Err(AppError::Refused(problems.join(" ")));
                }
                after_change(db, &before, &text, now)
            } else {
                Ok(Saved::default())
            }
        })
        .await?;
    app.wake.notify_one();
    Ok(saved)
}

fn may_be_changed(symposium: &Symposium, role: StaffRole, now: Timestamp) -> Result<(), AppError> {
    match symposium.state {
        SymposiumState::Cancelled => Err(AppError::refused(
            "It has been cancelled. Its page stays as it is.",
        )),
        SymposiumState::Published if symposium.ends_at <= now => {
            Err(AppError::refused("It is over. Its page stays as it is."))
        }
        SymposiumState::Published if !role.includes(StaffRole::Publisher) => Err(
            AppError::refused("It is on the site: a publisher can change it."),
        ),
        _ => Ok(()),
    }
}

/// What follows from a change of what is on the site.
fn after_change(
    db: &mut Db,
    before: &Symposium,
    text: &SymposiumText,
    now: Timestamp,
) -> Result<Saved, AppError> {
    let is_elsewhere = (before.starts_at, before.ends_at, &before.place)
        != (text.starts_at, text.ends_at, &text.place);
    let reads_otherwise = (&before.title, &before.summary) != (&text.title, &text.summary);
    if is_elsewhere || reads_otherwise {
        symposia::raise_sequence(db, before.id)?;
    }
    if CalendarDate::of(before.starts_at) != CalendarDate::of(text.starts_at) {
        registrations::forget_reminders(db, before.id)?;
    }
    // First, so that who moves up learns the new time by that message alone.
    let open: Vec<_> = registrations::participants(db, before.id)?
        .into_iter()
        .map(|participant| participant.registration)
        .filter(|registration| registration.is_open())
        .collect();
    let moved_up = places::fill_places(db, before.id, now)?;
    let mut told = 0;
    if is_elsewhere {
        for registration in &open {
            let is_told_already =
                registration.state != registrations::get(db, registration.id)?.state;
            if !is_told_already {
                places::tell(db, registration, DeliveryKind::SymposiumChanged, now)?;
                told += 1;
            }
        }
    }
    index_site::symposium(db, before.id)?;
    Ok(Saved { told, moved_up })
}

/// A symposium, with all that its page shows to staff besides the people.
#[derive(Debug)]
pub struct Shown {
    /// The symposium.
    pub symposium: Symposium,
    /// What is missing before it may be published.
    pub problems: Vec<String>,
    /// The name of who began it.
    pub created_by: String,
    /// The name of who saved it last.
    pub updated_by: String,
}

/// A symposium, with all that its page shows to staff besides the people.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: SymposiumId) -> Result<Shown, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let symposium = symposia::get(db, id)?;
            Ok(Shown {
                problems: problems(&symposium, now),
                created_by: staff_members::get(db, symposium.created_by)?.name,
                updated_by: staff_members::get(db, symposium.updated_by)?.name,
                symposium,
            })
        })
        .await
}

/// All symposia, the latest first, each with how many have a place and how many wait.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<(Symposium, i64, i64)>, AppError> {
    app.store
        .read(|db| {
            let mut list = Vec::new();
            for symposium in symposia::all(db, 500)? {
                let (registered, waiting) = registrations::count(db, symposium.id)?;
                list.push((symposium, registered, waiting));
            }
            Ok(list)
        })
        .await
}

/// What stands in the way of publication, each in words for its writer.
pub(super) fn problems(symposium: &Symposium, now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |present: bool, what: &str| {
        if !present {
            problems.push(what.to_owned());
        }
    };
    need(!symposium.summary.is_empty(), "A summary is missing.");
    need(!symposium.place.is_empty(), "The place is missing.");
    need(
        !symposium.programme.trim().is_empty(),
        "The programme is missing.",
    );
    need(symposium.ends_at > now, "It would be over already.");
    for (field, text) in [
        ("title", &symposium.title),
        ("summary", &symposium.summary),
        ("programme", &symposium.programme),
        ("speakers", &symposium.speakers),
        ("place", &symposium.place),
    ] {
        problems.extend(nhi_problems(field, text));
    }
    problems
}

/// What is wrong with the fields of a text that is not saved: so that a form can say all of it at once, also what stands
/// beside a date that cannot be read.
pub fn find_problems(text: SymposiumText) -> Vec<(&'static str, String)> {
    match checked(text) {
        Err(AppError::Invalid(found)) => found,
        _ => Vec::new(),
    }
}

/// The text with tidy lines, or what is wrong with its fields. A draft may be unfinished.
fn checked(mut text: SymposiumText) -> Result<SymposiumText, AppError> {
    let mut wrong: Vec<(&'static str, String)> = Vec::new();
    match ShortText::parse(&text.title, 150) {
        Ok(title) => text.title = title.into(),
        Err(error) => wrong.push(("title", error.about("a title"))),
    }
    for (name, what, field, most) in [
        ("summary", "a summary", &mut text.summary, 400),
        ("place", "a place", &mut text.place, 300),
    ] {
        match ShortText::optional(field, most) {
            Ok(line) => *field = line.map(String::from).unwrap_or_default(),
            Err(error) => wrong.push((name, error.about(what))),
        }
    }
    for (name, field, most) in [
        ("programme", &mut text.programme, MAX_PROGRAMME),
        ("speakers", &mut text.speakers, 4_000),
    ] {
        match super::text_field(field, most) {
            Ok(tidy) => *field = tidy.trim_end().to_owned(),
            Err(problem) => wrong.push((name, problem)),
        }
    }
    if let Err(errors) = programme(&text.programme) {
        let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
        wrong.push(("programme", sentences.join(" ")));
    }
    if text.ends_at <= text.starts_at {
        wrong.push(("ends", "It has to end after it begins.".to_owned()));
    }
    if text.registration_closes_at > text.starts_at {
        wrong.push((
            "closes",
            "Registration closes when the event begins, or before.".to_owned(),
        ));
    }
    if !(0..=MAX_CPD_MINUTES).contains(&text.cpd_minutes) {
        wrong.push((
            "cpd_minutes",
            format!("Please give minutes of learning from 0 to {MAX_CPD_MINUTES}."),
        ));
    }
    if text
        .capacity
        .is_some_and(|places| !(1..=MAX_CAPACITY).contains(&places))
    {
        wrong.push((
            "capacity",
            format!("Please give a number of places from 1 to {MAX_CAPACITY}, or none."),
        ));
    }
    if wrong.is_empty() {
        Ok(text)
    } else {
        Err(AppError::Invalid(wrong))
    }
}
