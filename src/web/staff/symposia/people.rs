//! Who comes to a symposium, who waits, what they need, and who was there.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, AppError, keep_registrations, write_symposium};
use crate::domain::email_address::EmailAddress;
use crate::domain::local_time;
use crate::domain::registration::{Needs, RegistrationId, need};
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::symposium::SymposiumId;
use crate::store::registrations::Participant;
use crate::web::forms::{Checked as _, Form, Problems, TEXT_BYTES, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::{Staff, see_other_saying};

use super::{address, people_in_words};

struct Row {
    registration: i64,
    subscriber: i64,
    name: String,
    email: String,
    practice: String,
    dietary: String,
    access: String,
    asked: String,
    moved_up: bool,
    /// Whether they came.
    attended: bool,
    /// Has left the newsletter, or cannot be written to; empty for the usual.
    status: &'static str,
}

impl Row {
    fn of(person: Participant) -> Self {
        let needs = person.registration.needs();
        let is_erased = person.status == SubscriberStatus::Erased;
        Self {
            registration: person.registration.id.0,
            subscriber: person.registration.subscriber_id.0,
            name: if is_erased {
                "Erased".to_owned()
            } else {
                person.name
            },
            email: person.email,
            practice: person.practice.unwrap_or_default(),
            dietary: needs.dietary.unwrap_or_default(),
            access: needs.access.unwrap_or_default(),
            asked: local_time::display(person.registration.asked_at),
            moved_up: person.registration.moved_up_at.is_some(),
            attended: person.registration.attended == Some(true),
            status: match person.status {
                SubscriberStatus::Active | SubscriberStatus::Erased => "",
                other => other.label(),
            },
        }
    }
}

/// Whom staff register, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AddForm {
    email: String,
    dietary: String,
    access: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(AddForm);

impl AddForm {
    /// What it says, if nothing is wrong with it.
    fn check(&mut self) -> Option<(EmailAddress, Needs)> {
        let email = self
            .problems
            .take("email", EmailAddress::parse(&self.email));
        let dietary = self.problems.take("dietary", need(&self.dietary));
        let access = self.problems.take("access", need(&self.access));
        let needs = Needs {
            dietary: dietary?,
            access: access?,
        };
        Some((email?, needs))
    }
}

#[derive(Template)]
#[template(path = "web/staff/symposia/people.html")]
struct People {
    page: PageContext,
    id: SymposiumId,
    title: String,
    when: String,
    /// Whether it has begun: who came can be noted.
    has_begun: bool,
    /// Whether somebody can be registered now.
    is_open: bool,
    asks_dietary: bool,
    asks_access: bool,
    /// Where newcomers sign up and register in one go.
    sign_up: String,
    f: AddForm,
    registered: Vec<Row>,
    waiting: Vec<Row>,
    cancelled: Vec<Row>,
}

/// `GET /staff/symposia/{id}/people`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    show_page(&page_of(&app, page, SymposiumId(*id), AddForm::default()).await?)
}

async fn page_of(
    app: &App,
    page: PageContext,
    id: SymposiumId,
    f: AddForm,
) -> Result<People, Problem> {
    let symposium = write_symposium::show(app, id).await?.symposium;
    let people = keep_registrations::people(app, id).await?;
    let rows = |people: Vec<Participant>| people.into_iter().map(Row::of).collect();
    Ok(People {
        page,
        id,
        when: local_time::display_span(symposium.starts_at, symposium.ends_at),
        has_begun: symposium.starts_at <= app.now(),
        is_open: symposium.doors().open(app.now()).is_ok(),
        asks_dietary: symposium.asks_dietary,
        asks_access: symposium.asks_access,
        sign_up: app
            .settings
            .base_url
            .join(&format!("/subscribe?symposium={}", symposium.slug)),
        f,
        title: symposium.title,
        registered: rows(people.registered),
        waiting: rows(people.waiting),
        cancelled: rows(people.cancelled),
    })
}

/// `POST /staff/symposia/{id}/people`.
pub(in crate::web) async fn add(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(mut form): Form<AddForm>,
) -> Answer {
    let id = SymposiumId(*id);
    let Some((email, needs)) = form.check() else {
        return show_again(&page_of(&app, page, id, form).await?);
    };
    let attempt = match keep_registrations::add(&app, actor.id, id, email, needs).await {
        Ok(attempt) => attempt,
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            return show_again(&page_of(&app, page, id, form).await?);
        }
        Err(error) => return Err(error.into()),
    };
    let said = match attempt.outcome.map_err(AppError::refused)?.waiting {
        None => "They have a place, and a message with the calendar file is on its way.".to_owned(),
        Some(number) => format!("They are number {number} on the waiting list, and are told so."),
    };
    let path = format!("{}/people", address(id));
    Ok(see_other_saying(&app, &path, &said))
}

/// `GET /staff/symposia/{id}/people.csv`.
pub(in crate::web) async fn export(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = SymposiumId(*id);
    let file = keep_registrations::export(&app, actor.id, id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment(&format!("symposium-{id}.csv")))
        .body(file))
}

/// Who came.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AttendedForm {
    attended: Vec<i64>,
}

/// `POST /staff/symposia/{id}/attended`.
pub(in crate::web) async fn attended(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<AttendedForm, TEXT_BYTES>,
) -> Answer {
    let id = SymposiumId(*id);
    let came: Vec<RegistrationId> = form.attended.into_iter().map(RegistrationId).collect();
    let said = format!("Noted: {} came.", people_in_words(came.len() as u64));
    keep_registrations::mark_attended(&app, actor.id, id, came).await?;
    let path = format!("{}/people", address(id));
    Ok(see_other_saying(&app, &path, &said))
}

/// `POST /staff/symposia/{id}/people/{registration}/cancel`.
pub(in crate::web) async fn cancel(
    app: Data<App>,
    Staff(actor): Staff,
    path: Path<(i64, i64)>,
) -> Answer {
    let (id, registration) = path.into_inner();
    let (id, registration) = (SymposiumId(id), RegistrationId(registration));
    keep_registrations::cancel(&app, actor.id, id, registration).await?;
    let path = format!("{}/people", address(id));
    let said = "The registration is cancelled, and the person is told. A free place goes to the next person by itself.";
    Ok(see_other_saying(&app, &path, said))
}
