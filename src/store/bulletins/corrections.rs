//! Bulletins that correct others, and drafts that are thrown away.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::store::schema::{
    audit_event, bulletin, bulletin_article, bulletin_topic, bulletin_wave, bulletin_writer,
    working_copy,
};
use crate::store::{Db, StoreError};

/// Says which bulletin this one corrects.
pub fn set_corrects(db: &mut Db, id: BulletinId, corrected: BulletinId) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set(bulletin::corrects_id.eq(corrected.0))
        .execute(db)?;
    Ok(())
}

/// A bulletin that corrects another.
#[derive(Debug, Clone, Queryable)]
pub struct Correction {
    /// Key.
    pub id: BulletinId,
    /// Name in addresses.
    pub slug: String,
    /// Subject line.
    pub subject: String,
    /// Where it is on its way.
    pub state: BulletinState,
    /// When its audience was frozen.
    pub started_at: Option<Timestamp>,
}

/// The corrections of a bulletin, the oldest first; those that were given up before they began are left out.
pub fn corrections(db: &mut Db, id: BulletinId) -> Result<Vec<Correction>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::corrects_id.eq(id.0))
        .filter(
            bulletin::state
                .ne(BulletinState::Cancelled.as_str())
                .or(bulletin::started_at.is_not_null()),
        )
        .order(bulletin::id.asc())
        .select((
            bulletin::id,
            bulletin::slug,
            bulletin::subject,
            bulletin::state,
            bulletin::started_at,
        ))
        .load(db)?)
}

/// Whether a review of it was ever asked for.
pub fn was_submitted(db: &mut Db, id: BulletinId) -> Result<bool, StoreError> {
    let asked = audit_event::table
        .filter(audit_event::entity.eq("bulletin"))
        .filter(audit_event::entity_id.eq(id.0))
        .filter(audit_event::action.eq("bulletin.submit"))
        .count()
        .get_result::<i64>(db)?;
    Ok(asked > 0)
}

/// Takes a draft away, with what hangs on it. Returns whether it was one.
pub fn delete_draft(db: &mut Db, id: BulletinId) -> Result<bool, StoreError> {
    let draft = bulletin::table
        .find(id.0)
        .filter(bulletin::state.eq(BulletinState::Draft.as_str()))
        .select(bulletin::id);
    if draft.first::<i64>(db).optional()?.is_none() {
        return Ok(false);
    }
    diesel::delete(bulletin_article::table.filter(bulletin_article::bulletin_id.eq(id.0)))
        .execute(db)?;
    diesel::delete(bulletin_topic::table.filter(bulletin_topic::bulletin_id.eq(id.0)))
        .execute(db)?;
    diesel::delete(bulletin_writer::table.filter(bulletin_writer::bulletin_id.eq(id.0)))
        .execute(db)?;
    diesel::delete(working_copy::table.filter(working_copy::bulletin_id.eq(id.0))).execute(db)?;
    diesel::delete(bulletin_wave::table.filter(bulletin_wave::bulletin_id.eq(id.0))).execute(db)?;
    diesel::delete(bulletin::table.find(id.0)).execute(db)?;
    Ok(true)
}
