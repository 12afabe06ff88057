//! A symposium as a file for calendars: the same at its page and in messages.

use crate::domain::calendar_file::CalendarEvent;
use crate::domain::symposium::SymposiumState;
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
    let url = app.symposium_url(&symposium.slug);
    // Of nothing that settings can change: with another identifier it would be another event.
    let uid = format!(
        "symposium-{}@{}.practice-points",
        symposium.id, app.instance.id
    );
    let clinic = &app.settings.clinic;
    let organizer = clinic.email.as_str();
    let event = CalendarEvent {
        uid: &uid,
        sequence: symposium.sequence,
        changed_at: symposium.updated_at,
        title: &symposium.title,
        description: &format!("{}\n\n{url}", symposium.summary),
        place: &symposium.place,
        url: &url,
        starts_at: symposium.starts_at,
        ends_at: symposium.ends_at,
        organizer: (&clinic.name, organizer),
        is_cancelled: symposium.state == SymposiumState::Cancelled,
    };
    Calendar {
        method: event.method(),
        file: event.file(),
    }
}
