//! Confirming a sign-up: a page with a button, because mail scanners open every link.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::links::BadLink;
use crate::app::places::Attempt;
use crate::app::{App, confirm};
use crate::web::page::{Answer, PageContext, show as show_page};

use super::links::{self, MissedEvent};

#[derive(Template)]
#[template(path = "web/confirm.html")]
struct ConfirmPage {
    page: PageContext,
    token: String,
    masked_email: String,
    symposium: Option<String>,
}

/// `GET /confirm/{token}`: changes nothing.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let token = token.into_inner();
    match confirm::look(&app, &token).await? {
        Ok(pending) => show_page(&ConfirmPage {
            page,
            token,
            masked_email: pending.masked_email,
            symposium: pending.symposium,
        }),
        Err(link) => bad(&app, page, link, &token).await,
    }
}

/// What became of the wish to come to an event.
struct Registered {
    title: String,
    /// The path of the registration; none where there is none.
    path: Option<String>,
    waiting: Option<i64>,
    why_not: String,
}

impl Registered {
    fn of(app: &App, attempt: Attempt) -> Self {
        let (standing, why_not) = match attempt.outcome {
            Ok(standing) => (Some(standing), String::new()),
            Err(why) => (None, why),
        };
        Self {
            title: attempt.symposium.title,
            path: standing.map(|standing| app.registration_path(standing.registration)),
            waiting: standing.and_then(|standing| standing.waiting),
            why_not,
        }
    }
}

#[derive(Template)]
#[template(path = "web/confirmed.html")]
struct Confirmed {
    page: PageContext,
    masked_email: String,
    topics: Vec<String>,
    registered: Option<Registered>,
}

/// `POST /confirm/{token}`: the button.
pub(in crate::web) async fn take(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let pending = match confirm::look(&app, &token).await? {
        Ok(pending) => pending,
        Err(link) => return bad(&app, page, link, &token).await,
    };
    match confirm::confirm(&app, &token).await? {
        Ok(attempt) => show_page(&Confirmed {
            page,
            registered: attempt.map(|attempt| Registered::of(&app, attempt)),
            masked_email: pending.masked_email,
            topics: pending.topics,
        }),
        Err(link) => bad(&app, page, link, &token).await,
    }
}

/// What is told of a link that does not work; of one whose place a newer one has taken, also which event was left out by it.
async fn bad(app: &App, page: PageContext, link: BadLink, token: &str) -> Answer {
    if link != BadLink::Used {
        return links::bad(page, link, false);
    }
    let missed = confirm::missed_event(app, token).await?;
    let missed = missed.map(|symposium| MissedEvent {
        path: format!("/symposium/{}", symposium.slug),
        title: symposium.title,
    });
    links::used(page, false, missed)
}
