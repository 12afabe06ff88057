//! The ledger: one row for each message to one recipient. Claiming and recording are here,
//! what people look at is in [`delivery_reports`](super::delivery_reports).

mod waiting;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::schema::{delivery, delivery_attempt, subscriber};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};

pub(super) use waiting::open_states;
pub use waiting::{
    count_notices_since, forget_erased, forget_recipient, next_due, readdress_open, skip_cancelled,
    skip_open,
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
    let id = diesel::insert_into(delivery::table)
        .values((
            delivery::kind.eq(notice.kind.as_str()),
            delivery::subscriber_id.eq(notice.subscriber.map(|id| id.0)),
            delivery::reference_id.eq(notice.reference),
            delivery::recipient.eq(notice.recipient),
            delivery::state.eq(DeliveryState::Queued.as_str()),
            delivery::due_at.eq(now.as_millis()),
            delivery::tries.eq(0),
            delivery::created_at.eq(now.as_millis()),
        ))
        .returning(delivery::id)
        .get_result::<i64>(db)?;
    Ok(DeliveryId(id))
}

/// Freezes the audience of a bulletin: a row for every active subscriber who chose one of its
/// topics. Returns how many.
pub fn insert_audience(
    db: &mut Db,
    bulletin: BulletinId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let rows = diesel::sql_query(
        "INSERT INTO delivery (kind, bulletin_id, subscriber_id, recipient, state, due_at, tries, \
         created_at) \
         SELECT 'bulletin', $1, id, email, 'queued', $2, 0, $3 FROM subscriber \
         WHERE status = 'active' AND (paused_until IS NULL OR paused_until <= $4) \
         AND id IN (SELECT subscriber_id FROM subscription WHERE topic_id IN \
         (SELECT topic_id FROM bulletin_topic WHERE bulletin_id = $5)) ORDER BY id",
    )
    .bind::<BigInt, _>(bulletin.0)
    .bind::<BigInt, _>(now.as_millis())
    .bind::<BigInt, _>(now.as_millis())
    .bind::<BigInt, _>(now.as_millis())
    .bind::<BigInt, _>(bulletin.0)
    .execute(db)?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Where the next rows are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Confirmations, welcomes and the like.
    Notices,
    /// The messages of one bulletin.
    Bulletin(BulletinId),
}

/// A row that this worker holds, with what it needs to know of the recipient.
#[derive(Debug, Clone, Queryable)]
pub struct Claimed {
    /// Key.
    pub id: DeliveryId,
    /// What it is.
    pub kind: DeliveryKind,
    /// The bulletin, where it is one.
    pub bulletin_id: Option<BulletinId>,
    /// What it is about.
    pub reference_id: Option<i64>,
    /// The address.
    pub recipient: String,
    /// How often it was tried.
    pub tries: i32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// The subscriber, where it is one.
    pub subscriber_id: Option<SubscriberId>,
    /// Their name.
    pub name: Option<String>,
    /// Whether they may be written to.
    pub status: Option<SubscriberStatus>,
    /// Receives no bulletins until then.
    pub paused_until: Option<Timestamp>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Takes a lease on up to `limit` due rows, in the order of their due times. A row whose lease has
/// ended is due again: its holder is gone, and nobody is missed.
pub fn claim(
    db: &mut Db,
    lane: Lane,
    worker: &str,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    // Two workers on one PostgreSQL never wait for each other's rows; SQLite has one writer.
    let lock = match db {
        Db::Pg(_) => "FOR UPDATE SKIP LOCKED",
        Db::Sqlite(_) => "",
    };
    let lane_is = match lane {
        Lane::Notices => "bulletin_id IS NULL".to_owned(),
        // The number of a bulletin that is a partial index's first column: no text from outside.
        Lane::Bulletin(id) => format!("bulletin_id IS NOT NULL AND bulletin_id = {}", id.0),
    };
    let ids: Vec<i64> = diesel::sql_query(format!(
        "UPDATE delivery SET state = 'claimed', claimed_by = $1, due_at = $2 WHERE id IN \
         (SELECT id FROM delivery WHERE {lane_is} AND state IN ('queued', 'claimed', 'deferred') \
         AND due_at <= $3 ORDER BY due_at LIMIT $4 {lock}) RETURNING id"
    ))
    .bind::<Text, _>(worker)
    .bind::<BigInt, _>(lease_until.as_millis())
    .bind::<BigInt, _>(now.as_millis())
    .bind::<BigInt, _>(limit)
    .load::<Id>(db)?
    .into_iter()
    .map(|row| row.id)
    .collect();
    Ok(delivery::table
        .left_join(subscriber::table)
        .filter(delivery::id.eq_any(ids))
        .order(delivery::id.asc())
        .select((
            delivery::id,
            delivery::kind,
            delivery::bulletin_id,
            delivery::reference_id,
            delivery::recipient,
            delivery::tries,
            delivery::created_at,
            delivery::subscriber_id,
            subscriber::name.nullable(),
            subscriber::status.nullable(),
            subscriber::paused_until.nullable(),
        ))
        .load(db)?)
}

/// Whether this worker holds a row, and will at `until`.
pub fn holds(
    db: &mut Db,
    worker: &str,
    id: DeliveryId,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let held = held_by(worker)
        .filter(delivery::id.eq(id.0))
        .filter(delivery::due_at.gt(until.as_millis()))
        .select(delivery::id);
    Ok(diesel::select(diesel::dsl::exists(held)).get_result(db)?)
}

/// Lengthens the leases of those of these rows that this worker holds.
pub fn renew(
    db: &mut Db,
    worker: &str,
    ids: &[DeliveryId],
    lease_until: Timestamp,
) -> Result<usize, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    Ok(
        diesel::update(held_by(worker).filter(delivery::id.eq_any(ids)))
            .set(delivery::due_at.eq(lease_until.as_millis()))
            .execute(db)?,
    )
}

/// Gives back what this worker holds of these rows and has not tried to send.
pub fn release(
    db: &mut Db,
    worker: &str,
    ids: &[DeliveryId],
    due_at: Timestamp,
) -> Result<usize, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    Ok(
        diesel::update(held_by(worker).filter(delivery::id.eq_any(ids)))
            .set((
                delivery::state.eq(DeliveryState::Queued.as_str()),
                delivery::claimed_by.eq(None::<String>),
                delivery::due_at.eq(due_at.as_millis()),
            ))
            .execute(db)?,
    )
}

#[diesel::dsl::auto_type]
fn held_by<'a>(worker: &'a str) -> _ {
    let claimed: &'static str = DeliveryState::Claimed.as_str();
    delivery::table
        .filter(delivery::claimed_by.eq(worker))
        .filter(delivery::state.eq(claimed))
}

/// What became of a row that this worker held.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Which row.
    pub id: DeliveryId,
    /// Its new state.
    pub state: DeliveryState,
    /// When it is due again (only read where the state is open).
    pub due_at: Timestamp,
    /// Whether this counts as one of the recipient's tries.
    pub counts: bool,
    /// Where in the conversation it was decided.
    pub stage: Option<&'static str>,
    /// The server's code.
    pub reply_code: Option<i32>,
    /// The server's words, or ours where it did not come to any.
    pub reply: String,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Nullable<Text>)]
    reply: Option<String>,
}

/// Records what became of a row, if this worker still holds it; and the attempt. Returns whether
/// it did.
pub fn record(
    db: &mut Db,
    worker: &str,
    result: &Finished,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let finished_at = (!result.state.is_open()).then_some(now.as_millis());
    // Who was erased while their message was on the wire is not put back by the server's words.
    let reply = if result.stage.is_some() {
        "CASE WHEN recipient = '' THEN NULL ELSE $6 END"
    } else {
        "$6"
    };
    let changed = diesel::sql_query(format!(
        "UPDATE delivery SET state = $1, due_at = $2, claimed_by = NULL, tries = tries + $3, \
         stage = $4, reply_code = $5, reply = {reply}, finished_at = $7 \
         WHERE id = $8 AND claimed_by = $9 AND state = 'claimed' RETURNING reply"
    ))
    .bind::<Text, _>(result.state.as_str())
    .bind::<BigInt, _>(result.due_at.as_millis())
    .bind::<Integer, _>(i32::from(result.counts))
    .bind::<Nullable<Text>, _>(result.stage)
    .bind::<Nullable<Integer>, _>(result.reply_code)
    .bind::<Text, _>(&result.reply)
    .bind::<Nullable<BigInt>, _>(finished_at)
    .bind::<BigInt, _>(result.id.0)
    .bind::<Text, _>(worker)
    .load::<Kept>(db)?;
    let Some(kept) = changed.first() else {
        return Ok(false);
    };
    diesel::insert_into(delivery_attempt::table)
        .values((
            delivery_attempt::delivery_id.eq(result.id.0),
            delivery_attempt::at.eq(now.as_millis()),
            delivery_attempt::worker.eq(worker),
            delivery_attempt::outcome.eq(result.state.as_str()),
            delivery_attempt::stage.eq(result.stage),
            delivery_attempt::reply_code.eq(result.reply_code),
            delivery_attempt::reply.eq(&kept.reply),
        ))
        .execute(db)?;
    Ok(true)
}
