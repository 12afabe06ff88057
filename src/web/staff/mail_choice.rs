//! Which mails a member of staff gets.

use actix_web::web::Data;
use serde::Deserialize;

use crate::app::{Actor, App, tell_staff};
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// What is ticked; a name that is none is left out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MailForm {
    mail: Vec<String>,
}

/// One of the mails, beside its box.
pub(super) struct MailChoice {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) ticked: bool,
}

/// What this person can be told.
pub(super) async fn choices(app: &App, actor: &Actor) -> Result<Vec<MailChoice>, Problem> {
    let choices = tell_staff::choices(app, actor).await?;
    let choices = choices.into_iter().map(|(kind, ticked)| MailChoice {
        name: kind.as_str(),
        label: kind.label(),
        ticked,
    });
    Ok(choices.collect())
}

/// `POST /staff/account/mails`.
pub(in crate::web) async fn save(
    app: Data<App>,
    staff: Staff,
    Form(form): Form<MailForm>,
) -> Answer {
    let wanted = form.mail.iter().filter_map(|name| name.parse().ok());
    tell_staff::choose(&app, &staff.0, wanted.collect()).await?;
    let sentence = "Saved. You get the mails that are ticked.";
    Ok(see_other_saying(&app, "/staff/account#mails", sentence))
}
