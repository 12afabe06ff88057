//! A draft is deleted.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{App, AppError, delete_draft};
use crate::domain::article::ArticleId;
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

/// That it is meant.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct RemoveForm {
    confirm: String,
}

/// `POST /staff/articles/{id}/delete`.
pub(in crate::web) async fn remove(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<RemoveForm>,
) -> Answer {
    if form.confirm != "yes" {
        let why = "Please tick that you mean it: a deleted draft cannot be brought back.";
        return Err(AppError::refused(why).into());
    }
    delete_draft::delete(&app, &actor, ArticleId(*id)).await?;
    let said = "The draft is deleted.";
    Ok(see_other_saying(&app, "/staff/articles", said))
}
