//! Filters of the list of people that have a name. They belong to the clinic.

use diesel::prelude::*;

use super::schema::saved_filter;
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// A filter with a name.
#[derive(Debug, Clone, Queryable)]
pub struct SavedFilter {
    /// Key.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What stands in the address of the list, after the question mark.
    pub query: String,
}

/// All of them, by name.
pub fn all(db: &mut Db) -> Result<Vec<SavedFilter>, StoreError> {
    Ok(saved_filter::table
        .select((saved_filter::id, saved_filter::name, saved_filter::query))
        .order(saved_filter::name.asc())
        .load(db)?)
}

/// Keeps one. Returns its key, or `None` when another has its name.
pub fn insert(
    db: &mut Db,
    name: &str,
    query: &str,
    by: StaffId,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    Ok(each!(db, c => diesel::insert_into(saved_filter::table)
        .values((
            saved_filter::name.eq(name),
            saved_filter::query.eq(query),
            saved_filter::created_by.eq(by.0),
            saved_filter::created_at.eq(now.as_millis()),
        ))
        .on_conflict_do_nothing()
        .returning(saved_filter::id)
        .get_result(c)
        .optional())?)
}

/// Takes one away. Returns its name, if there was one.
pub fn delete(db: &mut Db, id: i64) -> Result<Option<String>, StoreError> {
    let name: Option<String> = saved_filter::table
        .find(id)
        .select(saved_filter::name)
        .first(db)
        .optional()?;
    diesel::delete(saved_filter::table.find(id)).execute(db)?;
    Ok(name)
}
