//! One's own account: the password, which mails one gets, and where one is signed in.

use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{Actor, App, AppError, keep_staff, second_factor, sign_in};
use crate::domain::local_time;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::SessionId;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

use super::mail_choice::{MailChoice, choices};

/// The forms for another name and for a new password. No password is ever sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AccountForm {
    name: String,
    current_password: SecretString,
    new_password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(AccountForm);

struct SessionRow {
    id: i64,
    started: String,
    last_seen: String,
    device: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/staff/account.html")]
struct AccountPage {
    page: PageContext,
    email: String,
    second_factor_since: Option<String>,
    recovery_codes: i64,
    mails: Vec<MailChoice>,
    sessions: Vec<SessionRow>,
    f: AccountForm,
}

impl AccountPage {
    async fn of(
        app: &App,
        actor: &Actor,
        page: PageContext,
        f: AccountForm,
    ) -> Result<Self, Problem> {
        let members = keep_staff::all(app).await?;
        let email = members
            .into_iter()
            .find(|member| member.id == actor.id)
            .map(|member| member.email.to_string())
            .unwrap_or_default();
        let sessions = sign_in::sessions(app, actor)
            .await?
            .into_iter()
            .map(|session| SessionRow {
                id: session.id.0,
                started: local_time::display(session.created_at),
                last_seen: local_time::display(session.last_seen_at),
                device: session.device,
                current: session.id == actor.session,
            })
            .collect();
        let standing = second_factor::standing(app, actor).await?;
        Ok(Self {
            page,
            email,
            second_factor_since: standing.since.map(local_time::display_date),
            recovery_codes: standing.recovery_codes,
            mails: choices(app, actor).await?,
            sessions,
            f,
        })
    }
}

/// `GET /staff/account`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, staff: Staff) -> Answer {
    let form = AccountForm {
        name: staff.0.name.clone(),
        ..AccountForm::default()
    };
    show_page(&AccountPage::of(&app, &staff.0, page, form).await?)
}

/// `POST /staff/account/name`.
pub(in crate::web) async fn rename(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<AccountForm>,
) -> Answer {
    match PersonName::parse(&form.name) {
        Ok(name) => {
            keep_staff::rename(&app, staff.0.id, staff.0.id, name).await?;
            let sentence =
                "Your name is changed. What you approved before goes on to show the old one.";
            Ok(see_other_saying(&app, "/staff/account", sentence))
        }
        Err(problem) => {
            form.problems.add("name", problem);
            show_again(&AccountPage::of(&app, &staff.0, page, form).await?)
        }
    }
}

/// `POST /staff/account/password`.
pub(in crate::web) async fn change_password(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<AccountForm>,
) -> Answer {
    form.name.clone_from(&staff.0.name);
    let (current, new) = (form.current_password.clone(), form.new_password.clone());
    match sign_in::change_password(&app, &staff.0, current, new).await {
        Ok(()) => {
            let sentence = "Your password is changed. All your other sessions have ended.";
            Ok(see_other_saying(&app, "/staff/account", sentence))
        }
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            show_again(&AccountPage::of(&app, &staff.0, page, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/account/sessions/{id}/end`.
pub(in crate::web) async fn end_session(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    sign_in::end_session(&app, &staff.0, SessionId(*id)).await?;
    Ok(see_other_saying(
        &app,
        "/staff/account",
        "The session has ended.",
    ))
}

/// `POST /staff/account/sessions/end-others`.
pub(in crate::web) async fn end_others(app: Data<App>, staff: Staff) -> Answer {
    let actor = staff.0;
    for session in sign_in::sessions(&app, &actor).await? {
        if session.id != actor.session {
            match sign_in::end_session(&app, &actor, session.id).await {
                // It ended by itself meanwhile.
                Ok(()) | Err(AppError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(see_other_saying(
        &app,
        "/staff/account",
        "All your other sessions have ended.",
    ))
}
