//! Anybody reads what events there are.

use crate::domain::registration::gets_a_place;
use crate::domain::subscriber::SubscriberId;
use crate::domain::symposium::{SymposiumState, places_left};
use crate::store::registrations::{self, Registration};
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, StoreError};

use super::places::{Standing, standing};
use super::{App, AppError};

/// So many are shown of those to come, and of those that are over.
const LIMIT: i64 = 50;

/// A symposium on the site.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The symposium.
    pub symposium: Symposium,
    /// How many places are free; none: as many as like.
    pub places_left: Option<i64>,
    /// How many people wait for a place.
    pub waiting: i64,
}

/// The symposia to come, the next one first, and those that are over, the last one first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<(Vec<Shown>, Vec<Symposium>), AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let coming = symposia::coming(db, now, LIMIT)?;
            let coming: Result<Vec<Shown>, StoreError> =
                coming.into_iter().map(|one| shown(db, one)).collect();
            Ok((coming?, symposia::past(db, now, LIMIT)?))
        })
        .await
}

/// The next symposium that takes place; where who asks now has to wait for a place, after it the next one at which nobody
/// has to.
///
/// # Errors
/// [`AppError::Store`].
pub async fn next(app: &App) -> Result<Vec<Shown>, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let mut next: Vec<Shown> = Vec::new();
            for one in symposia::coming(db, now, LIMIT)? {
                if one.state != SymposiumState::Published {
                    continue;
                }
                let one = shown(db, one)?;
                let has_places = one.symposium.doors().open(now).is_ok()
                    && gets_a_place(one.places_left, one.waiting);
                if next.is_empty() || has_places {
                    next.push(one);
                }
                if has_places {
                    break;
                }
            }
            Ok(next)
        })
        .await
}

/// The symposium with a slug.
///
/// # Errors
/// [`AppError::NotFound`], for a draft too; [`AppError::Store`].
pub async fn show(app: &App, slug: String) -> Result<Shown, AppError> {
    app.store
        .read(move |db| {
            let symposium = symposia::on_site_by_slug(db, &slug)?;
            Ok(shown(db, symposium)?)
        })
        .await
}

fn shown(db: &mut Db, symposium: Symposium) -> Result<Shown, StoreError> {
    let (registered, waiting) = registrations::count(db, symposium.id)?;
    Ok(Shown {
        places_left: places_left(symposium.capacity, registered),
        waiting,
        symposium,
    })
}

/// Every registration of a person with its event, the newest first.
pub(super) fn registrations_of(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Vec<(Registration, Symposium)>, StoreError> {
    registrations::of_subscriber(db, subscriber)?
        .into_iter()
        .map(|registration| {
            let symposium = symposia::get(db, registration.symposium_id)?;
            Ok((registration, symposium))
        })
        .collect()
}

/// An event to come, as it concerns one person.
#[derive(Debug, Clone)]
pub struct Personal {
    /// The event.
    pub symposium: Symposium,
    /// What they have there.
    pub registration: Option<(Registration, Standing)>,
    /// How many places are free; none: as many as like.
    pub places_left: Option<i64>,
    /// How many people wait for a place.
    pub waiting: i64,
}

/// The events that concern a person: those to come for which they can register, and those at which they have a place or
/// wait for one.
pub(super) fn of_person(
    db: &mut Db,
    subscriber: SubscriberId,
    now: crate::clock::Timestamp,
) -> Result<Vec<Personal>, StoreError> {
    let mut personal = Vec::new();
    for symposium in symposia::coming(db, now, LIMIT)? {
        let registration = match registrations::open_of(db, symposium.id, subscriber)? {
            Some(registration) => {
                let standing = standing(db, &registration)?;
                Some((registration, standing))
            }
            None => None,
        };
        if registration.is_some() || symposium.doors().open(now).is_ok() {
            let Shown {
                symposium,
                places_left,
                waiting,
            } = shown(db, symposium)?;
            personal.push(Personal {
                symposium,
                registration,
                places_left,
                waiting,
            });
        }
    }
    Ok(personal)
}
