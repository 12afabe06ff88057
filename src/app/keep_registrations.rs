//! Staff look after who comes: the list, a registration that somebody asks for or cancels by telephone, who was there, and the file.

use crate::domain::email_address::EmailAddress;
use crate::domain::local_time;
use crate::domain::registration::{Needs, RegistrationId, RegistrationState};
use crate::domain::search_key::search_key;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::symposium::SymposiumId;
use crate::store::registrations::{self, Participant};
use crate::store::{audit_events, subscribers, symposia};

use super::export_subscribers::harmless;
use super::places::Attempt;
use super::{App, AppError, places};

/// Who asked for a place.
#[derive(Debug, Default)]
pub struct People {
    /// Who has one, by name.
    pub registered: Vec<Participant>,
    /// Who waits for one, the next first.
    pub waiting: Vec<Participant>,
    /// Who cancelled.
    pub cancelled: Vec<Participant>,
}

/// Who asked for a place.
///
/// # Errors
/// [`AppError::Store`].
pub async fn people(app: &App, id: SymposiumId) -> Result<People, AppError> {
    app.store
        .read(move |db| {
            let mut people = People::default();
            for participant in registrations::participants(db, id)? {
                match participant.registration.state {
                    RegistrationState::Registered => people.registered.push(participant),
                    RegistrationState::Waiting => people.waiting.push(participant),
                    RegistrationState::Cancelled => people.cancelled.push(participant),
                }
            }
            // On paper at the door, people are looked for by their names.
            people
                .registered
                .sort_by_cached_key(|one| search_key(&one.name));
            Ok(people)
        })
        .await
}

/// Registers a subscriber who asked for a place by telephone or at the desk, and tells them by mail.
///
/// # Errors
/// [`AppError::Invalid`] for the field `email` when no confirmed subscriber has this address, or they are registered already;
/// [`AppError::Refused`] when registration is not open; [`AppError::NotFound`] when there is no such event.
pub async fn add(
    app: &App,
    by: StaffId,
    id: SymposiumId,
    email: EmailAddress,
    needs: Needs,
) -> Result<Attempt, AppError> {
    let invalid = |problem: &str| AppError::Invalid(vec![("email", problem.to_owned())]);
    let now = app.now();
    let attempt = app
        .store
        .write(move |db| {
            let symposium = symposia::get(db, id)?;
            let Some(found) = subscribers::by_email(db, &email)? else {
                return Err(invalid("Nobody with this address is subscribed."));
            };
            subscribers::take_turn(db, found.id)?;
            if subscribers::get(db, found.id)?.status != SubscriberStatus::Active {
                return Err(invalid(
                    "This person is not subscribed at present, so no message could reach them.",
                ));
            }
            if registrations::open_of(db, id, found.id)?.is_some() {
                return Err(invalid("This person is registered already."));
            }
            let needs = places::asked_for(&symposium, needs);
            let attempt = places::ask_for_a_place(db, id, found.id, &needs, now)?;
            if let Ok(standing) = &attempt.outcome {
                let entity = ("registration", Some(standing.registration.0));
                audit_events::append(db, Some(by), "registration.add", entity, None, now)?;
            }
            Ok(attempt)
        })
        .await?;
    app.wake.notify_one();
    Ok(attempt)
}

/// Cancels a registration for somebody who asked for it, and tells them; their place passes on.
///
/// # Errors
/// [`AppError::Refused`] when it is cancelled already, or the event is over; [`AppError::NotFound`].
pub async fn cancel(
    app: &App,
    by: StaffId,
    id: SymposiumId,
    registration: RegistrationId,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            symposia::take_turn(db, id)?;
            let symposium = symposia::get(db, id)?;
            if registrations::get(db, registration)?.symposium_id != id {
                return Err(AppError::NotFound);
            }
            if symposium.ends_at <= now {
                return Err(AppError::refused("The event is over."));
            }
            if !places::cancel_and_tell(db, registration, true, now)? {
                return Err(AppError::refused("This registration is cancelled already."));
            }
            let entity = ("registration", Some(registration.0));
            audit_events::append(db, Some(by), "registration.cancel", entity, None, now)?;
            Ok(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// Notes who came; everybody else with a place did not.
///
/// # Errors
/// [`AppError::Refused`] before the event begins; [`AppError::NotFound`].
pub async fn mark_attended(
    app: &App,
    by: StaffId,
    id: SymposiumId,
    attended: Vec<RegistrationId>,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            symposia::take_turn(db, id)?;
            if symposia::get(db, id)?.starts_at > now {
                return Err(AppError::refused(
                    "Who came can be noted from the beginning of the event on.",
                ));
            }
            registrations::set_attended(db, id, &attended)?;
            let detail = format!("{} people", attended.len());
            let entity = ("symposium", Some(id.0));
            audit_events::append(
                db,
                Some(by),
                "symposium.attended",
                entity,
                Some(&detail),
                now,
            )?;
            Ok(())
        })
        .await
}

/// Everybody with a place or on the waiting list, as CSV in UTF-8. The export is noted in the audit.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn export(app: &App, by: StaffId, id: SymposiumId) -> Result<Vec<u8>, AppError> {
    let now = app.now();
    let people = app
        .store
        .write(move |db| {
            symposia::get(db, id)?;
            let mut people = registrations::participants(db, id)?;
            people.retain(|one| one.registration.is_open());
            let detail = format!("{} people", people.len());
            let entity = ("symposium", Some(id.0));
            audit_events::append(db, Some(by), "symposium.export", entity, Some(&detail), now)?;
            Ok::<_, AppError>(people)
        })
        .await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let titles = [
        "name",
        "email",
        "practice",
        "state",
        "waiting_number",
        "dietary",
        "access",
        "asked_at",
        "attended",
    ];
    writer.write_record(titles).map_err(AppError::internal)?;
    let mut waiting = 0;
    for person in &people {
        let is_waiting = person.registration.state == RegistrationState::Waiting;
        waiting += i32::from(is_waiting);
        let number = if is_waiting {
            waiting.to_string()
        } else {
            String::new()
        };
        let cells = cells(person, number);
        writer.write_record(cells).map_err(AppError::internal)?;
    }
    writer
        .into_inner()
        .map_err(|error| AppError::internal(error.into_error()))
}

fn cells(person: &Participant, waiting_number: String) -> [String; 9] {
    let needs = person.registration.needs();
    let or_empty = |text: Option<&str>| harmless(text.unwrap_or_default());
    let attended = match person.registration.attended {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        harmless(&person.name),
        harmless(&person.email),
        or_empty(person.practice.as_deref()),
        person.registration.state.as_str().to_owned(),
        waiting_number,
        or_empty(needs.dietary.as_deref()),
        or_empty(needs.access.as_deref()),
        local_time::rfc3339(person.registration.asked_at),
        attended.to_owned(),
    ]
}
