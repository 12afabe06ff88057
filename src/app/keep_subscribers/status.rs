//! Whether a person is written to, as staff decide it.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::subscribers::{self, Subscriber};
use crate::store::{Db, StoreError};

use super::super::subscribe::{BY_STAFF, ask_to_confirm_again, may_come_back};
use super::super::unsubscribe::leave;
use super::super::{App, AppError};
use super::{audit, present};

/// Stops everything to a person until it is lifted.
///
/// # Errors
/// [`AppError::Refused`] when they are not written to anyway; [`AppError::NotFound`].
pub async fn suspend(
    app: &App,
    by: StaffId,
    id: SubscriberId,
    reason: String,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let subscriber = present(db, id)?;
            if !suspend_one(db, by, &subscriber, &reason, now)? {
                return Err(AppError::refused("This person is not written to anyway."));
            }
            audit(db, by, "subscriber.suspend", id, None, now)
        })
        .await
}

/// The same within a transaction; returns whether they were written to until now.
pub(in crate::app) fn suspend_one(
    db: &mut Db,
    by: StaffId,
    subscriber: &Subscriber,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !matches!(
        subscriber.status,
        SubscriberStatus::Active | SubscriberStatus::Pending
    ) {
        return Ok(false);
    }
    let id = subscriber.id;
    let why = format!("{BY_STAFF}: {reason}");
    subscribers::set_status(db, id, SubscriberStatus::Suspended, Some(&why), now)?;
    // A pause that they asked for stays noted, for when the suspension was a slip and is taken back.
    subscribers::set_pause(db, id, subscriber.paused_until, now)?;
    let event = NewConsentEvent {
        detail: Some(&why),
        staff: Some(by),
        ..NewConsentEvent::new(id, ConsentKind::Suspended, Channel::Staff)
    };
    consent_events::append(db, &event, now)?;
    Ok(true)
}

/// What became of a suspension that staff lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reinstated {
    /// It is lifted.
    AtOnce,
    /// The address has failed: a message asks its owner to confirm, and bulletins go there when they do.
    AskedToConfirm,
}

/// Lifts a suspension. Who left meanwhile has left, and who never confirmed waits for their confirmation again. An address
/// that failed has to show that it works: it confirms again.
///
/// # Errors
/// [`AppError::Refused`] when they are not suspended; [`AppError::NotFound`].
pub async fn reinstate(app: &App, by: StaffId, id: SubscriberId) -> Result<Reinstated, AppError> {
    let now = app.now();
    let done = app
        .store
        .write(move |db| {
            let subscriber = present(db, id)?;
            let Some(done) = reinstate_one(db, by, &subscriber, now)? else {
                return Err(AppError::refused("This person is not suspended."));
            };
            let action = match done {
                Reinstated::AtOnce => "subscriber.reinstate",
                Reinstated::AskedToConfirm => "subscriber.ask-again",
            };
            audit(db, by, action, id, None, now)?;
            Ok(done)
        })
        .await?;
    app.wake.notify_one();
    Ok(done)
}

/// The same within a transaction; `None` where they are not suspended. Who calls wakes the delivery afterwards.
pub(in crate::app) fn reinstate_one(
    db: &mut Db,
    by: StaffId,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<Option<Reinstated>, AppError> {
    let id = subscriber.id;
    if subscriber.status != SubscriberStatus::Suspended {
        return Ok(None);
    }
    if must_confirm_again(db, subscriber)? {
        ask_to_confirm_again(db, subscriber, now)?;
        return Ok(Some(Reinstated::AskedToConfirm));
    }
    let status = if consent_events::has_left(db, id)? {
        SubscriberStatus::Unsubscribed
    } else if consent_events::has_consented(db, id)? {
        SubscriberStatus::Active
    } else {
        SubscriberStatus::Pending
    };
    subscribers::set_status(db, id, status, None, now)?;
    let event = NewConsentEvent {
        staff: Some(by),
        ..NewConsentEvent::new(id, ConsentKind::Reinstated, Channel::Staff)
    };
    consent_events::append(db, &event, now)?;
    Ok(Some(Reinstated::AtOnce))
}

/// Whether it is a failure of their address for which somebody is suspended.
pub(super) fn must_confirm_again(db: &mut Db, subscriber: &Subscriber) -> Result<bool, StoreError> {
    let failed = subscriber.status == SubscriberStatus::Suspended && may_come_back(subscriber);
    Ok(failed && !consent_events::has_left(db, subscriber.id)?)
}

/// Unsubscribes a person who asked the clinic by another way.
///
/// # Errors
/// [`AppError::Refused`] when they are not subscribed; [`AppError::NotFound`].
pub async fn unsubscribe(app: &App, by: StaffId, id: SubscriberId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let subscriber = present(db, id)?;
            if !leave(db, &subscriber, Channel::Staff, Some(by), now)? {
                return Err(AppError::refused("This person is not subscribed."));
            }
            audit(db, by, "subscriber.unsubscribe", id, None, now)
        })
        .await
}
