//! Staff look through the list: searched, filtered, in the order they like, and by the filters that they have kept.

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber_filter::{ListOrder, SubscriberFilter};
use crate::domain::symposium::SymposiumId;
use crate::store::saved_filters::{self, SavedFilter};
use crate::store::subscribers::{self, Page, Position};
use crate::store::topics::{self, Topic};
use crate::store::{audit_events, bulletins, import_runs, symposia};

use super::{App, AppError};

/// So many are on a page.
pub const PAGE_SIZE: i64 = 50;

/// So many filters are kept under a name.
const MOST_SAVED: usize = 50;

/// So many bulletins and symposia can be chosen from, the newest.
const CHOICES: i64 = 60;

/// Beyond so many, those who are found by words are not counted.
const COUNTED: i64 = 10_000;

/// A page of the list.
///
/// # Errors
/// [`AppError::Store`].
pub async fn page(
    app: &App,
    filter: SubscriberFilter,
    order: ListOrder,
    position: Position,
) -> Result<Page, AppError> {
    app.store
        .read(move |db| Ok(subscribers::page(db, &filter, order, position, PAGE_SIZE)?))
        .await
}

/// How many a filter finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// So many.
    Exactly(i64),
    /// More than so many.
    MoreThan(i64),
}

/// How many the filter finds: as it is now, or as it was a moment ago where that takes long to count. What is typed letter
/// by letter is counted only so far.
///
/// # Errors
/// [`AppError::Store`].
pub async fn count_for_page(app: &App, filter: &SubscriberFilter) -> Result<Found, AppError> {
    if filter.search.is_empty() {
        return count(app, filter).await.map(Found::Exactly);
    }
    let filter = filter.clone();
    let found = app
        .store
        .read(move |db| Ok::<_, AppError>(subscribers::count(db, &filter, Some(COUNTED))?))
        .await?;
    Ok(if found > COUNTED {
        Found::MoreThan(COUNTED)
    } else {
        Found::Exactly(found)
    })
}

/// How many the filter finds, or found a moment ago.
///
/// # Errors
/// [`AppError::Store`].
pub async fn count(app: &App, filter: &SubscriberFilter) -> Result<i64, AppError> {
    let count = || {
        let (store, filter) = (app.store.clone(), filter.clone());
        async move {
            store
                .read(move |db| Ok(subscribers::count(db, &filter, None)?))
                .await
        }
    };
    app.filter_counts.get(filter.clone(), count).await
}

/// What can be chosen in the filters.
#[derive(Debug)]
pub struct Choices {
    /// Topics.
    pub topics: Vec<Topic>,
    /// Symposia that have begun, each with its title and when it did, the newest first.
    pub symposia: Vec<(SymposiumId, String, Timestamp)>,
    /// Bulletins that were sent or are being sent, each with its subject, the newest first.
    pub bulletins: Vec<(BulletinId, String)>,
    /// Where records come from.
    pub sources: Vec<String>,
    /// Filters that were kept.
    pub saved: Vec<SavedFilter>,
}

/// The ways on the list that are no import.
const WAYS: [&str; 2] = ["web form", "added by staff"];

/// What can be chosen in the filters.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choices(app: &App) -> Result<Choices, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let mut sources: Vec<String> = WAYS.map(str::to_owned).to_vec();
            sources.extend(import_runs::sources(db, CHOICES)?);
            Ok(Choices {
                topics: topics::all(db)?,
                symposia: symposia::titles_of_begun(db, now, CHOICES)?,
                bulletins: bulletins::started(db, CHOICES)?
                    .into_iter()
                    .map(|(id, subject, _)| (id, subject))
                    .collect(),
                sources,
                saved: saved_filters::all(db)?,
            })
        })
        .await
}

/// Keeps a filter under a name, for everybody in the clinic.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken, or there are too many; [`AppError::Store`].
pub async fn save_filter(
    app: &App,
    by: StaffId,
    name: String,
    query: String,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let invalid = |problem: &str| AppError::Invalid(vec![("name", problem.to_owned())]);
            if saved_filters::all(db)?.len() >= MOST_SAVED {
                return Err(invalid(
                    "There are 50 filters already. Please delete one first.",
                ));
            }
            let Some(id) = saved_filters::insert(db, &name, &query, by, now)? else {
                return Err(invalid("There is a filter of this name already."));
            };
            let entity = ("filter", Some(id));
            Ok(audit_events::append(
                db,
                Some(by),
                "filter.save",
                entity,
                Some(&name),
                now,
            )?)
        })
        .await
}

/// Deletes a filter that was kept. A second time changes nothing.
///
/// # Errors
/// [`AppError::Store`].
pub async fn delete_filter(app: &App, by: StaffId, id: i64) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let Some(name) = saved_filters::delete(db, id)? else {
                return Ok(());
            };
            let entity = ("filter", Some(id));
            Ok(audit_events::append(
                db,
                Some(by),
                "filter.delete",
                entity,
                Some(&name),
                now,
            )?)
        })
        .await
}
