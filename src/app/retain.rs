//! What is kept no longer than necessary (Privacy Act 2020, IPP 9).

use std::time::Duration;

use crate::store::{
    bulk_changes, deliveries, import_runs, inbound_events, inbound_messages, link_checks,
    registrations, signup_requests, staff_links, staff_mails, staff_members, staff_sign_ins,
    strikes, subscribers, working_copies,
};

use super::sign_in::IDLE_FOR;
use super::{App, AppError};

/// A sign-up that was never confirmed is erased after this long, unless the clinic has set another time.
pub const UNCONFIRMED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A file that was checked and never taken over is let go of after this long.
pub(super) const FILES_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What somebody typed and never saved is let go of after this long, unless the clinic has set another time.
pub(super) const UNSAVED_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A link by which staff sign in is looked at by nobody this long after its end.
const KEEP_LINKS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a message to staff was about is looked at by nobody so long after it was queued.
const KEEP_STAFF_MAILS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// So many people are erased in one transaction.
const PIECE: i64 = 200;

/// So many reports lose their words in one transaction: the others follow at the next turn.
const WORDS: i64 = 2_000;

/// Lets go of what is no longer needed.
///
/// # Errors
/// [`AppError::Store`].
pub async fn let_go(app: &App) -> Result<(), AppError> {
    let now = app.now();
    let instance = app.instance.clone();
    let inbound = app.settings.inbound.clone();
    let retention = app.site().retention;
    app.store
        .write(move |db| {
            staff_members::delete_expired_sessions(db, now.minus(IDLE_FOR), now)?;
            staff_sign_ins::remove_expired(db, now)?;
            staff_links::remove_ended(db, now.minus(KEEP_LINKS))?;
            staff_mails::forget_before(db, now.minus(KEEP_STAFF_MAILS))?;
            import_runs::drop_stale_files(db, now.minus(FILES_FOR))?;
            bulk_changes::forget_unstarted(db, now.minus(super::change_many::WAITS_FOR))?;
            working_copies::delete_before(db, now.minus(retention.unsaved()))?;
            signup_requests::delete_expired_before(db, now.minus(retention.unconfirmed()))?;
            let stale =
                subscribers::pending_since_before(db, now.minus(retention.unconfirmed()), PIECE)?;
            for subscriber in stale {
                super::erase::let_go(db, &instance, &subscriber, now)?;
            }
            registrations::forget_needs(db, now)?;
            link_checks::forget_before(db, now.minus(retention.unsaved()))?;
            inbound_messages::forget_before(db, now.minus(retention.inbound()))?;
            inbound_events::forget_words_before(db, now.minus(retention.inbound()), WORDS)?;
            strikes::forget_before(db, now.minus(inbound.strikes.within))?;
            deliveries::forget_erased(db)?;
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(app.store.empty_log().await?)
}
