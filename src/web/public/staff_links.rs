//! The links by which staff sign in or choose a new password: a page with a button, because mail scanners open every link.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::links::BadLink;
use crate::app::sign_in::by_mail::{self, Wish};
use crate::app::{App, AppError};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again, show_as};
use crate::web::problem::Problem;
use crate::web::session::{Waiting, see_other_saying};
use crate::web::staff::sign_in::{device_of, next_step};

/// The form. The password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct LinkForm {
    password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(LinkForm);

#[derive(Template)]
#[template(path = "web/staff/by_link.html")]
struct LinkPage {
    page: PageContext,
    for_password: bool,
    token: String,
    name: String,
    email: String,
    is_here: bool,
    f: LinkForm,
}

#[derive(Template)]
#[template(path = "web/staff/by_link_over.html")]
struct OverPage {
    page: PageContext,
    for_password: bool,
}

fn bad(page: PageContext, wish: Wish, link: BadLink) -> Answer {
    let over = OverPage {
        page,
        for_password: wish == Wish::NewPassword,
    };
    match link {
        BadLink::Unknown => show_as(StatusCode::NOT_FOUND, &over),
        BadLink::Expired | BadLink::Used => show_as(StatusCode::GONE, &over),
    }
}

/// The page of a link, with what was typed there; `None` when it does not work, and the answer for that.
async fn page_of(
    app: &App,
    request: &HttpRequest,
    page: PageContext,
    wish: Wish,
    token: String,
    f: LinkForm,
) -> Result<Result<LinkPage, HttpResponse>, Problem> {
    let browser = Waiting::Link.token(request, app);
    match by_mail::look(app, wish, &token, browser.as_deref()).await? {
        Ok(found) => Ok(Ok(LinkPage {
            page,
            for_password: wish == Wish::NewPassword,
            token,
            name: found.member.name,
            email: found.member.email.to_string(),
            is_here: found.is_here,
            f,
        })),
        Err(link) => bad(page, wish, link).map(Err),
    }
}

async fn show(
    app: &App,
    request: &HttpRequest,
    page: PageContext,
    wish: Wish,
    token: String,
) -> Answer {
    match page_of(app, request, page, wish, token, LinkForm::default()).await? {
        Ok(shown) => show_page(&shown),
        Err(answer) => Ok(answer),
    }
}

/// `GET /sign-in/{token}`: changes nothing.
pub(in crate::web) async fn ask(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    show(&app, &request, page, Wish::SignIn, token.into_inner()).await
}

/// `POST /sign-in/{token}`: the button.
pub(in crate::web) async fn take(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    let browser = Waiting::Link.token(&request, &app).unwrap_or_default();
    let device = device_of(&request);
    match by_mail::sign_in(&app, &token, &browser, &device).await? {
        Ok(step) => {
            let mut answer = next_step(&app, step, "")?;
            answer
                .add_cookie(&Waiting::Link.ended(&app))
                .map_err(Problem::internal)?;
            Ok(answer)
        }
        Err(link) => bad(page, Wish::SignIn, link),
    }
}

/// `GET /new-password/{token}`: changes nothing.
pub(in crate::web) async fn ask_for_password(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    token: Path<String>,
) -> Answer {
    show(&app, &request, page, Wish::NewPassword, token.into_inner()).await
}

/// `POST /new-password/{token}`.
pub(in crate::web) async fn set_password(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    token: Path<String>,
    Form(mut form): Form<LinkForm>,
) -> Answer {
    let wish = Wish::NewPassword;
    let browser = Waiting::Link.token(&request, &app).unwrap_or_default();
    match by_mail::set_password(&app, &token, &browser, form.password.clone()).await {
        Ok(Ok(())) => {
            let sentence = "Your new password is set, and all your sessions have ended. Please sign in with it.";
            let mut answer = see_other_saying(&app, "/staff/sign-in", sentence);
            answer
                .add_cookie(&Waiting::Link.ended(&app))
                .map_err(Problem::internal)?;
            Ok(answer)
        }
        Ok(Err(link)) => bad(page, wish, link),
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            match page_of(&app, &request, page, wish, token.into_inner(), form).await? {
                Ok(shown) => show_again(&shown),
                Err(answer) => Ok(answer),
            }
        }
        Err(error) => Err(error.into()),
    }
}
