//! Inviting people to the staff.

use actix_web::web::{Data, Path};

use crate::app::{App, AppError, invite_staff};
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::InvitationId;
use crate::web::forms::{Form, Problems};
use crate::web::page::{Answer, PageContext, show_again};
use crate::web::session::{Staff, see_other_saying};

use super::members::{MemberForm, MembersPage, role};

const FIELDS: [&str; 3] = ["name", "email", "role"];

/// What is said of an invitation that was made; `again`: in place of an earlier one.
fn made(app: &App, again: bool) -> &'static str {
    match (app.settings.smtp_servers.is_empty(), again) {
        (true, false) => {
            "The invitation is in the mailbox: please hand its link over. It can be taken up for seven days."
        }
        (true, true) => {
            "Another invitation is in the mailbox: please hand its link over. The link in the first does nothing any more."
        }
        (false, false) => "The invitation is on its way. It can be taken up for seven days.",
        (false, true) => {
            "Another invitation is on its way. The link in the first does nothing any more."
        }
    }
}

/// `POST /staff/members/invitations`.
pub(in crate::web) async fn invite(
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
        match invite_staff::invite(&app, staff.0.id, email, name, role).await {
            Ok(()) => {
                let sentence = made(&app, false);
                return Ok(see_other_saying(&app, "/staff/members", sentence));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&MembersPage::of(&app, &staff.0, page, form).await?)
}

/// `POST /staff/members/invitations/{id}/send-again`.
pub(in crate::web) async fn send_again(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    invite_staff::send_again(&app, staff.0.id, InvitationId(*id)).await?;
    Ok(see_other_saying(&app, "/staff/members", made(&app, true)))
}

/// `POST /staff/members/invitations/{id}/withdraw`.
pub(in crate::web) async fn withdraw(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    invite_staff::withdraw(&app, staff.0.id, InvitationId(*id)).await?;
    let sentence = "The invitation is withdrawn: its link does nothing any more.";
    Ok(see_other_saying(&app, "/staff/members", sentence))
}
