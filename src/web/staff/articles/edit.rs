//! Articles are written: the form, its preview, and what becomes of two who write at once.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::app::keep_working_copy::{self, TypedArticle, Unsaved};
use crate::app::write_article::{self, Shown};
use crate::app::{App, AppError};
use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::working_copy::{CopyOf, Written};
use crate::domain::{local_time, markdown, reference};
use crate::store::articles::ArticleText;
use crate::web::forms::{Checked as _, Form};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::session::{Staff, see_other_saying};
use crate::web::staff::choice::Choice;
use crate::web::staff::comparison::{FieldView, differs_in};
use crate::web::staff::working_copy::{UnsavedView, not_kept, writes_too};

use super::address;
use super::comparison::differences;
use super::form::{ArticleForm, Choices};
use super::marks::{as_json, marks};
use super::remarks::RemarkRow;

/// The largest body of an article's form, in bytes. A text of the greatest length that is taken comes
/// to 1.2 MB when every character of it is escaped: it is refused in words beside its field rather
/// than here, where what was typed cannot be given back.
pub(super) const ARTICLE_BYTES: usize = 2 << 20;

/// Somebody saved another text while this one was being written.
struct Conflict {
    opened: Option<SavedText>,
    newest: SavedText,
    differs_in: String,
    /// What the newest text says, and what was typed in its place.
    differences: Vec<FieldView>,
}

/// A text that was saved.
struct SavedText {
    version: i32,
    by: String,
    at: String,
    url: String,
}

#[derive(Template)]
#[template(path = "web/staff/articles/edit.html")]
struct Edit {
    page: PageContext,
    id: Option<ArticleId>,
    kinds: Vec<Choice>,
    topics: Vec<Choice>,
    reviewers: Vec<Choice>,
    /// People whom we know, with their roles.
    authors: Vec<String>,
    preview_html: Option<String>,
    notice: Option<&'static str>,
    /// It came back from a button that saves nothing.
    is_unsaved: bool,
    /// What colleagues want changed in the draft, the newest first.
    asked: Vec<RemarkRow>,
    conflict: Option<Conflict>,
    /// That the form shows what was typed and not saved.
    unsaved: Option<UnsavedView>,
    /// The places that may tell who a patient is, as JSON for the editor.
    marks: String,
    /// Who else writes at the article, in sentences.
    others: Vec<String>,
    f: ArticleForm,
}

impl Edit {
    fn new(page: PageContext, id: Option<ArticleId>, choices: Choices, mut f: ArticleForm) -> Self {
        f.article = id.map(|id| id.to_string()).unwrap_or_default();
        let Choices {
            kinds,
            topics,
            reviewers,
            authors,
            ..
        } = choices;
        let written = !f.body.trim().is_empty();
        let preview_html = written.then(|| markdown::to_html(&f.body));
        let (notice, conflict, unsaved) = (None, None, None);
        Self {
            page,
            id,
            kinds,
            topics,
            reviewers,
            authors,
            preview_html,
            notice,
            is_unsaved: false,
            asked: Vec::new(),
            conflict,
            unsaved,
            marks: as_json(&marks(&f.typed())),
            others: Vec::new(),
            f,
        }
    }
}

/// What a new article is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NewQuery {
    kind: String,
    /// What was typed of it before.
    copy: String,
}

/// `GET /staff/articles/new?kind=&copy=`.
pub(in crate::web) async fn new(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    query: Query<NewQuery>,
) -> Answer {
    let kind = query.kind.parse().unwrap_or(ArticleKind::News);
    let choices = Choices::load(&app).await?;
    if let Ok(copy) = query.copy.parse() {
        let kept = keep_working_copy::show(&app, actor.id, Written::Article, copy).await;
        if let Err(AppError::NotFound) = kept {
            return Ok(not_kept(&app, "/staff/articles"));
        }
        let unsaved = kept?;
        let view = UnsavedView::from(&unsaved);
        let mut form = ArticleForm::of_typed(unsaved.typed, 0);
        form.copy = copy.to_string();
        let mut edit = Edit::new(page, None, choices, form);
        edit.unsaved = Some(view);
        return show_as(StatusCode::OK, &edit);
    }
    let mut form = ArticleForm::new(kind, &app.site().usual_conflicts);
    form.authors = choices.as_author(&actor.name);
    show_as(StatusCode::OK, &Edit::new(page, None, choices, form))
}

/// `POST /staff/articles`.
pub(in crate::web) async fn create(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    Form(mut form): Form<ArticleForm, ARTICLE_BYTES>,
) -> Answer {
    let choices = Choices::load(&app).await?;
    form.fill_in_usual_conflicts(&app.site().usual_conflicts);
    form.fill_in_outline();
    if form.action == "headings" {
        form.add_missing_headings();
    }
    if ["preview", "headings"].contains(&form.action.as_str()) {
        let mut edit = Edit::new(page, None, choices, form);
        edit.is_unsaved = true;
        return show_as(StatusCode::OK, &edit);
    }
    if let Some(text) = form.text(&choices) {
        match write_article::create(&app, actor.id, text).await {
            Ok(id) => {
                if let Ok(copy) = form.copy.parse() {
                    // It is saved; where nothing was kept before, nothing is thrown away.
                    let _ = keep_working_copy::discard(&app, actor.id, copy).await;
                }
                return Ok(see_other_saying(
                    &app,
                    &address(id),
                    "The article is saved.",
                ));
            }
            Err(AppError::Invalid(found)) => form.refuse(found),
            Err(error) => return Err(error.into()),
        }
    }
    show_as(
        StatusCode::UNPROCESSABLE_ENTITY,
        &Edit::new(page, None, choices, form),
    )
}

/// How an article's form is opened.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct EditQuery {
    /// `add`: with the headings that a case study lacks.
    headings: String,
}

/// `GET /staff/articles/{id}/edit?headings=`.
///
/// What this person typed and did not save stands in the form, with what was saved meanwhile beside it.
pub(in crate::web) async fn edit(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    query: Query<EditQuery>,
) -> Answer {
    let id = ArticleId(*id);
    let shown = write_article::show(&app, id).await?;
    let choices = Choices::load(&app).await?;
    let (unsaved, others) =
        keep_working_copy::of(&app, actor.id, CopyOf::Article(Some(id))).await?;
    let saved = ArticleForm::of(shown.article.text(), shown.article.version, &choices);
    let unsaved: Option<Unsaved<TypedArticle>> = unsaved;
    let unsaved = unsaved.filter(|unsaved| !unsaved.typed.is_same(&saved.typed()));
    let view = unsaved.as_ref().map(UnsavedView::from);
    let mut form = match unsaved {
        Some(unsaved) => ArticleForm::of_typed(unsaved.typed, unsaved.version),
        None => saved,
    };
    if query.headings == "add" {
        form.add_missing_headings();
    }
    let newer = shown.article.version > form.version;
    let text = if newer { form.text(&choices) } else { None };
    let conflict = match text {
        Some(text) => Some(conflict(&shown, form.version, &text, &choices).await?),
        None => None,
    };
    if let Some(conflict) = &conflict {
        form.refuse(vec![("over", somebody_was_faster(conflict))]);
    }
    let mut edit = Edit::new(page, Some(id), choices, form);
    edit.conflict = conflict;
    edit.is_unsaved = query.headings == "add";
    edit.unsaved = view;
    edit.others = others
        .iter()
        .map(|other| writes_too(other, "article"))
        .collect();
    edit.notice = what_saving_does(&shown);
    edit.asked = changes_asked(&shown);
    show_as(StatusCode::OK, &edit)
}

/// What colleagues want changed in a draft: until it waits for approval again, or a later text is on the site.
fn changes_asked(shown: &Shown) -> Vec<RemarkRow> {
    let asked = || {
        let remarks = shown.remarks.iter();
        remarks.filter(|remark| remark.asks_for_changes)
    };
    let is_draft = shown.article.state == ArticleState::Draft;
    let Some(newest) = asked().next().filter(|_| is_draft) else {
        return Vec::new();
    };
    let on_site = shown.on_site.as_ref();
    if on_site.is_some_and(|on_site| on_site.version >= newest.version) {
        return Vec::new();
    }
    asked()
        .filter(|remark| remark.version == newest.version)
        .cloned()
        .map(RemarkRow::from)
        .collect()
}

fn what_saving_does(shown: &Shown) -> Option<&'static str> {
    match shown.article.state {
        ArticleState::Draft => None,
        ArticleState::InReview => {
            Some("This text waits for approval. Saving a change takes it back to draft.")
        }
        ArticleState::Approved => Some(
            "This text is approved. Saving a change withdraws the approval, and a second person has \
             to approve it again.",
        ),
        ArticleState::Published => Some(
            "This text is approved and on the site. Saving a change withdraws the approval; the site \
             shows the approved text until the new one is approved and published.",
        ),
    }
}

/// `POST /staff/articles/{id}`.
pub(in crate::web) async fn save(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(mut form): Form<ArticleForm, ARTICLE_BYTES>,
) -> Answer {
    let id = ArticleId(*id);
    let shown = write_article::show(&app, id).await?;
    let choices = Choices::load(&app).await?;
    form.fill_in_outline();
    if form.action == "headings" {
        form.add_missing_headings();
    }
    let again = |form, choices| {
        let mut edit = Edit::new(page, Some(id), choices, form);
        edit.notice = what_saving_does(&shown);
        edit.asked = changes_asked(&shown);
        edit
    };
    if ["preview", "headings"].contains(&form.action.as_str()) {
        let mut edit = again(form, choices);
        edit.is_unsaved = true;
        return show_as(StatusCode::OK, &edit);
    }
    let Some(text) = form.text(&choices) else {
        return show_as(StatusCode::UNPROCESSABLE_ENTITY, &again(form, choices));
    };
    match write_article::save(&app, actor.id, id, form.replaces(), text.clone()).await {
        Ok(()) => Ok(see_other_saying(
            &app,
            &address(id),
            "The article is saved.",
        )),
        Err(AppError::Invalid(found)) => {
            form.refuse(found);
            show_as(StatusCode::UNPROCESSABLE_ENTITY, &again(form, choices))
        }
        Err(AppError::Conflict) => {
            let newest = write_article::show(&app, id).await?;
            let conflict = conflict(&newest, form.version, &text, &choices).await?;
            // Whatever was agreed to replace, it is not this one.
            form.over.clear();
            form.refuse(vec![("over", somebody_was_faster(&conflict))]);
            let mut edit = again(form, choices);
            edit.conflict = Some(conflict);
            show_as(StatusCode::CONFLICT, &edit)
        }
        Err(error) => Err(error.into()),
    }
}

fn somebody_was_faster(conflict: &Conflict) -> String {
    format!(
        "{} has saved version {} meanwhile. Your text stands below and is not saved.",
        conflict.newest.by, conflict.newest.version
    )
}

async fn conflict(
    now: &Shown,
    opened: i32,
    typed: &ArticleText,
    choices: &Choices,
) -> Result<Conflict, AppError> {
    let differences = differences(&now.article.text(), typed, choices).await?;
    let differs_in = differs_in(&differences);
    let saved = |version: i32| {
        let revision = now
            .revisions
            .iter()
            .find(|revision| revision.version == version)?;
        Some(SavedText {
            version,
            by: revision.saved_by_name.clone(),
            at: local_time::display(revision.saved_at),
            url: format!("{}/revisions/{version}", address(now.article.id)),
        })
    };
    let version = now.article.version;
    Ok(Conflict {
        opened: saved(opened).filter(|opened| opened.version != version),
        newest: saved(version).unwrap_or_else(|| SavedText {
            version,
            by: "Somebody".to_owned(),
            at: local_time::display(now.article.updated_at),
            url: address(now.article.id),
        }),
        differs_in,
        differences,
    })
}

/// References as they are typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ReferencesForm {
    references: String,
}

/// A reference, as readers will see it.
#[derive(Serialize)]
struct Tidied {
    text: String,
    url: Option<String>,
}

/// `POST /staff/articles/references`: a list of references tidied up, each with where it leads, as JSON.
pub(in crate::web) async fn references(Form(form): Form<ReferencesForm>) -> HttpResponse {
    let tidy = reference::tidy_list(&form.references);
    let references = tidy.lines().map(|line| {
        let found = reference::reference(line);
        Tidied {
            text: found.text,
            url: found.url,
        }
    });
    HttpResponse::Ok().json(references.collect::<Vec<_>>())
}

/// A Markdown text as it is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct PreviewForm {
    body: String,
}

/// `POST /staff/articles/preview`: the text as the site shows it, a fragment of a page.
pub(in crate::web) async fn preview(Form(form): Form<PreviewForm, ARTICLE_BYTES>) -> HttpResponse {
    let html = markdown::to_html(&form.body);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(html)
}
