//! Places at a symposium: who gets one, who waits, and to whom one that becomes free passes, in the order of asking and in the
//! transaction that frees it.

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::registration::{Needs, RegistrationId, RegistrationState, gets_a_place};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::symposium::{SymposiumId, places_left};
use crate::store::deliveries::NewNotice;
use crate::store::registrations::{self, Registration};
use crate::store::subscribers;
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, StoreError};

use super::{AppError, notices};

/// What became of a wish to come.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// For what.
    pub symposium: Symposium,
    /// What became of it; or why nobody can ask, in words.
    pub outcome: Result<Standing, String>,
}

/// How somebody stands at an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Their registration.
    pub registration: RegistrationId,
    /// Their place on the waiting list, from 1; none for those who have a place.
    pub waiting: Option<i64>,
}

/// Asks for a place for a person whose turn the caller has. A second time changes nothing but what they need.
pub(super) fn ask_for_a_place(
    db: &mut Db,
    symposium: SymposiumId,
    subscriber: SubscriberId,
    needs: &Needs,
    now: Timestamp,
) -> Result<Attempt, AppError> {
    symposia::take_turn(db, symposium)?;
    let symposium = symposia::get(db, symposium)?;
    if let Some(known) = registrations::open_of(db, symposium.id, subscriber)? {
        if *needs != Needs::default() {
            registrations::set_needs(db, known.id, needs)?;
        }
        let outcome = Ok(standing(db, &known)?);
        return Ok(Attempt { symposium, outcome });
    }
    if let Err(why) = symposium.doors().open(now) {
        let outcome = Err(why.to_string());
        return Ok(Attempt { symposium, outcome });
    }
    let (registered, waiting) = registrations::count(db, symposium.id)?;
    let left = places_left(symposium.capacity, registered);
    let (state, kind) = if gets_a_place(left, waiting) {
        (
            RegistrationState::Registered,
            DeliveryKind::SymposiumRegistered,
        )
    } else {
        (RegistrationState::Waiting, DeliveryKind::SymposiumWaiting)
    };
    let id = registrations::insert(db, symposium.id, subscriber, state, needs, now)?;
    let registration = registrations::get(db, id.ok_or(AppError::Conflict)?)?;
    tell(db, &registration, kind, now)?;
    let outcome = Ok(standing(db, &registration)?);
    Ok(Attempt { symposium, outcome })
}

pub(super) fn standing(db: &mut Db, registration: &Registration) -> Result<Standing, StoreError> {
    let waiting = match registration.state {
        RegistrationState::Waiting => Some(registrations::position(db, registration)?),
        _ => None,
    };
    Ok(Standing {
        registration: registration.id,
        waiting,
    })
}

/// Queues a message about a registration. Who was erased gets none.
pub(super) fn tell(
    db: &mut Db,
    registration: &Registration,
    kind: DeliveryKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let subscriber = subscribers::get(db, registration.subscriber_id)?;
    if subscriber.status == SubscriberStatus::Erased {
        return Ok(());
    }
    let notice = NewNotice {
        kind,
        subscriber: Some(subscriber.id),
        reference: Some(registration.id.0),
        recipient: &subscriber.email,
    };
    notices::queue(db, &notice, now)?;
    Ok(())
}

/// Gives free places to those who wait, and tells them. The caller has the symposium's turn. Returns to how many.
pub(super) fn fill_places(
    db: &mut Db,
    symposium: SymposiumId,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let symposium = symposia::get(db, symposium)?;
    if !symposium.doors().places_move(now) {
        return Ok(0);
    }
    let (registered, _) = registrations::count(db, symposium.id)?;
    let left = places_left(symposium.capacity, registered).unwrap_or(i64::MAX);
    let next = registrations::first_waiting(db, symposium.id, left)?;
    for registration in &next {
        registrations::move_up(db, registration.id, now)?;
        tell(db, registration, DeliveryKind::SymposiumMovedUp, now)?;
    }
    Ok(next.len())
}

/// Cancels a registration, and passes its place on. The caller has the symposium's turn. A second time changes nothing.
/// Returns whether it was open.
pub(super) fn give_up(db: &mut Db, id: RegistrationId, now: Timestamp) -> Result<bool, StoreError> {
    let registration = registrations::get(db, id)?;
    if !registrations::cancel(db, id, now)? {
        return Ok(false);
    }
    fill_places(db, registration.symposium_id, now)?;
    Ok(true)
}

/// The same, and tells the person: who had a place gets a file that takes the event out of their calendar.
pub(super) fn cancel_and_tell(
    db: &mut Db,
    id: RegistrationId,
    by_the_clinic: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let before = registrations::get(db, id)?;
    if !give_up(db, id, now)? {
        return Ok(false);
    }
    let had_a_place = before.state == RegistrationState::Registered;
    let kind = match (had_a_place, by_the_clinic) {
        (true, false) => DeliveryKind::SymposiumGivenUp,
        (false, false) => DeliveryKind::SymposiumWaitEnded,
        (true, true) => DeliveryKind::SymposiumPlaceCancelled,
        (false, true) => DeliveryKind::SymposiumWaitCancelled,
    };
    tell(db, &before, kind, now)?;
    Ok(true)
}

/// Cancels what an erased person has at events to come, and lets go of all they told of their needs. That somebody came to
/// an earlier event stays, without saying who.
pub(super) fn give_up_all(
    db: &mut Db,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut theirs = registrations::of_subscriber(db, subscriber)?;
    // In one order, so that two erasures at once do not wait for each other.
    theirs.sort_unstable_by_key(|registration| registration.symposium_id);
    for registration in theirs.iter().filter(|registration| registration.is_open()) {
        symposia::take_turn(db, registration.symposium_id)?;
        if symposia::get(db, registration.symposium_id)?.ends_at > now {
            give_up(db, registration.id, now)?;
        }
    }
    registrations::forget_needs_of(db, subscriber)?;
    Ok(())
}

/// What was told of what is asked for.
pub(super) fn asked_for(symposium: &Symposium, needs: Needs) -> Needs {
    Needs {
        dietary: needs.dietary.filter(|_| symposium.asks_dietary),
        access: needs.access.filter(|_| symposium.asks_access),
    }
}
