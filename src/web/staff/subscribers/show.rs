//! One subscriber: who they are, what they agreed to, what was sent to them.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::keep_subscribers::Record;
use crate::app::{App, AppError, keep_subscribers, merge_subscribers};
use crate::clock::Timestamp;
use crate::domain::consent::ConsentKind;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::{email_address, local_time};
use crate::store::audit_events::AuditEvent;
use crate::store::consent_events::ConsentEvent;
use crate::store::delivery_reports::MessageReport;
use crate::store::inbound_messages::MessageEntry;
use crate::store::registrations::Registration;
use crate::store::symposia::Symposium;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::{Staff, see_other};
use crate::web::staff::audit;
use crate::web::staff::inbound::EventRow;

/// The forms of the page, as they were filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct StatusForm {
    pub(super) reason: String,
    pub(super) confirm: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(StatusForm);

struct SubscriberView {
    id: i64,
    name: String,
    email: String,
    practice: String,
    region_label: &'static str,
    role_label: &'static str,
    mcnz_number: String,
    status: &'static str,
    status_label: &'static str,
    status_since: String,
    status_reason: Option<String>,
    paused_until: Option<String>,
    added: String,
    topics: Vec<String>,
    may_suspend: bool,
    may_reinstate: bool,
    confirms_again: bool,
    may_unsubscribe: bool,
    has_left: bool,
    may_erase: bool,
}

struct ConsentRow {
    at: String,
    event_label: &'static str,
    method: &'static str,
    wording: String,
    by: String,
    note: String,
}

impl ConsentRow {
    fn of(event: ConsentEvent, known: &[Topic]) -> Self {
        let name = |slug: &str| {
            let topic = known.iter().find(|topic| topic.slug == slug);
            topic.map_or_else(|| slug.to_owned(), |topic| topic.name.clone())
        };
        let topics = event.topics.filter(|topics| !topics.is_empty());
        let topics = topics.map(|topics| {
            let names: Vec<String> = topics.split(',').map(name).collect();
            format!("topics: {}", names.join(", "))
        });
        let notes: Vec<String> = [event.detail, topics].into_iter().flatten().collect();
        Self {
            at: local_time::display(event.at),
            event_label: event.kind.label(),
            method: event.channel.label(),
            wording: event.wording_version.unwrap_or_default(),
            by: event.staff_name.unwrap_or_default(),
            note: notes.join("; "),
        }
    }
}

struct DeliveryRow {
    at: String,
    what: String,
    url: Option<String>,
    state: &'static str,
    state_label: &'static str,
    words: String,
    attempts: i32,
}

impl DeliveryRow {
    fn of(message: MessageReport) -> Self {
        let what = match message.subject {
            Some(subject) => format!("{}: {subject}", message.kind.label()),
            None => message.kind.label().to_owned(),
        };
        Self {
            at: local_time::display(message.finished_at.unwrap_or(message.created_at)),
            what,
            url: message
                .bulletin_id
                .map(|id| format!("/staff/bulletins/{id}")),
            state: message.state.as_str(),
            state_label: message.state.label(),
            words: message.reply.unwrap_or_default(),
            attempts: message.tries,
        }
    }
}

/// A message that was kept for the staff.
struct KeptRow {
    at: String,
    url: String,
    subject: String,
    what: &'static str,
}

impl KeptRow {
    fn of(message: MessageEntry) -> Self {
        Self {
            at: local_time::display(message.received_at),
            url: format!("/staff/inbound/{}", message.id),
            subject: message.subject,
            what: message.category.label(),
        }
    }
}

/// What staff did to the record.
struct ChangeRow {
    at: String,
    who: String,
    what: String,
}

impl ChangeRow {
    fn of(event: AuditEvent) -> Self {
        Self {
            at: local_time::display(event.at),
            what: audit::in_words(&event),
            who: event.staff_name.unwrap_or_default(),
        }
    }
}

struct RegistrationRow {
    event: String,
    url: String,
    when: String,
    asked: String,
    state: &'static str,
    /// Empty where it was not noted.
    attended: &'static str,
}

impl RegistrationRow {
    fn of((registration, symposium): (Registration, Symposium)) -> Self {
        Self {
            url: format!("/staff/symposia/{}", symposium.id),
            event: symposium.title,
            when: local_time::display_date(symposium.starts_at),
            asked: local_time::display(registration.asked_at),
            state: registration.state.label(),
            attended: match registration.attended {
                None => "",
                Some(true) => "Yes",
                Some(false) => "No",
            },
        }
    }
}

/// The page of a subscriber.
#[derive(Template)]
#[template(path = "web/staff/subscribers/show.html")]
pub(super) struct ShowPage {
    page: PageContext,
    s: SubscriberView,
    f: StatusForm,
    consents: Vec<ConsentRow>,
    registrations: Vec<RegistrationRow>,
    deliveries: Vec<DeliveryRow>,
    events: Vec<EventRow>,
    kept: Vec<KeptRow>,
    changes: Vec<ChangeRow>,
    of_one: bool,
    strikes: i64,
}

impl ShowPage {
    /// The page, with what was typed into its forms.
    pub(super) async fn of(
        app: &App,
        page: PageContext,
        id: SubscriberId,
        f: StatusForm,
    ) -> Result<Self, Problem> {
        let record = keep_subscribers::show(app, id).await?;
        if record.subscriber.status == SubscriberStatus::Erased {
            return Err(AppError::NotFound.into());
        }
        Ok(Self::from_record(page, record, f, app.now()))
    }

    fn from_record(page: PageContext, record: Record, f: StatusForm, now: Timestamp) -> Self {
        use ConsentKind::{Paused, Resumed, TopicsChanged};
        use SubscriberStatus::{Active, Pending, Suspended, Unsubscribed};
        let subscriber = record.subscriber;
        let status = subscriber.status;
        // Whoever corrects a name does not change since when the person is on the list.
        let status_since = record
            .consent
            .iter()
            .rev()
            .find(|event| !matches!(event.kind, TopicsChanged | Paused | Resumed))
            .map_or(subscriber.updated_at, |event| event.at);
        // The ledger's newest event stands first on the page.
        let consents = record
            .consent
            .into_iter()
            .rev()
            .map(|event| ConsentRow::of(event, &record.all_topics))
            .collect();
        let s = SubscriberView {
            id: subscriber.id.0,
            name: subscriber.name,
            email: email_address::for_people(&subscriber.email),
            practice: subscriber.practice.unwrap_or_default(),
            region_label: subscriber.region.map_or("", |region| region.label()),
            role_label: subscriber.role.map_or("", |role| role.label()),
            mcnz_number: subscriber.mcnz_number.unwrap_or_default(),
            status: status.as_str(),
            status_label: status.label(),
            status_since: local_time::display_date(status_since),
            status_reason: subscriber.status_reason,
            paused_until: subscriber
                .paused_until
                .filter(|until| *until > now)
                .map(local_time::display_date),
            added: format!(
                "{}, {}",
                local_time::display_date(subscriber.created_at),
                subscriber.source
            ),
            topics: record.topics.into_iter().map(|topic| topic.name).collect(),
            may_suspend: matches!(status, Active | Pending),
            may_reinstate: status == Suspended,
            confirms_again: record.confirms_again,
            may_unsubscribe: matches!(status, Active | Pending),
            has_left: status == Unsubscribed,
            may_erase: true,
        };
        let registrations = record.registrations.into_iter();
        let registrations = registrations.map(RegistrationRow::of).collect();
        let deliveries = record.messages.into_iter().map(DeliveryRow::of).collect();
        Self {
            page,
            s,
            f,
            consents,
            registrations,
            deliveries,
            events: record.returned.into_iter().map(EventRow::of).collect(),
            kept: record.kept.into_iter().map(KeptRow::of).collect(),
            changes: record.changes.into_iter().map(ChangeRow::of).collect(),
            of_one: true,
            strikes: record.strikes,
        }
    }
}

/// `GET /staff/subscribers/{id}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let id = SubscriberId(*id);
    let survivor = merge_subscribers::survivor(&app, id).await?;
    if survivor != id {
        return Ok(see_other(&format!("/staff/subscribers/{survivor}")));
    }
    show_page(&ShowPage::of(&app, page, id, StatusForm::default()).await?)
}

/// `GET /staff/subscribers/{id}/data.json`: what the person may have of the clinic (IPP 6), to hand on
/// to them.
pub(in crate::web) async fn download(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    let data = keep_subscribers::download(&app, staff.0.id, SubscriberId(*id)).await?;
    let json = serde_json::to_string_pretty(&data).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(attachment(&format!("subscriber-{id}.json")))
        .body(json))
}
