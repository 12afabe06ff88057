//! Staff keep the list: they look, add, correct, suspend, and act on what people ask by telephone.

mod status;

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentBasis, ConsentKind};
use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::audit_events::AuditEvent;
use crate::store::consent_events::{self, ConsentEvent, NewConsentEvent};
use crate::store::delivery_reports::{self, MessageReport};
use crate::store::inbound_events::{self, EventFilter, EventReport};
use crate::store::inbound_messages::{self, MessageEntry};
use crate::store::registrations::Registration;
use crate::store::subscribers::{self, Details, Subscriber};
use crate::store::symposia::Symposium;
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError, audit_events, deliveries, strikes};

use super::personal_data::{PersonalData, personal_data};
use super::read_symposia;
use super::{App, AppError, Instance};

use status::must_confirm_again;
pub use status::{Reinstated, reinstate, suspend, unsubscribe};
pub(super) use status::{reinstate_one, suspend_one};

/// All topics.
///
/// # Errors
/// [`AppError::Store`].
pub async fn topics(app: &App) -> Result<Vec<Topic>, AppError> {
    app.store.read(|db| Ok(topics::all(db)?)).await
}

/// Everything about one person.
#[derive(Debug)]
pub struct Record {
    /// The person.
    pub subscriber: Subscriber,
    /// What they chose.
    pub topics: Vec<Topic>,
    /// All topics, retired ones too: what they agreed to names them by their slugs.
    pub all_topics: Vec<Topic>,
    /// What they agreed to, the oldest first.
    pub consent: Vec<ConsentEvent>,
    /// Where they asked for a place, the newest first.
    pub registrations: Vec<(Registration, Symposium)>,
    /// What was sent to them, the newest first.
    pub messages: Vec<MessageReport>,
    /// What came back of that, the newest first.
    pub returned: Vec<EventReport>,
    /// What they wrote, or what may be about them, and was kept for the staff; the newest first.
    pub kept: Vec<MessageEntry>,
    /// What staff did to the record, the newest first.
    pub changes: Vec<AuditEvent>,
    /// Whether, to come back, they have to confirm their address again.
    pub confirms_again: bool,
    /// How many failures count against their address now.
    pub strikes: i64,
}

/// Everything about one person.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: SubscriberId) -> Result<Record, AppError> {
    let strikes_since = app.now().minus(app.settings.inbound.strikes.within);
    let of_person = EventFilter {
        subscriber: Some(id),
        ..EventFilter::default()
    };
    app.store
        .read(move |db| {
            let subscriber = subscribers::get(db, id)?;
            Ok(Record {
                confirms_again: must_confirm_again(db, &subscriber)?,
                subscriber,
                topics: topics::chosen_by(db, id)?,
                all_topics: topics::all(db)?,
                consent: consent_events::of(db, id)?,
                registrations: read_symposia::registrations_of(db, id)?,
                messages: delivery_reports::messages_to(db, id, 200)?,
                kept: inbound_messages::of(db, id, 50)?,
                changes: audit_events::of(db, ("subscriber", id.0), 100)?,
                returned: inbound_events::list(db, of_person, 200)?,
                strikes: strikes::count_since(db, id, strikes_since)?,
            })
        })
        .await
}

/// What a person may have of the clinic (Privacy Act 2020, IPP 6), fetched by staff for them.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn download(app: &App, by: StaffId, id: SubscriberId) -> Result<PersonalData, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let subscriber = subscribers::get(db, id)?;
            audit(db, by, "subscriber.download", id, None, now)?;
            Ok(personal_data(db, subscriber)?)
        })
        .await
}

/// On what ground somebody is added.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Express or inferred.
    pub basis: ConsentBasis,
    /// How it can be proven: when, where, on which paper.
    pub evidence: String,
}

impl Ground {
    /// One line for the ledger.
    pub fn in_words(&self) -> String {
        format!("{}. {}", self.basis.label(), self.evidence)
    }
}

/// Adds a person whose consent the clinic has otherwise.
///
/// # Errors
/// [`AppError::Invalid`] when the address is on the list, or its owner asked to be erased.
pub async fn add(
    app: &App,
    by: StaffId,
    email: EmailAddress,
    details: Details,
    slugs: Vec<String>,
    ground: Ground,
) -> Result<SubscriberId, AppError> {
    let now = app.now();
    let instance = app.instance.clone();
    app.store
        .write(move |db| {
            refuse_erased(db, &instance, &email)?;
            refuse_merged(db, &instance, &email, None)?;
            let active = SubscriberStatus::Active;
            let id = match subscribers::insert(db, &email, &details, active, "added by staff", now)
            {
                Err(StoreError::Exists) => {
                    let problem = "This address is on the list already.".to_owned();
                    return Err(AppError::Invalid(vec![("email", problem)]));
                }
                other => other?,
            };
            let chosen = known_topics(db, &slugs)?;
            topics::set_chosen(db, id, &chosen)?;
            let event = NewConsentEvent {
                topics: Some(&slugs.join(",")),
                detail: Some(&ground.in_words()),
                staff: Some(by),
                ..NewConsentEvent::new(id, ConsentKind::AddedByStaff, Channel::Staff)
            };
            consent_events::append(db, &event, now)?;
            audit(db, by, "subscriber.add", id, None, now)?;
            Ok(id)
        })
        .await
}

/// Corrects a record: address, details, topics.
///
/// # Errors
/// [`AppError::Invalid`] when the address is somebody else's, or its owner asked to be erased;
/// [`AppError::NotFound`].
pub async fn edit(
    app: &App,
    by: StaffId,
    id: SubscriberId,
    email: EmailAddress,
    details: Details,
    slugs: Vec<String>,
) -> Result<(), AppError> {
    let now = app.now();
    let instance = app.instance.clone();
    app.store
        .write(move |db| {
            let before = present(db, id)?;
            if before.email_key != email.key() {
                refuse_erased(db, &instance, &email)?;
                refuse_merged(db, &instance, &email, Some(id))?;
            }
            if before.email != email.as_str() {
                match subscribers::set_email(db, id, &email) {
                    Err(StoreError::Exists) => {
                        let problem = "Somebody else on the list has this address.".to_owned();
                        return Err(AppError::Invalid(vec![("email", problem)]));
                    }
                    other => other?,
                }
                deliveries::readdress_open(db, id, email.as_str())?;
            }
            subscribers::set_details(db, id, email.as_str(), &details, now)?;
            let had: Vec<TopicId> = topics::chosen_by(db, id)?.iter().map(|t| t.id).collect();
            let chosen = known_topics(db, &slugs)?;
            if chosen != had {
                topics::set_chosen(db, id, &chosen)?;
                let event = NewConsentEvent {
                    topics: Some(&slugs.join(",")),
                    staff: Some(by),
                    ..NewConsentEvent::new(id, ConsentKind::TopicsChanged, Channel::Staff)
                };
                consent_events::append(db, &event, now)?;
            }
            audit(db, by, "subscriber.edit", id, None, now)?;
            Ok(())
        })
        .await
}

/// Erases a person who asked the clinic to.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn erase(app: &App, by: StaffId, id: SubscriberId) -> Result<(), AppError> {
    let now = app.now();
    let instance = app.instance.clone();
    let email_key = app
        .store
        .write(move |db| {
            let subscriber = present(db, id)?;
            super::erase::erase(db, &instance, &subscriber, Channel::Staff, Some(by), now)?;
            audit(db, by, "subscriber.erase", id, None, now)?;
            Ok::<_, AppError>(subscriber.email_key)
        })
        .await?;
    super::erase::clear_traces(app, email_key).await;
    Ok(())
}

/// An erased address comes back by its owner's own sign-up, and by no other way.
fn refuse_erased(db: &mut Db, instance: &Instance, email: &EmailAddress) -> Result<(), AppError> {
    if !consent_events::was_erased(db, &instance.address_hash(&email.key()))? {
        return Ok(());
    }
    let problem = "The owner of this address asked to be erased, and must not be written to. They \
                   can sign up by the form themselves.";
    Err(AppError::Invalid(vec![("email", problem.to_owned())]))
}

/// The former address of a record that was merged into another is that person's.
fn refuse_merged(
    db: &mut Db,
    instance: &Instance,
    email: &EmailAddress,
    own: Option<SubscriberId>,
) -> Result<(), AppError> {
    let hash = instance.address_hash(&email.key());
    match subscribers::by_merged_address(db, &hash)? {
        Some(id) if Some(id) == own => Ok(subscribers::forget_address(db, &hash)?),
        Some(id) => {
            let person = subscribers::get(db, id)?;
            let problem = format!(
                "This is a former address of {}, whose records were merged. Please edit that record.",
                if person.name.is_empty() {
                    &person.email
                } else {
                    &person.name
                }
            );
            Err(AppError::Invalid(vec![("email", problem)]))
        }
        None => Ok(()),
    }
}

pub(super) fn present(db: &mut Db, id: SubscriberId) -> Result<Subscriber, AppError> {
    subscribers::take_turn(db, id)?;
    let subscriber = subscribers::get(db, id)?;
    if subscriber.status == SubscriberStatus::Erased {
        return Err(AppError::NotFound);
    }
    Ok(subscriber)
}

/// The keys of topics by their slugs, in the order of the form; unknown ones are left out.
pub(super) fn known_topics(db: &mut Db, slugs: &[String]) -> Result<Vec<TopicId>, StoreError> {
    let all = topics::all(db)?;
    Ok(all
        .into_iter()
        .filter(|topic| slugs.contains(&topic.slug))
        .map(|topic| topic.id)
        .collect())
}

pub(super) fn audit(
    db: &mut Db,
    by: StaffId,
    action: &str,
    id: SubscriberId,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<(), AppError> {
    let entity = ("subscriber", Some(id.0));
    Ok(audit_events::append(
        db,
        Some(by),
        action,
        entity,
        detail,
        now,
    )?)
}
