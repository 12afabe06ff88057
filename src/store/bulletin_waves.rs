//! Bulletins that go out in two waves: the first people, a wait, and then the rest.

use diesel::prelude::*;

use super::schema::{bulletin, bulletin_wave, delivery};
use super::{Db, StoreError, deliveries};
use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::subscriber::SubscriberId;

/// How a bulletin is divided, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Wave {
    /// The bulletin.
    pub bulletin_id: BulletinId,
    /// So many people are in the first wave.
    pub first_count: i64,
    /// So many minutes later the rest follows.
    pub wait_minutes: i64,
    /// Once it has begun: the last person of the first wave. None where nobody is left for a second one.
    pub first_until: Option<SubscriberId>,
    /// Once it has begun: when the rest falls due.
    pub rest_at: Option<Timestamp>,
    /// When it was decided whether the rest goes.
    pub judged_at: Option<Timestamp>,
}

impl Wave {
    /// When the rest falls due, if it waits.
    pub fn waits_until(&self) -> Option<Timestamp> {
        self.rest_at.filter(|_| self.judged_at.is_none())
    }
}

/// How a bulletin is divided; none goes out all at once.
pub fn get(db: &mut Db, id: BulletinId) -> Result<Option<Wave>, StoreError> {
    Ok(bulletin_wave::table.find(id.0).first(db).optional()?)
}

/// Divides a bulletin that has not begun: so many people first, so many minutes before the rest. Or, with `None`, not.
pub fn set(db: &mut Db, id: BulletinId, waves: Option<(i64, i64)>) -> Result<(), StoreError> {
    diesel::delete(bulletin_wave::table.find(id.0)).execute(db)?;
    if let Some((first, minutes)) = waves {
        diesel::insert_into(bulletin_wave::table)
            .values((
                bulletin_wave::bulletin_id.eq(id.0),
                bulletin_wave::first_count.eq(first),
                bulletin_wave::wait_minutes.eq(minutes),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// Has the rest of an audience that was frozen in this transaction wait until then. Returns how many that are.
pub fn begin(db: &mut Db, wave: &Wave, rest_at: Timestamp) -> Result<i64, StoreError> {
    let of_bulletin = delivery::bulletin_id.eq(wave.bulletin_id.0);
    let last: Option<Option<i64>> = delivery::table
        .filter(of_bulletin)
        .order(delivery::subscriber_id.asc())
        .offset(wave.first_count - 1)
        .limit(1)
        .select(delivery::subscriber_id)
        .first(db)
        .optional()?;
    let Some(last) = last.flatten() else {
        return Ok(0);
    };
    let rest = diesel::update(
        delivery::table
            .filter(of_bulletin)
            .filter(delivery::subscriber_id.gt(last))
            .filter(deliveries::is_open()),
    )
    .set(delivery::due_at.eq(rest_at.as_millis()))
    .execute(db)?;
    if rest > 0 {
        diesel::update(bulletin_wave::table.find(wave.bulletin_id.0))
            .set((
                bulletin_wave::first_until.eq(last),
                bulletin_wave::rest_at.eq(rest_at.as_millis()),
            ))
            .execute(db)?;
    }
    Ok(i64::try_from(rest).unwrap_or(i64::MAX))
}

/// The waves of bulletins that are being sent whose rest is due, and of which nobody has decided whether it goes.
pub fn due(db: &mut Db, now: Timestamp) -> Result<Vec<Wave>, StoreError> {
    Ok(bulletin_wave::table
        .inner_join(bulletin::table)
        .filter(bulletin::state.eq(BulletinState::Sending.as_str()))
        .filter(bulletin_wave::judged_at.is_null())
        .filter(bulletin_wave::rest_at.le(now.as_millis()))
        .select(bulletin_wave::all_columns)
        .load(db)?)
}

/// Notes that it is decided now. Returns whether it was not before: of two that decide, one does.
pub fn judge(db: &mut Db, id: BulletinId, now: Timestamp) -> Result<bool, StoreError> {
    let open = bulletin_wave::table
        .find(id.0)
        .filter(bulletin_wave::judged_at.is_null());
    let judged = diesel::update(open)
        .set(bulletin_wave::judged_at.eq(now.as_millis()))
        .execute(db)?;
    Ok(judged == 1)
}

/// How many messages of the first wave were refused or given up.
pub fn refused_of_first(db: &mut Db, wave: &Wave) -> Result<i64, StoreError> {
    let state = delivery::state;
    Ok(delivery::table
        .filter(delivery::bulletin_id.eq(wave.bulletin_id.0))
        .filter(delivery::subscriber_id.le(wave.first_until.map(|id| id.0)))
        .filter(delivery::bulletin_id.is_not_null())
        .filter(
            state
                .eq(DeliveryState::Refused.as_str())
                .or(state.eq(DeliveryState::Failed.as_str())),
        )
        .count()
        .get_result(db)?)
}

/// Has the rest go now instead of at its time. What was given back meanwhile keeps its own time.
pub fn release(db: &mut Db, wave: &Wave, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(
        delivery::table
            .filter(delivery::bulletin_id.eq(wave.bulletin_id.0))
            .filter(delivery::bulletin_id.is_not_null())
            .filter(deliveries::is_open())
            .filter(delivery::state.eq(DeliveryState::Queued.as_str()))
            .filter(
                delivery::due_at
                    .nullable()
                    .eq(wave.rest_at.map(Timestamp::as_millis)),
            ),
    )
    .set(delivery::due_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(())
}
