//! An earlier text of an article, to read.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, write_article};
use crate::domain::article::ArticleId;
use crate::domain::{local_time, markdown};
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::public::articles::ArticleView;
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::view::view;

/// The newest text, which the earlier one is saved over.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct RestoreForm {
    version: i32,
}

/// `POST /staff/articles/{id}/revisions/{version}/restore`.
pub(in crate::web) async fn restore(
    app: Data<App>,
    Staff(actor): Staff,
    path: Path<(i64, i32)>,
    Form(form): Form<RestoreForm>,
) -> Answer {
    let (id, number) = path.into_inner();
    let id = ArticleId(id);
    write_article::restore(&app, actor.id, id, form.version, number).await?;
    let said = format!("Version {number} is the newest text again.");
    Ok(see_other_saying(&app, &address(id), &said))
}

#[derive(Template)]
#[template(path = "web/staff/articles/revision.html")]
struct Revision {
    page: PageContext,
    id: i64,
    number: i32,
    /// The newest version.
    newest: i32,
    at: String,
    by: String,
    article: ArticleView,
    body_html: String,
}

/// `GET /staff/articles/{id}/revisions/{version}`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    path: Path<(i64, i32)>,
) -> Answer {
    let (id, number) = path.into_inner();
    let newest = write_article::show(&app, ArticleId(id)).await?;
    let newest = newest.article.version;
    let (saved, text) = write_article::revision(&app, ArticleId(id), number).await?;
    show_page(&Revision {
        page,
        id,
        number,
        newest,
        at: local_time::display(saved.saved_at),
        by: saved.saved_by_name,
        body_html: markdown::to_html(&text.body),
        article: view(text, None, None, app.now()),
    })
}
