//! A GP confirms a sign-up by the link in the message, and the button behind it.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryKind;
use crate::domain::link_token::Purpose;
use crate::domain::registration::Needs;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::topic::TopicId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::NewNotice;
use crate::store::signup_requests::{self, SignupRequest};
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, StoreError, registrations, subscribers, topics};

use super::links::{BadLink, Link};
use super::places::{Attempt, ask_for_a_place};
use super::subscribe::may_come_back;
use super::{App, AppError, notices};

/// A sign-up that can be confirmed.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The address, masked.
    pub masked_email: String,
    /// Names of the chosen topics.
    pub topics: Vec<String>,
    /// The title of the event to which they want to come.
    pub symposium: Option<String>,
}

/// What the link is about. Changes nothing: mail scanners open every link.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look(app: &App, token: &str) -> Result<Link<Pending>, AppError> {
    let request = match app.read_link(Purpose::Confirm, token) {
        Ok(request) => request,
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    app.store.read(move |db| look_up(db, request, now)).await
}

fn look_up(db: &mut Db, request: i64, now: Timestamp) -> Result<Link<Pending>, AppError> {
    let request = match usable(db, request, now)? {
        Ok(request) => request,
        Err(bad) => return Ok(Err(bad)),
    };
    let subscriber = subscribers::get(db, request.subscriber_id)?;
    let chosen = chosen_topics(db, &request)?;
    let masked_email = crate::domain::email_address::EmailAddress::parse(&subscriber.email)
        .map(|email| email.masked())
        .unwrap_or_default();
    let topics = chosen.into_iter().map(|(_, name)| name).collect();
    let symposium = match request.symposium_id {
        Some(symposium) => Some(symposia::get(db, symposium)?.title),
        None => None,
    };
    Ok(Ok(Pending {
        masked_email,
        topics,
        symposium,
    }))
}

/// Confirms a sign-up: what was typed becomes theirs, they are active, a welcome is queued, and who wants to come to an
/// event is registered. Returns what became of that.
///
/// # Errors
/// [`AppError::Store`]; nothing is changed then.
pub async fn confirm(app: &App, token: &str) -> Result<Link<Option<Attempt>>, AppError> {
    let request = match app.read_link(Purpose::Confirm, token) {
        Ok(request) => request,
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    let instance = app.instance.clone();
    let confirmed = app
        .store
        .write(move |db| {
            // The person's turn before their sign-up's row: whoever erases them takes both in this order.
            if let Ok(request) = signup_requests::get(db, request) {
                subscribers::take_turn(db, request.subscriber_id)?;
            }
            let request = match usable(db, request, now)? {
                Ok(request) => request,
                Err(bad) => return Ok::<_, AppError>(Err(bad)),
            };
            if !signup_requests::use_up(db, request.id, now)? {
                return Ok(Err(BadLink::Used));
            }
            // A message that lies in the mailbox since before must not bring back what was chosen then.
            signup_requests::end_older(db, request.subscriber_id, Some(request.id), now)?;
            let subscriber = subscribers::get(db, request.subscriber_id)?;
            let chosen: Vec<TopicId> = chosen_topics(db, &request)?
                .into_iter()
                .map(|(id, _)| id)
                .collect();
            subscribers::set_details(
                db,
                subscriber.id,
                &subscriber.email,
                &request.details(),
                now,
            )?;
            subscribers::set_status(db, subscriber.id, SubscriberStatus::Active, None, now)?;
            topics::set_chosen(db, subscriber.id, &chosen)?;
            // Their own new request takes the place of an erasure they once asked for.
            let hash = instance.address_hash(&subscriber.email_key);
            consent_events::forget_erased(db, &hash)?;
            subscribers::forget_address(db, &hash)?;
            let event = NewConsentEvent {
                wording_version: Some(&request.wording_version),
                topics: Some(&request.topics),
                ..NewConsentEvent::new(subscriber.id, ConsentKind::Confirmed, Channel::MailedLink)
            };
            consent_events::append(db, &event, now)?;
            let notice = NewNotice {
                kind: DeliveryKind::Welcome,
                subscriber: Some(subscriber.id),
                reference: None,
                recipient: &subscriber.email,
            };
            notices::queue(db, &notice, now)?;
            let attempt = match request.symposium_id {
                Some(symposium) => Some(ask_for_a_place(
                    db,
                    symposium,
                    subscriber.id,
                    &Needs::default(),
                    now,
                )?),
                None => None,
            };
            Ok(Ok(attempt))
        })
        .await?;
    app.wake.notify_one();
    Ok(confirmed)
}

/// The event to which somebody wanted to come with a sign-up that a newer one has ended, as long as they have no place there
/// and can still ask for one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn missed_event(app: &App, token: &str) -> Result<Option<Symposium>, AppError> {
    let Ok(request) = app.read_link(Purpose::Confirm, token) else {
        return Ok(None);
    };
    let now = app.now();
    app.store
        .read(move |db| {
            let request = match signup_requests::get(db, request) {
                Ok(request) => request,
                Err(StoreError::NotFound) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let Some(wanted) = request.symposium_id else {
                return Ok(None);
            };
            let symposium = symposia::get(db, wanted)?;
            let has_place = registrations::open_of(db, wanted, request.subscriber_id)?.is_some();
            Ok((!has_place && symposium.doors().open(now).is_ok()).then_some(symposium))
        })
        .await
}

fn usable(db: &mut Db, request: i64, now: Timestamp) -> Result<Link<SignupRequest>, AppError> {
    let request = match signup_requests::get(db, request) {
        Ok(request) => request,
        Err(StoreError::NotFound) => return Ok(Err(BadLink::Unknown)),
        Err(error) => return Err(error.into()),
    };
    let subscriber = subscribers::get(db, request.subscriber_id)?;
    Ok(if request.used_at.is_some() {
        Err(BadLink::Used)
    } else if request.expires_at <= now {
        Err(BadLink::Expired)
    } else if subscriber.status == SubscriberStatus::Erased || !may_come_back(&subscriber) {
        Err(BadLink::Unknown)
    } else {
        Ok(request)
    })
}

/// Keys and names of the topics of a request that still exist.
fn chosen_topics(
    db: &mut Db,
    request: &SignupRequest,
) -> Result<Vec<(TopicId, String)>, StoreError> {
    let all = topics::all(db)?;
    Ok(all
        .into_iter()
        .filter(|topic| request.topic_slugs().any(|slug| slug == topic.slug))
        .map(|topic| (topic.id, topic.name))
        .collect())
}
