//! The ledger: one row for each message to one recipient. Queueing, claiming and recording are here,
//! what people look at is in [`delivery_reports`](super::delivery_reports).

mod again;
mod claims;
mod results;
mod waiting;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::delivery;
use super::{Db, StoreError, audiences};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::SubscriberId;

pub use again::{FailedStanding, count_failed, queue_again};
pub use claims::{Claimed, Lane, Standing, claim, release, renew, standing};
pub use results::{Finished, record};

pub(super) use waiting::is_open;
pub use waiting::{
    count_notices_since, forget_erased, forget_recipient, keep_waiting, next_due, readdress_open,
    skip_cancelled, skip_open, skip_tests,
};

/// A message to be sent that is no bulletin to a subscriber.
#[derive(Debug, Clone)]
pub struct NewNotice<'a> {
    /// What it is.
    pub kind: DeliveryKind,
    /// To whom, where it is a subscriber.
    pub subscriber: Option<SubscriberId>,
    /// What it is about: its sign-up request, or the bulletin that is tried out.
    pub reference: Option<i64>,
    /// The address.
    pub recipient: &'a str,
}

/// Queues a notice. Returns its key.
pub fn insert_notice(
    db: &mut Db,
    notice: &NewNotice<'_>,
    now: Timestamp,
) -> Result<DeliveryId, StoreError> {
    insert_notice_for(db, notice, now, now)
}

/// Queues a notice that goes at a time to come. Returns its key.
pub fn insert_notice_for(
    db: &mut Db,
    notice: &NewNotice<'_>,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<DeliveryId, StoreError> {
    let id = diesel::insert_into(delivery::table)
        .values((
            delivery::kind.eq(notice.kind.as_str()),
            delivery::subscriber_id.eq(notice.subscriber.map(|id| id.0)),
            delivery::reference_id.eq(notice.reference),
            delivery::recipient.eq(notice.recipient),
            delivery::state.eq(DeliveryState::Queued.as_str()),
            delivery::due_at.eq(due_at.as_millis()),
            delivery::tries.eq(0),
            delivery::created_at.eq(now.as_millis()),
        ))
        .returning(delivery::id)
        .get_result::<i64>(db)?;
    Ok(DeliveryId(id))
}

/// Freezes the audience of a bulletin: a row for everybody who [would get it](audiences::of_bulletin) at this moment.
/// Returns how many.
pub fn insert_audience(
    db: &mut Db,
    bulletin: BulletinId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (whom, narrowing) = audiences::of_bulletin(db, bulletin)?;
    let is_theirs = audiences::condition(&whom, &narrowing, now);
    let rows = diesel::sql_query(format!(
        "INSERT INTO delivery (kind, bulletin_id, subscriber_id, recipient, state, due_at, tries, \
         created_at) \
         SELECT 'bulletin', $1, id, email, 'queued', $2, 0, $3 FROM subscriber \
         WHERE {is_theirs} ORDER BY id"
    ))
    .bind::<BigInt, _>(bulletin.0)
    .bind::<BigInt, _>(now.as_millis())
    .bind::<BigInt, _>(now.as_millis())
    .execute(db)?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
