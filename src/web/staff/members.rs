//! The staff: who they are and what they may do.

use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{Actor, App, AppError, invite_staff, keep_staff, second_factor};
use crate::clock::Timestamp;
use crate::domain::local_time;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::store::staff_invitations::Invitation;
use crate::store::staff_members::StaffMember;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// Whom to invite, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MemberForm {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(MemberForm);

struct MemberRow {
    id: i64,
    name: String,
    email: String,
    role: &'static str,
    role_label: &'static str,
    active: bool,
    is_self: bool,
    has_second_factor: bool,
}

struct InvitationRow {
    id: i64,
    name: String,
    email: String,
    role_label: &'static str,
    invited_by: String,
    sent: String,
    /// Until when it can be taken up; none when that time has passed.
    until: Option<String>,
}

impl InvitationRow {
    fn of(invitation: Invitation, now: Timestamp) -> Self {
        let is_open = invitation.expires_at > now;
        Self {
            id: invitation.id.0,
            name: invitation.name,
            email: invitation.email.to_string(),
            role_label: invitation.role.label(),
            invited_by: invitation.invited_by,
            sent: local_time::display(invitation.created_at),
            until: is_open.then(|| local_time::display(invitation.expires_at)),
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/staff/index.html")]
pub(super) struct MembersPage {
    page: PageContext,
    /// Whether it is an owner who looks.
    is_owner: bool,
    /// Whether they gave their password a short time ago.
    may_change: bool,
    members: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    required: bool,
    in_mailbox: bool,
    f: MemberForm,
}

impl MembersPage {
    pub(super) async fn of(
        app: &App,
        by: &Actor,
        page: PageContext,
        f: MemberForm,
    ) -> Result<Self, Problem> {
        let is_owner = by.role.includes(StaffRole::Owner);
        let holders = second_factor::holders(app).await?;
        let invitations = if is_owner {
            invite_staff::open(app).await?
        } else {
            Vec::new()
        };
        let now = app.now();
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
                has_second_factor: holders.contains(&member.id),
            })
            .collect();
        Ok(Self {
            page,
            is_owner,
            may_change: is_owner && by.is_recent,
            members,
            invitations: invitations
                .into_iter()
                .map(|invitation| InvitationRow::of(invitation, now))
                .collect(),
            required: second_factor::is_required(app).await?,
            in_mailbox: app.settings.smtp_servers.is_empty(),
            f,
        })
    }
}

/// `GET /staff/members`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext, staff: Staff) -> Answer {
    show_page(&MembersPage::of(&app, &staff.0, page, MemberForm::default()).await?)
}

pub(super) fn role(name: &str) -> Result<StaffRole, &'static str> {
    name.parse()
        .map_err(|_| "Please choose a role of the list.")
}

async fn member(app: &App, id: StaffId) -> Result<StaffMember, AppError> {
    let all = keep_staff::all(app).await?;
    all.into_iter()
        .find(|member| member.id == id)
        .ok_or(AppError::NotFound)
}

/// Another name.
#[derive(Deserialize)]
pub(in crate::web) struct NameForm {
    #[serde(default)]
    name: String,
}

/// `POST /staff/members/{id}/name`.
pub(in crate::web) async fn rename(
    app: Data<App>,
    staff: Staff,
    id: Path<i64>,
    Form(form): Form<NameForm>,
) -> Answer {
    let name =
        PersonName::parse(&form.name).map_err(|error| AppError::refused(error.to_string()))?;
    keep_staff::rename(&app, staff.0.id, StaffId(*id), name).await?;
    let sentence = "The name is changed. What they approved before goes on to show the old one.";
    Ok(see_other_saying(&app, "/staff/members", sentence))
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

/// `POST /staff/members/{id}/reset-second-factor`, for who has lost both phone and recovery codes.
pub(in crate::web) async fn reset_second_factor(
    app: Data<App>,
    staff: Staff,
    id: Path<i64>,
) -> Answer {
    second_factor::reset(&app, Some(staff.0.id), StaffId(*id)).await?;
    let sentence =
        "Their second factor is taken off, their sessions have ended, and they are told by mail.";
    Ok(see_other_saying(&app, "/staff/members", sentence))
}

/// Whether every publisher and owner needs a second factor.
#[derive(Deserialize)]
pub(in crate::web) struct RequireForm {
    #[serde(default)]
    required: String,
}

/// `POST /staff/members/second-factor`.
pub(in crate::web) async fn require_second_factor(
    app: Data<App>,
    staff: Staff,
    Form(form): Form<RequireForm>,
) -> Answer {
    let required = form.required == "yes";
    second_factor::require(&app, staff.0.id, required).await?;
    let sentence = if required {
        "Publishers and owners need a second factor now. Who has none is led to set it up."
    } else {
        "Everybody decides for themselves now."
    };
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
