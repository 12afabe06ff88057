//! What is stored about a person, for that person (Privacy Act 2020, IPP 6).

use serde::Serialize;

use crate::domain::local_time;
use crate::store::inbound_events::{self, EventFilter};
use crate::store::subscribers::Subscriber;
use crate::store::{
    Db, StoreError, audit_events, consent_events, delivery_reports, inbound_messages, topics,
};

use super::read_symposia;

/// Everything that is stored about a person (Privacy Act 2020, IPP 6).
#[derive(Debug, Serialize)]
pub struct PersonalData {
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Practice.
    pub practice: Option<String>,
    /// Health region.
    pub region: Option<&'static str>,
    /// What they do.
    pub role: Option<&'static str>,
    /// Medical Council number.
    pub mcnz_number: Option<String>,
    /// Whether they are written to.
    pub status: &'static str,
    /// Why, where somebody or something decided it.
    pub status_reason: Option<String>,
    /// Receives no bulletins until then.
    pub paused_until: Option<String>,
    /// Where the record came from.
    pub source: String,
    /// When it was made.
    pub recorded_at: String,
    /// Topics.
    pub topics: Vec<String>,
    /// Every event of consent.
    pub consent: Vec<PersonalConsent>,
    /// Every registration for a symposium.
    pub symposia: Vec<PersonalRegistration>,
    /// The messages, the newest first (at most 1,000).
    pub messages: Vec<PersonalMessage>,
    /// What came back of them, the newest first (at most 1,000).
    pub came_back: Vec<PersonalReturn>,
    /// Messages that were kept for the staff and are theirs, or may be about them (at most 1,000).
    pub kept: Vec<PersonalKept>,
    /// What staff did to the record, the newest first (at most 1,000). Who did it is not the person's.
    pub changes_by_staff: Vec<PersonalChange>,
}

/// A message that was kept.
#[derive(Debug, Serialize)]
pub struct PersonalKept {
    at: String,
    what: &'static str,
    sender: String,
    subject: String,
}

/// What staff did.
#[derive(Debug, Serialize)]
pub struct PersonalChange {
    at: String,
    what: String,
}

/// Something that came back of a message.
#[derive(Debug, Serialize)]
pub struct PersonalReturn {
    at: String,
    what: &'static str,
    what_followed: &'static str,
    words: String,
}

/// A registration for a symposium.
#[derive(Debug, Serialize)]
pub struct PersonalRegistration {
    symposium: String,
    starts_at: String,
    asked_at: String,
    state: &'static str,
    dietary: Option<String>,
    access: Option<String>,
    attended: Option<bool>,
}

/// An event of consent.
#[derive(Debug, Serialize)]
pub struct PersonalConsent {
    at: String,
    event: &'static str,
    by: &'static str,
    wording: Option<String>,
    topics: Option<String>,
    detail: Option<String>,
}

/// A message.
#[derive(Debug, Serialize)]
pub struct PersonalMessage {
    queued_at: String,
    kind: &'static str,
    subject: Option<String>,
    state: &'static str,
    server_said: Option<String>,
}

pub(super) fn personal_data(
    db: &mut Db,
    subscriber: Subscriber,
) -> Result<PersonalData, StoreError> {
    let mut consent = Vec::new();
    for event in consent_events::of(db, subscriber.id)? {
        let wording = match &event.wording_version {
            Some(version) => Some(consent_events::wording(db, version)?),
            None => None,
        };
        consent.push(PersonalConsent {
            at: local_time::rfc3339(event.at),
            event: event.kind.label(),
            by: event.channel.label(),
            wording,
            topics: event.topics,
            detail: event.detail,
        });
    }
    let messages = delivery_reports::messages_to(db, subscriber.id, 1000)?
        .into_iter()
        .map(|message| PersonalMessage {
            queued_at: local_time::rfc3339(message.created_at),
            kind: message.kind.label(),
            subject: message.subject,
            state: message.state.label(),
            server_said: message.reply,
        })
        .collect();
    let theirs = EventFilter {
        subscriber: Some(subscriber.id),
        ..EventFilter::default()
    };
    let came_back = inbound_events::list(db, theirs, 1000)?
        .into_iter()
        .map(|event| PersonalReturn {
            at: local_time::rfc3339(event.at),
            what: event.category.label(),
            what_followed: event.remedy.label(),
            words: event.words,
        })
        .collect();
    let kept = inbound_messages::of(db, subscriber.id, 1000)?
        .into_iter()
        .map(|message| PersonalKept {
            at: local_time::rfc3339(message.received_at),
            what: message.category.label(),
            sender: message.sender,
            subject: message.subject,
        })
        .collect();
    let changes_by_staff = audit_events::of(db, ("subscriber", subscriber.id.0), 1000)?
        .into_iter()
        .map(|event| PersonalChange {
            at: local_time::rfc3339(event.at),
            what: match event.detail {
                Some(detail) => format!("{}: {detail}", event.action),
                None => event.action,
            },
        })
        .collect();
    let symposia = read_symposia::registrations_of(db, subscriber.id)?
        .into_iter()
        .map(|(registration, symposium)| {
            let needs = registration.needs();
            PersonalRegistration {
                symposium: symposium.title,
                starts_at: local_time::rfc3339(symposium.starts_at),
                asked_at: local_time::rfc3339(registration.asked_at),
                state: registration.state.label(),
                dietary: needs.dietary,
                access: needs.access,
                attended: registration.attended,
            }
        })
        .collect();
    let topics = topics::chosen_by(db, subscriber.id)?
        .into_iter()
        .map(|t| t.name)
        .collect();
    Ok(PersonalData {
        email: subscriber.email,
        name: subscriber.name,
        practice: subscriber.practice,
        region: subscriber.region.map(|region| region.label()),
        role: subscriber.role.map(|role| role.label()),
        mcnz_number: subscriber.mcnz_number,
        status: subscriber.status.label(),
        status_reason: subscriber.status_reason,
        paused_until: subscriber.paused_until.map(local_time::rfc3339),
        source: subscriber.source,
        recorded_at: local_time::rfc3339(subscriber.created_at),
        topics,
        consent,
        symposia,
        messages,
        came_back,
        kept,
        changes_by_staff,
    })
}
