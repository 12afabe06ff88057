//! What holds sending up, said on the pages; and when there is next something to do.

use crate::app::{App, AppError, tell_staff};
use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::staff_mail::HeldBecause;
use crate::store::{Db, audit_events, bulletins, deliveries};

/// Says on the pages of all bulletins that are being sent what holds them up, or that nothing does.
///
/// # Errors
/// [`AppError::Store`].
pub async fn say_waiting(app: &App, why: Option<String>) -> Result<(), AppError> {
    app.store
        .write(move |db| {
            for bulletin in bulletins::in_state(db, BulletinState::Sending)? {
                bulletins::set_waiting_for(db, bulletin.id, why.as_deref())?;
            }
            Ok(())
        })
        .await
}

/// Holds a bulletin because of trouble that needs a person, and says which.
///
/// # Errors
/// [`AppError::Store`].
pub async fn pause_for_trouble(
    app: &App,
    id: BulletinId,
    reason: HeldBecause,
    why: String,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| pause(db, id, reason, &why, now))
        .await
}

/// The same within a transaction.
pub(super) fn pause(
    db: &mut Db,
    id: BulletinId,
    reason: HeldBecause,
    why: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    if bulletins::set_state(db, id, BulletinState::Sending, BulletinState::Paused)? {
        bulletins::set_waiting_for(db, id, Some(why))?;
        let action = format!("bulletin.{}", BulletinAction::Pause.as_str());
        let entity = ("bulletin", Some(id.0));
        audit_events::append(db, None, &action, entity, Some("by the program"), now)?;
        tell_staff::held(db, id, reason, now)?;
    }
    Ok(())
}

/// Skips what is left of cancelled bulletins: what was in hand when they were cancelled and came
/// back, or was held by a worker that is gone.
///
/// # Errors
/// [`AppError::Store`].
pub async fn skip_cancelled(app: &App) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            deliveries::skip_cancelled(db, "the bulletin was cancelled", now)?;
            Ok(())
        })
        .await
}

/// When there is next something to do: a row that falls due, or a bulletin's time.
///
/// # Errors
/// [`AppError::Store`].
pub async fn next_due(app: &App) -> Result<Option<Timestamp>, AppError> {
    app.store
        .read(|db| {
            let row = deliveries::next_due(db)?;
            let scheduled = bulletins::in_state(db, BulletinState::Scheduled)?
                .into_iter()
                .filter_map(|bulletin| bulletin.scheduled_for)
                .min();
            Ok([row, scheduled].into_iter().flatten().min())
        })
        .await
}
