//! A GP signs up.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::EmailAddress;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::symposium::SymposiumId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::NewNotice;
use crate::store::signup_requests::{self, NewSignup};
use crate::store::subscribers::{self, Details, Subscriber};
use crate::store::{Db, StoreError, topics};

use super::links::CONFIRM_FOR;
use super::site_settings::newest_wording;
use super::{App, AppError, notices};

/// What came with the form, checked.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Address.
    pub email: EmailAddress,
    /// What the person tells of themselves.
    pub details: Details,
    /// Slugs of the topics, known ones.
    pub topics: Vec<String>,
    /// The event to which they want to come.
    pub symposium: Option<SymposiumId>,
    /// The version of the wording that they agreed to: what stood on the page, which may have been opened before another
    /// took its place.
    pub wording: String,
}

/// Notes a sign-up and queues the message that fits the state of the address. The caller answers
/// the same in every case: whether an address is known is told to its owner only, by mail.
///
/// # Errors
/// [`AppError::Store`]; nothing is noted then.
pub async fn subscribe(app: &App, sign_up: SignUp) -> Result<(), AppError> {
    let now = app.now();
    let newest = app.site().wording.version.clone();
    let take = move |db: &mut Db| {
        let mut sign_up = sign_up;
        // Whatever a program sends: what was never asked for was not agreed to.
        if sign_up.wording != newest && !consent_events::has_wording(db, &sign_up.wording)? {
            sign_up.wording = newest;
        }
        note(db, &sign_up, now)
    };
    app.store.write(take).await?;
    app.wake.notify_one();
    Ok(())
}

fn note(db: &mut Db, sign_up: &SignUp, now: Timestamp) -> Result<(), AppError> {
    let known = match subscribers::by_email(db, &sign_up.email)? {
        Some(known) => known,
        None => {
            // Of two sign-ups at once one adds the row, and both find it.
            let pending = SubscriberStatus::Pending;
            let (email, details) = (&sign_up.email, &sign_up.details);
            subscribers::insert_if_new(db, email, details, pending, "web form", now)?;
            subscribers::by_email(db, email)?.ok_or(StoreError::NotFound)?
        }
    };
    match known.status {
        // Who wants to come to an event gets the link for that.
        SubscriberStatus::Active if sign_up.symposium.is_some() => tell(
            db,
            &known,
            DeliveryKind::SymposiumLink,
            sign_up.symposium,
            now,
        ),
        SubscriberStatus::Active => tell(db, &known, DeliveryKind::AlreadySubscribed, None, now),
        SubscriberStatus::Suspended if !may_come_back(&known) => {
            tell(db, &known, DeliveryKind::AskTheClinic, None, now)
        }
        _ => ask_to_confirm(db, &known, sign_up, now),
    }
}

/// Whose address failed may show by the link that it works again; whom staff suspended has to ask.
pub(super) fn may_come_back(subscriber: &Subscriber) -> bool {
    let by_staff = subscriber
        .status_reason
        .as_deref()
        .is_some_and(|why| why.starts_with(BY_STAFF));
    subscriber.status != SubscriberStatus::Suspended || !by_staff
}

/// With this a suspension by staff begins, whatever follows.
pub(super) const BY_STAFF: &str = "by staff";

/// Asks somebody whose address failed to confirm it again, with what they had told and chosen.
pub(super) fn ask_to_confirm_again(
    db: &mut Db,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<(), AppError> {
    let chosen = topics::chosen_by(db, subscriber.id)?;
    let sign_up = SignUp {
        email: EmailAddress::parse(&subscriber.email).map_err(AppError::internal)?,
        details: Details {
            name: subscriber.name.clone(),
            practice: subscriber.practice.clone(),
            region: subscriber.region,
            role: subscriber.role,
            mcnz_number: subscriber.mcnz_number.clone(),
        },
        topics: chosen.into_iter().map(|topic| topic.slug).collect(),
        symposium: None,
        wording: newest_wording(db)?.version,
    };
    queue_confirmation(db, subscriber, &sign_up, now)
}

fn ask_to_confirm(
    db: &mut Db,
    subscriber: &Subscriber,
    sign_up: &SignUp,
    now: Timestamp,
) -> Result<(), AppError> {
    let topics = sign_up.topics.join(",");
    let event = NewConsentEvent {
        wording_version: Some(&sign_up.wording),
        topics: Some(&topics),
        ..NewConsentEvent::new(subscriber.id, ConsentKind::SignedUp, Channel::WebForm)
    };
    consent_events::append(db, &event, now)?;
    if subscriber.status == SubscriberStatus::Pending {
        subscribers::touch(db, subscriber.id, now)?;
    }
    queue_confirmation(db, subscriber, sign_up, now)
}

fn queue_confirmation(
    db: &mut Db,
    subscriber: &Subscriber,
    sign_up: &SignUp,
    now: Timestamp,
) -> Result<(), AppError> {
    let topics = sign_up.topics.join(",");
    let new = NewSignup {
        subscriber: subscriber.id,
        details: &sign_up.details,
        topics: &topics,
        symposium: sign_up.symposium,
        wording_version: &sign_up.wording,
    };
    let request = signup_requests::insert(db, &new, now, now.plus(CONFIRM_FOR))?;
    let notice = NewNotice {
        kind: DeliveryKind::Confirmation,
        subscriber: Some(subscriber.id),
        reference: Some(request),
        recipient: &subscriber.email,
    };
    notices::queue(db, &notice, now)?;
    Ok(())
}

fn tell(
    db: &mut Db,
    subscriber: &Subscriber,
    kind: DeliveryKind,
    symposium: Option<SymposiumId>,
    now: Timestamp,
) -> Result<(), AppError> {
    let notice = NewNotice {
        kind,
        subscriber: Some(subscriber.id),
        reference: symposium.map(|id| id.0),
        recipient: &subscriber.email,
    };
    notices::queue(db, &notice, now)?;
    Ok(())
}
