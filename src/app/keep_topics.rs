//! The topics among which people choose: those that an installation starts with, and those that the clinic adds.
//!
//! A topic is never deleted: what was sent under it, and who agreed to it, would lose its name. It is retired instead: nobody
//! new can choose it, and who has it keeps it until they leave it.

use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::StaffId;
use crate::domain::topic::TopicId;
use crate::store::topics::{self, Topic};
use crate::store::{audit_events, growth};

use super::{App, AppError};

/// The longest name, in characters.
pub const NAME_CHARS: usize = 60;

/// The longest description, in characters.
pub const DESCRIPTION_CHARS: usize = 160;

/// More topics than this are no choice, but an examination.
const MOST: usize = 20;

/// The topics that can be chosen, in the order of the form.
///
/// # Errors
/// [`AppError::Store`].
pub async fn offered(app: &App) -> Result<Vec<Topic>, AppError> {
    app.store.read(|db| Ok(topics::offered(db)?)).await
}

/// The topics that can be chosen for somebody who has some: those that are offered, and of the retired ones theirs.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choosable(app: &App, had: &[Topic]) -> Result<Vec<Topic>, AppError> {
    let had: Vec<TopicId> = had.iter().map(|topic| topic.id).collect();
    app.store
        .read(move |db| {
            let mut all = topics::all(db)?;
            all.retain(|topic| topic.retired_at.is_none() || had.contains(&topic.id));
            Ok(all)
        })
        .await
}

/// All topics in the order of the form, each with how many active subscribers have it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all_with_people(app: &App) -> Result<Vec<(Topic, i64)>, AppError> {
    app.store
        .read(|db| {
            let counts = growth::active_by_topic(db)?;
            let with_people = |topic: Topic| {
                let count = counts.iter().find(|(id, _)| *id == topic.id);
                (topic, count.map_or(0, |(_, people)| *people))
            };
            Ok(topics::all(db)?.into_iter().map(with_people).collect())
        })
        .await
}

fn checked(name: &str, description: &str) -> Result<(String, String), AppError> {
    let mut problems = Vec::new();
    let name = ShortText::parse(name, NAME_CHARS)
        .map(String::from)
        .map_err(|error| problems.push(("name", error.about("a name"))))
        .unwrap_or_default();
    let description = ShortText::optional(description, DESCRIPTION_CHARS)
        .map_err(|error| problems.push(("description", error.to_string())))
        .unwrap_or_default();
    match problems.is_empty() {
        true => Ok((name, description.map(String::from).unwrap_or_default())),
        false => Err(AppError::Invalid(problems)),
    }
}

fn refuse_twin(all: &[Topic], name: &str, but: Option<TopicId>) -> Result<(), AppError> {
    let is_twin = |topic: &&Topic| Some(topic.id) != but && topic.name.eq_ignore_ascii_case(name);
    match all.iter().find(is_twin) {
        Some(_) => Err(AppError::Invalid(vec![(
            "name",
            "There is a topic of this name already.".to_owned(),
        )])),
        None => Ok(()),
    }
}

/// Adds a topic, as the last one.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong: `name`, `description`; [`AppError::Store`].
pub async fn add(app: &App, by: StaffId, name: &str, description: &str) -> Result<(), AppError> {
    let (name, description) = checked(name, description)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let all = topics::all(db)?;
            refuse_twin(&all, &name, None)?;
            if all.len() >= MOST {
                let problem =
                    format!("There are {MOST} topics already: nobody reads a longer list.");
                return Err(AppError::Invalid(vec![("name", problem)]));
            }
            let taken: Vec<String> = all.iter().map(|topic| topic.slug.clone()).collect();
            let slug = slug::free(&slug::slug(&name, "topic"), &taken);
            let position = all.iter().map(|topic| topic.position).max().unwrap_or(0) + 1;
            let id = topics::insert(db, &slug, &name, &description, position)?;
            Ok(audit_events::note(
                db,
                by,
                "topic.add",
                ("topic", id.0),
                &name,
                now,
            )?)
        })
        .await
}

/// Calls a topic otherwise. Its name in addresses stays: links and feeds lead there.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong: `name`, `description`; [`AppError::NotFound`]; [`AppError::Store`].
pub async fn describe(
    app: &App,
    by: StaffId,
    id: TopicId,
    name: &str,
    description: &str,
) -> Result<(), AppError> {
    let (name, description) = checked(name, description)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let all = topics::all(db)?;
            let old = find(&all, id)?;
            refuse_twin(&all, &name, Some(id))?;
            if old.name == name && old.description == description {
                return Ok(());
            }
            topics::describe(db, id, &name, &description)?;
            let said = format!(
                "“{}” → “{name}”; “{}” → “{description}”",
                old.name, old.description
            );
            Ok(audit_events::note(
                db,
                by,
                "topic.describe",
                ("topic", id.0),
                &said,
                now,
            )?)
        })
        .await
}

fn find(all: &[Topic], id: TopicId) -> Result<&Topic, AppError> {
    let found = all.iter().find(|topic| topic.id == id);
    found.ok_or(AppError::NotFound)
}

/// Moves a topic one place up or down in the order of the form. At an end it stays.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn move_by(app: &App, by: StaffId, id: TopicId, up: bool) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let mut all = topics::all(db)?;
            let name = find(&all, id)?.name.clone();
            let from = all.iter().position(|topic| topic.id == id).unwrap_or(0);
            let to = if up {
                from.checked_sub(1)
            } else {
                Some(from + 1)
            };
            let Some(to) = to.filter(|to| *to < all.len()) else {
                return Ok(());
            };
            all.swap(from, to);
            for (position, topic) in (0..).zip(&all) {
                topics::set_position(db, topic.id, position)?;
            }
            Ok(audit_events::note(
                db,
                by,
                "topic.move",
                ("topic", id.0),
                &name,
                now,
            )?)
        })
        .await
}

/// Retires a topic, or offers it again.
///
/// # Errors
/// [`AppError::Refused`] for the last one that is offered; [`AppError::NotFound`]; [`AppError::Store`].
pub async fn set_retired(
    app: &App,
    by: StaffId,
    id: TopicId,
    retired: bool,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let all = topics::all(db)?;
            let topic = find(&all, id)?;
            if topic.retired_at.is_some() == retired {
                return Ok(());
            }
            let offered = all
                .iter()
                .filter(|topic| topic.retired_at.is_none())
                .count();
            if retired && offered == 1 {
                return Err(AppError::refused(
                    "This is the last topic that can be chosen: without one nobody can sign up.",
                ));
            }
            topics::set_retired(db, id, retired.then_some(now))?;
            let action = if retired {
                "topic.retire"
            } else {
                "topic.offer"
            };
            Ok(audit_events::note(
                db,
                by,
                action,
                ("topic", id.0),
                &topic.name,
                now,
            )?)
        })
        .await
}
