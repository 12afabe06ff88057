//! A symposium as a file for calendars: the same at its page and in messages.

use crate::clock::Timestamp;
use crate::domain::calendar_file::CalendarEvent;
use crate::domain::symposium::SymposiumState;
use crate::store::registrations::Registration;
use crate::store::symposia::Symposium;

use super::App;

/// A calendar file, and the method that its `Content-Type` names.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// `PUBLISH` or `CANCEL`.
    pub method: &'static str,
    /// The file.
    pub file: String,
}

/// The calendar file of a symposium, as it is now.
pub fn of(app: &App, symposium: &Symposium) -> Calendar {
    file(app, symposium, 0, None)
}

/// The calendar file that goes to somebody with a registration: with a place it brings the event, cancelled it takes it
/// out.
///
/// The event itself goes on for everybody else, so that each coming and going of this person counts as a change of
/// theirs: with every cancellation the number has to rise (RFC 5546, section 3.2.5), and with it that of what they get
/// when they come back. They had `earlier` registrations before this one.
pub fn of_person(
    app: &App,
    symposium: &Symposium,
    registration: &Registration,
    earlier: i64,
) -> Calendar {
    let changes = 2 * i32::try_from(earlier).unwrap_or(i32::MAX / 4);
    match registration.cancelled_at {
        Some(at) => file(app, symposium, changes + 1, Some(at)),
        None => file(app, symposium, changes, None),
    }
}

/// The file with the number of the event's version raised by `changes`, taken out of one person's calendar at
/// `given_up`, if so.
fn file(app: &App, symposium: &Symposium, changes: i32, given_up: Option<Timestamp>) -> Calendar {
    let url = app.symposium_url(&symposium.slug);
    // Of nothing that settings can change: with another identifier it would be another event.
    let uid = format!(
        "symposium-{}@{}.practice-points",
        symposium.id, app.instance.id
    );
    let site = app.site();
    let clinic = &site.clinic;
    let organizer = clinic.email.as_str();
    let event = CalendarEvent {
        uid: &uid,
        sequence: symposium.sequence.saturating_add(changes),
        changed_at: given_up.map_or(symposium.updated_at, |at| at.max(symposium.updated_at)),
        title: &symposium.title,
        description: &format!("{}\n\n{url}", symposium.summary),
        place: &symposium.place,
        url: &url,
        starts_at: symposium.starts_at,
        ends_at: symposium.ends_at,
        organizer: (&clinic.name, organizer),
        is_cancelled: given_up.is_some() || symposium.state == SymposiumState::Cancelled,
    };
    Calendar {
        method: event.method(),
        file: event.file(),
    }
}
