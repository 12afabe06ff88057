//! What colleagues say of an article, and the form that says it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{Actor, App, AppError, remark_on_article};
use crate::domain::article::ArticleId;
use crate::domain::local_time;
use crate::store::article_remarks::Remark;
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::show::{Typed, page_of};

/// A remark, as the page shows it.
pub(super) struct RemarkRow {
    pub(super) by: String,
    pub(super) at: String,
    pub(super) version: i32,
    pub(super) asks_for_changes: bool,
    pub(super) words: String,
}

impl From<Remark> for RemarkRow {
    fn from(remark: Remark) -> Self {
        Self {
            by: remark.by,
            at: local_time::display(remark.at),
            version: remark.version,
            asks_for_changes: remark.asks_for_changes,
            words: remark.words,
        }
    }
}

/// A remark as it was typed.
#[derive(Deserialize)]
pub(in crate::web) struct RemarkForm {
    /// The version that was in front of its writer.
    version: i32,
    #[serde(default)]
    words: String,
}

/// `POST /staff/articles/{id}/remarks`.
pub(in crate::web) async fn add(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<RemarkForm>,
) -> Answer {
    let id = ArticleId(*id);
    let done = remark_on_article::remark(&app, actor.id, id, form.version, &form.words).await;
    answer(&app, &actor, page, id, form, done, "Your remark is kept.").await
}

/// `POST /staff/articles/{id}/changes`.
pub(in crate::web) async fn ask_for_changes(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<RemarkForm>,
) -> Answer {
    let id = ArticleId(*id);
    let (version, words) = (form.version, &form.words);
    let done = remark_on_article::ask_for_changes(&app, actor.id, id, version, words).await;
    let said = "It is a draft again, and your words stand on its page for those who write it.";
    answer(&app, &actor, page, id, form, done, said).await
}

async fn answer(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: ArticleId,
    form: RemarkForm,
    done: Result<(), AppError>,
    said: &str,
) -> Answer {
    match done {
        Ok(()) => Ok(see_other_saying(app, &address(id), said)),
        Err(AppError::Invalid(found)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            again(app, actor, page, id, form, status, found).await
        }
        // Somebody took another step meanwhile: the page says where the article is now, and what was typed stays.
        Err(error @ (AppError::Refused(_) | AppError::Conflict)) => {
            let why = format!("{error} What you have written is still here.");
            let found = vec![("words", why)];
            again(app, actor, page, id, form, StatusCode::CONFLICT, found).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: ArticleId,
    form: RemarkForm,
    status: StatusCode,
    found: Vec<(&'static str, String)>,
) -> Answer {
    let mut typed = Typed {
        words: form.words,
        ..Typed::default()
    };
    typed.problems.extend(found);
    show_as(status, &page_of(app, actor, page, id, typed).await?)
}
