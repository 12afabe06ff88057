//! Everything that tells who a person is goes. What is left: a keyed hash, so that no import brings
//! them back, and the ledgers, which hold no personal data.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::subscribers::{self, Subscriber};
use crate::store::{
    Db, deliveries, import_runs, inbound_events, inbound_messages, signup_requests, strikes, topics,
};

use super::{App, AppError, Instance, read_mailbox};

/// Erases a person who asked for it, within the caller's transaction.
pub(super) fn erase(
    db: &mut Db,
    instance: &Instance,
    subscriber: &Subscriber,
    channel: Channel,
    staff: Option<StaffId>,
    now: Timestamp,
) -> Result<(), AppError> {
    let hash = instance.address_hash(&subscriber.email_key);
    let event = NewConsentEvent {
        staff,
        ..NewConsentEvent::new(subscriber.id, ConsentKind::Erased, channel)
    };
    consent_events::append(db, &event, now)?;
    consent_events::remember_erased(db, &hash, now)?;
    forget(db, subscriber, &hash, now)
}

/// What is left to do when that is kept: messages in the built-in mailbox go, and what SQLite's log still
/// holds of the old rows. A failure is logged, and takes nothing back: the person is erased.
pub(super) async fn clear_traces(app: &App, email_key: String) {
    if let Err(error) = read_mailbox::forget(app, email_key).await {
        let error = &error as &dyn std::error::Error;
        tracing::error!(
            error,
            "messages of an erased person may be left in the mailbox"
        );
    }
    if let Err(error) = app.store.empty_log().await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the database's log is emptied later");
    }
}

/// Lets go of a sign-up that was never confirmed. Its address is not remembered: nobody asked.
pub(super) fn let_go(
    db: &mut Db,
    instance: &Instance,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<(), AppError> {
    let event = NewConsentEvent {
        detail: Some("never confirmed"),
        ..NewConsentEvent::new(subscriber.id, ConsentKind::Erased, Channel::WebForm)
    };
    consent_events::append(db, &event, now)?;
    forget(
        db,
        subscriber,
        &instance.address_hash(&subscriber.email_key),
        now,
    )
}

fn forget(
    db: &mut Db,
    subscriber: &Subscriber,
    hash: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    topics::set_chosen(db, subscriber.id, &[])?;
    signup_requests::delete_of(db, subscriber.id)?;
    super::places::give_up_all(db, subscriber.id, now)?;
    deliveries::forget_recipient(db, subscriber.id)?;
    inbound_events::forget(db, subscriber.id)?;
    inbound_messages::forget(db, subscriber.id)?;
    strikes::clear(db, subscriber.id)?;
    import_runs::forget_address(db, &subscriber.email)?;
    // What is left at records that were merged into theirs goes too, and their former addresses stay away with them.
    for merged in subscribers::with_merged(db, subscriber.id)? {
        deliveries::forget_recipient(db, SubscriberId(merged))?;
    }
    for former in subscribers::take_addresses(db, subscriber.id)? {
        consent_events::remember_erased(db, &former, now)?;
    }
    subscribers::erase(db, subscriber.id, hash, now)?;
    Ok(())
}
