//! How a bulletin gets on: its states, its approval, its schedule and its end.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::staff_member::StaffId;
use crate::store::schema::bulletin;
use crate::store::statement::Statement;
use crate::store::{Db, StoreError, each};

use super::Frozen;

/// Moves a bulletin from one state to another. Returns whether it was in the first.
pub fn set_state(
    db: &mut Db,
    id: BulletinId,
    from: BulletinState,
    to: BulletinState,
) -> Result<bool, StoreError> {
    let moved = diesel::update(
        bulletin::table
            .find(id.0)
            .filter(bulletin::state.eq(from.as_str())),
    )
    .set(bulletin::state.eq(to.as_str()))
    .execute(db)?;
    Ok(moved == 1)
}

/// Notes the approval and the mail that was approved; or, with `None`, that there is none.
pub fn set_approval(
    db: &mut Db,
    id: BulletinId,
    approval: Option<(StaffId, Timestamp, &Frozen)>,
) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set((
            bulletin::approved_by.eq(approval.map(|(by, _, _)| by.0)),
            bulletin::approved_at.eq(approval.map(|(_, at, _)| at.as_millis())),
            bulletin::frozen_html.eq(approval.map(|(_, _, frozen)| frozen.html.as_str())),
            bulletin::frozen_text.eq(approval.map(|(_, _, frozen)| frozen.text.as_str())),
        ))
        .execute(db)?;
    Ok(())
}

/// The mail that was approved, if it was.
pub fn frozen(db: &mut Db, id: BulletinId) -> Result<Option<Frozen>, StoreError> {
    let (html, text): (Option<String>, Option<String>) = bulletin::table
        .find(id.0)
        .select((bulletin::frozen_html, bulletin::frozen_text))
        .first(db)?;
    Ok(html.zip(text).map(|(html, text)| Frozen { html, text }))
}

/// Sets when it is to go out.
pub fn set_schedule(db: &mut Db, id: BulletinId, at: Option<Timestamp>) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set(bulletin::scheduled_for.eq(at.map(Timestamp::as_millis)))
        .execute(db)?;
    Ok(())
}

/// Notes what holds it up, or that nothing does. Returns whether that is news.
pub fn set_waiting_for(db: &mut Db, id: BulletinId, why: Option<&str>) -> Result<bool, StoreError> {
    let changed = match why {
        Some(why) => diesel::update(
            bulletin::table.find(id.0).filter(
                bulletin::waiting_for
                    .is_null()
                    .or(bulletin::waiting_for.ne(why)),
            ),
        )
        .set(bulletin::waiting_for.eq(why))
        .execute(db)?,
        None => diesel::update(
            bulletin::table
                .find(id.0)
                .filter(bulletin::waiting_for.is_not_null()),
        )
        .set(bulletin::waiting_for.eq(None::<String>))
        .execute(db)?,
    };
    Ok(changed > 0)
}

/// Notes that sending began, and to how many.
pub fn set_started(
    db: &mut Db,
    id: BulletinId,
    audience: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set((
            bulletin::started_at.eq(now.as_millis()),
            bulletin::audience_count.eq(audience),
        ))
        .execute(db)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = BigInt, column_name = id)]
    _id: i64,
}

/// Marks a bulletin as sent if it is being sent and nothing is left to do. Returns whether it was
/// marked now.
pub fn finish_if_done(db: &mut Db, id: BulletinId, now: Timestamp) -> Result<bool, StoreError> {
    struct AnyOpen;
    // The index on what is due answers this, however many rows are finished.
    const OPEN: &str = "SELECT id FROM delivery WHERE bulletin_id IS NOT NULL AND bulletin_id = ? \
        AND finished_at IS NULL LIMIT 1";
    let left = each!(db, c => Statement::<AnyOpen>::new(OPEN).number(id.0).load::<Open>(c))?;
    let left = !left.is_empty();
    if left {
        return Ok(false);
    }
    let finished = diesel::update(
        bulletin::table
            .find(id.0)
            .filter(bulletin::state.eq(BulletinState::Sending.as_str())),
    )
    .set((
        bulletin::state.eq(BulletinState::Sent.as_str()),
        bulletin::finished_at.eq(now.as_millis()),
        bulletin::waiting_for.eq(None::<String>),
    ))
    .execute(db)?;
    Ok(finished == 1)
}

/// Takes back that a bulletin is sent: it is sent again to some. Returns whether it was, and had been finished at that time.
pub fn set_unfinished(
    db: &mut Db,
    id: BulletinId,
    finished_at: Timestamp,
) -> Result<bool, StoreError> {
    let sent = bulletin::table
        .find(id.0)
        .filter(bulletin::state.eq(BulletinState::Sent.as_str()))
        .filter(bulletin::finished_at.eq(finished_at.as_millis()));
    let moved = diesel::update(sent)
        .set((
            bulletin::state.eq(BulletinState::Sending.as_str()),
            bulletin::finished_at.eq(None::<i64>),
        ))
        .execute(db)?;
    Ok(moved == 1)
}
