//! Asking for a link to one's own page.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::app::{App, change_preferences, links};
use crate::domain::email_address::EmailAddress;
use crate::web::client_address::client_network;
use crate::web::even_time::evenly;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::{Limits, MailWish};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};

/// The address to which the link is to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct RequestForm {
    email: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(RequestForm);

#[derive(Template)]
#[template(path = "web/manage_request.html")]
struct RequestPage {
    page: PageContext,
    f: RequestForm,
}

#[derive(Template)]
#[template(path = "web/manage_sent.html")]
struct Sent {
    page: PageContext,
    valid_minutes: u64,
}

/// `GET /manage`.
pub(in crate::web) async fn ask(page: PageContext) -> Answer {
    show_page(&RequestPage {
        page,
        f: RequestForm::default(),
    })
}

/// `POST /manage`. The answer is the same for known and unknown addresses.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(mut form): Form<RequestForm>,
) -> Answer {
    let mut problems = Problems::default();
    let Some(email) = problems.take("email", EmailAddress::parse(&form.email)) else {
        form.problems = problems;
        return show_again(&RequestPage { page, f: form });
    };
    let network = client_network(&request, &app.settings.trusted_proxies);
    if limits.mail(network, &email)? == MailWish::Granted {
        evenly(change_preferences::request_link(&app, email)).await?;
    }
    show_page(&Sent {
        page,
        valid_minutes: links::MANAGE_FOR.as_secs() / 60,
    })
}
