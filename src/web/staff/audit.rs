//! What staff did, and when.

mod export;
mod filter;

use actix_web::web::{Data, Query};
use askama::Template;

use crate::app::audit::Told;
use crate::app::{App, audit, keep_staff};
use crate::domain::local_time;
use crate::store::audit_events::AuditEvent;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};

pub(in crate::web) use export::export;
use filter::{AuditQuery, Choice, Group};

struct EventRow {
    at: String,
    who: String,
    what: String,
    url: Option<String>,
    /// Everything that was done to the same thing.
    history_url: Option<String>,
}

/// Who did it, where it was nobody of the staff.
const PROGRAM: &str = "The program, or the command line";

impl EventRow {
    fn of(told: Told) -> Self {
        let what = with_title(&told);
        let event = told.event;
        Self {
            at: local_time::display(event.at),
            what,
            url: address(&event),
            history_url: filter::history(&event),
            who: event.staff_name.unwrap_or_else(|| PROGRAM.to_owned()),
        }
    }
}

/// What each action is called. A test reads the sources and sees to it that none is left out; one that an older version
/// wrote, and this one does not know, is shown by its name.
const WORDS: &[(&str, &str)] = &[
    ("article.approve", "Approved an article"),
    (
        "article.changes",
        "Asked for changes and took an article back to draft",
    ),
    ("article.checklist", "Ticked the checklist of a case study"),
    ("article.consent", "Recorded a patient’s consent"),
    (
        "article.consent-withdraw",
        "Marked a patient’s consent as taken back",
    ),
    ("article.create", "Began an article"),
    ("article.delete", "Deleted the draft of an article"),
    ("article.publish", "Put an article on the site"),
    (
        "article.reinstate",
        "Made a superseded article current again",
    ),
    ("article.remark", "Made a remark on an article"),
    ("article.save", "Saved an article"),
    ("article.submit", "Asked for the review of an article"),
    (
        "article.supersede",
        "Put one article in the place of another",
    ),
    ("article.unpublish", "Took an article off the site"),
    ("article.withdraw", "Took an article back to draft"),
    ("audience.delete", "Deleted a saved audience"),
    ("audience.rename", "Renamed a saved audience"),
    ("audience.save", "Saved an audience"),
    ("audit.export", "Exported the audit"),
    ("bulletin.approve", "Approved a bulletin"),
    ("bulletin.cancel", "Cancelled a bulletin"),
    (
        "bulletin.changes",
        "Asked for changes and took a bulletin back to draft",
    ),
    (
        "bulletin.check-links",
        "Had the links of a bulletin looked at",
    ),
    ("bulletin.correct", "Began the correction of a bulletin"),
    ("bulletin.create", "Began a bulletin"),
    ("bulletin.delete", "Deleted the draft of a bulletin"),
    (
        "bulletin.export",
        "Exported a list of the people of a bulletin",
    ),
    ("bulletin.hold", "Held a bulletin at its time"),
    (
        "bulletin.override",
        "Let something pass before a bulletin goes out",
    ),
    (
        "bulletin.override-back",
        "Took back that something was let pass",
    ),
    ("bulletin.pause", "Paused a bulletin"),
    (
        "bulletin.release",
        "Had the second wave of a bulletin go at once",
    ),
    ("bulletin.resume", "Resumed a bulletin"),
    ("bulletin.save", "Saved a bulletin"),
    ("bulletin.schedule", "Scheduled a bulletin"),
    ("bulletin.send", "Started sending a bulletin"),
    (
        "bulletin.send-again",
        "Sent a bulletin again to those whose messages failed",
    ),
    ("bulletin.sent", "Finished sending a bulletin"),
    ("bulletin.submit", "Asked for the approval of a bulletin"),
    ("bulletin.test", "Sent a bulletin on trial"),
    ("bulletin.unschedule", "Took a bulletin off the schedule"),
    (
        "bulletin.waves",
        "Chose in how many waves a bulletin goes out",
    ),
    ("bulletin.withdraw", "Took a bulletin back to draft"),
    ("filter.delete", "Deleted a filter of the subscribers"),
    ("filter.save", "Saved a filter of the subscribers"),
    ("image.alt", "Changed the alternative text of an image"),
    ("image.delete", "Deleted an image"),
    ("image.take-away", "Took an image away that was shown"),
    ("image.upload", "Uploaded an image"),
    ("inbound.handled", "Dealt with something that came back"),
    (
        "registration.add",
        "Registered somebody for a symposium who asked for it",
    ),
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
    ("staff.choose-mails", "Chose which mails they get"),
    ("staff.end-session", "Ended a session of their own"),
    ("staff.first-owner", "Became the first owner"),
    ("staff.invite", "Invited somebody to the staff"),
    (
        "staff.invite-again",
        "Sent an invitation to the staff again",
    ),
    ("staff.join", "Joined the staff by an invitation"),
    ("staff.rename", "Corrected the name of a member of staff"),
    ("staff.recovery-code", "Signed in with a recovery code"),
    ("staff.recovery-codes", "Made new recovery codes"),
    (
        "staff.require-second-factor",
        "Required a second factor of publishers and owners",
    ),
    ("staff.second-factor", "Took a second factor into use"),
    (
        "staff.second-factor-off",
        "Took their own second factor off",
    ),
    (
        "staff.second-factor-reset",
        "Took the second factor of a member of staff off",
    ),
    (
        "staff.reset-password",
        "Chose a new password by a mailed link",
    ),
    (
        "staff.set-password",
        "Set the password of a member of staff",
    ),
    ("staff.sign-in", "Signed in"),
    ("staff.sign-in-link", "Used a mailed link to sign in"),
    (
        "staff.waive-second-factor",
        "Left second factors to each member of staff",
    ),
    (
        "staff.withdraw-invitation",
        "Withdrew an invitation to the staff",
    ),
    (
        "staff.wrong-codes",
        "Gave the right password, and too many wrong codes",
    ),
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
    ("subscriber.merge", "Merged two records of a subscriber"),
    ("subscriber.reinstate", "Reinstated a subscriber"),
    ("subscriber.suspend", "Suspended a subscriber"),
    ("subscriber.unsubscribe", "Unsubscribed a subscriber"),
    ("subscribers.change-many", "Changed many subscribers"),
    (
        "subscribers.change-many-undo",
        "Took back a change to many subscribers",
    ),
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

/// What an action is called.
fn called(event: &AuditEvent) -> &str {
    let known = WORDS.iter().find(|(action, _)| *action == event.action);
    known.map_or(event.action.as_str(), |(_, words)| words)
}

/// What was done, with the title of what it was done to where that is not told already.
fn with_title(told: &Told) -> String {
    let event = &told.event;
    let detail = event.detail.as_deref();
    let Some(title) = told.title.as_deref().filter(|title| !title.is_empty()) else {
        return in_words(event);
    };
    let is_told = detail.is_some_and(|detail| detail.contains(title));
    // Who signed in stands beside it, and what is noted of a topic is its name at that time.
    let is_own = event.entity == "staff member" && event.staff_name.as_deref() == Some(title);
    let is_noted = event.entity == "topic" && detail.is_some();
    if is_told || is_own || is_noted {
        return in_words(event);
    }
    let words = called(event);
    let title = match event.entity.as_str() {
        "staff member" => title.to_owned(),
        _ => format!("“{title}”"),
    };
    match detail {
        Some(detail) => format!("{words}: {title}; {detail}"),
        None => format!("{words}: {title}"),
    }
}

pub(super) fn in_words(event: &AuditEvent) -> String {
    let words = called(event);
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
        "audience" => Some("/staff/audiences".to_owned()),
        // A draft that was deleted has no page.
        "article" if event.action != "article.delete" => Some(format!("/staff/articles/{id}")),
        "bulletin" if event.action != "bulletin.delete" => Some(format!("/staff/bulletins/{id}")),
        "inbound" => Some(format!("/staff/inbound/{id}")),
        "bulk" => Some(format!("/staff/subscribers/bulk/{id}")),
        "import" => Some(format!("/staff/subscribers/import/{id}")),
        "topic" => Some("/staff/settings/topics".to_owned()),
        "symposium" => Some(format!("/staff/symposia/{id}")),
        "staff member" => Some("/staff/members".to_owned()),
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
    filter: AuditQuery,
    filtered: bool,
    bad_date: bool,
    people: Vec<Choice>,
    groups: Vec<Group>,
    about: Option<String>,
    export_url: String,
    events: Vec<EventRow>,
    pager: Pager,
}

/// `GET /staff/audit?q=&who=&what=&about=&from=&until=&before=`: by key, so that new events do not move the pages.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<AuditQuery>,
) -> Answer {
    let query = query.into_inner();
    let (filters, bad_date) = query.filters();
    let before = query.before.parse::<i64>().ok();
    // One more than is shown tells whether there are earlier ones.
    let mut events = audit::list(&app, filters, before, audit::PAGE_SIZE + 1).await?;
    let size = usize::try_from(audit::PAGE_SIZE).unwrap_or(usize::MAX);
    let is_full = events.len() > size;
    events.truncate(size);
    let next = events.last().filter(|_| is_full).map(|last| last.event.id);
    let pager = Pager {
        label: if before.is_some() {
            "Earlier events"
        } else {
            "The newest events"
        }
        .to_owned(),
        previous: before.map(|_| query.address("/staff/audit", None)),
        next: next.map(|id| query.address("/staff/audit", Some(id))),
    };
    let people = keep_staff::all(&app).await?;
    show_page(&AuditPage {
        page,
        filtered: query.is_set(),
        bad_date,
        people: filter::people(people),
        groups: filter::groups(),
        about: query.about_in_words(),
        export_url: query.address("/staff/audit.csv", None),
        filter: query,
        events: events.into_iter().map(EventRow::of).collect(),
        pager,
    })
}
