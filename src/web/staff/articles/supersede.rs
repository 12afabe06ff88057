//! A published article takes the place of another, or no longer does.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{App, supersede_article};
use crate::domain::article::ArticleId;
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

use super::address;

/// Which article takes the place.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SupersedeForm {
    successor: String,
}

/// `POST /staff/articles/{id}/supersede`.
pub(in crate::web) async fn supersede(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<SupersedeForm>,
) -> Answer {
    let id = ArticleId(*id);
    // What is no number is no article, which is refused in words.
    let successor = ArticleId(form.successor.parse().unwrap_or(0));
    supersede_article::supersede(&app, actor.id, id, successor).await?;
    let said = "Readers of this article are led to the one that takes its place.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/articles/{id}/reinstate`.
pub(in crate::web) async fn reinstate(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
) -> Answer {
    let id = ArticleId(*id);
    supersede_article::reinstate(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It is current again."))
}
