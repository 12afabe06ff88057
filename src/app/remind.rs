//! Reminds people of the event to which they come, once each. That somebody was reminded is kept with their registration,
//! in the transaction that queues the message: several workers, and one that starts anew, agree about it.

use std::time::Duration;

use crate::domain::delivery::DeliveryKind;
use crate::store::registrations;

use super::{App, AppError, places};

/// So long before an event: in the course of the day before.
const BEFORE: Duration = Duration::from_secs(30 * 60 * 60);

/// Who registered in this time has just been told everything.
const JUST_TOLD: Duration = Duration::from_secs(12 * 60 * 60);

/// So many people are reminded in one transaction.
const PIECE: i64 = 200;

/// Queues the reminders that are due. Returns how many.
///
/// # Errors
/// [`AppError::Store`].
pub async fn remind_due(app: &App) -> Result<usize, AppError> {
    let mut reminded = 0;
    loop {
        let now = app.now();
        let (seen, queued) = app
            .store
            .write(move |db| {
                let due = registrations::to_be_reminded(
                    db,
                    now,
                    now.plus(BEFORE),
                    now.minus(JUST_TOLD),
                    PIECE,
                )?;
                let mut queued = 0;
                for registration in &due {
                    if registrations::set_reminded(db, registration.id, now)? {
                        places::tell(db, registration, DeliveryKind::SymposiumReminder, now)?;
                        queued += 1;
                    }
                }
                Ok::<_, AppError>((due.len(), queued))
            })
            .await?;
        reminded += queued;
        if seen == 0 {
            break;
        }
    }
    if reminded > 0 {
        app.wake.notify_one();
    }
    Ok(reminded)
}
