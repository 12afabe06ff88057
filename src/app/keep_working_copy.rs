//! What staff type into the form of an article is kept by itself, each person's on its own, until they save it: a closed tab
//! or a lost connection loses nothing, and no approval is withdrawn by a text that is not finished.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::staff_member::StaffId;
use crate::store::StoreError;
use crate::store::articles::{self, Revision};
use crate::store::working_copies::{self, Other, WorkingCopy};

use super::{App, AppError};

/// Who has typed within this time is told of as somebody who writes at the same text.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// The fields of the form, as they were typed: nothing is checked before it is saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// Topic, by its slug.
    pub topic: String,
    /// Summary.
    pub summary: String,
    /// Practice points, one a line.
    pub practice_points: String,
    /// Authors, one a line.
    pub authors: String,
    /// Key of the reviewer.
    pub reviewer: String,
    /// Interests.
    pub conflicts: String,
    /// References, one a line.
    pub references: String,
    /// Day of the next review.
    pub review_by: String,
    /// Text, in Markdown.
    pub body: String,
}

impl Typed {
    /// Whether two say the same: browsers send line ends as CR LF, and what is saved has neither spaces nor blank lines at its
    /// end.
    pub fn is_same(&self, other: &Self) -> bool {
        let fields = |typed: &Self| {
            [
                &typed.title,
                &typed.kind,
                &typed.topic,
                &typed.summary,
                &typed.practice_points,
                &typed.authors,
                &typed.reviewer,
                &typed.conflicts,
                &typed.references,
                &typed.review_by,
                &typed.body,
            ]
            .map(|field| field.replace("\r\n", "\n").trim().to_owned())
        };
        fields(self) == fields(other)
    }
}

/// What somebody typed and has not saved.
#[derive(Debug, Clone)]
pub struct Unsaved {
    /// Key of the copy.
    pub id: i64,
    /// The version that it was written over.
    pub version: i32,
    /// When it was kept.
    pub kept_at: Timestamp,
    /// What was typed.
    pub typed: Typed,
}

impl Unsaved {
    /// A copy that cannot be read any more, as one of an earlier program might not be, is none.
    fn of(copy: WorkingCopy) -> Option<Self> {
        Some(Self {
            id: copy.id,
            version: copy.version,
            kept_at: copy.kept_at,
            typed: serde_json::from_str(&copy.content).ok()?,
        })
    }
}

/// That something was kept, and what happened meanwhile.
#[derive(Debug)]
pub struct Kept {
    /// Key of the copy.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The newest saved text, if it is newer than the one that was written over.
    pub newest: Option<Revision>,
    /// Who else writes at the article.
    pub others: Vec<Other>,
}

/// Keeps what somebody typed over `version` of an article, or for an article that is not begun yet; `copy` is what was kept
/// of it before.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such article; [`AppError::Store`].
pub async fn keep(
    app: &App,
    by: StaffId,
    article: Option<ArticleId>,
    copy: Option<i64>,
    version: i32,
    typed: &Typed,
) -> Result<Kept, AppError> {
    let content = serde_json::to_string(typed).map_err(AppError::internal)?;
    match keep_once(app, by, article, copy, version, content.clone()).await {
        // Two first calls at once, as from two windows, both find none on PostgreSQL; the second finds the first's.
        Err(AppError::Store(StoreError::Exists)) => {
            keep_once(app, by, article, copy, version, content).await
        }
        kept => kept,
    }
}

async fn keep_once(
    app: &App,
    by: StaffId,
    article: Option<ArticleId>,
    copy: Option<i64>,
    version: i32,
    content: String,
) -> Result<Kept, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let copy = match article {
                Some(article) => working_copies::of(db, by, article)?.map(|copy| copy.id),
                None => copy,
            };
            let newest = match article {
                Some(article) if articles::get(db, article)?.version > version => {
                    articles::revisions(db, article)?.into_iter().next()
                }
                _ => None,
            };
            let others = match article {
                Some(article) => working_copies::of_others(db, by, article, now.minus(LATELY))?,
                None => Vec::new(),
            };
            let id = match copy {
                Some(copy) if working_copies::update(db, copy, by, version, &content, now)? => copy,
                _ => working_copies::insert(db, by, article, version, &content, now)?,
            };
            Ok(Kept {
                id,
                at: now,
                newest,
                others,
            })
        })
        .await
}

/// What somebody typed into an article and has not saved, and who else writes at it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_article(
    app: &App,
    by: StaffId,
    article: ArticleId,
) -> Result<(Option<Unsaved>, Vec<Other>), AppError> {
    let since = app.now().minus(LATELY);
    app.store
        .read(move |db| {
            let copy = working_copies::of(db, by, article)?.and_then(Unsaved::of);
            Ok((copy, working_copies::of_others(db, by, article, since)?))
        })
        .await
}

/// What somebody typed for an article that is not begun yet.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of theirs with this key; [`AppError::Store`].
pub async fn show(app: &App, by: StaffId, copy: i64) -> Result<Unsaved, AppError> {
    app.store
        .read(move |db| {
            let copy = working_copies::get(db, copy, by)?;
            Unsaved::of(copy).ok_or(AppError::NotFound)
        })
        .await
}

/// What somebody typed for articles that are not begun yet, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_new_articles(app: &App, by: StaffId) -> Result<Vec<Unsaved>, AppError> {
    app.store
        .read(move |db| {
            let copies = working_copies::of_new_articles(db, by)?;
            Ok(copies.into_iter().filter_map(Unsaved::of).collect())
        })
        .await
}

/// Throws away what somebody typed. Returns the article it was of, if it is begun.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of theirs with this key; [`AppError::Store`].
pub async fn discard(app: &App, by: StaffId, copy: i64) -> Result<Option<ArticleId>, AppError> {
    app.store
        .write(move |db| {
            let found = working_copies::get(db, copy, by)?;
            working_copies::delete(db, copy, by)?;
            Ok(found.article_id.map(ArticleId))
        })
        .await
}
