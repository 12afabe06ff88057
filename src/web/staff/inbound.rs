//! What came back: messages that a person has to look at, and what was understood.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, AppError, read_inbound};
use crate::domain::bounce::Remedy;
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::domain::inbound::{InboundId, Way};
use crate::domain::{email_address, harmless, local_time};
use crate::store::inbound_events::{EventFilter, EventReport};
use crate::store::inbound_messages::MessageEntry;
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// So much of a message is shown, in bytes.
const LONGEST_SHOWN: usize = 256 * 1024;

/// Something that was understood, as lists show it.
pub(in crate::web::staff) struct EventRow {
    pub(super) at: String,
    pub(super) who: String,
    pub(super) who_url: Option<String>,
    pub(super) bulletin: String,
    pub(super) bulletin_url: Option<String>,
    pub(super) category: &'static str,
    pub(super) code: String,
    pub(super) words: String,
    pub(super) remedy: &'static str,
    pub(super) remedy_label: &'static str,
    pub(super) way: &'static str,
}

impl EventRow {
    pub(in crate::web::staff) fn of(event: EventReport) -> Self {
        let name = event.name.filter(|name| !name.is_empty());
        let email = event.email.map(|email| email_address::for_people(&email));
        Self {
            at: local_time::display(event.at),
            who: name.or(email).unwrap_or_default(),
            who_url: event
                .subscriber_id
                .map(|id| format!("/staff/subscribers/{id}")),
            bulletin: event.subject.unwrap_or_default(),
            bulletin_url: event.bulletin_id.map(|id| format!("/staff/bulletins/{id}")),
            category: event.category.label(),
            code: event.code.unwrap_or_default(),
            words: event.words,
            remedy: css(event.remedy),
            remedy_label: event.remedy.label(),
            way: event.way.label(),
        }
    }
}

/// The badge's colour: those of the states that the style sheet knows.
fn css(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Suspend => "suspended",
        Remedy::Strike => "deferred",
        Remedy::Alarm => "refused",
        Remedy::Unsubscribe => "unsubscribed",
        Remedy::Note => "skipped",
        Remedy::Keep => "pending",
    }
}

struct MessageRow {
    url: String,
    at: String,
    category: &'static str,
    sender: String,
    subject: String,
    about: String,
    is_open: bool,
}

impl MessageRow {
    fn of(entry: MessageEntry) -> Self {
        Self {
            url: format!("/staff/inbound/{}", entry.id),
            at: local_time::display(entry.received_at),
            category: entry.category.label(),
            sender: entry.sender,
            subject: match entry.subject.as_str() {
                "" => "(no subject)".to_owned(),
                subject => subject.to_owned(),
            },
            about: entry
                .email
                .map(|email| email_address::for_people(&email))
                .unwrap_or_default(),
            is_open: entry.wants_attention && entry.handled_at.is_none(),
        }
    }
}

/// Which list is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    view: String,
    bulletin: String,
    before: String,
}

struct View {
    label: &'static str,
    url: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/staff/inbound/index.html")]
struct Index {
    page: PageContext,
    views: Vec<View>,
    shows_events: bool,
    messages: Vec<MessageRow>,
    events: Vec<EventRow>,
    of_bulletin: bool,
    pager: Pager,
}

/// `GET /staff/inbound?view=open|kept|understood|alarms&bulletin=&before=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let bulletin = query.bulletin.parse().ok().map(BulletinId);
    let view = match query.view.as_str() {
        _ if bulletin.is_some() => "understood",
        view @ ("kept" | "understood" | "alarms") => view,
        _ => "open",
    };
    let before = query.before.parse::<i64>().ok();
    let shows_events = matches!(view, "understood" | "alarms");
    let (messages, events, last) = if shows_events {
        let filter = EventFilter {
            bulletin,
            remedy: (view == "alarms").then_some(Remedy::Alarm),
            before,
            ..EventFilter::default()
        };
        let (events, has_more) = read_inbound::events(&app, filter).await?;
        let last = events.last().map(|event| event.id).filter(|_| has_more);
        (Vec::new(), events, last)
    } else {
        let (messages, has_more) =
            read_inbound::messages(&app, view == "open", before.map(InboundId)).await?;
        let last = messages.last().map(|entry| entry.id.0);
        (messages, Vec::new(), last.filter(|_| has_more))
    };
    let count = i64::try_from(messages.len() + events.len()).unwrap_or(i64::MAX);
    let address = |before: &str| {
        let fields = [
            ("view", view),
            ("bulletin", query.bulletin.as_str()),
            ("before", before),
        ];
        list_address("/staff/inbound", fields, 0)
    };
    let pager = Pager {
        label: format!("{} on this page", grouped(count)),
        previous: before.map(|_| address("")),
        next: last.map(|last| address(&last.to_string())),
    };
    let views = [
        ("To look at", "open", "/staff/inbound"),
        ("All that is kept", "kept", "/staff/inbound?view=kept"),
        ("Understood", "understood", "/staff/inbound?view=understood"),
        ("Alarms", "alarms", "/staff/inbound?view=alarms"),
    ];
    show_page(&Index {
        page,
        views: views
            .map(|(label, name, url)| View {
                label,
                url,
                current: name == view && bulletin.is_none(),
            })
            .into(),
        shows_events,
        messages: messages.into_iter().map(MessageRow::of).collect(),
        events: events.into_iter().map(EventRow::of).collect(),
        of_bulletin: bulletin.is_some(),
        pager,
    })
}

#[derive(Template)]
#[template(path = "web/staff/inbound/show.html")]
struct Show {
    page: PageContext,
    id: InboundId,
    subject: String,
    sender: String,
    at: String,
    way: &'static str,
    category: &'static str,
    about: Option<(String, String)>,
    size: String,
    is_cut: bool,
    in_mailbox: bool,
    wants_attention: bool,
    handled: Option<String>,
    raw: String,
}

/// `GET /staff/inbound/{id}`: as text, and never as anything else.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let id = InboundId(*id);
    let (entry, content) = read_inbound::show(&app, id).await?;
    let kept = i64::try_from(content.len()).unwrap_or(i64::MAX);
    let about = entry
        .subscriber_id
        .zip(entry.email.filter(|email| !email.is_empty()));
    show_page(&Show {
        page,
        id,
        subject: match entry.subject.as_str() {
            "" => "(no subject)".to_owned(),
            subject => subject.to_owned(),
        },
        sender: entry.sender,
        at: local_time::display(entry.received_at),
        way: entry.way.label(),
        category: entry.category.label(),
        about: about.map(|(id, email)| {
            let url = format!("/staff/subscribers/{id}");
            (url, email_address::for_people(&email))
        }),
        size: format!(
            "{} KB",
            grouped(entry.byte_count.max(0).saturating_add(1023) / 1024)
        ),
        is_cut: kept < entry.byte_count,
        in_mailbox: entry.way == Way::Mailbox,
        wants_attention: entry.wants_attention,
        handled: entry.handled_at.map(|at| {
            let by = entry.handled_by.unwrap_or_default();
            format!("by {by} on {}", local_time::display(at))
        }),
        raw: harmless::lines(&String::from_utf8_lossy(&content), LONGEST_SHOWN),
    })
}

/// `POST /staff/inbound/{id}/handled`.
pub(in crate::web) async fn handled(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    match read_inbound::set_handled(&app, staff.0.id, InboundId(*id)).await {
        Ok(()) => Ok(see_other_saying(
            &app,
            "/staff/inbound",
            "Marked as dealt with.",
        )),
        Err(AppError::NotFound) => Err(Problem::not_found()),
        Err(error) => Err(error.into()),
    }
}
