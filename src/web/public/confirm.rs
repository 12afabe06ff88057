//! Confirming a sign-up: a page with a button, because mail scanners open every link.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, confirm};
use crate::web::page::{Answer, PageContext, show as show_page};

use super::links;

#[derive(Template)]
#[template(path = "web/confirm.html")]
struct ConfirmPage {
    page: PageContext,
    token: String,
    masked_email: String,
}

/// `GET /confirm/{token}`: changes nothing.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let token = token.into_inner();
    match confirm::look(&app, &token).await? {
        Ok(pending) => show_page(&ConfirmPage {
            page,
            token,
            masked_email: pending.masked_email,
        }),
        Err(link) => links::bad(page, link, false),
    }
}

#[derive(Template)]
#[template(path = "web/confirmed.html")]
struct Confirmed {
    page: PageContext,
    masked_email: String,
    topics: Vec<String>,
}

/// `POST /confirm/{token}`: the button.
pub(in crate::web) async fn take(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let pending = match confirm::look(&app, &token).await? {
        Ok(pending) => pending,
        Err(link) => return links::bad(page, link, false),
    };
    match confirm::confirm(&app, &token).await? {
        Ok(()) => show_page(&Confirmed {
            page,
            masked_email: pending.masked_email,
            topics: pending.topics,
        }),
        Err(link) => links::bad(page, link, false),
    }
}
