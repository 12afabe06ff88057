//! Leases: who holds which rows, and until when.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::schema::{delivery, subscriber};
use crate::store::statement::Statement;
use crate::store::{Db, StoreError, each};

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
    /// How often in a row their address failed.
    pub strikes: Option<i32>,
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
            subscriber::strikes.nullable(),
        ))
        .load(db)?)
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

/// How a row stands that a worker is about to send.
#[derive(Debug, Clone, QueryableByName)]
pub struct Standing {
    /// Which row.
    #[diesel(sql_type = BigInt)]
    pub id: DeliveryId,
    /// The address.
    #[diesel(sql_type = Text)]
    pub recipient: String,
    /// Whether its subscriber may be written to.
    #[diesel(sql_type = Nullable<Text>)]
    pub status: Option<SubscriberStatus>,
    /// Receives no bulletins until then.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub paused_until: Option<Timestamp>,
    /// Where its bulletin is.
    #[diesel(sql_type = Nullable<Text>)]
    pub bulletin_state: Option<BulletinState>,
}

/// How those of these rows stand that this worker holds, and will at `until`; in no order.
pub fn standing(
    db: &mut Db,
    worker: &str,
    ids: &[DeliveryId],
    until: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    const COLUMNS: &str = "SELECT d.id AS id, d.recipient AS recipient, s.status AS status, \
        s.paused_until AS paused_until, b.state AS bulletin_state FROM ";
    const JOINED: &str = " LEFT JOIN subscriber s ON s.id = d.subscriber_id \
        LEFT JOIN bulletin b ON b.id = d.bulletin_id \
        WHERE d.claimed_by = ? AND d.state = 'claimed' AND d.due_at > ?";
    let wanted = match db {
        Db::Pg(_) => {
            "json_array_elements_text(?::json) AS wanted (value) \
             JOIN delivery d ON d.id = wanted.value::bigint"
        }
        Db::Sqlite(_) => "json_each(?) AS wanted JOIN delivery d ON d.id = wanted.value",
    };
    let sql = [COLUMNS, wanted, JOINED].concat();
    let list: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
    let list = format!("[{}]", list.join(","));
    let query = Statement::new(&sql)
        .text(list.as_str())
        .text(worker)
        .number(until.as_millis());
    Ok(each!(db, c => query.load(c))?)
}
