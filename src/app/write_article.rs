//! Staff write articles. Every saved text is kept; a change withdraws an approval.

use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::clinical_text::{self, MAX_POINT_CHARS, Parts};
use crate::domain::local_time;
use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::store::articles::{self, Article, ArticleText, Revision};
use crate::store::publications::{self, Publication};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, audit_events};

use super::{App, AppError};

/// The longest text, in bytes.
const MAX_BODY: usize = 200_000;

/// Begins an article as a draft.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong.
pub async fn create(app: &App, by: StaffId, text: ArticleText) -> Result<ArticleId, AppError> {
    let text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let base = slug::slug(&text.title, "article");
            let slug = slug::free(&base, &articles::slugs_like(db, &base)?);
            let id = articles::insert(db, &slug, &text, by, now)?;
            keep_revision(db, id, 1, &text, by, now)?;
            audit_events::append(
                db,
                Some(by),
                "article.create",
                ("article", Some(id.0)),
                None,
                now,
            )?;
            Ok(id)
        })
        .await
}

/// Saves a text over version `over`. An article that was approved is a draft again; what the site
/// shows stays until the new text is approved and published.
///
/// # Errors
/// [`AppError::Conflict`] when somebody saved another text meanwhile; [`AppError::Invalid`];
/// [`AppError::NotFound`].
pub async fn save(
    app: &App,
    by: StaffId,
    id: ArticleId,
    over: i32,
    text: ArticleText,
) -> Result<(), AppError> {
    let text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            articles::get(db, id)?;
            if !articles::update(db, id, over, &text, by, now)? {
                return Err(AppError::Conflict);
            }
            keep_revision(db, id, over + 1, &text, by, now)?;
            audit_events::append(
                db,
                Some(by),
                "article.save",
                ("article", Some(id.0)),
                None,
                now,
            )?;
            Ok(())
        })
        .await
}

fn keep_revision(
    db: &mut Db,
    id: ArticleId,
    version: i32,
    text: &ArticleText,
    by: StaffId,
    now: crate::clock::Timestamp,
) -> Result<(), AppError> {
    let content = serde_json::to_string(text).map_err(AppError::internal)?;
    Ok(articles::insert_revision(
        db, id, version, &content, by, now,
    )?)
}

/// An article, with all that its page shows to staff.
#[derive(Debug)]
pub struct Shown {
    /// The article.
    pub article: Article,
    /// What the site shows of it.
    pub on_site: Option<Publication>,
    /// The saved texts, the newest first.
    pub revisions: Vec<Revision>,
    /// What is missing before it may go to review.
    pub problems: Vec<String>,
    /// All who saved it: none of them may approve it.
    pub writers: Vec<StaffId>,
}

/// An article, with all that its page shows to staff.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: ArticleId) -> Result<Shown, AppError> {
    app.store
        .read(move |db| {
            let article = articles::get(db, id)?;
            Ok(Shown {
                on_site: publications::of_article(db, id)?,
                revisions: articles::revisions(db, id)?,
                problems: clinical_text::problems(&parts(&article)),
                writers: articles::writers(db, id)?,
                article,
            })
        })
        .await
}

/// The articles with the names of their topics, the last saved first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(
    app: &App,
    state: Option<ArticleState>,
) -> Result<Vec<(Article, String)>, AppError> {
    app.store
        .read(move |db| Ok(articles::list(db, state, 500)?))
        .await
}

/// Members of staff who may be asked for a review.
///
/// # Errors
/// [`AppError::Store`].
pub async fn reviewers(app: &App) -> Result<Vec<StaffMember>, AppError> {
    app.store
        .read(|db| {
            let mut all = staff_members::all(db)?;
            all.retain(|member| member.active && member.role.includes(StaffRole::Reviewer));
            Ok(all)
        })
        .await
}

pub(super) fn parts(article: &Article) -> Parts<'_> {
    Parts {
        kind: article.kind,
        title: &article.title,
        summary: &article.summary,
        body: &article.body,
        practice_points: &article.practice_points,
        authors: &article.authors,
        conflicts: &article.conflicts,
        references: &article.reference_list,
        has_review_by: article.review_by.is_some(),
    }
}

/// The text with tidy line ends, or what is wrong with its fields. A draft may be unfinished: only
/// what could not be stored or shown is refused.
fn checked(mut text: ArticleText) -> Result<ArticleText, AppError> {
    let mut problems: Vec<(&'static str, String)> = Vec::new();
    if text.kind.parse::<ArticleKind>().is_err() {
        problems.push(("kind", "Please choose what it is.".to_owned()));
    }
    match ShortText::parse(&text.title, 200) {
        Ok(title) => text.title = title.as_str().to_owned(),
        Err(error) => problems.push(("title", error.to_string())),
    }
    match ShortText::optional(&text.summary, 400) {
        Ok(summary) => {
            text.summary = summary.map(|s| s.as_str().to_owned()).unwrap_or_default();
        }
        Err(error) => problems.push(("summary", error.to_string())),
    }
    for (name, field, longest) in [
        ("body", &mut text.body, MAX_BODY),
        ("practice_points", &mut text.practice_points, 4_000),
        ("authors", &mut text.authors, 2_000),
        ("conflicts", &mut text.conflicts, 2_000),
        ("references", &mut text.reference_list, 20_000),
    ] {
        match super::text_field(field, longest) {
            Ok(tidy) => *field = tidy,
            Err(problem) => problems.push((name, problem)),
        }
    }
    let too_long = |point: &&str| point.chars().count() > MAX_POINT_CHARS;
    if let Some(point) = clinical_text::lines(&text.practice_points).find(too_long) {
        let start: String = point.chars().take(40).collect();
        problems.push((
            "practice_points",
            format!("A practice point has at most {MAX_POINT_CHARS} characters: “{start}…”."),
        ));
    }
    if let Some(Err(error)) = text.review_by.as_deref().map(local_time::parse_date) {
        problems.push(("review_by", error.to_string()));
    }
    if problems.is_empty() {
        Ok(text)
    } else {
        Err(AppError::Invalid(problems))
    }
}
