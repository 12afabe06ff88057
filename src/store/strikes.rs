//! Failures that count against an address for a while.

use diesel::prelude::*;

use super::schema::strike;
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryId;
use crate::domain::subscriber::SubscriberId;

/// Counts the failure of a message against its person; nothing where that message has counted already.
pub fn add(
    db: &mut Db,
    subscriber: SubscriberId,
    delivery: DeliveryId,
    in_dialogue: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = (
        strike::subscriber_id.eq(subscriber.0),
        strike::delivery_id.eq(delivery.0),
        strike::at.eq(now.as_millis()),
        strike::in_dialogue.eq(in_dialogue),
    );
    each!(db, c => diesel::insert_into(strike::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// How many failures count against a person since then.
pub fn count_since(
    db: &mut Db,
    subscriber: SubscriberId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    Ok(strike::table
        .filter(strike::subscriber_id.eq(subscriber.0))
        .filter(strike::at.gt(since.as_millis()))
        .count()
        .get_result(db)?)
}

/// Takes back what counts against a person.
pub fn clear(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    diesel::delete(strike::table.filter(strike::subscriber_id.eq(subscriber.0))).execute(db)?;
    Ok(())
}

/// Takes back what servers said against these people while we spoke to them: now they take their mail.
pub fn clear_of_dialogue(db: &mut Db, people: &[SubscriberId]) -> Result<(), StoreError> {
    let people: Vec<i64> = people.iter().map(|id| id.0).collect();
    diesel::delete(
        strike::table
            .filter(strike::subscriber_id.eq_any(people))
            .filter(strike::in_dialogue.eq(true)),
    )
    .execute(db)?;
    Ok(())
}

/// Lets go of what is too old to count.
pub fn forget_before(db: &mut Db, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(strike::table.filter(strike::at.le(before.as_millis()))).execute(db)?)
}
