//! What is typed into the form of an article is kept by itself until it is saved.

use actix_web::web::Data;

use crate::app::keep_working_copy::{self, TypedArticle, Unsaved};
use crate::app::{Actor, App, AppError, write_article};
use crate::domain::article::ArticleId;
use crate::domain::working_copy::{CopyOf, Written};
use crate::store::articles::Article;
use crate::web::forms::Form;
use crate::web::page::Answer;
use crate::web::session::Staff;
use crate::web::staff::working_copy::{self, BegunView, kept_answer};

use super::address;
use super::edit::ARTICLE_BYTES;
use super::form::{ArticleForm, Choices};
use super::marks::marks;

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
    let of = CopyOf::Article(article);
    let kept = keep_working_copy::keep(&app, actor.id, of, copy, version, &typed).await?;
    let url = |version| {
        let page = article.map(address).unwrap_or_default();
        format!("{page}/revisions/{version}")
    };
    Ok(kept_answer(kept, "article", url, marks))
}

/// What somebody typed for articles that are not begun yet.
pub(in crate::web::staff) async fn begun(
    app: &App,
    actor: &Actor,
) -> Result<Vec<BegunView>, AppError> {
    let (new, kind) = ("/staff/articles/new", Written::Article);
    let title: fn(&TypedArticle) -> &str = |typed| &typed.title;
    working_copy::begun(app, actor, kind, new, (title, "Without a title")).await
}

/// What somebody changed in articles that were saved before, and has not saved.
pub(in crate::web::staff) async fn changed(
    app: &App,
    actor: &Actor,
) -> Result<Vec<BegunView>, AppError> {
    let kind = Written::Article;
    let copies = keep_working_copy::of_begun::<TypedArticle>(app, actor.id, kind).await?;
    let mut changed = Vec::new();
    if copies.is_empty() {
        return Ok(changed);
    }
    let choices = Choices::load(app).await?;
    for (of, copy) in copies {
        let Some(id) = of.article() else { continue };
        let article = write_article::show(app, id).await?.article;
        changed.extend(differing(&article, &copy, &choices));
    }
    Ok(changed)
}

/// The same of one article.
pub(super) async fn changed_in(
    app: &App,
    actor: &Actor,
    article: &Article,
) -> Result<Option<BegunView>, AppError> {
    let of = CopyOf::Article(Some(article.id));
    let (copy, _) = keep_working_copy::of(app, actor.id, of).await?;
    let Some(copy) = copy else { return Ok(None) };
    Ok(differing(article, &copy, &Choices::load(app).await?))
}

/// A copy that says something else than what is saved.
fn differing(
    article: &Article,
    copy: &Unsaved<TypedArticle>,
    choices: &Choices,
) -> Option<BegunView> {
    let saved = ArticleForm::of(article.text(), article.version, choices);
    let (list, page) = ("/staff/articles", address(article.id));
    (!copy.typed.is_same(&saved.typed()))
        .then(|| BegunView::of_saved(list, &page, article.title.clone(), copy))
}
