//! Staff write articles. Every saved text is kept; a change withdraws an approval.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::clinical_text::{self, MAX_POINT_CHARS, Parts, ReviewBy};
use crate::domain::local_time;
use crate::domain::reference;
use crate::domain::search_key::search_key;
use crate::domain::short_text::ShortText;
use crate::domain::slug;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::working_copy::CopyOf;
use crate::store::article_remarks::{self, Remark};
use crate::store::articles::{self, Article, ArticleText, Heading, Revision};
use crate::store::publications::{self, Publication};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, audit_events, working_copies};

use super::clear_case_study::{self, CaseRecord};
use super::keep_images::{self, Sizes, unknown_images};
use super::supersede_article::{self, Place};
use super::{App, AppError, second_person};

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
/// shows stays until the new text is approved and published. A text that is the newest already is not
/// saved again: a reviewer who opens the editor and changes nothing has written nothing.
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
    save_with(app, by, id, over, text, move |db| {
        // What they typed is what they save.
        Ok(working_copies::delete_of(
            db,
            by,
            CopyOf::Article(Some(id)),
        )?)
    })
    .await
}

/// Saves a text, and does in the same transaction what belongs to it.
async fn save_with(
    app: &App,
    by: StaffId,
    id: ArticleId,
    over: i32,
    text: ArticleText,
    and: impl FnOnce(&mut Db) -> Result<(), AppError> + Send + 'static,
) -> Result<(), AppError> {
    let text = checked(text)?;
    let now = app.now();
    app.store
        .write(move |db| {
            and(db)?;
            if articles::get(db, id)?.text() == text {
                return Ok(());
            }
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
    /// When its texts were saved and by whom, the newest first.
    pub revisions: Vec<Revision>,
    /// What is missing before it may go to review.
    pub missing: Vec<String>,
    /// Where there may be a patient's number in it.
    pub patient_numbers: Vec<String>,
    /// What else may tell too much, and does not stand in the way.
    pub warnings: Vec<String>,
    /// On what ground it may be published, if it is a case study.
    pub case_record: Option<CaseRecord>,
    /// Which article takes its place, and whose place it takes.
    pub place: Place,
    /// What colleagues said of it, the newest first.
    pub remarks: Vec<Remark>,
    /// The sizes of its images.
    pub image_sizes: Sizes,
    /// All who saved it: none of them may approve it.
    pub writers: Vec<StaffId>,
    /// Why nobody may approve it, where all who might wrote at it.
    pub nobody_approves: Option<String>,
    /// The name of who began it.
    pub created_by: String,
    /// The name of who approved this text.
    pub approved_by: Option<String>,
    /// The name of who is asked to review it.
    pub reviewer: Option<String>,
}

/// An article, with all that its page shows to staff.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: ArticleId) -> Result<Shown, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let article = articles::get(db, id)?;
            let created_by = staff_members::get(db, article.created_by)?.name;
            let approved_by = name_of(db, article.approved_by)?;
            let reviewer = name_of(db, article.reviewer_id)?;
            let parts = parts(&article, now);
            let mut missing = clinical_text::missing(&parts);
            missing.extend(unknown_images(db, "text", &article.body)?);
            let patient_numbers = clinical_text::patient_numbers(&parts);
            let warnings = clinical_text::warnings(&parts);
            let writers = articles::writers(db, id)?;
            Ok(Shown {
                on_site: publications::of_article(db, id)?,
                revisions: articles::revisions(db, id)?,
                missing,
                patient_numbers,
                warnings,
                case_record: clear_case_study::record(db, &article)?,
                place: supersede_article::place(db, id)?,
                remarks: article_remarks::of_article(db, id)?,
                image_sizes: keep_images::sizes(db, &article.body)?,
                nobody_approves: second_person::lacking(db, &writers)?,
                writers,
                created_by,
                approved_by,
                reviewer,
                article,
            })
        })
        .await
}

fn name_of(db: &mut Db, staff: Option<StaffId>) -> Result<Option<String>, AppError> {
    match staff {
        Some(staff) => Ok(Some(staff_members::get(db, staff)?.name)),
        None => Ok(None),
    }
}

/// An earlier text of an article, and when it was saved and by whom.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn revision(
    app: &App,
    id: ArticleId,
    version: i32,
) -> Result<(Revision, ArticleText), AppError> {
    app.store
        .read(move |db| {
            let content = articles::revision_content(db, id, version)?;
            let text = serde_json::from_str(&content).map_err(AppError::internal)?;
            let saved = articles::revisions(db, id)?
                .into_iter()
                .find(|revision| revision.version == version)
                .ok_or(AppError::NotFound)?;
            Ok((saved, text))
        })
        .await
}

/// Saves an earlier text of an article anew, over version `over`. The texts in between stay among the revisions, and what
/// anybody has typed and not saved stays theirs.
///
/// # Errors
/// As those of [`save`].
pub async fn restore(
    app: &App,
    by: StaffId,
    id: ArticleId,
    over: i32,
    version: i32,
) -> Result<(), AppError> {
    let (_, text) = revision(app, id, version).await?;
    save_with(app, by, id, over, text, |_| Ok(())).await
}

/// Which articles a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words in title or authors, without regard to case and macrons.
    pub search: String,
    /// Only this state.
    pub state: Option<ArticleState>,
    /// Only this kind.
    pub kind: Option<ArticleKind>,
}

/// The articles that a list shows, the last saved first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, filter: Filter) -> Result<Vec<Heading>, AppError> {
    let key = search_key(&filter.search);
    app.store
        .read(move |db| {
            let mut found = articles::headings(db)?;
            found.retain(|article| {
                let text = search_key(&format!("{} {}", article.title, article.authors));
                filter.state.is_none_or(|state| article.state == state)
                    && filter.kind.is_none_or(|kind| article.kind == kind)
                    && key.split_whitespace().all(|word| text.contains(word))
            });
            Ok(found)
        })
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

/// Who may be chosen as an author: those of earlier articles, as they stand there, and members of staff who are none yet.
///
/// # Errors
/// [`AppError::Store`].
pub async fn known_authors(app: &App) -> Result<Vec<String>, AppError> {
    app.store
        .read(|db| {
            let mut known = BTreeSet::new();
            for article in articles::headings(db)? {
                known.extend(clinical_text::lines(&article.authors).map(str::to_owned));
            }
            for member in staff_members::all(db)? {
                let starts = |line: &String| line.starts_with(&member.name);
                if member.active && !known.iter().any(starts) {
                    known.insert(member.name);
                }
            }
            Ok(known.into_iter().collect())
        })
        .await
}

pub(super) fn parts(article: &Article, now: Timestamp) -> Parts<'_> {
    Parts {
        kind: article.kind,
        title: &article.title,
        summary: &article.summary,
        body: &article.body,
        practice_points: &article.practice_points,
        authors: &article.authors,
        conflicts: &article.conflicts,
        references: &article.reference_list,
        review_by: match article.review_by {
            None => ReviewBy::Missing,
            Some(day) if day.is_before(now) => ReviewBy::Past,
            Some(_) => ReviewBy::ToCome,
        },
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
        Err(error) => problems.push(("title", error.about("a title"))),
    }
    match ShortText::optional(&text.summary, 400) {
        Ok(summary) => {
            text.summary = summary.map(|s| s.as_str().to_owned()).unwrap_or_default();
        }
        Err(error) => problems.push(("summary", error.about("a summary"))),
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
    text.reference_list = reference::tidy_list(&text.reference_list);
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
