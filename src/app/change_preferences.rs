//! A GP looks after their own subscription, by a short-lived link that was mailed to them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::Purpose;
use crate::domain::local_time;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::NewNotice;
use crate::store::subscribers::{self, Details, Subscriber};
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError, signup_requests};

use super::links::{BadLink, Link};
use super::personal_data::{PersonalData, personal_data};
use super::read_symposia::{self, Personal};
use super::unsubscribe::{can_be_taken_back, leave, take_back};
use super::{App, AppError, notices};

/// Mails a link to the owner of an address, if it is on the list. The caller answers the same in
/// every case.
///
/// # Errors
/// [`AppError::Store`].
pub async fn request_link(app: &App, email: EmailAddress) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let Some(subscriber) = subscribers::by_email(db, &email)? else {
                return Ok(());
            };
            let notice = NewNotice {
                kind: DeliveryKind::ManageLink,
                subscriber: Some(subscriber.id),
                reference: None,
                recipient: &subscriber.email,
            };
            notices::queue(db, &notice, now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// A person's subscription, as they see it themselves.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// The record.
    pub subscriber: Subscriber,
    /// All topics, each with whether it is chosen.
    pub topics: Vec<(Topic, bool)>,
    /// The events to come that concern them.
    pub symposia: Vec<Personal>,
    /// Whether they left a moment ago, and can take it back.
    pub may_undo: bool,
}

/// What the link opens.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look(app: &App, token: &str) -> Result<Link<Preferences>, AppError> {
    with_link(app, token, |db, subscriber, now| {
        let topics = topics::all_with_choice(db, subscriber.id)?;
        let symposia = read_symposia::of_person(db, subscriber.id, now)?;
        Ok(Preferences {
            may_undo: can_be_taken_back(db, &subscriber, now)?,
            subscriber,
            topics,
            symposia,
        })
    })
    .await
}

/// Chooses other topics. To choose none at all would mean to leave, which is asked for by its own button.
///
/// # Errors
/// [`AppError::Invalid`] without any topic; [`AppError::Refused`] when they get no bulletins: to come back takes a new
/// consent; [`AppError::Store`].
pub async fn set_topics(app: &App, token: &str, slugs: Vec<String>) -> Result<Link<()>, AppError> {
    with_link(app, token, move |db, subscriber, now| {
        let chosen: Vec<Topic> = topics::all(db)?
            .into_iter()
            .filter(|topic| slugs.contains(&topic.slug))
            .collect();
        if subscriber.status != SubscriberStatus::Active {
            return Err(AppError::refused(
                "You get no bulletins at present, so no topics are saved. To get them again, sign up again.",
            ));
        }
        if chosen.is_empty() {
            let problem = "No topic is left, and nothing would be sent to you. Keep at least one, or unsubscribe.";
            return Err(AppError::Invalid(vec![("topics", problem.to_owned())]));
        }
        let ids: Vec<TopicId> = chosen.iter().map(|topic| topic.id).collect();
        let names: Vec<&str> = chosen.iter().map(|topic| topic.slug.as_str()).collect();
        topics::set_chosen(db, subscriber.id, &ids)?;
        signup_requests::end_older(db, subscriber.id, None, now)?;
        let event = NewConsentEvent {
            topics: Some(&names.join(",")),
            ..NewConsentEvent::new(
                subscriber.id,
                ConsentKind::TopicsChanged,
                Channel::MailedLink,
            )
        };
        consent_events::append(db, &event, now)?;
        Ok(())
    })
    .await
}

/// Corrects what the clinic knows of them (Privacy Act 2020, IPP 7).
///
/// # Errors
/// [`AppError::Store`].
pub async fn set_details(app: &App, token: &str, details: Details) -> Result<Link<()>, AppError> {
    with_link(app, token, move |db, subscriber, now| {
        subscribers::set_details(db, subscriber.id, &subscriber.email, &details, now)?;
        Ok(())
    })
    .await
}

/// The longest pause: who wants more may leave, and come back by the form.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Pauses bulletins until then, or with `None` ends the pause.
///
/// # Errors
/// [`AppError::Invalid`] when the time is past or too far; [`AppError::Store`].
pub async fn pause(app: &App, token: &str, until: Option<Timestamp>) -> Result<Link<()>, AppError> {
    if let Some(until) = until {
        let now = app.now();
        if until <= now || until.since(now) > LONGEST_PAUSE {
            let problem = "Please choose a day within the coming twelve months.".to_owned();
            return Err(AppError::Invalid(vec![("pause_until", problem)]));
        }
    }
    with_link(app, token, move |db, subscriber, now| {
        if subscriber.status != SubscriberStatus::Active {
            return Ok(());
        }
        subscribers::set_pause(db, subscriber.id, until, now)?;
        let kind = if until.is_some() {
            ConsentKind::Paused
        } else {
            ConsentKind::Resumed
        };
        let detail = until.map(|until| format!("until {}", local_time::display_date(until)));
        let event = NewConsentEvent {
            detail: detail.as_deref(),
            ..NewConsentEvent::new(subscriber.id, kind, Channel::MailedLink)
        };
        consent_events::append(db, &event, now)?;
        Ok(())
    })
    .await
}

/// Leaves.
///
/// # Errors
/// [`AppError::Store`].
pub async fn leave_by_link(app: &App, token: &str) -> Result<Link<()>, AppError> {
    with_link(app, token, |db, subscriber, now| {
        leave(db, &subscriber, Channel::MailedLink, None, now)?;
        Ok(())
    })
    .await
}

/// Takes the leaving of a moment ago back. Returns whether they are subscribed now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn undo_leaving(app: &App, token: &str) -> Result<Link<bool>, AppError> {
    with_link(app, token, |db, subscriber, now| {
        take_back(db, &subscriber, now)
    })
    .await
}

/// Erases the person: what is left is a keyed hash of the address, and the ledgers.
///
/// # Errors
/// [`AppError::Store`].
pub async fn erase_me(app: &App, token: &str) -> Result<Link<()>, AppError> {
    let instance = app.instance.clone();
    let erased = with_link(app, token, move |db, subscriber, now| {
        super::erase::erase(db, &instance, &subscriber, Channel::MailedLink, None, now)?;
        Ok(subscriber.email_key)
    })
    .await?;
    match erased {
        Ok(email_key) => {
            super::erase::clear_traces(app, email_key).await;
            Ok(Ok(()))
        }
        Err(bad) => Ok(Err(bad)),
    }
}

/// What the link's owner may download.
///
/// # Errors
/// [`AppError::Store`].
pub async fn download(app: &App, token: &str) -> Result<Link<PersonalData>, AppError> {
    with_link(app, token, |db, subscriber, _| {
        Ok(personal_data(db, subscriber)?)
    })
    .await
}

/// Runs a change for the person whom the link is for.
async fn with_link<T, F>(app: &App, token: &str, change: F) -> Result<Link<T>, AppError>
where
    T: Send + 'static,
    F: FnOnce(&mut Db, Subscriber, Timestamp) -> Result<T, AppError> + Send + 'static,
{
    let id = match app.read_link(Purpose::Manage, token) {
        Ok(id) => id,
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    app.store
        .write(move |db| {
            subscribers::take_turn(db, SubscriberId(id))?;
            let subscriber = match subscribers::get(db, SubscriberId(id)) {
                Ok(s) if s.status != SubscriberStatus::Erased => s,
                Ok(_) | Err(StoreError::NotFound) => return Ok(Err(BadLink::Unknown)),
                Err(error) => return Err(error.into()),
            };
            change(db, subscriber, now).map(Ok)
        })
        .await
}
