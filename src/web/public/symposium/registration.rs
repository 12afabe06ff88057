//! One registration, by the link in the messages about it: how it stands, what is needed, and cancelling.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::links::Link;
use crate::app::register::{self, Own};
use crate::domain::registration::RegistrationState;
use crate::web::forms::{Checked as _, Form};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::public::links;
use crate::web::session::see_other_saying;

use super::event::EventView;
use super::register::NeedsForm;

#[derive(Template)]
#[template(path = "web/symposium/registration.html")]
struct RegistrationPage {
    page: PageContext,
    token: String,
    name: String,
    event: EventView,
    is_registered: bool,
    /// The place on the waiting list.
    waiting: Option<i64>,
    /// Whether something can still be changed.
    is_open: bool,
    /// Whether who asks for a place now has to wait.
    is_full: bool,
    asks_dietary: bool,
    asks_access: bool,
    f: NeedsForm,
}

impl RegistrationPage {
    fn of(app: &App, page: PageContext, token: String, own: Own, f: Option<NeedsForm>) -> Self {
        let now = app.now();
        let event = EventView::of(&own.symposium, now);
        Self {
            page,
            token,
            name: own.name,
            is_registered: own.registration.state == RegistrationState::Registered,
            waiting: own.waiting,
            is_full: own.is_full,
            is_open: own.registration.is_open()
                && !event.is_cancelled
                && own.symposium.starts_at > now,
            asks_dietary: own.symposium.asks_dietary,
            asks_access: own.symposium.asks_access,
            f: f.unwrap_or_else(|| NeedsForm::of(own.registration.needs())),
            event,
        }
    }
}

/// `GET /registration/{token}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    match register::own(&app, &token).await? {
        Ok(own) => show_page(&RegistrationPage::of(
            &app,
            page,
            token.into_inner(),
            own,
            None,
        )),
        Err(link) => links::bad(page, link, false),
    }
}

/// `POST /registration/{token}/needs`.
pub(in crate::web) async fn needs(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(mut form): Form<NeedsForm>,
) -> Answer {
    let token = token.into_inner();
    match form.check() {
        Some(needs) => {
            let link = register::set_needs(&app, &token, needs).await?;
            done(&app, page, &token, link, "We have noted what you need.")
        }
        None => match register::own(&app, &token).await? {
            Ok(own) => show_again(&RegistrationPage::of(&app, page, token, own, Some(form))),
            Err(link) => links::bad(page, link, false),
        },
    }
}

/// The tick that says that somebody means it: a place that is gone may not come back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct CancelForm {
    confirm: String,
}

/// `POST /registration/{token}/cancel`, with the box ticked.
pub(in crate::web) async fn cancel(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<CancelForm>,
) -> Answer {
    let token = token.into_inner();
    if form.confirm != "yes" {
        return match register::own(&app, &token).await? {
            Ok(own) => {
                let mut again = RegistrationPage::of(&app, page, token, own, None);
                let problem = "Please tick the box if you want to cancel your registration.";
                again.f.problems.add("confirm", problem);
                show_again(&again)
            }
            Err(link) => links::bad(page, link, false),
        };
    }
    let link = register::cancel(&app, &token).await?;
    let said = "Your registration is cancelled. A message that says so is on its way.";
    done(&app, page, &token, link, said)
}

fn done(app: &App, page: PageContext, token: &str, link: Link<()>, sentence: &str) -> Answer {
    match link {
        Ok(()) => {
            let path = format!("/registration/{token}");
            Ok(see_other_saying(app, &path, sentence))
        }
        Err(link) => links::bad(page, link, false),
    }
}
