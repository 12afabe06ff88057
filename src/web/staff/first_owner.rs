//! The first visit on a new installation: its owner sets themselves up, with the code from the console.

use actix_web::web::Data;
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{App, AppError, first_owner};
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::Limits;
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::session::{see_other, see_other_saying};

/// The form, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct OwnerForm {
    code: String,
    email: String,
    name: String,
    password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(OwnerForm);

const FIELDS: [&str; 4] = ["code", "name", "email", "password"];

#[derive(Template)]
#[template(path = "web/staff/first_owner.html")]
struct OwnerPage {
    page: PageContext,
    f: OwnerForm,
}

/// `GET /staff/first-owner`; where there is staff already, there is nothing to set up.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext) -> Answer {
    if !first_owner::is_needed(&app).await? {
        return Ok(see_other("/staff/sign-in"));
    }
    show_page(&OwnerPage {
        page,
        f: OwnerForm::default(),
    })
}

/// `POST /staff/first-owner`.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    page: PageContext,
    Form(mut form): Form<OwnerForm>,
) -> Answer {
    limits.first_owner()?;
    let mut problems = Problems::default();
    let name = problems.take("name", PersonName::parse(&form.name));
    let email = problems.take("email", EmailAddress::parse(&form.email));
    if form.code.trim().is_empty() {
        problems.add("code", "Please enter the code that the console shows.");
    }
    if let (Some(name), Some(email), true) = (name, email, problems.is_empty()) {
        let password = form.password.clone();
        match first_owner::make(&app, &form.code, email, name, password).await {
            Ok(()) => {
                let sentence = "You are the owner now. Please sign in.";
                return Ok(see_other_saying(&app, "/staff/sign-in", sentence));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&OwnerPage { page, f: form })
}
