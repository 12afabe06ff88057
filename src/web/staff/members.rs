//! The staff: who they are and what they may do.

use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{Actor, App, AppError, keep_staff};
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::store::staff_members::StaffMember;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// A new member, as typed; the password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MemberForm {
    name: String,
    email: String,
    role: String,
    password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(MemberForm);

const FIELDS: [&str; 4] = ["name", "email", "role", "password"];

struct MemberRow {
    id: i64,
    name: String,
    email: String,
    role: &'static str,
    role_label: &'static str,
    active: bool,
    is_self: bool,
}

#[derive(Template)]
#[template(path = "web/staff/staff/index.html")]
struct MembersPage {
    page: PageContext,
    may_change: bool,
    members: Vec<MemberRow>,
    f: MemberForm,
}

impl MembersPage {
    async fn of(app: &App, by: &Actor, page: PageContext, f: MemberForm) -> Result<Self, Problem> {
        let members = keep_staff::all(app)
            .await?
            .into_iter()
            .map(|member| MemberRow {
                id: member.id.0,
                name: member.name,
                email: member.email.to_string(),
                role: member.role.as_str(),
                role_label: member.role.label(),
                active: member.active,
                is_self: member.id == by.id,
            })
            .collect();
        Ok(Self {
            page,
            may_change: by.role.includes(StaffRole::Owner),
            members,
            f,
        })
    }
}

/// `GET /staff/members`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext, staff: Staff) -> Answer {
    show_page(&MembersPage::of(&app, &staff.0, page, MemberForm::default()).await?)
}

/// `POST /staff/members`: adds somebody.
pub(in crate::web) async fn add(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<MemberForm>,
) -> Answer {
    let mut problems = Problems::default();
    let name = problems.take("name", PersonName::parse(&form.name));
    let email = problems.take("email", EmailAddress::parse(&form.email));
    let role = problems.take("role", role(&form.role));
    if let (Some(name), Some(email), Some(role)) = (name, email, role) {
        let password = form.password.clone();
        match keep_staff::add(&app, Some(staff.0.id), email, name, role, password).await {
            Ok(_) => {
                let sentence = "They are on the staff now, and can sign in.";
                return Ok(see_other_saying(&app, "/staff/members", sentence));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&MembersPage::of(&app, &staff.0, page, form).await?)
}

fn role(name: &str) -> Result<StaffRole, &'static str> {
    name.parse()
        .map_err(|_| "Please choose a role of the list.")
}

async fn member(app: &App, id: StaffId) -> Result<StaffMember, AppError> {
    let all = keep_staff::all(app).await?;
    all.into_iter()
        .find(|member| member.id == id)
        .ok_or(AppError::NotFound)
}

/// Another role.
#[derive(Deserialize)]
pub(in crate::web) struct RoleForm {
    #[serde(default)]
    role: String,
}

/// `POST /staff/members/{id}/role`.
pub(in crate::web) async fn set_role(
    app: Data<App>,
    staff: Staff,
    id: Path<i64>,
    Form(form): Form<RoleForm>,
) -> Answer {
    let id = StaffId(*id);
    let role = role(&form.role).map_err(AppError::refused)?;
    let active = member(&app, id).await?.active;
    keep_staff::change(&app, staff.0.id, id, role, active).await?;
    let sentence = "The role is changed. They have to sign in anew.";
    Ok(see_other_saying(&app, "/staff/members", sentence))
}

/// Another password.
#[derive(Deserialize)]
pub(in crate::web) struct NewPasswordForm {
    #[serde(default)]
    password: SecretString,
}

/// `POST /staff/members/{id}/password`.
pub(in crate::web) async fn set_password(
    app: Data<App>,
    staff: Staff,
    id: Path<i64>,
    Form(form): Form<NewPasswordForm>,
) -> Answer {
    keep_staff::set_password(&app, staff.0.id, StaffId(*id), form.password).await?;
    let sentence = "The password is set, and their sessions have ended. Please hand it over in person or by phone.";
    Ok(see_other_saying(&app, "/staff/members", sentence))
}

/// `POST /staff/members/{id}/deactivate`.
pub(in crate::web) async fn deactivate(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    set_active(&app, &staff.0, StaffId(*id), false).await?;
    Ok(see_other_saying(
        &app,
        "/staff/members",
        "They can no longer sign in.",
    ))
}

/// `POST /staff/members/{id}/reactivate`.
pub(in crate::web) async fn reactivate(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    set_active(&app, &staff.0, StaffId(*id), true).await?;
    Ok(see_other_saying(
        &app,
        "/staff/members",
        "They can sign in again.",
    ))
}

async fn set_active(app: &App, by: &Actor, id: StaffId, active: bool) -> Result<(), AppError> {
    let role = member(app, id).await?.role;
    keep_staff::change(app, by.id, id, role, active).await
}
