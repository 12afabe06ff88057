//! Joining the staff by an invitation: a page that asks for a password, because mail scanners open every link.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::links::BadLink;
use crate::app::{App, AppError, invite_staff};
use crate::store::staff_invitations::Invitation;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again, show_as};
use crate::web::session::see_other_saying;

/// The form. The password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct JoinForm {
    password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(JoinForm);

#[derive(Template)]
#[template(path = "web/staff/join.html")]
struct JoinPage {
    page: PageContext,
    token: String,
    email: String,
    name: String,
    role: String,
    invited_by: String,
    f: JoinForm,
}

impl JoinPage {
    fn of(page: PageContext, token: String, invitation: Invitation, f: JoinForm) -> Self {
        Self {
            page,
            token,
            email: invitation.email.to_string(),
            name: invitation.name,
            role: invitation.role.label().to_lowercase(),
            invited_by: invitation.invited_by,
            f,
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/join_over.html")]
struct OverPage {
    page: PageContext,
}

fn bad(page: PageContext, link: BadLink) -> Answer {
    match link {
        BadLink::Unknown => super::links::bad(page, link, false),
        BadLink::Expired | BadLink::Used => show_as(StatusCode::GONE, &OverPage { page }),
    }
}

/// `GET /join/{token}`: changes nothing.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let token = token.into_inner();
    match invite_staff::look(&app, &token).await? {
        Ok(invitation) => show_page(&JoinPage::of(page, token, invitation, JoinForm::default())),
        Err(link) => bad(page, link),
    }
}

/// `POST /join/{token}`.
pub(in crate::web) async fn take(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(mut form): Form<JoinForm>,
) -> Answer {
    let token = token.into_inner();
    let invitation = match invite_staff::look(&app, &token).await? {
        Ok(invitation) => invitation,
        Err(link) => return bad(page, link),
    };
    match invite_staff::join(&app, &token, form.password.clone()).await {
        Ok(Ok(())) => {
            let sentence = "You are on the staff now. Please sign in with your address and the password you chose.";
            Ok(see_other_saying(&app, "/staff/sign-in", sentence))
        }
        Ok(Err(link)) => bad(page, link),
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            show_again(&JoinPage::of(page, token, invitation, form))
        }
        Err(error) => Err(error.into()),
    }
}
