//! What becomes of messages outside the claims: those that wait are skipped or go elsewhere, those of erased people
//! are made nameless, and the next one is due some time.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::schema::{bulletin, delivery, delivery_attempt, subscriber};
use crate::store::{Db, StoreError};

use super::NewNotice;

/// Marks what is still open of a bulletin as skipped: it was cancelled. What a worker holds at this
/// moment is on the wire and stays its.
pub fn skip_open(
    db: &mut Db,
    bulletin: BulletinId,
    why: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        delivery::table
            .filter(delivery::bulletin_id.eq(bulletin.0))
            .filter(is_open())
            .filter(delivery::state.ne(DeliveryState::Claimed.as_str())),
    )
    .set((
        delivery::state.eq(DeliveryState::Skipped.as_str()),
        delivery::reply.eq(why),
        delivery::finished_at.eq(now.as_millis()),
    ))
    .execute(db)?)
}

/// Marks as skipped what is still open of cancelled bulletins and in nobody's hand.
pub fn skip_cancelled(db: &mut Db, why: &str, now: Timestamp) -> Result<usize, StoreError> {
    let cancelled = bulletin::table
        .filter(bulletin::state.eq(BulletinState::Cancelled.as_str()))
        .select(bulletin::id);
    let is_claimed = delivery::state.eq(DeliveryState::Claimed.as_str());
    // What a worker held that is gone may have been sent. A correction finds these by their stage without a reply.
    diesel::update(
        delivery::table
            .filter(delivery::bulletin_id.eq_any(cancelled.nullable()))
            .filter(is_open())
            .filter(is_claimed)
            .filter(delivery::due_at.le(now.as_millis())),
    )
    .set((
        delivery::stage.eq("content"),
        delivery::reply_code.eq(None::<i32>),
    ))
    .execute(db)?;
    Ok(diesel::update(
        delivery::table
            .filter(delivery::bulletin_id.eq_any(cancelled.nullable()))
            .filter(is_open())
            .filter(diesel::dsl::not(is_claimed).or(delivery::due_at.le(now.as_millis()))),
    )
    .set((
        delivery::state.eq(DeliveryState::Skipped.as_str()),
        delivery::claimed_by.eq(None::<String>),
        delivery::reply.eq(why),
        delivery::finished_at.eq(now.as_millis()),
    ))
    .execute(db)?)
}

/// Marks the tests of a bulletin that still wait as skipped: it is gone. Returns whether one is on the wire.
pub fn skip_tests(
    db: &mut Db,
    bulletin: BulletinId,
    why: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let open = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(is_open())
        .filter(delivery::kind.eq(DeliveryKind::Test.as_str()))
        .filter(delivery::reference_id.eq(bulletin.0));
    diesel::update(open.filter(delivery::state.ne(DeliveryState::Claimed.as_str())))
        .set((
            delivery::state.eq(DeliveryState::Skipped.as_str()),
            delivery::reply.eq(why),
            delivery::finished_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    let left: i64 = open.count().get_result(db)?;
    Ok(left > 0)
}

/// Sends what waits for a person to their new address.
pub fn readdress_open(
    db: &mut Db,
    subscriber: SubscriberId,
    email: &str,
) -> Result<(), StoreError> {
    diesel::update(
        delivery::table
            .filter(delivery::subscriber_id.eq(subscriber.0))
            .filter(is_open()),
    )
    .set(delivery::recipient.eq(email))
    .execute(db)?;
    Ok(())
}

/// Takes the address of an erased person out of the ledger, and the server's words, which may
/// repeat it.
pub fn forget_recipient(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    let theirs = delivery::table
        .filter(delivery::subscriber_id.eq(subscriber.0))
        .select(delivery::id);
    diesel::update(delivery_attempt::table.filter(delivery_attempt::delivery_id.eq_any(theirs)))
        .set(delivery_attempt::reply.eq(None::<String>))
        .execute(db)?;
    diesel::update(delivery::table.filter(delivery::subscriber_id.eq(subscriber.0)))
        .set((
            delivery::recipient.eq(""),
            delivery::reply.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes out addresses that got into the ledger at the very moment in which their owners were erased.
pub fn forget_erased(db: &mut Db) -> Result<usize, StoreError> {
    let erased = subscriber::table
        .filter(subscriber::status.eq(SubscriberStatus::Erased.as_str()))
        // Of a record that was merged into another, the person is still here.
        .filter(subscriber::merged_into.is_null())
        .select(subscriber::id);
    Ok(diesel::update(
        delivery::table
            .filter(delivery::subscriber_id.eq_any(erased.nullable()))
            .filter(delivery::recipient.ne("")),
    )
    .set(delivery::recipient.eq(""))
    .execute(db)?)
}

/// How many notices of a kind went to an address since then: the cap on what anybody can have sent
/// to somebody else's address.
pub fn count_notices_since(
    db: &mut Db,
    recipient: &str,
    kind: DeliveryKind,
    since: Timestamp,
) -> Result<i64, StoreError> {
    Ok(delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(delivery::recipient.eq(recipient))
        .filter(delivery::kind.eq(kind.as_str()))
        .filter(delivery::created_at.ge(since.as_millis()))
        .count()
        .get_result(db)?)
}

/// Whether a notice is still to be made, so that what happens in this transaction is in it. Nobody begins with it before the
/// transaction has ended: its row is written to.
pub fn keep_waiting(db: &mut Db, notice: &NewNotice<'_>) -> Result<bool, StoreError> {
    let queued = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(delivery::recipient.eq(notice.recipient))
        .filter(delivery::kind.eq(notice.kind.as_str()))
        .filter(delivery::reference_id.eq(notice.reference))
        .filter(delivery::state.eq(DeliveryState::Queued.as_str()))
        .filter(delivery::tries.eq(0));
    let kept = diesel::update(queued)
        .set(delivery::state.eq(DeliveryState::Queued.as_str()))
        .execute(db)?;
    Ok(kept > 0)
}

/// When the next row is due that may be sent: notices, and bulletins that are being sent.
pub fn next_due(db: &mut Db) -> Result<Option<Timestamp>, StoreError> {
    use diesel::dsl::min;
    let notice: Option<Timestamp> = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(is_open())
        .select(min(delivery::due_at))
        .get_result(db)?;
    let sending = bulletin::table
        .filter(bulletin::state.eq(BulletinState::Sending.as_str()))
        .select(bulletin::id);
    let in_bulletin: Option<Timestamp> = delivery::table
        .filter(delivery::bulletin_id.is_not_null())
        .filter(delivery::bulletin_id.eq_any(sending.nullable()))
        .filter(is_open())
        .select(min(delivery::due_at))
        .get_result(db)?;
    Ok([notice, in_bulletin].into_iter().flatten().min())
}

/// Something is still to be done with the message. In these words, so that the indexes on what is due answer.
#[diesel::dsl::auto_type]
pub(in crate::store) fn is_open() -> _ {
    delivery::finished_at.is_null()
}
