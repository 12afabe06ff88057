//! Messages about symposia: made of what holds at the moment of sending, and not sent when they have been overtaken.

use crate::app::calendar::{self, Calendar};
use crate::app::links::{REGISTER_FOR, REGISTER_IN_WORDS};
use crate::app::places::standing;
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::local_time;
use crate::domain::registration::{RegistrationId, RegistrationState};
use crate::domain::symposium::{SymposiumId, SymposiumState};
use crate::mail::content::Content;
use crate::mail::message::Attachment;
use crate::mail::notice::symposium::{Event, News, RegisterLink, RegistrationNews};
use crate::mail::sender::Sender;
use crate::store::deliveries::Claimed;
use crate::store::registrations::{self, Registration};
use crate::store::symposia::{self, Symposium};
use crate::store::{Db, StoreError};

use super::message::ComposeError;

/// A message before it is compiled.
pub(super) struct Notice {
    pub(super) content: Content,
    pub(super) calendar: Option<Attachment>,
}

/// What a row about a symposium says. `reference` is the symposium of a link to register, and otherwise a registration.
pub(super) async fn notice(
    app: &App,
    sender: &Sender,
    row: &Claimed,
    reference: i64,
    now: Timestamp,
) -> Result<Notice, ComposeError> {
    if row.kind == DeliveryKind::SymposiumLink {
        return link(app, sender, row, SymposiumId(reference), now).await;
    }
    let (registration, symposium, waiting, earlier) = app
        .store
        .read(move |db| {
            let registration = registrations::get(db, RegistrationId(reference))?;
            let symposium = symposia::get(db, registration.symposium_id)?;
            let waiting = standing(db, &registration)?.waiting;
            let earlier = registrations::earlier(db, &registration)?;
            Ok::<_, AppError>((registration, symposium, waiting, earlier))
        })
        .await?;
    let news = match row.kind {
        DeliveryKind::SymposiumRegistered => News::Registered,
        // Who has a place by now moved up since the row was claimed.
        DeliveryKind::SymposiumWaiting => waiting.map_or(News::MovedUp, News::Waiting),
        DeliveryKind::SymposiumMovedUp => News::MovedUp,
        DeliveryKind::SymposiumChanged => News::Changed {
            waiting: waiting.is_some(),
        },
        DeliveryKind::SymposiumCancelled => News::Cancelled,
        DeliveryKind::SymposiumReminder => News::Reminder,
        DeliveryKind::SymposiumGivenUp | DeliveryKind::SymposiumWaitEnded => News::GivenUp {
            had_a_place: row.kind == DeliveryKind::SymposiumGivenUp,
        },
        DeliveryKind::SymposiumPlaceCancelled | DeliveryKind::SymposiumWaitCancelled => {
            News::CancelledByTheClinic {
                had_a_place: row.kind == DeliveryKind::SymposiumPlaceCancelled,
            }
        }
        _ => return Err(AppError::NotFound.into()),
    };
    // Who waits has nothing to put into a calendar, and nothing to take out of it.
    let has_calendar = waiting.is_none()
        && !matches!(
            news,
            News::GivenUp { had_a_place: false }
                | News::CancelledByTheClinic { had_a_place: false }
        );
    let calendar = has_calendar
        .then(|| attachment(calendar::of_person(app, &symposium, &registration, earlier)));
    let content = RegistrationNews {
        sender,
        event: &event(app, &symposium),
        news,
        registration_url: &app.registration_url(registration.id),
        asks_needs: symposium.asks_dietary || symposium.asks_access,
        has_calendar: calendar.is_some(),
    }
    .render()?;
    Ok(Notice { content, calendar })
}

async fn link(
    app: &App,
    sender: &Sender,
    row: &Claimed,
    symposium: SymposiumId,
    now: Timestamp,
) -> Result<Notice, ComposeError> {
    let subscriber = row.subscriber_id.ok_or(AppError::NotFound)?;
    let symposium = app
        .store
        .read(move |db| Ok::<_, AppError>(symposia::get(db, symposium)?))
        .await?;
    let register_url = app.register_url(&symposium.slug, subscriber, now.plus(REGISTER_FOR));
    let content = RegisterLink {
        sender,
        event: &event(app, &symposium),
        register_url: &register_url,
        valid: REGISTER_IN_WORDS,
    }
    .render()?;
    Ok(Notice {
        content,
        calendar: None,
    })
}

fn event(app: &App, symposium: &Symposium) -> Event {
    Event {
        title: symposium.title.clone(),
        when: local_time::display_span(symposium.starts_at, symposium.ends_at),
        place: symposium.place.clone(),
        url: app.symposium_url(&symposium.slug),
    }
}

fn attachment(calendar: Calendar) -> Attachment {
    Attachment {
        file_name: "symposium.ics",
        media_type: format!("text/calendar; method={}", calendar.method),
        text: calendar.file,
    }
}

/// Why a message about a registration is not to be sent any more, if so.
pub(super) fn objection(
    db: &mut Db,
    row: &Claimed,
    now: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    let Some(id) = row.reference_id else {
        return Ok(Some("the registration is gone"));
    };
    let registration = match registrations::get(db, RegistrationId(id)) {
        Ok(registration) => registration,
        Err(StoreError::NotFound) => return Ok(Some("the registration is gone")),
        Err(error) => return Err(error),
    };
    let symposium = symposia::get(db, registration.symposium_id)?;
    if row.kind.ends_a_registration() {
        let newest = registrations::open_of(db, symposium.id, registration.subscriber_id)?;
        return Ok(out_of_date(newest.as_ref(), &symposium, now));
    }
    Ok(overtaken(row.kind, &registration, &symposium, now))
}

/// Why nobody needs to be told any more that they cancelled: whoever has a place again by now would take the event out of
/// their calendar.
fn out_of_date(
    newest: Option<&Registration>,
    symposium: &Symposium,
    now: Timestamp,
) -> Option<&'static str> {
    if symposium.ends_at <= now {
        return Some("the event is over");
    }
    newest
        .is_some_and(|newest| newest.state == RegistrationState::Registered)
        .then_some("has a place again")
}

fn overtaken(
    kind: DeliveryKind,
    registration: &Registration,
    symposium: &Symposium,
    now: Timestamp,
) -> Option<&'static str> {
    if !registration.is_open() {
        return Some("has cancelled");
    }
    if kind == DeliveryKind::SymposiumCancelled {
        return None;
    }
    if symposium.state == SymposiumState::Cancelled {
        return Some("the event was cancelled");
    }
    if symposium.starts_at <= now {
        return Some("the event has begun");
    }
    (kind == DeliveryKind::SymposiumWaiting && registration.state == RegistrationState::Registered)
        .then_some("has a place meanwhile")
}
