//! Links by mail with which members of staff sign in, or choose a new password.

use diesel::prelude::*;

use super::schema::staff_link;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::{StaffId, StaffLinkId};

/// A link that was asked for.
#[derive(Debug, Clone, Queryable)]
pub struct StaffLink {
    /// Key.
    pub id: StaffLinkId,
    /// What it is for: `sign-in` or `password`.
    pub purpose: String,
    /// Whose.
    pub staff_id: StaffId,
    /// SHA-256 of the cookie of the browser that asked, in hexadecimal.
    pub browser_hash: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used, or stopped being usable.
    pub used_at: Option<Timestamp>,
}

/// Notes that somebody asks for a link.
pub fn insert(
    db: &mut Db,
    purpose: &str,
    staff: StaffId,
    browser_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<StaffLinkId, StoreError> {
    let id = diesel::insert_into(staff_link::table)
        .values((
            staff_link::purpose.eq(purpose),
            staff_link::staff_id.eq(staff.0),
            staff_link::browser_hash.eq(browser_hash),
            staff_link::created_at.eq(now.as_millis()),
            staff_link::expires_at.eq(expires_at.as_millis()),
        ))
        .returning(staff_link::id)
        .get_result::<i64>(db)?;
    Ok(StaffLinkId(id))
}

/// The link with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: StaffLinkId) -> Result<StaffLink, StoreError> {
    Ok(staff_link::table
        .find(id.0)
        .select(staff_link::all_columns)
        .first(db)?)
}

/// Uses a link up. Returns whether it was still to be used.
pub fn use_up(db: &mut Db, id: StaffLinkId, now: Timestamp) -> Result<bool, StoreError> {
    let used = diesel::update(
        staff_link::table
            .find(id.0)
            .filter(staff_link::used_at.is_null()),
    )
    .set(staff_link::used_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(used > 0)
}

/// Uses up all links of a member.
pub fn use_up_all(db: &mut Db, staff: StaffId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(
        staff_link::table
            .filter(staff_link::staff_id.eq(staff.0))
            .filter(staff_link::used_at.is_null()),
    )
    .set(staff_link::used_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(())
}

/// Takes away links that ended before then: their messages have long been sent.
pub fn remove_ended(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    diesel::delete(staff_link::table.filter(staff_link::expires_at.lt(before.as_millis())))
        .execute(db)?;
    Ok(())
}
