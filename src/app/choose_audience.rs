//! Whom a bulletin reaches: counted and looked at while it is chosen, and kept under a name for the next time.

use crate::clock::Timestamp;
use crate::domain::audience::{Attendance, Criteria, Narrowing, SavedAudienceId, Whom};
use crate::domain::bulletin::BulletinId;
use crate::domain::search_key::search_key;
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::audiences::{self, Sampled};
use crate::store::saved_audiences::{self, SavedAudience};
use crate::store::{Db, StoreError, audit_events, bulletins, symposia, topics};

use super::{App, AppError};

/// So many names are shown of an audience.
pub const SAMPLE: usize = 8;

/// The most audiences that are kept.
const MOST_SAVED: usize = 200;

/// The longest name of one, in characters.
const MAX_NAME: usize = 80;

/// How many people a bulletin would reach now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn count(app: &App, whom: Whom, narrowing: Narrowing) -> Result<i64, AppError> {
    let now = app.now();
    app.store
        .read(move |db| Ok(audiences::count(db, &whom, &narrowing, now)?))
        .await
}

/// Some of the people whom a bulletin would reach now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sample(app: &App, whom: Whom, narrowing: Narrowing) -> Result<Vec<Sampled>, AppError> {
    let now = app.now();
    app.store
        .read(move |db| Ok(audiences::sample(db, &whom, &narrowing, now, SAMPLE)?))
        .await
}

/// A bulletin that people may have received: key, subject, and when its sending began.
pub type Started = (BulletinId, String, Timestamp);

/// The bulletins that people may have received, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn started_bulletins(app: &App) -> Result<Vec<Started>, AppError> {
    app.store.read(|db| Ok(bulletins::started(db, 200)?)).await
}

/// A saved audience, in words.
#[derive(Debug, Clone)]
pub struct Saved {
    /// What is saved.
    pub audience: SavedAudience,
    /// The names of its topics.
    pub topics: Vec<String>,
    /// What leaves people out.
    pub narrowing: Vec<String>,
}

/// All saved audiences, by their names.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all_saved(app: &App) -> Result<Vec<Saved>, AppError> {
    app.store
        .read(|db| {
            let topics = topics::all(db)?;
            let mut saved = Vec::new();
            for audience in saved_audiences::all(db)? {
                let chosen = topics
                    .iter()
                    .filter(|topic| audience.criteria.topics.contains(&topic.id));
                saved.push(Saved {
                    topics: chosen.map(|topic| topic.name.clone()).collect(),
                    narrowing: in_words(db, &audience.criteria.narrowing)?,
                    audience,
                });
            }
            Ok(saved)
        })
        .await
}

/// Saves an audience under a name.
///
/// # Errors
/// [`AppError::Invalid`] when the name cannot be taken.
pub async fn save(
    app: &App,
    by: StaffId,
    name: &str,
    criteria: Criteria,
) -> Result<SavedAudienceId, AppError> {
    let name = checked(name)?;
    let now = app.now();
    app.store
        .write(move |db| {
            if saved_audiences::by_name(db, &name)?.is_some() {
                return Err(is_taken());
            }
            if saved_audiences::all(db)?.len() >= MOST_SAVED {
                return Err(AppError::Invalid(vec![(
                    "audience_name",
                    format!("{MOST_SAVED} audiences are saved already. Delete one first."),
                )]));
            }
            let id = saved_audiences::insert(db, &name, &criteria, by, now)?;
            audit_events::note(
                db,
                by,
                "audience.save",
                ("audience", id.0),
                &format!("“{name}”"),
                now,
            )?;
            Ok(id)
        })
        .await
}

/// Gives a saved audience another name.
///
/// # Errors
/// [`AppError::Invalid`] when the name cannot be taken; [`AppError::NotFound`].
pub async fn rename(
    app: &App,
    by: StaffId,
    id: SavedAudienceId,
    name: &str,
) -> Result<(), AppError> {
    let name = checked(name)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let before = saved_audiences::get(db, id)?;
            if saved_audiences::by_name(db, &name)?.is_some_and(|other| other != id) {
                return Err(is_taken());
            }
            saved_audiences::rename(db, id, &name, by, now)?;
            let detail = format!("“{}”, now “{name}”", before.name);
            Ok(audit_events::note(
                db,
                by,
                "audience.rename",
                ("audience", id.0),
                &detail,
                now,
            )?)
        })
        .await
}

/// Deletes a saved audience. Bulletins that were made with it keep what they took from it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn delete(app: &App, by: StaffId, id: SavedAudienceId) -> Result<String, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let before = saved_audiences::get(db, id)?;
            saved_audiences::delete(db, id)?;
            let detail = format!("“{}”", before.name);
            audit_events::note(db, by, "audience.delete", ("audience", id.0), &detail, now)?;
            Ok(before.name)
        })
        .await
}

fn checked(name: &str) -> Result<String, AppError> {
    let name = ShortText::parse(name, MAX_NAME)
        .map_err(|error| AppError::Invalid(vec![("audience_name", error.about("a name"))]))?;
    if search_key(name.as_str()).is_empty() {
        let problem = "Please give it a name with letters or numbers.".to_owned();
        return Err(AppError::Invalid(vec![("audience_name", problem)]));
    }
    Ok(name.as_str().to_owned())
}

fn is_taken() -> AppError {
    let problem = "There is a saved audience of this name. Please choose another name.";
    AppError::Invalid(vec![("audience_name", problem.to_owned())])
}

/// What leaves people out, each in words that go on from "people who": "are in Northern or Central".
pub(super) fn in_words(db: &mut Db, narrowing: &Narrowing) -> Result<Vec<String>, AppError> {
    let mut words = Vec::new();
    if !narrowing.regions.is_empty() {
        let regions = narrowing.regions.iter().map(|one| one.label());
        words.push(format!("are in {}", either(regions)));
    }
    if !narrowing.roles.is_empty() {
        let roles = narrowing.roles.iter().map(|one| one.label());
        words.push(format!("work as {}", either(roles)));
    }
    if let Some(day) = narrowing.joined_from {
        words.push(format!("joined on {day} or later"));
    }
    if let Some(day) = narrowing.joined_before {
        words.push(format!("joined before {day}"));
    }
    if let Some((symposium, how)) = narrowing.event {
        let title = or_gone(symposia::get(db, symposium).map(|one| one.title))?;
        words.push(match how {
            Attendance::Registered => format!("have a place at {title}"),
            Attendance::Attended => format!("were at {title}"),
        });
    }
    if let Some(bulletin) = narrowing.received {
        let subject = or_gone(bulletins::get(db, bulletin).map(|one| one.subject))?;
        words.push(format!("received {subject}"));
    }
    if let Some(bulletin) = narrowing.not_received {
        let subject = or_gone(bulletins::get(db, bulletin).map(|one| one.subject))?;
        words.push(format!("have not received {subject}"));
    }
    Ok(words)
}

fn or_gone(name: Result<String, StoreError>) -> Result<String, AppError> {
    match name {
        Ok(name) => Ok(format!("“{name}”")),
        Err(StoreError::NotFound) => Ok("something that is not there any more".to_owned()),
        Err(error) => Err(error.into()),
    }
}

/// "Northern, Central or Te Waipounamu".
fn either<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
