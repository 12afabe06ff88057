//! Members of staff and their sessions.

use diesel::prelude::*;

use super::schema::{staff_member, staff_session};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;
use crate::domain::staff_member::{SessionId, StaffId, StaffRole};

/// A member of staff.
#[derive(Debug, Clone, Queryable)]
pub struct StaffMember {
    /// Key.
    pub id: StaffId,
    /// Address, with which they sign in.
    pub email: EmailAddress,
    /// Normal form of the address, unique.
    pub email_key: String,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: StaffRole,
    /// Argon2id hash, as a PHC string.
    pub password_hash: String,
    /// Whether they may sign in.
    pub active: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, Queryable)]
pub struct Session {
    /// Key.
    pub id: SessionId,
    /// Whose.
    pub staff_id: StaffId,
    /// SHA-256 of the cookie's value, in hexadecimal.
    pub token_hash: String,
    /// What the browser says it is.
    pub device: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used (to about a minute).
    pub last_seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the password was last given in it.
    pub confirmed_at: Timestamp,
}

/// Waits until nobody else is changing the staff, and has others wait until the transaction ends: of
/// two owners who take each other's role away at once, one stays. On SQLite every transaction that
/// writes has its turn anyway.
pub fn take_turn(db: &mut Db) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        diesel::sql_query("LOCK TABLE staff_member IN SHARE ROW EXCLUSIVE MODE").execute(c)?;
    }
    Ok(())
}

/// Adds a member of staff.
///
/// # Errors
/// [`StoreError::Exists`] when the address is taken.
pub fn insert(
    db: &mut Db,
    email: &EmailAddress,
    name: &str,
    role: StaffRole,
    password_hash: &str,
    now: Timestamp,
) -> Result<StaffId, StoreError> {
    let id = diesel::insert_into(staff_member::table)
        .values((
            staff_member::email.eq(email.as_str()),
            staff_member::email_key.eq(email.key()),
            staff_member::name.eq(name),
            staff_member::role.eq(role.as_str()),
            staff_member::password_hash.eq(password_hash),
            staff_member::active.eq(true),
            staff_member::created_at.eq(now.as_millis()),
            staff_member::updated_at.eq(now.as_millis()),
        ))
        .returning(staff_member::id)
        .get_result::<i64>(db)?;
    Ok(StaffId(id))
}

/// Whether there is anybody yet.
pub fn any(db: &mut Db) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        staff_member::table.select(staff_member::id),
    ))
    .get_result(db)?)
}

/// All members, by name.
pub fn all(db: &mut Db) -> Result<Vec<StaffMember>, StoreError> {
    Ok(staff_member::table
        .select(staff_member::all_columns)
        .order(staff_member::name.asc())
        .load(db)?)
}

/// The member with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: StaffId) -> Result<StaffMember, StoreError> {
    Ok(staff_member::table
        .find(id.0)
        .select(staff_member::all_columns)
        .first(db)?)
}

/// The member with this address.
pub fn by_email(db: &mut Db, email: &EmailAddress) -> Result<Option<StaffMember>, StoreError> {
    Ok(staff_member::table
        .filter(staff_member::email_key.eq(email.key()))
        .select(staff_member::all_columns)
        .first(db)
        .optional()?)
}

/// Sets a new password.
pub fn set_password(
    db: &mut Db,
    id: StaffId,
    password_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(staff_member::table.find(id.0))
        .set((
            staff_member::password_hash.eq(password_hash),
            staff_member::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Changes the name.
pub fn set_name(db: &mut Db, id: StaffId, name: &str, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(staff_member::table.find(id.0))
        .set((
            staff_member::name.eq(name),
            staff_member::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Changes the role, and whether the member may sign in.
pub fn set_role(
    db: &mut Db,
    id: StaffId,
    role: StaffRole,
    active: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(staff_member::table.find(id.0))
        .set((
            staff_member::role.eq(role.as_str()),
            staff_member::active.eq(active),
            staff_member::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// How many owners may sign in: the last one cannot be taken away.
pub fn count_owners(db: &mut Db) -> Result<i64, StoreError> {
    Ok(staff_member::table
        .filter(staff_member::role.eq(StaffRole::Owner.as_str()))
        .filter(staff_member::active.eq(true))
        .count()
        .get_result(db)?)
}

/// Begins a session.
pub fn insert_session(
    db: &mut Db,
    staff: StaffId,
    token_hash: &str,
    device: &str,
    confirmed_at: Timestamp,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<SessionId, StoreError> {
    let id = diesel::insert_into(staff_session::table)
        .values((
            staff_session::staff_id.eq(staff.0),
            staff_session::token_hash.eq(token_hash),
            staff_session::device.eq(device),
            staff_session::created_at.eq(now.as_millis()),
            staff_session::last_seen_at.eq(now.as_millis()),
            staff_session::expires_at.eq(expires_at.as_millis()),
            staff_session::confirmed_at.eq(confirmed_at.as_millis()),
        ))
        .returning(staff_session::id)
        .get_result::<i64>(db)?;
    Ok(SessionId(id))
}

/// The session with this hash, if it has not ended, was used since `idle_since`, and its member may sign in.
pub fn session_by_token(
    db: &mut Db,
    token_hash: &str,
    idle_since: Timestamp,
    now: Timestamp,
) -> Result<Option<(Session, StaffMember)>, StoreError> {
    let session: Option<Session> = staff_session::table
        .filter(staff_session::token_hash.eq(token_hash))
        .filter(staff_session::expires_at.gt(now.as_millis()))
        .filter(staff_session::last_seen_at.gt(idle_since.as_millis()))
        .select(staff_session::all_columns)
        .first(db)
        .optional()?;
    let Some(session) = session else {
        return Ok(None);
    };
    let member = get(db, session.staff_id)?;
    Ok(member.active.then_some((session, member)))
}

/// Notes that a session was used.
pub fn touch_session(db: &mut Db, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(staff_session::table.find(id.0))
        .set(staff_session::last_seen_at.eq(now.as_millis()))
        .execute(db)?;
    Ok(())
}

/// Notes that the password was given in a session.
pub fn confirm_session(db: &mut Db, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(staff_session::table.find(id.0))
        .set(staff_session::confirmed_at.eq(now.as_millis()))
        .execute(db)?;
    Ok(())
}

/// The sessions of a member that were used since `idle_since`, the last used first.
pub fn sessions_of(
    db: &mut Db,
    staff: StaffId,
    idle_since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    Ok(staff_session::table
        .filter(staff_session::staff_id.eq(staff.0))
        .filter(staff_session::expires_at.gt(now.as_millis()))
        .filter(staff_session::last_seen_at.gt(idle_since.as_millis()))
        .select(staff_session::all_columns)
        .order(staff_session::last_seen_at.desc())
        .load(db)?)
}

/// Ends a session of this member. Returns whether there was one.
pub fn end_session(db: &mut Db, staff: StaffId, id: SessionId) -> Result<bool, StoreError> {
    let ended = diesel::delete(
        staff_session::table
            .filter(staff_session::id.eq(id.0))
            .filter(staff_session::staff_id.eq(staff.0)),
    )
    .execute(db)?;
    Ok(ended > 0)
}

/// Ends all sessions of a member but one (or all).
pub fn end_sessions(
    db: &mut Db,
    staff: StaffId,
    except: Option<SessionId>,
) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        staff_session::table
            .filter(staff_session::staff_id.eq(staff.0))
            .filter(staff_session::id.ne(except.map_or(0, |id| id.0))),
    )
    .execute(db)?)
}

/// Takes away sessions that have ended by time, or were not used since `idle_since`.
pub fn delete_expired_sessions(
    db: &mut Db,
    idle_since: Timestamp,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let is_over = staff_session::expires_at
        .le(now.as_millis())
        .or(staff_session::last_seen_at.le(idle_since.as_millis()));
    Ok(diesel::delete(staff_session::table.filter(is_over)).execute(db)?)
}
