//! What people have typed and not saved.

use diesel::prelude::*;

use super::schema::{staff_member, working_copy};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::staff_member::StaffId;

/// What somebody typed.
#[derive(Debug, Clone, Queryable)]
pub struct WorkingCopy {
    /// Key.
    pub id: i64,
    /// Of which article; none when it is not begun yet.
    pub article_id: Option<i64>,
    /// The version that it was written over.
    pub version: i32,
    /// What was typed, as JSON.
    pub content: String,
    /// When.
    pub kept_at: Timestamp,
}

/// Somebody else's copy.
#[derive(Debug, Clone, Queryable)]
pub struct Other {
    /// Their name.
    pub name: String,
    /// When they typed last.
    pub kept_at: Timestamp,
}

type Columns = (
    working_copy::id,
    working_copy::article_id,
    working_copy::version,
    working_copy::content,
    working_copy::kept_at,
);

const COLUMNS: Columns = (
    working_copy::id,
    working_copy::article_id,
    working_copy::version,
    working_copy::content,
    working_copy::kept_at,
);

/// Keeps what somebody typed anew. Returns its key.
pub fn insert(
    db: &mut Db,
    by: StaffId,
    article: Option<ArticleId>,
    version: i32,
    content: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(working_copy::table)
        .values((
            working_copy::staff_id.eq(by.0),
            working_copy::article_id.eq(article.map(|id| id.0)),
            working_copy::version.eq(version),
            working_copy::content.eq(content),
            working_copy::kept_at.eq(now.as_millis()),
        ))
        .returning(working_copy::id)
        .get_result::<i64>(db)?)
}

/// Keeps what they typed since. Returns whether the copy is there, and theirs.
pub fn update(
    db: &mut Db,
    id: i64,
    by: StaffId,
    version: i32,
    content: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let theirs = working_copy::table
        .find(id)
        .filter(working_copy::staff_id.eq(by.0));
    let kept = diesel::update(theirs)
        .set((
            working_copy::version.eq(version),
            working_copy::content.eq(content),
            working_copy::kept_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(kept == 1)
}

/// Somebody's copy with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: i64, by: StaffId) -> Result<WorkingCopy, StoreError> {
    Ok(working_copy::table
        .find(id)
        .filter(working_copy::staff_id.eq(by.0))
        .select(COLUMNS)
        .first(db)?)
}

/// Somebody's copy of an article, if there is one.
pub fn of(db: &mut Db, by: StaffId, article: ArticleId) -> Result<Option<WorkingCopy>, StoreError> {
    Ok(working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(working_copy::article_id.eq(article.0))
        .select(COLUMNS)
        .first(db)
        .optional()?)
}

/// Somebody's copies of articles that are not begun yet, the newest first.
pub fn of_new_articles(db: &mut Db, by: StaffId) -> Result<Vec<WorkingCopy>, StoreError> {
    Ok(working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(working_copy::article_id.is_null())
        .order((working_copy::kept_at.desc(), working_copy::id.desc()))
        .select(COLUMNS)
        .load(db)?)
}

/// Who else has typed into an article since `since`, and not saved it.
pub fn of_others(
    db: &mut Db,
    by: StaffId,
    article: ArticleId,
    since: Timestamp,
) -> Result<Vec<Other>, StoreError> {
    Ok(working_copy::table
        .inner_join(staff_member::table)
        .filter(working_copy::article_id.eq(article.0))
        .filter(working_copy::staff_id.ne(by.0))
        .filter(working_copy::kept_at.ge(since.as_millis()))
        .order(working_copy::kept_at.desc())
        .select((staff_member::name, working_copy::kept_at))
        .load(db)?)
}

/// Throws somebody's copy away.
pub fn delete(db: &mut Db, id: i64, by: StaffId) -> Result<(), StoreError> {
    let theirs = working_copy::table
        .find(id)
        .filter(working_copy::staff_id.eq(by.0));
    diesel::delete(theirs).execute(db)?;
    Ok(())
}

/// Throws somebody's copy of an article away: it is saved.
pub fn delete_of(db: &mut Db, by: StaffId, article: ArticleId) -> Result<(), StoreError> {
    let theirs = working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(working_copy::article_id.eq(article.0));
    diesel::delete(theirs).execute(db)?;
    Ok(())
}

/// Throws away what nobody has touched since.
pub fn delete_before(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    let stale = working_copy::table.filter(working_copy::kept_at.lt(before.as_millis()));
    diesel::delete(stale).execute(db)?;
    Ok(())
}
