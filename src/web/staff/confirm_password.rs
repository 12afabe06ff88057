//! Giving the password again, before what changes accounts.

use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{App, AppError, sign_in};
use crate::web::client_address::client_network;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::Limits;
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::session::{Staff, see_other};

use super::sign_in::{NextQuery, staff_path};

/// The form. The password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ConfirmForm {
    password: SecretString,
    next: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(ConfirmForm);

#[derive(Template)]
#[template(path = "web/staff/confirm_password.html")]
struct ConfirmPage {
    page: PageContext,
    f: ConfirmForm,
}

/// `GET /staff/account/confirm?next=`.
pub(in crate::web) async fn ask(page: PageContext, query: Query<NextQuery>) -> Answer {
    show_page(&ConfirmPage {
        page,
        f: ConfirmForm {
            next: staff_path(&query.next).unwrap_or_default().to_owned(),
            ..ConfirmForm::default()
        },
    })
}

/// `POST /staff/account/confirm`.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<ConfirmForm>,
) -> Answer {
    let network = client_network(&request, &app.settings.trusted_proxies);
    limits.sign_in_known(network, staff.0.id)?;
    match sign_in::confirm_password(&app, &staff.0, form.password.clone()).await {
        Ok(()) => Ok(see_other(
            staff_path(&form.next).unwrap_or("/staff/account"),
        )),
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            form.next = staff_path(&form.next).unwrap_or_default().to_owned();
            show_again(&ConfirmPage { page, f: form })
        }
        Err(error) => Err(error.into()),
    }
}
