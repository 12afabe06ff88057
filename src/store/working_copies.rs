//! What people have typed and not saved.

use diesel::prelude::*;

use super::schema::{staff_member, working_copy};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::staff_member::StaffId;
use crate::domain::working_copy::{CopyOf, Written};

/// What somebody typed.
#[derive(Debug, Clone)]
pub struct WorkingCopy {
    /// Key.
    pub id: i64,
    /// Of what.
    pub of: CopyOf,
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
    working_copy::kind,
    working_copy::article_id,
    working_copy::bulletin_id,
    working_copy::version,
    working_copy::content,
    working_copy::kept_at,
);

const COLUMNS: Columns = (
    working_copy::id,
    working_copy::kind,
    working_copy::article_id,
    working_copy::bulletin_id,
    working_copy::version,
    working_copy::content,
    working_copy::kept_at,
);

type Row = (
    i64,
    String,
    Option<i64>,
    Option<i64>,
    i32,
    String,
    Timestamp,
);

impl From<Row> for WorkingCopy {
    fn from((id, kind, article, bulletin, version, content, kept_at): Row) -> Self {
        Self {
            id,
            of: match kind.parse() {
                Ok(Written::Bulletin) => CopyOf::Bulletin(bulletin.map(BulletinId)),
                _ => CopyOf::Article(article.map(ArticleId)),
            },
            version,
            content,
            kept_at,
        }
    }
}

/// The rows of what is begun; none of what is not.
macro_rules! copies_of {
    ($of:expr) => {
        working_copy::article_id
            .eq($of.article().map(|id| id.0))
            .or(working_copy::bulletin_id.eq($of.bulletin().map(|id| id.0)))
    };
}

/// Keeps what somebody typed anew. Returns its key.
pub fn insert(
    db: &mut Db,
    by: StaffId,
    of: CopyOf,
    version: i32,
    content: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(working_copy::table)
        .values((
            working_copy::staff_id.eq(by.0),
            working_copy::kind.eq(of.kind().as_str()),
            working_copy::article_id.eq(of.article().map(|id| id.0)),
            working_copy::bulletin_id.eq(of.bulletin().map(|id| id.0)),
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
        .first::<Row>(db)?
        .into())
}

/// Somebody's copy of what is begun, if there is one.
pub fn of(db: &mut Db, by: StaffId, of: CopyOf) -> Result<Option<WorkingCopy>, StoreError> {
    let found = working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(copies_of!(of))
        .select(COLUMNS)
        .first::<Row>(db)
        .optional()?;
    Ok(found.map(WorkingCopy::from))
}

/// Somebody's copies of what is not begun yet, the newest first.
pub fn of_new(db: &mut Db, by: StaffId, kind: Written) -> Result<Vec<WorkingCopy>, StoreError> {
    let found = working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(working_copy::kind.eq(kind.as_str()))
        .filter(working_copy::article_id.is_null())
        .filter(working_copy::bulletin_id.is_null())
        .order((working_copy::kept_at.desc(), working_copy::id.desc()))
        .select(COLUMNS)
        .load::<Row>(db)?;
    Ok(found.into_iter().map(WorkingCopy::from).collect())
}

/// Somebody's copies of what is begun, the newest first.
pub fn of_begun(db: &mut Db, by: StaffId, kind: Written) -> Result<Vec<WorkingCopy>, StoreError> {
    let is_begun = working_copy::article_id
        .is_not_null()
        .or(working_copy::bulletin_id.is_not_null());
    let found = working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(working_copy::kind.eq(kind.as_str()))
        .filter(is_begun)
        .order((working_copy::kept_at.desc(), working_copy::id.desc()))
        .select(COLUMNS)
        .load::<Row>(db)?;
    Ok(found.into_iter().map(WorkingCopy::from).collect())
}

/// Who else has typed into it since `since`, and not saved it.
pub fn of_others(
    db: &mut Db,
    by: StaffId,
    of: CopyOf,
    since: Timestamp,
) -> Result<Vec<Other>, StoreError> {
    Ok(working_copy::table
        .inner_join(staff_member::table)
        .filter(copies_of!(of))
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

/// Throws somebody's copy of something away: it is saved.
pub fn delete_of(db: &mut Db, by: StaffId, of: CopyOf) -> Result<(), StoreError> {
    let theirs = working_copy::table
        .filter(working_copy::staff_id.eq(by.0))
        .filter(copies_of!(of));
    diesel::delete(theirs).execute(db)?;
    Ok(())
}

/// Throws away what nobody has touched since.
pub fn delete_before(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    let stale = working_copy::table.filter(working_copy::kept_at.lt(before.as_millis()));
    diesel::delete(stale).execute(db)?;
    Ok(())
}
