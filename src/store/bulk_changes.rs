//! Changes to many people at once: who they are is settled first, and then noted for each what came of it.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::composed::Composed;
use super::schema::{bulk_change, bulk_member, staff_member, subscriber};
use super::subscribers::conditions;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;
use crate::domain::subscriber_filter::SubscriberFilter;
use crate::domain::topic::TopicId;

/// A change, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct BulkChange {
    /// Key.
    pub id: i64,
    /// What is done.
    pub action: BulkAction,
    /// With which topic.
    pub topic_id: Option<TopicId>,
    /// Why, or on what ground; empty until it is started.
    pub reason: String,
    /// Who asked for it, and said yes.
    pub asked_by: StaffId,
    /// Their name.
    pub asked_by_name: String,
    /// When they did.
    pub asked_at: Timestamp,
    /// How many people.
    pub member_count: i64,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// When it was done for all.
    pub finished_at: Option<Timestamp>,
    /// When it was asked to be taken back.
    pub undone_at: Option<Timestamp>,
    /// Who asked for that.
    pub undone_by: Option<StaffId>,
    /// When that was done for all.
    pub undo_finished_at: Option<Timestamp>,
}

/// Whom it is done to.
#[derive(Debug, Clone)]
pub enum Members {
    /// These people.
    These(Vec<SubscriberId>),
    /// All whom the filter finds now.
    Found(SubscriberFilter),
}

/// Settles who the people are, at most `most` of them. Returns the key of the change, and how many they are; nobody is
/// noted where they are more than that.
pub fn ask(
    db: &mut Db,
    action: BulkAction,
    members: &Members,
    by: StaffId,
    now: Timestamp,
) -> Result<(i64, i64), StoreError> {
    let id: i64 = diesel::insert_into(bulk_change::table)
        .values((
            bulk_change::action.eq(action.as_str()),
            bulk_change::reason.eq(""),
            bulk_change::asked_by.eq(by.0),
            bulk_change::asked_at.eq(now.as_millis()),
            bulk_change::member_count.eq(0_i64),
        ))
        .returning(bulk_change::id)
        .get_result(db)?;
    let insert =
        "INSERT INTO bulk_member (bulk_id, subscriber_id) SELECT ?, s.id FROM subscriber s WHERE ";
    let mut count = 0;
    match members {
        Members::Found(filter) => {
            let conditions = conditions(db, filter)?;
            let mut query = Composed::new(insert);
            query.number(id).append(&conditions);
            count += query.execute(db)?;
        }
        Members::These(ids) => {
            for id_of in ids {
                let mut query = Composed::new(
                    "INSERT INTO bulk_member (bulk_id, subscriber_id) SELECT b.id, s.id \
                     FROM subscriber s, bulk_change b WHERE b.id = ? AND s.id = ? AND s.status <> 'erased' \
                     AND NOT EXISTS (SELECT 1 FROM bulk_member m WHERE m.bulk_id = b.id AND m.subscriber_id = s.id)",
                );
                query.number(id).number(id_of.0);
                count += query.execute(db)?;
            }
        }
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(bulk_change::table.find(id))
        .set(bulk_change::member_count.eq(count))
        .execute(db)?;
    Ok((id, count))
}

/// The change with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: i64) -> Result<BulkChange, StoreError> {
    Ok(bulk_change::table
        .inner_join(staff_member::table)
        .filter(bulk_change::id.eq(id))
        .select(columns())
        .first(db)?)
}

/// Those that were begun last.
pub fn recent(db: &mut Db, limit: i64) -> Result<Vec<BulkChange>, StoreError> {
    Ok(bulk_change::table
        .inner_join(staff_member::table)
        .filter(bulk_change::started_at.is_not_null())
        .select(columns())
        .order(bulk_change::id.desc())
        .limit(limit)
        .load(db)?)
}

type Columns = (
    bulk_change::id,
    bulk_change::action,
    bulk_change::topic_id,
    bulk_change::reason,
    bulk_change::asked_by,
    staff_member::name,
    bulk_change::asked_at,
    bulk_change::member_count,
    bulk_change::started_at,
    bulk_change::finished_at,
    bulk_change::undone_at,
    bulk_change::undone_by,
    bulk_change::undo_finished_at,
);

fn columns() -> Columns {
    (
        bulk_change::id,
        bulk_change::action,
        bulk_change::topic_id,
        bulk_change::reason,
        bulk_change::asked_by,
        staff_member::name,
        bulk_change::asked_at,
        bulk_change::member_count,
        bulk_change::started_at,
        bulk_change::finished_at,
        bulk_change::undone_at,
        bulk_change::undone_by,
        bulk_change::undo_finished_at,
    )
}

/// Waits until nobody else is at work on this change, and has others wait until the transaction ends.
pub fn take_turn(db: &mut Db, id: i64) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        bulk_change::table
            .find(id)
            .select(bulk_change::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Names and addresses of the first of its people.
pub fn first_members(
    db: &mut Db,
    id: i64,
    limit: i64,
) -> Result<Vec<(SubscriberId, String, String)>, StoreError> {
    Ok(bulk_member::table
        .inner_join(subscriber::table)
        .filter(bulk_member::bulk_id.eq(id))
        .order(bulk_member::subscriber_id.asc())
        .limit(limit)
        .select((subscriber::id, subscriber::name, subscriber::email))
        .load(db)?)
}

/// Begins it. Returns whether it was waiting for that: of two clicks at once, one wins.
pub fn start(
    db: &mut Db,
    id: i64,
    by: StaffId,
    topic: Option<TopicId>,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let waiting = bulk_change::table
        .find(id)
        .filter(bulk_change::started_at.is_null());
    let started = diesel::update(waiting)
        .set((
            bulk_change::topic_id.eq(topic.map(|topic| topic.0)),
            bulk_change::reason.eq(reason),
            bulk_change::asked_by.eq(by.0),
            bulk_change::started_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(started == 1)
}

/// The next of its people for whom it is still to be done.
pub fn next(db: &mut Db, id: i64, limit: i64) -> Result<Vec<SubscriberId>, StoreError> {
    Ok(bulk_member::table
        .filter(bulk_member::bulk_id.eq(id))
        .filter(bulk_member::outcome.is_null())
        .order(bulk_member::subscriber_id.asc())
        .limit(limit)
        .select(bulk_member::subscriber_id)
        .load(db)?)
}

/// Notes what came of it for a person.
pub fn note(
    db: &mut Db,
    id: i64,
    person: SubscriberId,
    outcome: BulkOutcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(bulk_member::table.find((id, person.0)))
        .set((
            bulk_member::outcome.eq(outcome.as_str()),
            bulk_member::done_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Notes that it is done for all.
pub fn finish(db: &mut Db, id: i64, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(
        bulk_change::table
            .find(id)
            .filter(bulk_change::finished_at.is_null()),
    )
    .set(bulk_change::finished_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(())
}

/// Asks to take it back. Returns whether that is new.
pub fn start_undo(db: &mut Db, id: i64, by: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    let finished = bulk_change::table
        .find(id)
        .filter(bulk_change::finished_at.is_not_null())
        .filter(bulk_change::undone_at.is_null());
    let started = diesel::update(finished)
        .set((
            bulk_change::undone_at.eq(now.as_millis()),
            bulk_change::undone_by.eq(by.0),
        ))
        .execute(db)?;
    Ok(started == 1)
}

/// The next of its people for whom it is still to be taken back, and when it was done to them.
pub fn next_to_undo(
    db: &mut Db,
    id: i64,
    limit: i64,
) -> Result<Vec<(SubscriberId, Option<Timestamp>)>, StoreError> {
    Ok(bulk_member::table
        .filter(bulk_member::bulk_id.eq(id))
        .filter(bulk_member::outcome.eq(BulkOutcome::Done.as_str()))
        .filter(bulk_member::undo_outcome.is_null())
        .order(bulk_member::subscriber_id.asc())
        .limit(limit)
        .select((bulk_member::subscriber_id, bulk_member::done_at))
        .load(db)?)
}

/// Notes what came of taking it back for a person.
pub fn note_undo(
    db: &mut Db,
    id: i64,
    person: SubscriberId,
    outcome: UndoOutcome,
) -> Result<(), StoreError> {
    diesel::update(bulk_member::table.find((id, person.0)))
        .set(bulk_member::undo_outcome.eq(outcome.as_str()))
        .execute(db)?;
    Ok(())
}

/// Notes that it is taken back for all.
pub fn finish_undo(db: &mut Db, id: i64, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(
        bulk_change::table
            .find(id)
            .filter(bulk_change::undo_finished_at.is_null()),
    )
    .set(bulk_change::undo_finished_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(())
}

/// For how many it came to what; `None` for whom it is still to be done.
pub fn outcomes(db: &mut Db, id: i64) -> Result<Vec<(Option<BulkOutcome>, i64)>, StoreError> {
    Ok(bulk_member::table
        .filter(bulk_member::bulk_id.eq(id))
        .group_by(bulk_member::outcome)
        .select((bulk_member::outcome, diesel::dsl::count_star()))
        .load(db)?)
}

/// For how many taking it back came to what; of those for whom it was done.
pub fn undo_outcomes(db: &mut Db, id: i64) -> Result<Vec<(Option<UndoOutcome>, i64)>, StoreError> {
    Ok(bulk_member::table
        .filter(bulk_member::bulk_id.eq(id))
        .filter(bulk_member::outcome.eq(BulkOutcome::Done.as_str()))
        .group_by(bulk_member::undo_outcome)
        .select((bulk_member::undo_outcome, diesel::dsl::count_star()))
        .load(db)?)
}

/// Those that were begun and are not done: the program ended meanwhile.
pub fn unfinished(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    let begun = bulk_change::started_at
        .is_not_null()
        .and(bulk_change::finished_at.is_null());
    let undoing = bulk_change::undone_at
        .is_not_null()
        .and(bulk_change::undo_finished_at.is_null());
    Ok(bulk_change::table
        .filter(begun.or(undoing))
        .select(bulk_change::id)
        .order(bulk_change::id.asc())
        .load(db)?)
}

/// Lets go of what was asked for before then and never begun.
pub fn forget_unstarted(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    diesel::sql_query(
        "DELETE FROM bulk_member WHERE bulk_id IN \
         (SELECT id FROM bulk_change WHERE started_at IS NULL AND asked_at < $1)",
    )
    .bind::<BigInt, _>(before.as_millis())
    .execute(db)?;
    diesel::delete(
        bulk_change::table
            .filter(bulk_change::started_at.is_null())
            .filter(bulk_change::asked_at.lt(before.as_millis())),
    )
    .execute(db)?;
    Ok(())
}
