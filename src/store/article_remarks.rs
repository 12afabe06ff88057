//! What colleagues say of an article while it is written and reviewed.

use diesel::prelude::*;

use super::schema::{article, article_remark, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleState};
use crate::domain::staff_member::StaffId;

/// A remark.
#[derive(Debug, Clone, Queryable)]
pub struct Remark {
    /// The text that was in front of whoever made it.
    pub version: i32,
    /// Whether it took the article back to its author.
    pub asks_for_changes: bool,
    /// The remark itself, in plain text with line ends.
    pub words: String,
    /// The name of whoever made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A remark that is to be kept.
#[derive(Debug, Clone)]
pub struct NewRemark {
    /// The text that was in front of whoever made it.
    pub version: i32,
    /// Whether it takes the article back to its author.
    pub asks_for_changes: bool,
    /// The remark itself.
    pub words: String,
}

/// Keeps a remark. Returns its key.
pub fn insert(
    db: &mut Db,
    article: ArticleId,
    remark: &NewRemark,
    by: StaffId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(article_remark::table)
        .values((
            article_remark::article_id.eq(article.0),
            article_remark::version.eq(remark.version),
            article_remark::asks_for_changes.eq(remark.asks_for_changes),
            article_remark::words.eq(&remark.words),
            article_remark::by_staff.eq(by.0),
            article_remark::at.eq(now.as_millis()),
        ))
        .returning(article_remark::id)
        .get_result(db)?)
}

/// Who made the remarks from one on and before another, where there is one, and whether each asks for changes; without
/// those of the member `reader`.
pub fn made_by(
    db: &mut Db,
    article: ArticleId,
    from: i64,
    before: Option<i64>,
    reader: StaffId,
) -> Result<Vec<(String, bool)>, StoreError> {
    Ok(article_remark::table
        .inner_join(staff_member::table)
        .filter(article_remark::article_id.eq(article.0))
        .filter(article_remark::id.ge(from))
        .filter(article_remark::id.lt(before.unwrap_or(i64::MAX)))
        .filter(article_remark::by_staff.ne(reader.0))
        .order(article_remark::id.asc())
        .select((staff_member::name, article_remark::asks_for_changes))
        .load(db)?)
}

/// The remarks on an article, the newest first.
pub fn of_article(db: &mut Db, article: ArticleId) -> Result<Vec<Remark>, StoreError> {
    Ok(article_remark::table
        .inner_join(staff_member::table)
        .filter(article_remark::article_id.eq(article.0))
        .order(article_remark::id.desc())
        .select((
            article_remark::version,
            article_remark::asks_for_changes,
            article_remark::words,
            staff_member::name,
            article_remark::at,
        ))
        .load(db)?)
}

/// The drafts of a person whose newest text was given back with a wish for changes, the last wish first: key, title, who
/// asked, when. A draft that was given back twice is there twice.
pub fn changes_asked_of(
    db: &mut Db,
    staff: StaffId,
    limit: i64,
) -> Result<Vec<(ArticleId, String, String, Timestamp)>, StoreError> {
    Ok(article_remark::table
        .inner_join(article::table.on(article::id.eq(article_remark::article_id)))
        .inner_join(staff_member::table.on(staff_member::id.eq(article_remark::by_staff)))
        .filter(article_remark::asks_for_changes.eq(true))
        .filter(article_remark::version.eq(article::version))
        .filter(article::state.eq(ArticleState::Draft.as_str()))
        .filter(
            article::created_by
                .eq(staff.0)
                .or(article::updated_by.eq(staff.0)),
        )
        .order(article_remark::id.desc())
        .limit(limit)
        .select((
            article::id,
            article::title,
            staff_member::name,
            article_remark::at,
        ))
        .load(db)?)
}

/// How many there are on an article.
pub fn count(db: &mut Db, article: ArticleId) -> Result<i64, StoreError> {
    Ok(article_remark::table
        .filter(article_remark::article_id.eq(article.0))
        .count()
        .get_result(db)?)
}
