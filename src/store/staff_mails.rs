//! What members of staff are told by mail, and what they do not want to be told. The messages themselves are rows of the
//! ledger, which refer to these.

use diesel::prelude::*;

use super::schema::{staff_mail, staff_mail_off};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_mail::{About, HeldBecause, StaffMailId, StaffMailKind};
use crate::domain::staff_member::StaffId;

/// What somebody is told.
#[derive(Debug, Clone, Queryable)]
pub struct StaffMail {
    /// Key.
    pub id: StaffMailId,
    /// Who is told.
    pub staff_id: StaffId,
    /// What.
    pub kind: StaffMailKind,
    entity: Option<String>,
    entity_id: Option<i64>,
    /// Who did it, the last time.
    pub by_staff: Option<StaffId>,
    /// The first remark that is told.
    pub first_remark: Option<i64>,
    /// Why a bulletin is held.
    pub reason: Option<HeldBecause>,
    /// When there was first something to be told.
    pub created_at: Timestamp,
}

impl StaffMail {
    /// The text that it is about, where it is about one.
    pub fn about(&self) -> Option<About> {
        About::of(self.entity.as_deref()?, self.entity_id?)
    }
}

/// Something to be told.
#[derive(Debug, Clone, Copy)]
pub struct NewStaffMail {
    /// What.
    pub kind: StaffMailKind,
    /// Of which text.
    pub about: Option<About>,
    /// Who did it.
    pub by: Option<StaffId>,
    /// The remark that is told.
    pub remark: Option<i64>,
    /// Why a bulletin is held.
    pub reason: Option<HeldBecause>,
}

/// Notes that a member is told something.
pub fn insert(
    db: &mut Db,
    staff: StaffId,
    new: &NewStaffMail,
    now: Timestamp,
) -> Result<StaffMailId, StoreError> {
    let about = new.about.map(About::parts);
    let id = diesel::insert_into(staff_mail::table)
        .values((
            staff_mail::staff_id.eq(staff.0),
            staff_mail::kind.eq(new.kind.as_str()),
            staff_mail::entity.eq(about.map(|(entity, _)| entity)),
            staff_mail::entity_id.eq(about.map(|(_, id)| id)),
            staff_mail::by_staff.eq(new.by.map(|id| id.0)),
            staff_mail::first_remark.eq(new.remark),
            staff_mail::reason.eq(new.reason.map(HeldBecause::as_str)),
            staff_mail::created_at.eq(now.as_millis()),
        ))
        .returning(staff_mail::id)
        .get_result::<i64>(db)?;
    Ok(StaffMailId(id))
}

/// Notes who did last what is told.
pub fn set_by(db: &mut Db, id: StaffMailId, by: Option<StaffId>) -> Result<(), StoreError> {
    diesel::update(staff_mail::table.find(id.0))
        .set(staff_mail::by_staff.eq(by.map(|id| id.0)))
        .execute(db)?;
    Ok(())
}

/// What is told under this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: StaffMailId) -> Result<StaffMail, StoreError> {
    Ok(staff_mail::table
        .find(id.0)
        .select(staff_mail::all_columns)
        .first(db)?)
}

/// The newest of what a member was told of this kind and of this text.
pub fn newest(
    db: &mut Db,
    staff: StaffId,
    kind: StaffMailKind,
    about: About,
) -> Result<Option<StaffMailId>, StoreError> {
    let (entity, entity_id) = about.parts();
    let id: Option<i64> = staff_mail::table
        .filter(staff_mail::staff_id.eq(staff.0))
        .filter(staff_mail::kind.eq(kind.as_str()))
        .filter(staff_mail::entity.eq(entity))
        .filter(staff_mail::entity_id.eq(entity_id))
        .order(staff_mail::id.desc())
        .select(staff_mail::id)
        .first(db)
        .optional()?;
    Ok(id.map(StaffMailId))
}

/// The remark with which the next message to the same member about the same text begins, if there is one.
pub fn next_first_remark(db: &mut Db, mail: &StaffMail) -> Result<Option<i64>, StoreError> {
    let next: Option<Option<i64>> = staff_mail::table
        .filter(staff_mail::staff_id.eq(mail.staff_id.0))
        .filter(staff_mail::kind.eq(mail.kind.as_str()))
        .filter(staff_mail::entity.eq(mail.entity.as_deref()))
        .filter(staff_mail::entity_id.eq(mail.entity_id))
        .filter(staff_mail::id.gt(mail.id.0))
        .order(staff_mail::id.asc())
        .select(staff_mail::first_remark)
        .first(db)
        .optional()?;
    Ok(next.flatten())
}

/// Whether a member was told something of this kind since then.
pub fn told_since(
    db: &mut Db,
    staff: StaffId,
    kind: StaffMailKind,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let found = staff_mail::table
        .filter(staff_mail::staff_id.eq(staff.0))
        .filter(staff_mail::kind.eq(kind.as_str()))
        .filter(staff_mail::created_at.ge(since.as_millis()))
        .select(staff_mail::id)
        .first::<i64>(db)
        .optional()?;
    Ok(found.is_some())
}

/// Waits until nobody else is looking who is to be told of review dates, and has others wait until the transaction ends.
/// On SQLite every transaction that writes has its turn anyway.
pub fn take_turn(db: &mut Db) -> Result<(), StoreError> {
    /// Names this lock among PostgreSQL's advisory locks of this database.
    const REVIEW_DATES: i64 = 2;
    if let Db::Pg(c) = db {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(REVIEW_DATES)
            .execute(c)?;
    }
    Ok(())
}

/// What a member does not want to be told.
pub fn switched_off(db: &mut Db, staff: StaffId) -> Result<Vec<StaffMailKind>, StoreError> {
    Ok(staff_mail_off::table
        .filter(staff_mail_off::staff_id.eq(staff.0))
        .select(staff_mail_off::kind)
        .load(db)?)
}

/// Notes whether a member wants to be told something.
pub fn switch(
    db: &mut Db,
    staff: StaffId,
    kind: StaffMailKind,
    is_on: bool,
) -> Result<(), StoreError> {
    diesel::delete(staff_mail_off::table.find((staff.0, kind.as_str()))).execute(db)?;
    if !is_on {
        diesel::insert_into(staff_mail_off::table)
            .values((
                staff_mail_off::staff_id.eq(staff.0),
                staff_mail_off::kind.eq(kind.as_str()),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// Lets go of what was told before then.
pub fn forget_before(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    diesel::delete(staff_mail::table.filter(staff_mail::created_at.lt(before.as_millis())))
        .execute(db)?;
    Ok(())
}
