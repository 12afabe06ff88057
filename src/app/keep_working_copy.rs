//! What staff type into the form of an article or a bulletin is kept by itself, each person's on its own, until they save it: a
//! closed tab or a lost connection loses nothing, and no approval is withdrawn by a text that is not finished. Nothing of it is
//! checked before it is saved.

mod article;
mod bulletin;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::staff_member::StaffId;
use crate::domain::working_copy::{CopyOf, Written};
use crate::store::working_copies::{self, Other, WorkingCopy};
use crate::store::{Db, StoreError, articles, bulletins, staff_members};

use super::{App, AppError};

pub use article::TypedArticle;
pub use bulletin::{TypedBulletin, TypedLine};

/// So many texts somebody can begin without saving any.
const MOST_BEGUN: usize = 50;

/// Who has typed within this time is told of as somebody who writes at the same text.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// What somebody typed and has not saved.
#[derive(Debug, Clone)]
pub struct Unsaved<T> {
    /// Key of the copy.
    pub id: i64,
    /// The version that it was written over.
    pub version: i32,
    /// When it was kept.
    pub kept_at: Timestamp,
    /// What was typed.
    pub typed: T,
}

impl<T: DeserializeOwned> Unsaved<T> {
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
    pub newest: Option<Newest>,
    /// Who else writes at it.
    pub others: Vec<Other>,
    /// The state in which a bulletin is by now, if it cannot be changed in it.
    pub closed: Option<BulletinState>,
}

/// A text that somebody saved meanwhile.
#[derive(Debug)]
pub struct Newest {
    /// Its number.
    pub version: i32,
    /// The name of who saved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Line ends as browsers send them are as any others, and what is saved has neither spaces nor blank lines at its end.
fn tidy(field: &str) -> String {
    field.replace("\r\n", "\n").trim().to_owned()
}

/// Keeps what somebody typed over `version` of something, or for something that is not begun yet; `copy` is what was kept of
/// it before.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such thing; [`AppError::Store`].
pub async fn keep<T: Serialize>(
    app: &App,
    by: StaffId,
    of: CopyOf,
    copy: Option<i64>,
    version: i32,
    typed: &T,
) -> Result<Kept, AppError> {
    let content = serde_json::to_string(typed).map_err(AppError::internal)?;
    match keep_once(app, by, of, copy, version, content.clone()).await {
        // Two first calls at once, as from two windows, both find none on PostgreSQL; the second finds the first's.
        Err(AppError::Store(StoreError::Exists)) => {
            keep_once(app, by, of, copy, version, content).await
        }
        kept => kept,
    }
}

async fn keep_once(
    app: &App,
    by: StaffId,
    of: CopyOf,
    copy: Option<i64>,
    version: i32,
    content: String,
) -> Result<Kept, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let copy = match of.is_begun() {
                true => working_copies::of(db, by, of)?.map(|copy| copy.id),
                // A copy of something else is not written over.
                false => copy
                    .filter(|id| working_copies::get(db, *id, by).is_ok_and(|copy| copy.of == of)),
            };
            let (newest, closed) = match of {
                CopyOf::Article(Some(article)) => (newest_article(db, article, version)?, None),
                CopyOf::Bulletin(Some(bulletin)) => newest_bulletin(db, bulletin, version)?,
                _ => (None, None),
            };
            let others = working_copies::of_others(db, by, of, now.minus(LATELY))?;
            if !of.is_begun()
                && copy.is_none()
                && working_copies::of_new(db, by, of.kind())?.len() >= MOST_BEGUN
            {
                return Err(AppError::refused(
                    "You have begun many texts and saved none of them. Please save some, or throw some away.",
                ));
            }
            let id = match copy {
                Some(copy) if working_copies::update(db, copy, by, version, &content, now)? => copy,
                _ => working_copies::insert(db, by, of, version, &content, now)?,
            };
            Ok(Kept {
                id,
                at: now,
                newest,
                others,
                closed,
            })
        })
        .await
}

fn newest_article(db: &mut Db, id: ArticleId, over: i32) -> Result<Option<Newest>, AppError> {
    if articles::get(db, id)?.version <= over {
        return Ok(None);
    }
    let newest = articles::revisions(db, id)?.into_iter().next();
    Ok(newest.map(|revision| Newest {
        version: revision.version,
        by: revision.saved_by_name,
        at: revision.saved_at,
    }))
}

fn newest_bulletin(
    db: &mut Db,
    id: BulletinId,
    over: i32,
) -> Result<(Option<Newest>, Option<BulletinState>), AppError> {
    let bulletin = bulletins::get(db, id)?;
    let closed = (!bulletin.state.is_open()).then_some(bulletin.state);
    if bulletin.version <= over {
        return Ok((None, closed));
    }
    let newest = Newest {
        version: bulletin.version,
        by: staff_members::get(db, bulletin.updated_by)?.name,
        at: bulletin.updated_at,
    };
    Ok((Some(newest), closed))
}

/// What somebody typed into something and has not saved, and who else writes at it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of<T: DeserializeOwned + Send + 'static>(
    app: &App,
    by: StaffId,
    of: CopyOf,
) -> Result<(Option<Unsaved<T>>, Vec<Other>), AppError> {
    let since = app.now().minus(LATELY);
    app.store
        .read(move |db| {
            let copy = working_copies::of(db, by, of)?.and_then(Unsaved::of);
            Ok((copy, working_copies::of_others(db, by, of, since)?))
        })
        .await
}

/// What somebody typed for something of this kind that is not begun yet.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of theirs with this key; [`AppError::Store`].
pub async fn show<T: DeserializeOwned + Send + 'static>(
    app: &App,
    by: StaffId,
    kind: Written,
    copy: i64,
) -> Result<Unsaved<T>, AppError> {
    app.store
        .read(move |db| {
            let copy = working_copies::get(db, copy, by)?;
            if copy.of.kind() != kind {
                return Err(AppError::NotFound);
            }
            Unsaved::of(copy).ok_or(AppError::NotFound)
        })
        .await
}

/// What somebody typed for things of this kind that are not begun yet, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_new<T: DeserializeOwned + Send + 'static>(
    app: &App,
    by: StaffId,
    kind: Written,
) -> Result<Vec<Unsaved<T>>, AppError> {
    app.store
        .read(move |db| {
            let copies = working_copies::of_new(db, by, kind)?;
            Ok(copies.into_iter().filter_map(Unsaved::of).collect())
        })
        .await
}

/// What somebody typed into things of this kind that were saved before, the newest first. It may say the same as they do.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_begun<T: DeserializeOwned + Send + 'static>(
    app: &App,
    by: StaffId,
    kind: Written,
) -> Result<Vec<(CopyOf, Unsaved<T>)>, AppError> {
    app.store
        .read(move |db| {
            let copies = working_copies::of_begun(db, by, kind)?.into_iter();
            let copies = copies.filter_map(|copy| Some((copy.of, Unsaved::of(copy)?)));
            Ok(copies.collect())
        })
        .await
}

/// Throws away what somebody typed. Returns of what it was.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of theirs with this key; [`AppError::Store`].
pub async fn discard(app: &App, by: StaffId, copy: i64) -> Result<CopyOf, AppError> {
    app.store
        .write(move |db| {
            let found = working_copies::get(db, copy, by)?;
            working_copies::delete(db, copy, by)?;
            Ok(found.of)
        })
        .await
}
