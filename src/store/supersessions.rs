//! Which article takes the place of which.

use std::collections::HashSet;

use diesel::prelude::*;

use super::schema::{article, publication, supersession};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::staff_member::StaffId;

/// Marks an article as superseded by another, in place of an earlier mark.
pub fn set(
    db: &mut Db,
    id: ArticleId,
    successor: ArticleId,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    remove(db, id)?;
    diesel::insert_into(supersession::table)
        .values((
            supersession::article_id.eq(id.0),
            supersession::successor_id.eq(successor.0),
            supersession::set_by.eq(by.0),
            supersession::set_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes the mark away. Returns whether there was one.
pub fn remove(db: &mut Db, id: ArticleId) -> Result<bool, StoreError> {
    Ok(diesel::delete(supersession::table.find(id.0)).execute(db)? > 0)
}

/// What takes the place of an article, as staff chose it.
pub fn successor(db: &mut Db, id: ArticleId) -> Result<Option<ArticleId>, StoreError> {
    Ok(supersession::table
        .find(id.0)
        .select(supersession::successor_id)
        .first(db)
        .optional()?)
}

/// The articles whose place an article takes, with their titles.
pub fn predecessors(db: &mut Db, id: ArticleId) -> Result<Vec<(ArticleId, String)>, StoreError> {
    Ok(supersession::table
        .inner_join(article::table.on(article::id.eq(supersession::article_id)))
        .filter(supersession::successor_id.eq(id.0))
        .order(article::id.asc())
        .select((article::id, article::title))
        .load(db)?)
}

/// Slugs and titles of the published articles whose place an article takes.
pub fn published_predecessors(
    db: &mut Db,
    id: ArticleId,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(supersession::table
        .inner_join(publication::table.on(publication::article_id.eq(supersession::article_id)))
        .filter(supersession::successor_id.eq(id.0))
        .order(publication::first_published_at.desc())
        .select((publication::slug, publication::title))
        .load(db)?)
}

/// Every article that has a successor.
pub fn superseded(db: &mut Db) -> Result<HashSet<ArticleId>, StoreError> {
    let ids: Vec<ArticleId> = supersession::table
        .select(supersession::article_id)
        .load(db)?;
    Ok(ids.into_iter().collect())
}
