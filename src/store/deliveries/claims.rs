//! Leases: who holds which rows, and until when.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::schema::delivery;
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
#[derive(Debug, Clone, QueryableByName)]
pub struct Claimed {
    /// Key.
    #[diesel(sql_type = BigInt)]
    pub id: DeliveryId,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: DeliveryKind,
    /// The bulletin, where it is one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub bulletin_id: Option<BulletinId>,
    /// What it is about.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub reference_id: Option<i64>,
    /// The address.
    #[diesel(sql_type = Text)]
    pub recipient: String,
    /// How often it was tried.
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    /// When it was queued.
    #[diesel(sql_type = BigInt)]
    pub created_at: Timestamp,
    /// The subscriber, where it is one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub subscriber_id: Option<SubscriberId>,
    /// Their name.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Whether they may be written to.
    #[diesel(sql_type = Nullable<Text>)]
    pub status: Option<SubscriberStatus>,
    /// Receives no bulletins until then.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub paused_until: Option<Timestamp>,
    /// How often in a row their address failed.
    #[diesel(sql_type = Nullable<Integer>)]
    pub strikes: Option<i32>,
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
    const COLUMNS: &str =
        "id, kind, bulletin_id, reference_id, recipient, tries, created_at, subscriber_id";
    struct Notices;
    struct OfBulletin;
    let (lane_is, bulletin) = match lane {
        Lane::Notices => ("bulletin_id IS NULL", None),
        Lane::Bulletin(id) => ("bulletin_id IS NOT NULL AND bulletin_id = ?", Some(id)),
    };
    let due = format!(
        "UPDATE delivery SET state = 'claimed', claimed_by = ?, due_at = ? WHERE id IN \
         (SELECT id FROM delivery WHERE {lane_is} AND finished_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?"
    );
    let sql = match db {
        // Two workers on one PostgreSQL never wait for each other's rows.
        Db::Pg(_) => format!(
            "WITH claimed AS ({due} FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}) \
             SELECT claimed.*, s.name, s.status, s.paused_until, s.strikes \
             FROM claimed LEFT JOIN subscriber s ON s.id = claimed.subscriber_id"
        ),
        // SQLite has one writer, and no UPDATE within a WITH.
        Db::Sqlite(_) => format!(
            "{due}) RETURNING {COLUMNS}, \
             (SELECT s.name FROM subscriber s WHERE s.id = subscriber_id) AS name, \
             (SELECT s.status FROM subscriber s WHERE s.id = subscriber_id) AS status, \
             (SELECT s.paused_until FROM subscriber s WHERE s.id = subscriber_id) AS paused_until, \
             (SELECT s.strikes FROM subscriber s WHERE s.id = subscriber_id) AS strikes"
        ),
    };
    let (lease_until, now) = (lease_until.as_millis(), now.as_millis());
    let mut claimed: Vec<Claimed> = match bulletin {
        None => {
            let claim = Statement::<Notices>::new(&sql)
                .text(worker)
                .number(lease_until)
                .number(now)
                .number(limit);
            each!(db, c => claim.load(c))?
        }
        Some(bulletin) => {
            let claim = Statement::<OfBulletin>::new(&sql)
                .text(worker)
                .number(lease_until)
                .number(bulletin.0)
                .number(now)
                .number(limit);
            each!(db, c => claim.load(c))?
        }
    };
    claimed.sort_unstable_by_key(|row| row.id);
    Ok(claimed)
}

/// Lengthens the leases of those of these rows that this worker holds. What is written at this moment is left out: it ends.
pub fn renew(
    db: &mut Db,
    worker: &str,
    ids: &[DeliveryId],
    lease_until: Timestamp,
) -> Result<usize, StoreError> {
    struct Renew;
    // Two that lock the same rows in different orders would wait for each other.
    let (wanted, lock) = match db {
        Db::Pg(_) => (
            "SELECT value::bigint FROM json_array_elements_text(?::json)",
            "FOR UPDATE SKIP LOCKED",
        ),
        Db::Sqlite(_) => ("SELECT value FROM json_each(?)", ""),
    };
    let sql = format!(
        "UPDATE delivery SET due_at = ? WHERE id IN (SELECT id FROM delivery WHERE id IN ({wanted}) \
         AND claimed_by = ? AND state = 'claimed' {lock})"
    );
    let ids = list(ids);
    let renew = Statement::<Renew>::new(&sql)
        .number(lease_until.as_millis())
        .text(ids.as_str())
        .text(worker);
    Ok(each!(db, c => renew.execute(c))?)
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
    struct Look;
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
    let list = list(ids);
    let query = Statement::<Look>::new(&sql)
        .text(list.as_str())
        .text(worker)
        .number(until.as_millis());
    Ok(each!(db, c => query.load(c))?)
}

/// As JSON, so that one statement serves for any number.
fn list(ids: &[DeliveryId]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
    format!("[{}]", ids.join(","))
}
