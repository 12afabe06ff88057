//! An event's page, and asking there for the link with which to register.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::read_symposia::{self, Shown};
use crate::app::{App, links, register};
use crate::domain::email_address::EmailAddress;
use crate::domain::registration::gets_a_place;
use crate::web::client_address::client_network;
use crate::web::even_time::evenly;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::{Limits, MailWish};
use crate::web::page::{Answer, PageContext, show as show_page, show_as};

use super::event::{EventView, places_in_words};
use crate::domain::symposium::ProgrammeLine;

/// The address to which the link is to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct LinkForm {
    email: String,
    /// A field that people do not see and programs fill in.
    website: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(LinkForm);

#[derive(Template)]
#[template(path = "web/symposium/show.html")]
struct EventPage {
    page: PageContext,
    event: EventView,
    places: String,
    is_full: bool,
    f: LinkForm,
}

impl EventPage {
    fn of(app: &App, page: PageContext, shown: &Shown, f: LinkForm) -> Self {
        Self {
            page,
            event: EventView::of(&shown.symposium, app.now()),
            places: places_in_words(shown.places_left, shown.waiting),
            is_full: !gets_a_place(shown.places_left, shown.waiting),
            f,
        }
    }
}

/// `GET /symposium/{slug}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, slug: Path<String>) -> Answer {
    let shown = read_symposia::show(&app, slug.into_inner()).await?;
    show_page(&EventPage::of(&app, page, &shown, LinkForm::default()))
}

#[derive(Template)]
#[template(path = "web/symposium/link_sent.html")]
struct Sent {
    page: PageContext,
    event: EventView,
    valid: &'static str,
}

/// `POST /symposium/{slug}/link`. The answer is the same for known and unknown addresses.
pub(in crate::web) async fn ask_for_link(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    slug: Path<String>,
    Form(mut form): Form<LinkForm>,
) -> Answer {
    let slug = slug.into_inner();
    let shown = read_symposia::show(&app, slug.clone()).await?;
    let event = EventView::of(&shown.symposium, app.now());
    if !event.is_open {
        let page = EventPage::of(&app, page, &shown, LinkForm::default());
        return show_as(StatusCode::CONFLICT, &page);
    }
    let mut problems = Problems::default();
    let Some(email) = problems.take("email", EmailAddress::parse(&form.email)) else {
        form.problems = problems;
        let page = EventPage::of(&app, page, &shown, form);
        return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let network = client_network(&request, &app.settings.trusted_proxies);
    let wish = limits.mail(network, &email)?;
    if wish == MailWish::Granted && form.website.is_empty() {
        evenly(register::request_link(&app, slug, email)).await?;
    }
    show_page(&Sent {
        page,
        event,
        valid: links::REGISTER_IN_WORDS,
    })
}
