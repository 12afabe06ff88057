//! A symposium goes on the site, or is called off.

use crate::domain::delivery::DeliveryKind;
use crate::domain::staff_member::StaffId;
use crate::domain::symposium::SymposiumId;
use crate::store::{audit_events, registrations, symposia};

use super::write_symposium::problems;
use super::{App, AppError, index_site, places};

/// Puts a draft on the site: registration opens. Nobody is written to.
///
/// # Errors
/// [`AppError::Refused`] when something is missing, or it is no draft; [`AppError::Conflict`] when it was changed since
/// `version` was read; [`AppError::NotFound`].
pub async fn publish(
    app: &App,
    by: StaffId,
    id: SymposiumId,
    version: i32,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            symposia::take_turn(db, id)?;
            let symposium = symposia::get(db, id)?;
            if symposium.version != version {
                return Err(AppError::Conflict);
            }
            let problems = problems(&symposium, now);
            if !problems.is_empty() {
                return Err(AppError::Refused(problems.join(" ")));
            }
            if !symposia::publish(db, id, now)? {
                return Err(AppError::refused("It is no draft any more."));
            }
            index_site::symposium(db, id)?;
            let detail = format!("version {version}");
            let entity = ("symposium", Some(id.0));
            audit_events::append(
                db,
                Some(by),
                "symposium.publish",
                entity,
                Some(&detail),
                now,
            )?;
            Ok(())
        })
        .await
}

/// Calls a published symposium off, and tells everybody who has a place or waits for one. Returns how many.
///
/// # Errors
/// [`AppError::Refused`] when it is not on the site, or over; [`AppError::NotFound`].
pub async fn cancel(app: &App, by: StaffId, id: SymposiumId) -> Result<usize, AppError> {
    let now = app.now();
    let told = app
        .store
        .write(move |db| {
            symposia::take_turn(db, id)?;
            if symposia::get(db, id)?.ends_at <= now {
                return Err(AppError::refused("It is over already."));
            }
            if !symposia::cancel(db, id, now)? {
                return Err(AppError::refused("It is not on the site."));
            }
            let mut told = 0;
            for participant in registrations::participants(db, id)? {
                if participant.registration.is_open() {
                    let kind = DeliveryKind::SymposiumCancelled;
                    places::tell(db, &participant.registration, kind, now)?;
                    told += 1;
                }
            }
            index_site::symposium(db, id)?;
            let detail = format!("{told} people are told");
            let entity = ("symposium", Some(id.0));
            audit_events::append(db, Some(by), "symposium.cancel", entity, Some(&detail), now)?;
            Ok(told)
        })
        .await?;
    app.wake.notify_one();
    Ok(told)
}
