//! A symposium's page for staff: what it is, how many come, and the next step.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::{Actor, App, keep_registrations, publish_symposium, write_symposium};
use crate::domain::local_time;
use crate::domain::staff_member::StaffRole;
use crate::domain::symposium::{ProgrammeLine, SymposiumId, SymposiumState};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::public::symposium::event::EventView;
use crate::web::session::{Staff, see_other_saying};

use super::{address, people_in_words};

/// The form that calls an event off.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct CancelForm {
    /// "yes": it cannot be taken back.
    confirm: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(CancelForm);

#[derive(Template)]
#[template(path = "web/staff/symposia/show.html")]
struct Show {
    page: PageContext,
    id: SymposiumId,
    version: i32,
    state: &'static str,
    state_label: &'static str,
    created_by: String,
    updated_by: String,
    updated: String,
    public_path: Option<String>,
    may_edit: bool,
    may_publish: bool,
    may_cancel: bool,
    may_see_people: bool,
    why_not: Option<&'static str>,
    problems: Vec<String>,
    event: EventView,
    capacity: String,
    registered: usize,
    waiting: usize,
    attended: usize,
    told: String,
    f: CancelForm,
}

/// `GET /staff/symposia/{id}`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
) -> Answer {
    let form = CancelForm::default();
    answer(&app, &actor, page, SymposiumId(*id), form, StatusCode::OK).await
}

async fn answer(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: SymposiumId,
    f: CancelForm,
    status: StatusCode,
) -> Answer {
    let shown = write_symposium::show(app, id).await?;
    let people = keep_registrations::people(app, id).await?;
    let symposium = &shown.symposium;
    let is_publisher = actor.role.includes(StaffRole::Publisher);
    let is_over = symposium.ends_at <= app.now();
    let is_draft = symposium.state == SymposiumState::Draft;
    let is_on_site = symposium.state == SymposiumState::Published;
    let attended =
        |one: &&crate::store::registrations::Participant| one.registration.attended == Some(true);
    let page = Show {
        page,
        id,
        version: symposium.version,
        state: symposium.state.as_str(),
        state_label: symposium.state.label(),
        created_by: shown.created_by,
        updated_by: shown.updated_by,
        updated: local_time::display(symposium.updated_at),
        public_path: symposium
            .published_at
            .map(|_| format!("/symposium/{}", symposium.slug)),
        may_edit: is_draft || (is_on_site && is_publisher && !is_over),
        may_publish: is_draft && is_publisher && shown.problems.is_empty(),
        may_cancel: is_on_site && is_publisher && !is_over,
        may_see_people: is_publisher,
        why_not: (is_draft && !is_publisher)
            .then_some("A publisher puts it on the site, when nothing is missing."),
        problems: if is_draft { shown.problems } else { Vec::new() },
        event: EventView::of(symposium, app.now()),
        capacity: match symposium.capacity {
            Some(capacity) => format!("{capacity} places"),
            None => "not limited".to_owned(),
        },
        registered: people.registered.len(),
        waiting: people.waiting.len(),
        attended: people.registered.iter().filter(attended).count(),
        told: people_in_words((people.registered.len() + people.waiting.len()) as u64),
        f,
    };
    show_as(status, &page)
}

/// Which text is published.
#[derive(Deserialize)]
pub(in crate::web) struct PublishForm {
    /// The version that its publisher has read.
    version: i32,
}

/// `POST /staff/symposia/{id}/publish`.
pub(in crate::web) async fn publish(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<PublishForm>,
) -> Answer {
    let id = SymposiumId(*id);
    publish_symposium::publish(&app, actor.id, id, form.version).await?;
    let said = "It is on the site, and registration is open.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/symposia/{id}/cancel`, with the box ticked.
pub(in crate::web) async fn cancel(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(mut form): Form<CancelForm>,
) -> Answer {
    let id = SymposiumId(*id);
    if form.confirm != "yes" {
        let why = "Please tick the box if the event is to be cancelled.";
        form.problems.add("confirm_cancel", why);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return answer(&app, &actor, page, id, form, status).await;
    }
    let told = publish_symposium::cancel(&app, actor.id, id).await?;
    let said = format!(
        "The event is cancelled. {} are told.",
        people_in_words(told as u64)
    );
    Ok(see_other_saying(&app, &address(id), &said))
}
