//! Asking for a link by mail: to sign in, or to choose a new password.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::links::STAFF_LINK_FOR;
use crate::app::sign_in::by_mail::{self, Wish};
use crate::domain::email_address::EmailAddress;
use crate::web::client_address::client_network;
use crate::web::even_time::evenly;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::{Limits, MailWish};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::Waiting;

/// The address to which the link is to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct LinkForm {
    email: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(LinkForm);

#[derive(Template)]
#[template(path = "web/staff/sign_in_link.html")]
struct LinkPage {
    page: PageContext,
    for_password: bool,
    in_mailbox: bool,
    f: LinkForm,
}

#[derive(Template)]
#[template(path = "web/staff/sign_in_link_sent.html")]
struct SentPage {
    page: PageContext,
    valid_minutes: u64,
}

impl LinkPage {
    fn of(app: &App, page: PageContext, wish: Wish, f: LinkForm) -> Self {
        Self {
            page,
            for_password: wish == Wish::NewPassword,
            in_mailbox: app.settings.smtp_servers.is_empty(),
            f,
        }
    }
}

/// `GET /staff/sign-in/link`.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext) -> Answer {
    show(&app, page, Wish::SignIn)
}

/// `GET /staff/sign-in/password`.
pub(in crate::web) async fn ask_for_password(app: Data<App>, page: PageContext) -> Answer {
    show(&app, page, Wish::NewPassword)
}

fn show(app: &App, page: PageContext, wish: Wish) -> Answer {
    if !wish.is_offered(app) {
        return Err(Problem::not_found());
    }
    show_page(&LinkPage::of(app, page, wish, LinkForm::default()))
}

/// `POST /staff/sign-in/link`. The answer is the same for known and unknown addresses.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(form): Form<LinkForm>,
) -> Answer {
    send(&app, &limits, &request, page, Wish::SignIn, form).await
}

/// `POST /staff/sign-in/password`.
pub(in crate::web) async fn take_for_password(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(form): Form<LinkForm>,
) -> Answer {
    send(&app, &limits, &request, page, Wish::NewPassword, form).await
}

async fn send(
    app: &App,
    limits: &Limits,
    request: &HttpRequest,
    page: PageContext,
    wish: Wish,
    mut form: LinkForm,
) -> Answer {
    if !wish.is_offered(app) {
        return Err(Problem::not_found());
    }
    let mut problems = Problems::default();
    let Some(email) = problems.take("email", EmailAddress::parse(&form.email)) else {
        form.problems = problems;
        return show_again(&LinkPage::of(app, page, wish, form));
    };
    let network = client_network(request, &app.settings.trusted_proxies);
    // A browser that asked before keeps its cookie: its earlier link works as well.
    let browser = match Waiting::Link.token(request, app) {
        Some(token) if token.len() == 64 => token,
        _ => by_mail::browser_token()?,
    };
    if limits.mail(network, &email)? == MailWish::Granted {
        evenly(by_mail::ask(app, wish, email, &browser)).await?;
    }
    let mut answer = show_page(&SentPage {
        page,
        valid_minutes: STAFF_LINK_FOR.as_secs() / 60,
    })?;
    answer
        .add_cookie(&Waiting::Link.begun(app, browser))
        .map_err(Problem::internal)?;
    Ok(answer)
}
