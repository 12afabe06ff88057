//! A GP leaves by the link in any message; it takes effect at once, mail already queued included.

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::inbound_events;
use crate::store::subscribers::{self, Subscriber};
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError};

use super::links::LeavingLink;
use super::{App, AppError};

/// Whom a link is for, as far as its holder may know: bulletins are forwarded.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// The address, masked.
    pub masked_email: String,
    /// Whether they receive bulletins now.
    pub is_subscribed: bool,
    /// All topics, each with whether it is chosen.
    pub topics: Vec<(Topic, bool)>,
}

/// What the link is about; `None` for one that is not ours or whose person is gone. Changes nothing.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look(app: &App, token: &str) -> Result<Option<Leaving>, AppError> {
    let Some(link) = app.read_leaving(token) else {
        return Ok(None);
    };
    app.store
        .read(move |db| {
            let Some((id, _)) = whose(db, link)? else {
                return Ok(None);
            };
            let Some(subscriber) = present(db, id)? else {
                return Ok(None);
            };
            let topics = topics::all_with_choice(db, subscriber.id)?;
            let masked_email = EmailAddress::parse(&subscriber.email)
                .map(|e| e.masked())
                .unwrap_or_default();
            Ok(Some(Leaving {
                masked_email,
                is_subscribed: subscriber.status == SubscriberStatus::Active,
                topics,
            }))
        })
        .await
}

/// Unsubscribes whom the link is for. A second time changes nothing, and an unknown link is answered
/// like a known one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn unsubscribe(app: &App, token: &str, channel: Channel) -> Result<(), AppError> {
    let Some(link) = app.read_leaving(token) else {
        return Ok(());
    };
    let now = app.now();
    app.store
        .write(move |db| {
            let Some((id, by)) = whose(db, link)? else {
                return Ok(());
            };
            let id = subscribers::take_turn_of_survivor(db, id)?;
            if let Some(subscriber) = present(db, id)? {
                leave_by(db, &subscriber, channel, by, None, now)?;
            }
            Ok(())
        })
        .await
}

/// Whom a link to leave is for, and which bulletin brought it to them.
pub(super) fn whose(
    db: &mut Db,
    link: LeavingLink,
) -> Result<Option<(SubscriberId, Option<BulletinId>)>, StoreError> {
    let (id, by) = match link {
        LeavingLink::Person(id) => (id, None),
        LeavingLink::Message(id) => match inbound_events::sent(db, id)? {
            Some(sent) => match sent.subscriber_id {
                Some(id) => (id, sent.bulletin_id),
                None => return Ok(None),
            },
            None => return Ok(None),
        },
    };
    // Their record may have been merged into another since.
    Ok(Some((subscribers::survivor(db, id)?, by)))
}

/// Marks a person as having left, and notes it; nothing where they have left already. Who leaves
/// while suspended stays so, and the ledger keeps that they have left for when that is lifted.
pub(super) fn leave(
    db: &mut Db,
    subscriber: &Subscriber,
    channel: Channel,
    staff: Option<StaffId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    leave_by(db, subscriber, channel, None, staff, now)
}

/// The same, by a bulletin.
pub(super) fn leave_by(
    db: &mut Db,
    subscriber: &Subscriber,
    channel: Channel,
    bulletin: Option<BulletinId>,
    staff: Option<StaffId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let id = subscriber.id;
    match subscriber.status {
        SubscriberStatus::Active | SubscriberStatus::Pending => {
            subscribers::set_status(db, id, SubscriberStatus::Unsubscribed, None, now)?;
        }
        SubscriberStatus::Suspended if !consent_events::has_left(db, id)? => {}
        _ => return Ok(false),
    }
    let event = NewConsentEvent {
        staff,
        bulletin,
        ..NewConsentEvent::new(id, ConsentKind::Unsubscribed, channel)
    };
    consent_events::append(db, &event, now)?;
    Ok(true)
}

/// Takes an unsubscription back: only one that was made by link, and of somebody who had agreed.
/// Returns whether they are subscribed now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn undo(app: &App, token: &str) -> Result<bool, AppError> {
    let Some(link) = app.read_leaving(token) else {
        return Ok(false);
    };
    let now = app.now();
    app.store
        .write(move |db| {
            let Some((id, _)) = whose(db, link)? else {
                return Ok(false);
            };
            let id = subscribers::take_turn_of_survivor(db, id)?;
            let Some(subscriber) = present(db, id)? else {
                return Ok(false);
            };
            take_back(db, &subscriber, now)
        })
        .await
}

/// The same for a person whose turn the caller has.
pub(super) fn take_back(
    db: &mut Db,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<bool, AppError> {
    if !can_be_taken_back(db, subscriber, now)? {
        return Ok(subscriber.status == SubscriberStatus::Active);
    }
    subscribers::set_status(db, subscriber.id, SubscriberStatus::Active, None, now)?;
    let event = NewConsentEvent::new(
        subscriber.id,
        ConsentKind::Resubscribed,
        Channel::MailedLink,
    );
    consent_events::append(db, &event, now)?;
    Ok(true)
}

/// Whether somebody has left by a link a moment ago. The link proves the mailbox; consent was proven before. A link that
/// was forwarded months ago must not bring anybody back.
pub(super) fn can_be_taken_back(
    db: &mut Db,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let by_link =
        consent_events::last_decision(db, subscriber.id)?.is_some_and(|(kind, channel, at)| {
            kind == ConsentKind::Unsubscribed
                && matches!(channel, Channel::MailedLink | Channel::OneClick)
                && now.since(at) <= UNDO_FOR
        });
    Ok(subscriber.status == SubscriberStatus::Unsubscribed
        && by_link
        && consent_events::has_consented(db, subscriber.id)?)
}

/// How long leaving can be undone by the same link.
const UNDO_FOR: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// Stays, with these topics only (of those already chosen: the link gives the power to get less,
/// never more). With none of them, leaves.
///
/// # Errors
/// [`AppError::Store`].
pub async fn keep_topics(app: &App, token: &str, keep: Vec<String>) -> Result<bool, AppError> {
    let Some(link) = app.read_leaving(token) else {
        return Ok(false);
    };
    let now = app.now();
    app.store
        .write(move |db| {
            let Some((id, by)) = whose(db, link)? else {
                return Ok(false);
            };
            let id = subscribers::take_turn_of_survivor(db, id)?;
            let Some(subscriber) = present(db, id)? else {
                return Ok(false);
            };
            if subscriber.status != SubscriberStatus::Active {
                return Ok(false);
            }
            let kept: Vec<Topic> = topics::chosen_by(db, subscriber.id)?
                .into_iter()
                .filter(|topic| keep.contains(&topic.slug))
                .collect();
            if kept.is_empty() {
                leave_by(db, &subscriber, Channel::MailedLink, by, None, now)?;
                return Ok(false);
            }
            let ids: Vec<TopicId> = kept.iter().map(|topic| topic.id).collect();
            let slugs: Vec<&str> = kept.iter().map(|topic| topic.slug.as_str()).collect();
            topics::set_chosen(db, subscriber.id, &ids)?;
            let event = NewConsentEvent {
                topics: Some(&slugs.join(",")),
                ..NewConsentEvent::new(
                    subscriber.id,
                    ConsentKind::TopicsChanged,
                    Channel::MailedLink,
                )
            };
            consent_events::append(db, &event, now)?;
            Ok(true)
        })
        .await
}

/// The person with this key, unless they are erased.
pub(super) fn present(db: &mut Db, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
    match subscribers::get(db, id) {
        Ok(subscriber) if subscriber.status != SubscriberStatus::Erased => Ok(Some(subscriber)),
        Ok(_) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
