//! An earlier text of an article, to read.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, write_article};
use crate::domain::article::ArticleId;
use crate::domain::{local_time, markdown};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::public::articles::ArticleView;

use super::view::view;

#[derive(Template)]
#[template(path = "web/staff/articles/revision.html")]
struct Revision {
    page: PageContext,
    id: i64,
    number: i32,
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
    let (saved, text) = write_article::revision(&app, ArticleId(id), number).await?;
    show_page(&Revision {
        page,
        id,
        number,
        at: local_time::display(saved.saved_at),
        by: saved.saved_by_name,
        body_html: markdown::to_html(&text.body),
        article: view(text, None, None, app.now()),
    })
}
