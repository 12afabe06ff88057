//! What somebody lets pass knowingly before a bulletin goes out.

use diesel::prelude::*;

use super::schema::{bulletin_override, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::readiness::CheckKind;
use crate::domain::staff_member::StaffId;

/// What was let pass, and why.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Override {
    /// What was looked at.
    pub kind: CheckKind,
    /// Which version of the bulletin.
    pub version: i32,
    /// Stands for what was found.
    pub fingerprint: String,
    /// The reason that was given.
    pub reason: String,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What is let pass.
#[derive(Debug, Clone)]
pub struct NewOverride<'a> {
    /// What was looked at.
    pub kind: CheckKind,
    /// Which version of the bulletin.
    pub version: i32,
    /// Stands for what was found.
    pub fingerprint: &'a str,
    /// What was found, in words.
    pub finding: &'a str,
    /// Why it does not matter.
    pub reason: &'a str,
}

/// What is let pass of a bulletin.
pub fn of(db: &mut Db, id: BulletinId) -> Result<Vec<Override>, StoreError> {
    Ok(bulletin_override::table
        .inner_join(staff_member::table)
        .filter(bulletin_override::bulletin_id.eq(id.0))
        .select((
            bulletin_override::check_name,
            bulletin_override::version,
            bulletin_override::fingerprint,
            bulletin_override::reason,
            staff_member::name,
            bulletin_override::at,
        ))
        .load(db)?)
}

/// Notes what is let pass, in place of what was let pass of the same kind before.
pub fn set(
    db: &mut Db,
    id: BulletinId,
    new: &NewOverride<'_>,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    remove(db, id, new.kind)?;
    diesel::insert_into(bulletin_override::table)
        .values((
            bulletin_override::bulletin_id.eq(id.0),
            bulletin_override::check_name.eq(new.kind.as_str()),
            bulletin_override::version.eq(new.version),
            bulletin_override::fingerprint.eq(new.fingerprint),
            bulletin_override::finding.eq(new.finding),
            bulletin_override::reason.eq(new.reason),
            bulletin_override::staff_id.eq(by.0),
            bulletin_override::at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes it back. Returns whether there was one.
pub fn remove(db: &mut Db, id: BulletinId, kind: CheckKind) -> Result<bool, StoreError> {
    let row = bulletin_override::table.find((id.0, kind.as_str()));
    Ok(diesel::delete(row).execute(db)? > 0)
}

/// Takes all of a bulletin's back: it changes.
pub fn clear(db: &mut Db, id: BulletinId) -> Result<(), StoreError> {
    let rows = bulletin_override::table.filter(bulletin_override::bulletin_id.eq(id.0));
    diesel::delete(rows).execute(db)?;
    Ok(())
}
