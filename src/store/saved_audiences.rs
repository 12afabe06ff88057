//! Audiences under a name, to be used again and again.

use diesel::prelude::*;

use super::bulletins::as_json;
use super::schema::{saved_audience, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::audience::{Criteria, SavedAudienceId};
use crate::domain::search_key::search_key;
use crate::domain::staff_member::StaffId;

/// A saved audience.
#[derive(Debug, Clone, Queryable)]
pub struct SavedAudience {
    /// Key.
    pub id: SavedAudienceId,
    /// What staff call it.
    pub name: String,
    /// Who is in it.
    pub criteria: Criteria,
    /// Who saved it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
}

type Columns = (
    saved_audience::id,
    saved_audience::name,
    saved_audience::criteria,
    staff_member::name,
    saved_audience::updated_at,
);

const COLUMNS: Columns = (
    saved_audience::id,
    saved_audience::name,
    saved_audience::criteria,
    staff_member::name,
    saved_audience::updated_at,
);

/// Saves an audience under a name. Returns its key.
///
/// # Errors
/// [`StoreError::Exists`] when there is one of this name.
pub fn insert(
    db: &mut Db,
    name: &str,
    criteria: &Criteria,
    by: StaffId,
    now: Timestamp,
) -> Result<SavedAudienceId, StoreError> {
    let id = diesel::insert_into(saved_audience::table)
        .values((
            saved_audience::name.eq(name),
            saved_audience::name_key.eq(search_key(name)),
            saved_audience::criteria.eq(as_json(criteria)?),
            saved_audience::updated_by.eq(by.0),
            saved_audience::updated_at.eq(now.as_millis()),
        ))
        .returning(saved_audience::id)
        .get_result::<i64>(db)?;
    Ok(SavedAudienceId(id))
}

/// The saved audience with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: SavedAudienceId) -> Result<SavedAudience, StoreError> {
    Ok(saved_audience::table
        .inner_join(staff_member::table)
        .filter(saved_audience::id.eq(id.0))
        .select(COLUMNS)
        .first(db)?)
}

/// The key of the saved audience with this name, however it is spelt.
pub fn by_name(db: &mut Db, name: &str) -> Result<Option<SavedAudienceId>, StoreError> {
    Ok(saved_audience::table
        .filter(saved_audience::name_key.eq(search_key(name)))
        .select(saved_audience::id)
        .first(db)
        .optional()?)
}

/// All saved audiences, by their names.
pub fn all(db: &mut Db) -> Result<Vec<SavedAudience>, StoreError> {
    Ok(saved_audience::table
        .inner_join(staff_member::table)
        .select(COLUMNS)
        .order(saved_audience::name_key.asc())
        .load(db)?)
}

/// Gives one another name.
pub fn rename(
    db: &mut Db,
    id: SavedAudienceId,
    name: &str,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(saved_audience::table.find(id.0))
        .set((
            saved_audience::name.eq(name),
            saved_audience::name_key.eq(search_key(name)),
            saved_audience::updated_by.eq(by.0),
            saved_audience::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes one away. Bulletins that were made with it keep their copies.
pub fn delete(db: &mut Db, id: SavedAudienceId) -> Result<(), StoreError> {
    diesel::delete(saved_audience::table.find(id.0)).execute(db)?;
    Ok(())
}
