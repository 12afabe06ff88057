//! Signing in and out.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Query};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::sign_in::FirstStep;
use crate::app::{App, AppError, first_owner, sign_in};
use crate::web::client_address::client_network;
use crate::web::device::device;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::Limits;
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{self, Staff, Waiting, see_other, see_other_saying};

/// The form, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SignInForm {
    email: String,
    password: SecretString,
    next: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(SignInForm);

/// Where the person wanted to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NextQuery {
    pub(super) next: String,
}

#[derive(Template)]
#[template(path = "web/staff/sign_in.html")]
struct SignInPage {
    page: PageContext,
    by_link: bool,
    f: SignInForm,
}

/// Where to go after signing in: a page of the staff area, never another site.
pub(super) fn staff_path(next: &str) -> Option<&str> {
    let after = next.strip_prefix("/staff")?;
    let is_under = after.is_empty() || after.starts_with(['/', '?']);
    let is_plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_sign_in = after.starts_with("/sign-in") || after.starts_with("/first-owner");
    (is_under && is_plain && !is_sign_in).then_some(next)
}

/// `GET /staff/sign-in?next=`. Before there is any staff, it leads to the first owner's page.
pub(in crate::web) async fn ask(
    app: Data<App>,
    page: PageContext,
    query: Query<NextQuery>,
) -> Answer {
    if first_owner::is_needed(&app).await? {
        return Ok(see_other("/staff/first-owner"));
    }
    let next = staff_path(&query.next);
    if page.staff.is_some() {
        return Ok(see_other(next.unwrap_or("/staff")));
    }
    let next = next.unwrap_or_default().to_owned();
    show_page(&SignInPage {
        page,
        by_link: app.settings.sign_in_links,
        f: SignInForm {
            next,
            ..SignInForm::default()
        },
    })
}

/// `POST /staff/sign-in`.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(mut form): Form<SignInForm>,
) -> Answer {
    let network = client_network(&request, &app.settings.trusted_proxies);
    match session::known(&request, &app) {
        Some(known) => limits.sign_in_known(network, known)?,
        None => limits.sign_in(network, &form.email)?,
    }
    let device = device_of(&request);
    match sign_in::sign_in(&app, &form.email, form.password.clone(), &device).await {
        Ok(step) => next_step(&app, step, &form.next),
        Err(AppError::Refused(why)) => {
            form.problems.add("password", why);
            form.next = staff_path(&form.next).unwrap_or_default().to_owned();
            show_again(&SignInPage {
                page,
                by_link: app.settings.sign_in_links,
                f: form,
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// What the browser says it is.
pub(in crate::web) fn device_of(request: &HttpRequest) -> String {
    let agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    device(agent.unwrap_or_default())
}

/// Where a right password leads: to the staff pages, or to the question for the code.
pub(in crate::web) fn next_step(app: &App, step: FirstStep, next: &str) -> Answer {
    let next = staff_path(next);
    let (mut answer, cookies) = match step {
        FirstStep::SignedIn(begun) => (
            see_other(next.unwrap_or("/staff")),
            Vec::from(session::begun(app, begun)),
        ),
        FirstStep::CodeNeeded(token) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if let Some(next) = next {
                query.append_pair("next", next);
            }
            let address = match query.finish() {
                query if query.is_empty() => "/staff/sign-in/code".to_owned(),
                query => format!("/staff/sign-in/code?{query}"),
            };
            (see_other(&address), vec![Waiting::Code.begun(app, token)])
        }
    };
    for cookie in cookies {
        answer.add_cookie(&cookie).map_err(Problem::internal)?;
    }
    Ok(answer)
}

/// `POST /staff/sign-out`.
pub(in crate::web) async fn sign_out(app: Data<App>, staff: Staff) -> Answer {
    sign_in::sign_out(&app, &staff.0).await?;
    let mut answer = see_other_saying(&app, "/staff/sign-in", "You are signed out.");
    answer
        .add_cookie(&session::ended(&app))
        .map_err(Problem::internal)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_staff_pages_only() {
        for good in ["/staff", "/staff/subscribers?q=H%C4%93mi", "/staff?x"] {
            assert_eq!(staff_path(good), Some(good));
        }
        let bad = [
            "",
            "/",
            "//evil.example",
            "https://evil.example/staff",
            "/staffroom",
            "/staff\\..\\x",
            "/staff/\r\nSet-Cookie: a=b",
            "/staff/sign-in?next=/staff",
        ];
        for bad in bad {
            assert_eq!(staff_path(bad), None, "{bad}");
        }
    }
}
