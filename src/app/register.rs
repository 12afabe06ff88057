//! A GP registers for a symposium by the link in their mail, says what they need, and cancels.

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::Purpose;
use crate::domain::registration::{Needs, RegistrationId, gets_a_place};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::symposium::places_left;
use crate::store::deliveries::NewNotice;
use crate::store::registrations::{self, Registration};
use crate::store::subscribers::{self, Subscriber};
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, StoreError};

use super::links::{BadLink, Link};
use super::places::{Attempt, Standing, ask_for_a_place, asked_for, cancel_and_tell, standing};
use super::{App, AppError, notices};

/// Mails the owner of an address a link with which to register, if they are a confirmed subscriber. The caller answers the
/// same in every case.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such event; [`AppError::Refused`] when registration is not open;
/// [`AppError::Store`].
pub async fn request_link(app: &App, slug: String, email: EmailAddress) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let symposium = symposia::on_site_by_slug(db, &slug)?;
            refuse_if_closed(&symposium, now)?;
            let Some(subscriber) = subscribers::by_email(db, &email)? else {
                return Ok(());
            };
            if subscriber.status == SubscriberStatus::Active {
                let notice = NewNotice {
                    kind: DeliveryKind::SymposiumLink,
                    subscriber: Some(subscriber.id),
                    reference: Some(symposium.id.0),
                    recipient: &subscriber.email,
                };
                notices::queue(db, &notice, now)?;
            }
            Ok::<_, AppError>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

fn refuse_if_closed(symposium: &Symposium, now: Timestamp) -> Result<(), AppError> {
    let open = symposium.doors().open(now);
    open.map_err(|why| AppError::refused(why.to_string()))
}

/// What a link to register opens.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Whose link it is.
    pub subscriber: Subscriber,
    /// For what.
    pub symposium: Symposium,
    /// How many places are free; none: as many as like.
    pub places_left: Option<i64>,
    /// How many wait.
    pub waiting: i64,
    /// What they have already.
    pub registration: Option<Standing>,
}

/// What a link to register opens. Changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such event; [`AppError::Store`].
pub async fn look(app: &App, slug: String, token: &str) -> Result<Link<Asking>, AppError> {
    let id = match app.read_link(Purpose::Register, token) {
        Ok(id) => id,
        Err(bad) => return Ok(Err(bad)),
    };
    app.store
        .read(move |db| {
            let symposium = symposia::on_site_by_slug(db, &slug)?;
            let Some(subscriber) = confirmed(db, SubscriberId(id))? else {
                return Ok(Err(BadLink::Unknown));
            };
            let (registered, waiting) = registrations::count(db, symposium.id)?;
            let registration = registrations::open_of(db, symposium.id, subscriber.id)?
                .map(|registration| standing(db, &registration))
                .transpose()?;
            Ok(Ok(Asking {
                places_left: places_left(symposium.capacity, registered),
                waiting,
                registration,
                subscriber,
                symposium,
            }))
        })
        .await
}

/// Registers whom the link is for.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such event; [`AppError::Store`].
pub async fn register(
    app: &App,
    slug: String,
    token: &str,
    needs: Needs,
) -> Result<Link<Attempt>, AppError> {
    let id = match app.read_link(Purpose::Register, token) {
        Ok(id) => SubscriberId(id),
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    let attempt = app
        .store
        .write(move |db| {
            subscribers::take_turn(db, id)?;
            let symposium = symposia::on_site_by_slug(db, &slug)?;
            let Some(subscriber) = confirmed(db, id)? else {
                return Ok::<_, AppError>(Err(BadLink::Unknown));
            };
            let needs = asked_for(&symposium, needs);
            ask_for_a_place(db, symposium.id, subscriber.id, &needs, now).map(Ok)
        })
        .await?;
    app.wake.notify_one();
    Ok(attempt)
}

fn confirmed(db: &mut Db, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
    match subscribers::get(db, id) {
        Ok(subscriber) if subscriber.status == SubscriberStatus::Active => Ok(Some(subscriber)),
        Ok(_) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A registration, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Own {
    /// The registration.
    pub registration: Registration,
    /// For what.
    pub symposium: Symposium,
    /// Their name.
    pub name: String,
    /// Their place on the waiting list, from 1, if they wait.
    pub waiting: Option<i64>,
    /// Whether who asks for a place now has to wait.
    pub is_full: bool,
}

/// What the link in a message about a registration opens. Changes nothing.
///
/// # Errors
/// [`AppError::Store`].
pub async fn own(app: &App, token: &str) -> Result<Link<Own>, AppError> {
    let id = match app.read_link(Purpose::Registration, token) {
        Ok(id) => RegistrationId(id),
        Err(bad) => return Ok(Err(bad)),
    };
    app.store.read(move |db| look_up(db, id)).await
}

fn look_up(db: &mut Db, id: RegistrationId) -> Result<Link<Own>, AppError> {
    let registration = match registrations::get(db, id) {
        Ok(registration) => registration,
        Err(StoreError::NotFound) => return Ok(Err(BadLink::Unknown)),
        Err(error) => return Err(error.into()),
    };
    let subscriber = subscribers::get(db, registration.subscriber_id)?;
    if subscriber.status == SubscriberStatus::Erased {
        return Ok(Err(BadLink::Unknown));
    }
    let symposium = symposia::get(db, registration.symposium_id)?;
    let (registered, waiting) = registrations::count(db, symposium.id)?;
    Ok(Ok(Own {
        is_full: !gets_a_place(places_left(symposium.capacity, registered), waiting),
        symposium,
        name: subscriber.name,
        waiting: standing(db, &registration)?.waiting,
        registration,
    }))
}

/// Cancels the registration that the link is for. A second time changes nothing.
///
/// # Errors
/// [`AppError::Refused`] when the event has begun; [`AppError::Store`].
pub async fn cancel(app: &App, token: &str) -> Result<Link<()>, AppError> {
    let cancelled = change_own(app, token, |db, own, now| {
        cancel_and_tell(db, own.registration.id, false, now)?;
        Ok(())
    })
    .await?;
    app.wake.notify_one();
    Ok(cancelled)
}

/// Changes what somebody needs at the event.
///
/// # Errors
/// [`AppError::Refused`] when the event has begun, or the registration is cancelled; [`AppError::Store`].
pub async fn set_needs(app: &App, token: &str, needs: Needs) -> Result<Link<()>, AppError> {
    change_own(app, token, |db, own, _| {
        if !own.registration.is_open() {
            return Err(AppError::refused("This registration is cancelled."));
        }
        let needs = asked_for(&own.symposium, needs);
        registrations::set_needs(db, own.registration.id, &needs)?;
        Ok(())
    })
    .await
}

/// Changes a registration by the link of its owner, before the event begins.
async fn change_own<F>(app: &App, token: &str, change: F) -> Result<Link<()>, AppError>
where
    F: FnOnce(&mut Db, Own, Timestamp) -> Result<(), AppError> + Send + 'static,
{
    let id = match app.read_link(Purpose::Registration, token) {
        Ok(id) => RegistrationId(id),
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    app.store
        .write(move |db| {
            if let Ok(registration) = registrations::get(db, id) {
                symposia::take_turn(db, registration.symposium_id)?;
            }
            let own = match look_up(db, id)? {
                Ok(own) => own,
                Err(bad) => return Ok(Err(bad)),
            };
            if own.symposium.starts_at <= now {
                return Err(AppError::refused(
                    "The event has begun, or is over. Nothing can be changed any more.",
                ));
            }
            change(db, own, now).map(Ok)
        })
        .await
}
