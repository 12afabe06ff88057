//! Sign-ins that wait for their code. They open nothing.

use diesel::prelude::*;

use super::schema::staff_sign_in;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// A sign-in whose first step is done.
#[derive(Debug, Clone, Queryable)]
pub struct WaitingSignIn {
    /// Key.
    pub id: i64,
    /// Whose.
    pub staff_id: StaffId,
    /// SHA-256 of the cookie's value, in hexadecimal.
    pub token_hash: String,
    /// What the browser says it is.
    pub device: String,
    /// How often a code was tried.
    pub tries: i32,
    /// Whether the password was given, and not a link from a message.
    pub by_password: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Begins one.
pub fn insert(
    db: &mut Db,
    staff: StaffId,
    token_hash: &str,
    device: &str,
    by_password: bool,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(staff_sign_in::table)
        .values((
            staff_sign_in::staff_id.eq(staff.0),
            staff_sign_in::token_hash.eq(token_hash),
            staff_sign_in::device.eq(device),
            staff_sign_in::tries.eq(0),
            staff_sign_in::by_password.eq(by_password),
            staff_sign_in::created_at.eq(now.as_millis()),
            staff_sign_in::expires_at.eq(expires_at.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// The one with this hash, if it has not ended.
pub fn by_token(
    db: &mut Db,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<WaitingSignIn>, StoreError> {
    Ok(staff_sign_in::table
        .filter(staff_sign_in::token_hash.eq(token_hash))
        .filter(staff_sign_in::expires_at.gt(now.as_millis()))
        .select(staff_sign_in::all_columns)
        .first(db)
        .optional()?)
}

/// Counts a try, if there were fewer than `most`. Returns whether there were.
pub fn count_try(db: &mut Db, id: i64, most: i32) -> Result<bool, StoreError> {
    let counted = diesel::update(
        staff_sign_in::table
            .find(id)
            .filter(staff_sign_in::tries.lt(most)),
    )
    .set(staff_sign_in::tries.eq(staff_sign_in::tries + 1))
    .execute(db)?;
    Ok(counted > 0)
}

/// Ends one. Returns whether it was there.
pub fn remove(db: &mut Db, id: i64) -> Result<bool, StoreError> {
    Ok(diesel::delete(staff_sign_in::table.find(id)).execute(db)? > 0)
}

/// Ends all of a member's.
pub fn remove_of(db: &mut Db, staff: StaffId) -> Result<(), StoreError> {
    diesel::delete(staff_sign_in::table.filter(staff_sign_in::staff_id.eq(staff.0))).execute(db)?;
    Ok(())
}

/// Takes away those that have ended by time.
pub fn remove_expired(db: &mut Db, now: Timestamp) -> Result<(), StoreError> {
    diesel::delete(staff_sign_in::table.filter(staff_sign_in::expires_at.le(now.as_millis())))
        .execute(db)?;
    Ok(())
}
