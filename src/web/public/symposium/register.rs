//! Registering by the link that was mailed: a page with a button, because mail scanners open every link.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::links::BadLink;
use crate::app::register::{self, Asking};
use crate::app::{App, AppError};
use crate::domain::registration::{Needs, gets_a_place, need};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again, show_as};
use crate::web::public::links;
use crate::web::session::see_other_saying;

use super::event::{EventView, places_in_words};

/// What somebody needs, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NeedsForm {
    pub(super) dietary: String,
    pub(super) access: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(NeedsForm);

impl NeedsForm {
    /// What is stored, to be changed.
    pub(super) fn of(needs: Needs) -> Self {
        Self {
            dietary: needs.dietary.unwrap_or_default(),
            access: needs.access.unwrap_or_default(),
            problems: Problems::default(),
        }
    }

    /// What it says, if nothing is wrong with it.
    pub(super) fn check(&mut self) -> Option<Needs> {
        let dietary = self.problems.take("dietary", need(&self.dietary));
        let access = self.problems.take("access", need(&self.access));
        Some(Needs {
            dietary: dietary?,
            access: access?,
        })
    }
}

#[derive(Template)]
#[template(path = "web/symposium/register.html")]
struct RegisterPage {
    page: PageContext,
    token: String,
    name: String,
    email: String,
    event: EventView,
    places: String,
    is_full: bool,
    asks_dietary: bool,
    asks_access: bool,
    /// The path of what they have already.
    registration: Option<String>,
    /// Whether that is a place on the waiting list.
    is_waiting: bool,
    f: NeedsForm,
}

impl RegisterPage {
    fn of(app: &App, page: PageContext, token: String, asking: Asking, f: NeedsForm) -> Self {
        let symposium = &asking.symposium;
        Self {
            page,
            token,
            event: EventView::of(symposium, app.now()),
            places: places_in_words(asking.places_left, asking.waiting),
            is_full: !gets_a_place(asking.places_left, asking.waiting),
            asks_dietary: symposium.asks_dietary,
            asks_access: symposium.asks_access,
            is_waiting: asking
                .registration
                .is_some_and(|standing| standing.waiting.is_some()),
            registration: asking
                .registration
                .map(|standing| app.registration_path(standing.registration)),
            name: asking.subscriber.name,
            email: asking.subscriber.email,
            f,
        }
    }
}

/// `GET /symposium/{slug}/register/{token}`.
pub(in crate::web) async fn ask(
    app: Data<App>,
    page: PageContext,
    path: Path<(String, String)>,
) -> Answer {
    let (slug, token) = path.into_inner();
    match register::look(&app, slug.clone(), &token).await? {
        Ok(asking) => {
            let form = NeedsForm::default();
            show_page(&RegisterPage::of(&app, page, token, asking, form))
        }
        Err(link) => bad(page, link, slug),
    }
}

/// `POST /symposium/{slug}/register/{token}`: the button.
pub(in crate::web) async fn take(
    app: Data<App>,
    page: PageContext,
    path: Path<(String, String)>,
    Form(mut form): Form<NeedsForm>,
) -> Answer {
    let (slug, token) = path.into_inner();
    let Some(needs) = form.check() else {
        return match register::look(&app, slug.clone(), &token).await? {
            Ok(asking) => show_again(&RegisterPage::of(&app, page, token, asking, form)),
            Err(link) => bad(page, link, slug),
        };
    };
    let attempt = match register::register(&app, slug.clone(), &token, needs).await? {
        Ok(attempt) => attempt,
        Err(link) => return bad(page, link, slug),
    };
    match attempt.outcome {
        Ok(standing) => {
            let sentence = match standing.waiting {
                None => {
                    "You are registered. A message with the calendar file is on its way.".to_owned()
                }
                Some(number) => format!("You are number {number} on the waiting list."),
            };
            let path = app.registration_path(standing.registration);
            Ok(see_other_saying(&app, &path, &sentence))
        }
        Err(why) => Err(AppError::refused(why).into()),
    }
}

#[derive(Template)]
#[template(path = "web/symposium/link_expired.html")]
struct Expired {
    page: PageContext,
    slug: String,
}

/// The page for a link to register that does not work.
fn bad(page: PageContext, link: BadLink, slug: String) -> Answer {
    match link {
        BadLink::Expired => show_as(StatusCode::GONE, &Expired { page, slug }),
        other => links::bad(page, other, false),
    }
}
