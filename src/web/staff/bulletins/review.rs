//! A bulletin's way from its editor to an approved, frozen mail.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{App, AppError, review_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext};
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::show::{SendForm, refused};

/// Which text is approved.
#[derive(Deserialize)]
pub(in crate::web) struct ApproveForm {
    /// The version that its approver has read.
    version: i32,
}

/// `POST /staff/bulletins/{id}/submit`.
pub(in crate::web) async fn submit(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    review_bulletin::submit(&app, actor.id, id).await?;
    let said = "It waits for approval by a second person now.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/bulletins/{id}/approve`.
pub(in crate::web) async fn approve(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<ApproveForm>,
) -> Answer {
    let id = BulletinId(*id);
    review_bulletin::approve(&app, actor.id, id, form.version).await?;
    let said = "You have approved it. It is frozen as it is now.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// What is to be changed, as it was typed.
#[derive(Deserialize)]
pub(in crate::web) struct ChangesForm {
    /// The version that was in front of its writer.
    version: i32,
    #[serde(default)]
    words: String,
}

/// `POST /staff/bulletins/{id}/changes`.
pub(in crate::web) async fn ask_for_changes(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<ChangesForm>,
) -> Answer {
    let id = BulletinId(*id);
    let (version, words) = (form.version, &form.words);
    match review_bulletin::ask_for_changes(&app, actor.id, id, version, words).await {
        Ok(()) => {
            let said =
                "It is a draft again, and your words stand on its page for those who write it.";
            Ok(see_other_saying(&app, &address(id), said))
        }
        Err(AppError::Invalid(found)) => {
            let mut send = SendForm::untouched(&actor);
            send.problems.extend(found);
            send.words = form.words;
            refused(&app, &actor, page, id, send).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/bulletins/{id}/withdraw`.
pub(in crate::web) async fn withdraw(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    review_bulletin::withdraw(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It is a draft again."))
}
