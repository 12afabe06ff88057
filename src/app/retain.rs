//! What is kept no longer than necessary (Privacy Act 2020, IPP 9).

use std::time::Duration;

use crate::store::{
    deliveries, import_runs, inbound_messages, registrations, signup_requests, staff_links,
    staff_members, staff_sign_ins, strikes, subscribers, working_copies,
};

use super::sign_in::IDLE_FOR;
use super::{App, AppError};

/// A sign-up that was never confirmed is erased after this long.
pub const UNCONFIRMED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A file that was checked and never taken over is let go of after this long.
pub(super) const FILES_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What somebody typed and never saved is let go of after this long.
pub(super) const UNSAVED_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A link by which staff sign in is looked at by nobody this long after its end.
const KEEP_LINKS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// So many people are erased in one transaction.
const PIECE: i64 = 200;

/// Lets go of what is no longer needed.
///
/// # Errors
/// [`AppError::Store`].
pub async fn let_go(app: &App) -> Result<(), AppError> {
    let now = app.now();
    let instance = app.instance.clone();
    let inbound = app.settings.inbound.clone();
    app.store
        .write(move |db| {
            staff_members::delete_expired_sessions(db, now.minus(IDLE_FOR), now)?;
            staff_sign_ins::remove_expired(db, now)?;
            staff_links::remove_ended(db, now.minus(KEEP_LINKS))?;
            import_runs::drop_stale_files(db, now.minus(FILES_FOR))?;
            working_copies::delete_before(db, now.minus(UNSAVED_FOR))?;
            signup_requests::delete_expired_before(db, now.minus(UNCONFIRMED_FOR))?;
            let stale = subscribers::pending_since_before(db, now.minus(UNCONFIRMED_FOR), PIECE)?;
            for subscriber in stale {
                super::erase::let_go(db, &instance, &subscriber, now)?;
            }
            registrations::forget_needs(db, now)?;
            inbound_messages::forget_before(db, now.minus(inbound.keep_for))?;
            strikes::forget_before(db, now.minus(inbound.strikes.within))?;
            deliveries::forget_erased(db)?;
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(app.store.empty_log().await?)
}
