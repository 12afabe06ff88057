//! An article's way from its author to the site, step by step.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{App, review_article};
use crate::domain::article::ArticleId;
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

use super::address;

/// Which text is approved.
#[derive(Deserialize)]
pub(in crate::web) struct ApproveForm {
    /// The version that its approver has read.
    version: i32,
}

/// `POST /staff/articles/{id}/submit`.
pub(in crate::web) async fn submit(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = ArticleId(*id);
    review_article::submit(&app, actor.id, id).await?;
    let said = "It waits for approval by a second person now.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/articles/{id}/approve`.
pub(in crate::web) async fn approve(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<ApproveForm>,
) -> Answer {
    let id = ArticleId(*id);
    review_article::approve(&app, actor.id, id, form.version).await?;
    Ok(see_other_saying(
        &app,
        &address(id),
        "You have approved this text.",
    ))
}

/// `POST /staff/articles/{id}/withdraw`.
pub(in crate::web) async fn withdraw(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = ArticleId(*id);
    review_article::withdraw(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It is a draft again."))
}

/// `POST /staff/articles/{id}/publish`.
pub(in crate::web) async fn publish(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = ArticleId(*id);
    review_article::publish(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It is on the site."))
}

/// `POST /staff/articles/{id}/unpublish`.
pub(in crate::web) async fn unpublish(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
) -> Answer {
    let id = ArticleId(*id);
    review_article::unpublish(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It is off the site."))
}
