//! What the clinic sets itself. Rows are added, and never changed or taken away (a trigger sees to it): the newest of a name
//! counts, and those before it are its history.

use diesel::prelude::*;

use super::schema::{site_setting, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// A version of a setting.
#[derive(Debug, Clone, Queryable)]
pub struct Version {
    /// Key. Grows with every change of any setting.
    pub id: i64,
    /// A JSON object.
    pub value: String,
    /// When it was set.
    pub at: Timestamp,
    /// The name of who set it; none for the program itself.
    pub staff_name: Option<String>,
}

/// The key of the newest version of all settings; 0 while nothing was ever set.
pub fn newest_id(db: &mut Db) -> Result<i64, StoreError> {
    let newest: Option<i64> = site_setting::table
        .select(diesel::dsl::max(site_setting::id))
        .first(db)?;
    Ok(newest.unwrap_or(0))
}

/// The newest value of a setting.
pub fn value(db: &mut Db, name: &str) -> Result<Option<String>, StoreError> {
    Ok(site_setting::table
        .filter(site_setting::name.eq(name))
        .order(site_setting::id.desc())
        .select(site_setting::value)
        .first(db)
        .optional()?)
}

/// The newest versions of a setting, the newest first.
pub fn history(db: &mut Db, name: &str, limit: i64) -> Result<Vec<Version>, StoreError> {
    Ok(site_setting::table
        .left_join(staff_member::table)
        .filter(site_setting::name.eq(name))
        .order(site_setting::id.desc())
        .limit(limit)
        .select((
            site_setting::id,
            site_setting::value,
            site_setting::at,
            staff_member::name.nullable(),
        ))
        .load(db)?)
}

/// Sets a setting.
pub fn append(
    db: &mut Db,
    name: &str,
    value: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(site_setting::table)
        .values((
            site_setting::name.eq(name),
            site_setting::value.eq(value),
            site_setting::at.eq(now.as_millis()),
            site_setting::staff_id.eq(by.map(|id| id.0)),
        ))
        .execute(db)?;
    Ok(())
}
