//! The second factor of members of staff: what their one-time codes are made of, and their recovery codes.

use diesel::prelude::*;

use super::schema::{staff_recovery_code, staff_second_factor};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// What somebody's codes are made of.
#[derive(Debug, Clone, Queryable)]
pub struct SecondFactor {
    /// Whose.
    pub staff_id: StaffId,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// The step of time of the newest code that was taken.
    pub last_step: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is asked for; none while it is being set up.
    pub confirmed_at: Option<Timestamp>,
}

/// Begins to set one up, in place of another that was begun.
///
/// # Errors
/// [`StoreError::Exists`] when one is in use.
pub fn begin(db: &mut Db, staff: StaffId, sealed: &[u8], now: Timestamp) -> Result<(), StoreError> {
    diesel::delete(
        staff_second_factor::table
            .find(staff.0)
            .filter(staff_second_factor::confirmed_at.is_null()),
    )
    .execute(db)?;
    diesel::insert_into(staff_second_factor::table)
        .values((
            staff_second_factor::staff_id.eq(staff.0),
            staff_second_factor::secret.eq(sealed),
            staff_second_factor::last_step.eq(0),
            staff_second_factor::created_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Somebody's, in use or being set up.
pub fn get(db: &mut Db, staff: StaffId) -> Result<Option<SecondFactor>, StoreError> {
    Ok(staff_second_factor::table
        .find(staff.0)
        .select(staff_second_factor::all_columns)
        .first(db)
        .optional()?)
}

/// Whether somebody has one in use.
pub fn is_in_use(db: &mut Db, staff: StaffId) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        staff_second_factor::table
            .find(staff.0)
            .filter(staff_second_factor::confirmed_at.is_not_null())
            .select(staff_second_factor::staff_id),
    ))
    .get_result(db)?)
}

/// Who has one in use.
pub fn holders(db: &mut Db) -> Result<Vec<StaffId>, StoreError> {
    Ok(staff_second_factor::table
        .filter(staff_second_factor::confirmed_at.is_not_null())
        .select(staff_second_factor::staff_id)
        .load(db)?)
}

/// Takes one into use. Returns whether one was being set up.
pub fn confirm(db: &mut Db, staff: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    let confirmed = diesel::update(
        staff_second_factor::table
            .find(staff.0)
            .filter(staff_second_factor::confirmed_at.is_null()),
    )
    .set(staff_second_factor::confirmed_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(confirmed > 0)
}

/// Uses a step of time up. Returns whether it was newer than all that were used before: of two who come with one code
/// at once, one is let in.
pub fn use_step(db: &mut Db, staff: StaffId, step: i64) -> Result<bool, StoreError> {
    let used = diesel::update(
        staff_second_factor::table
            .find(staff.0)
            .filter(staff_second_factor::last_step.lt(step)),
    )
    .set(staff_second_factor::last_step.eq(step))
    .execute(db)?;
    Ok(used > 0)
}

/// Takes somebody's away, with the recovery codes. Returns whether there was one.
pub fn remove(db: &mut Db, staff: StaffId) -> Result<bool, StoreError> {
    replace_recovery_codes(db, staff, &[])?;
    Ok(diesel::delete(staff_second_factor::table.find(staff.0)).execute(db)? > 0)
}

/// Puts new recovery codes in the place of all before.
pub fn replace_recovery_codes(
    db: &mut Db,
    staff: StaffId,
    hashes: &[String],
) -> Result<(), StoreError> {
    diesel::delete(staff_recovery_code::table.filter(staff_recovery_code::staff_id.eq(staff.0)))
        .execute(db)?;
    for hash in hashes {
        diesel::insert_into(staff_recovery_code::table)
            .values((
                staff_recovery_code::staff_id.eq(staff.0),
                staff_recovery_code::code_hash.eq(hash),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// Uses a recovery code up. Returns whether it is one of theirs that was not used before.
pub fn use_recovery_code(
    db: &mut Db,
    staff: StaffId,
    hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = diesel::update(
        staff_recovery_code::table
            .filter(staff_recovery_code::staff_id.eq(staff.0))
            .filter(staff_recovery_code::code_hash.eq(hash))
            .filter(staff_recovery_code::used_at.is_null()),
    )
    .set(staff_recovery_code::used_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(used > 0)
}

/// How many recovery codes somebody has left.
pub fn recovery_codes_left(db: &mut Db, staff: StaffId) -> Result<i64, StoreError> {
    Ok(staff_recovery_code::table
        .filter(staff_recovery_code::staff_id.eq(staff.0))
        .filter(staff_recovery_code::used_at.is_null())
        .count()
        .get_result(db)?)
}
