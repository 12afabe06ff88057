//! Whom an owner has asked to join the staff.

use diesel::prelude::*;

use super::schema::{staff_invitation, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::{InvitationId, StaffId, StaffRole};

/// An invitation, with who sent it.
#[derive(Debug, Clone, Queryable)]
pub struct Invitation {
    /// Key.
    pub id: InvitationId,
    /// The address.
    pub email: EmailAddress,
    /// The name.
    pub name: String,
    /// What they will be.
    pub role: StaffRole,
    /// The name of who invited them.
    pub invited_by: String,
    /// Their key.
    pub invited_by_id: StaffId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be taken up.
    pub expires_at: Timestamp,
    /// When it was taken up, withdrawn or replaced.
    pub ended_at: Option<Timestamp>,
}

/// Invites somebody.
///
/// # Errors
/// [`StoreError::Exists`] when an invitation to this address is open.
pub fn insert(
    db: &mut Db,
    email: &EmailAddress,
    name: &str,
    role: StaffRole,
    by: StaffId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<InvitationId, StoreError> {
    let id = diesel::insert_into(staff_invitation::table)
        .values((
            staff_invitation::email.eq(email.as_str()),
            staff_invitation::email_key.eq(email.key()),
            staff_invitation::name.eq(name),
            staff_invitation::role.eq(role.as_str()),
            staff_invitation::invited_by.eq(by.0),
            staff_invitation::created_at.eq(now.as_millis()),
            staff_invitation::expires_at.eq(expires_at.as_millis()),
        ))
        .returning(staff_invitation::id)
        .get_result::<i64>(db)?;
    Ok(InvitationId(id))
}

type Columns = (
    staff_invitation::id,
    staff_invitation::email,
    staff_invitation::name,
    staff_invitation::role,
    staff_member::name,
    staff_invitation::invited_by,
    staff_invitation::created_at,
    staff_invitation::expires_at,
    staff_invitation::ended_at,
);

const COLUMNS: Columns = (
    staff_invitation::id,
    staff_invitation::email,
    staff_invitation::name,
    staff_invitation::role,
    staff_member::name,
    staff_invitation::invited_by,
    staff_invitation::created_at,
    staff_invitation::expires_at,
    staff_invitation::ended_at,
);

/// The invitation with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: InvitationId) -> Result<Invitation, StoreError> {
    Ok(staff_invitation::table
        .inner_join(staff_member::table)
        .filter(staff_invitation::id.eq(id.0))
        .select(COLUMNS)
        .first(db)?)
}

/// Those that are open, also past their time, the newest first.
pub fn open(db: &mut Db) -> Result<Vec<Invitation>, StoreError> {
    Ok(staff_invitation::table
        .inner_join(staff_member::table)
        .filter(staff_invitation::ended_at.is_null())
        .order(staff_invitation::id.desc())
        .select(COLUMNS)
        .load(db)?)
}

/// Ends an invitation. Returns whether it was open.
pub fn end(db: &mut Db, id: InvitationId, now: Timestamp) -> Result<bool, StoreError> {
    let ended = diesel::update(
        staff_invitation::table
            .find(id.0)
            .filter(staff_invitation::ended_at.is_null()),
    )
    .set(staff_invitation::ended_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(ended > 0)
}
