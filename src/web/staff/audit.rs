//! What staff did, and when.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, audit};
use crate::domain::local_time;
use crate::store::audit_events::AuditEvent;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};

struct EventRow {
    at: String,
    who: String,
    what: String,
    url: Option<String>,
}

impl EventRow {
    fn of(event: AuditEvent) -> Self {
        Self {
            at: local_time::display(event.at),
            what: in_words(&event),
            url: address(&event),
            who: event
                .staff_name
                .unwrap_or_else(|| "The program, or the command line".to_owned()),
        }
    }
}

/// What each action is called. A test reads the sources and sees to it that none is left out; one that an older version
/// wrote, and this one does not know, is shown by its name.
const WORDS: &[(&str, &str)] = &[
    ("article.approve", "Approved an article"),
    ("article.checklist", "Ticked the checklist of a case study"),
    ("article.consent", "Recorded a patient’s consent"),
    (
        "article.consent-withdraw",
        "Marked a patient’s consent as taken back",
    ),
    ("article.create", "Began an article"),
    ("article.publish", "Put an article on the site"),
    (
        "article.reinstate",
        "Made a superseded article current again",
    ),
    ("article.save", "Saved an article"),
    ("article.submit", "Asked for the review of an article"),
    (
        "article.supersede",
        "Put one article in the place of another",
    ),
    ("article.unpublish", "Took an article off the site"),
    ("article.withdraw", "Took an article back to draft"),
    ("bulletin.approve", "Approved a bulletin"),
    ("bulletin.cancel", "Cancelled a bulletin"),
    ("bulletin.create", "Began a bulletin"),
    ("bulletin.pause", "Paused a bulletin"),
    ("bulletin.resume", "Resumed a bulletin"),
    ("bulletin.save", "Saved a bulletin"),
    ("bulletin.schedule", "Scheduled a bulletin"),
    ("bulletin.send", "Started sending a bulletin"),
    ("bulletin.sent", "Finished sending a bulletin"),
    ("bulletin.submit", "Asked for the approval of a bulletin"),
    ("bulletin.test", "Sent a bulletin on trial"),
    ("bulletin.unschedule", "Took a bulletin off the schedule"),
    ("bulletin.withdraw", "Took a bulletin back to draft"),
    ("image.alt", "Changed the alternative text of an image"),
    ("image.delete", "Deleted an image"),
    ("image.take-away", "Took an image away that was shown"),
    ("image.upload", "Uploaded an image"),
    ("inbound.handled", "Dealt with something that came back"),
    (
        "registration.cancel",
        "Cancelled somebody’s registration for a symposium",
    ),
    ("settings.clinic", "Changed what is said of the clinic"),
    ("settings.colours", "Changed the clinic’s colours"),
    ("settings.key-made", "Made a DKIM key"),
    ("settings.key-signs", "Let a DKIM key sign"),
    ("settings.key-stops", "Let a DKIM key sign no more"),
    ("settings.logo", "Changed the clinic’s logo"),
    (
        "settings.notices",
        "Changed what people are told about privacy",
    ),
    ("settings.retention", "Changed how long things are kept"),
    ("settings.sender", "Changed the sender of messages"),
    ("settings.wording", "Changed the wording of consent"),
    ("staff.add", "Added a member of staff"),
    ("staff.change", "Changed a member of staff"),
    ("staff.change-password", "Changed their own password"),
    ("staff.end-session", "Ended a session of their own"),
    ("staff.first-owner", "Became the first owner"),
    (
        "staff.set-password",
        "Set the password of a member of staff",
    ),
    ("staff.sign-in", "Signed in"),
    ("subscriber.add", "Added a subscriber"),
    (
        "subscriber.ask-again",
        "Asked a subscriber to confirm the address again",
    ),
    (
        "subscriber.download",
        "Downloaded what is held about a subscriber",
    ),
    ("subscriber.edit", "Edited a subscriber"),
    ("subscriber.erase", "Erased a subscriber"),
    ("subscriber.reinstate", "Reinstated a subscriber"),
    ("subscriber.suspend", "Suspended a subscriber"),
    ("subscriber.unsubscribe", "Unsubscribed a subscriber"),
    ("subscribers.export", "Exported subscribers"),
    ("subscribers.import", "Imported subscribers"),
    ("symposium.attended", "Noted who came to a symposium"),
    ("symposium.cancel", "Cancelled a symposium"),
    ("symposium.create", "Began a symposium"),
    ("symposium.export", "Exported the people of a symposium"),
    ("symposium.publish", "Put a symposium on the site"),
    ("symposium.save", "Saved a symposium"),
    ("topic.add", "Added a topic"),
    ("topic.describe", "Changed a topic’s name or description"),
    ("topic.move", "Changed the order of the topics"),
    ("topic.offer", "Offered a retired topic again"),
    ("topic.retire", "Retired a topic"),
];

fn in_words(event: &AuditEvent) -> String {
    let known = WORDS.iter().find(|(action, _)| *action == event.action);
    let words = known.map_or(event.action.as_str(), |(_, words)| words);
    match &event.detail {
        Some(detail) => format!("{words}: {detail}"),
        None => words.to_owned(),
    }
}

fn address(event: &AuditEvent) -> Option<String> {
    if event.entity == "settings" {
        return Some("/staff/settings".to_owned());
    }
    let id = event.entity_id?;
    match event.entity.as_str() {
        "article" => Some(format!("/staff/articles/{id}")),
        "bulletin" => Some(format!("/staff/bulletins/{id}")),
        "inbound" => Some(format!("/staff/inbound/{id}")),
        "import" => Some(format!("/staff/subscribers/import/{id}")),
        "topic" => Some("/staff/settings/topics".to_owned()),
        "symposium" => Some(format!("/staff/symposia/{id}")),
        // The page of who was erased has nothing to show.
        "subscriber" if event.action != "subscriber.erase" => {
            Some(format!("/staff/subscribers/{id}"))
        }
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "web/staff/audit.html")]
struct AuditPage {
    page: PageContext,
    events: Vec<EventRow>,
    pager: Pager,
}

/// From where on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AuditQuery {
    before: String,
}

/// `GET /staff/audit?before=`: by key, so that new events do not move the pages.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<AuditQuery>,
) -> Answer {
    let before = query.before.parse::<i64>().ok();
    let events = audit::list(&app, before).await?;
    let is_full = i64::try_from(events.len()).unwrap_or(i64::MAX) >= audit::PAGE_SIZE;
    let next = events.last().filter(|_| is_full).map(|last| last.id);
    let pager = Pager {
        label: if before.is_some() {
            "Earlier events"
        } else {
            "The newest events"
        }
        .to_owned(),
        previous: before.map(|_| "/staff/audit".to_owned()),
        next: next.map(|id| format!("/staff/audit?before={id}")),
    };
    let events = events.into_iter().map(EventRow::of).collect();
    show_page(&AuditPage {
        page,
        events,
        pager,
    })
}
