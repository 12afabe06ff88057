//! What staff did: rows are added, and never changed or taken away (a trigger sees to it).

use diesel::prelude::*;

use super::schema::{audit_event, staff_member};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// An event, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct AuditEvent {
    /// Key.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Name of the member of staff; none for the command line and the program itself.
    pub staff_name: Option<String>,
    /// What was done, as a verb: `article.approve`.
    pub action: String,
    /// To what kind of thing.
    pub entity: String,
    /// To which one.
    pub entity_id: Option<i64>,
    /// More about it; no addresses of subscribers.
    pub detail: Option<String>,
}

/// Notes an event.
pub fn append(
    db: &mut Db,
    staff: Option<StaffId>,
    action: &str,
    entity: (&str, Option<i64>),
    detail: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(audit_event::table)
        .values((
            audit_event::at.eq(now.as_millis()),
            audit_event::staff_id.eq(staff.map(|id| id.0)),
            audit_event::action.eq(action),
            audit_event::entity.eq(entity.0),
            audit_event::entity_id.eq(entity.1),
            audit_event::detail.eq(detail),
        ))
        .execute(db)?;
    Ok(())
}

/// Whether something was done to one thing at any time.
pub fn happened(db: &mut Db, action: &str, entity: (&str, i64)) -> Result<bool, StoreError> {
    let found = audit_event::table
        .filter(audit_event::entity.eq(entity.0))
        .filter(audit_event::entity_id.eq(entity.1))
        .filter(audit_event::action.eq(action))
        .select(audit_event::id)
        .first::<i64>(db)
        .optional()?;
    Ok(found.is_some())
}

/// The newest events, or those before the event `before`.
pub fn list(db: &mut Db, before: Option<i64>, limit: i64) -> Result<Vec<AuditEvent>, StoreError> {
    Ok(audit_event::table
        .left_join(staff_member::table)
        .filter(audit_event::id.lt(before.unwrap_or(i64::MAX)))
        .order(audit_event::id.desc())
        .limit(limit)
        .select((
            audit_event::id,
            audit_event::at,
            staff_member::name.nullable(),
            audit_event::action,
            audit_event::entity,
            audit_event::entity_id,
            audit_event::detail,
        ))
        .load(db)?)
}

/// What was done to one thing, the newest first.
pub fn of(db: &mut Db, entity: (&str, i64), limit: i64) -> Result<Vec<AuditEvent>, StoreError> {
    Ok(audit_event::table
        .left_join(staff_member::table)
        .filter(audit_event::entity.eq(entity.0))
        .filter(audit_event::entity_id.eq(entity.1))
        .order(audit_event::id.desc())
        .limit(limit)
        .select((
            audit_event::id,
            audit_event::at,
            staff_member::name.nullable(),
            audit_event::action,
            audit_event::entity,
            audit_event::entity_id,
            audit_event::detail,
        ))
        .load(db)?)
}
