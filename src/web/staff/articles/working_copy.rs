//! What is typed into the form of an article is kept by itself until it is saved.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;

use crate::app::keep_working_copy::{self, Unsaved};
use crate::app::{App, AppError};
use crate::domain::article::ArticleId;
use crate::domain::local_time;
use crate::store::working_copies::Other;
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::edit::ARTICLE_BYTES;
use super::form::ArticleForm;
use super::marks::{Mark, marks};

/// The answer to the form's script.
#[derive(Serialize)]
struct KeptAnswer {
    copy: i64,
    at: String,
    newest: Option<Newest>,
    others: Vec<String>,
    marks: Vec<Mark>,
}

/// A text that somebody saved meanwhile.
#[derive(Serialize)]
struct Newest {
    version: i32,
    by: String,
    at: String,
    url: String,
}

/// Who else writes, in a sentence.
pub(super) fn writes_too(other: &Other) -> String {
    format!(
        "{} has changes in this article that are not saved, from {}.",
        other.name,
        local_time::display(other.kept_at)
    )
}

/// `POST /staff/articles/working-copies`: the whole form, with `article` and `copy` where there are these. Answers JSON.
pub(in crate::web) async fn keep(
    app: Data<App>,
    Staff(actor): Staff,
    Form(form): Form<ArticleForm, ARTICLE_BYTES>,
) -> Answer {
    let article = form.article.parse().ok().map(ArticleId);
    let copy = form.copy.parse().ok();
    let version = form.replaces();
    let typed = form.typed();
    let marks = marks(&typed);
    let kept = keep_working_copy::keep(&app, actor.id, article, copy, version, &typed).await?;
    let newest = kept.newest.zip(article).map(|(newest, article)| Newest {
        version: newest.version,
        url: format!("{}/revisions/{}", address(article), newest.version),
        by: newest.saved_by_name,
        at: local_time::display(newest.saved_at),
    });
    Ok(HttpResponse::Ok().json(KeptAnswer {
        copy: kept.id,
        at: local_time::display(kept.at),
        newest,
        others: kept.others.iter().map(writes_too).collect(),
        marks,
    }))
}

/// `POST /staff/articles/working-copies/{copy}/discard`.
pub(in crate::web) async fn discard(
    app: Data<App>,
    Staff(actor): Staff,
    copy: Path<i64>,
) -> Answer {
    let article = keep_working_copy::discard(&app, actor.id, *copy).await?;
    let to = article.map_or_else(|| "/staff/articles".to_owned(), address);
    Ok(see_other_saying(
        &app,
        &to,
        "What you had not saved is thrown away.",
    ))
}

/// What is told of a copy that the form shows.
pub(super) struct UnsavedView {
    pub(super) id: i64,
    pub(super) at: String,
}

impl From<&Unsaved> for UnsavedView {
    fn from(unsaved: &Unsaved) -> Self {
        Self {
            id: unsaved.id,
            at: local_time::display(unsaved.kept_at),
        }
    }
}

/// A copy of an article that is not begun yet, in the list of articles.
pub(super) struct BegunView {
    pub(super) id: i64,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) at: String,
}

/// What somebody typed for articles that are not begun yet.
pub(super) async fn begun(
    app: &App,
    actor: &crate::app::Actor,
) -> Result<Vec<BegunView>, AppError> {
    let copies = keep_working_copy::of_new_articles(app, actor.id).await?;
    let view = |copy: Unsaved| BegunView {
        id: copy.id,
        url: format!("/staff/articles/new?copy={}", copy.id),
        title: match copy.typed.title.trim() {
            "" => "Without a title".to_owned(),
            title => title.to_owned(),
        },
        at: local_time::display(copy.kept_at),
    };
    Ok(copies.into_iter().map(view).collect())
}
