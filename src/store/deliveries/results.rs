//! What became of rows: written to them, and of tries that did not deliver, beside them.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::delivery::{DeliveryId, DeliveryState};
use crate::store::statement::Statement;
use crate::store::{Db, StoreError};

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

impl Finished {
    fn is_accepted(&self) -> bool {
        self.state == DeliveryState::Accepted
    }
}

/// Records what became of rows, of those that this worker still holds; and the tries that did not deliver. Of one that did,
/// its row says everything. Returns which rows these were.
pub fn record(
    db: &mut Db,
    worker: &str,
    results: &[&Finished],
    now: Timestamp,
) -> Result<HashSet<DeliveryId>, StoreError> {
    match db {
        Db::Sqlite(c) => record_each(c, worker, results, now),
        Db::Pg(c) => record_together(c, worker, results, now),
    }
}

/// One by one: within a transaction a statement costs no more than its own work.
fn record_each(
    c: &mut SqliteConnection,
    worker: &str,
    results: &[&Finished],
    now: Timestamp,
) -> Result<HashSet<DeliveryId>, StoreError> {
    struct Row;
    struct Attempt;
    // Who was erased while their message was on the wire is not put back by the server's words.
    const ROW: &str = "UPDATE delivery SET state = ?, due_at = ?, claimed_by = ?, tries = tries + ?, stage = ?, \
        reply_code = ?, reply = CASE WHEN recipient = '' AND ? IS NOT NULL THEN NULL ELSE ? END, finished_at = ? \
        WHERE id = ? AND claimed_by = ? AND state = 'claimed'";
    // A row of values, not a SELECT: SQLite would keep copies of the pages for undoing that.
    const ATTEMPT: &str = "INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, stage, reply_code, reply) \
        VALUES (?, ?, ?, ?, ?, ?, (SELECT reply FROM delivery WHERE id = ?))";
    let mut kept = HashSet::with_capacity(results.len());
    for result in results {
        let changed = Statement::<Row>::new(ROW)
            .text(result.state.as_str())
            .number(result.due_at.as_millis())
            .text(result.is_accepted().then_some(worker))
            .number(i64::from(result.counts))
            .text(result.stage)
            .number(result.reply_code.map(i64::from))
            .text(result.stage)
            .text(result.reply.as_str())
            .number(finished_at(result, now))
            .number(result.id.0)
            .text(worker)
            .execute(c)?;
        if changed == 1 {
            kept.insert(result.id);
        }
        if changed == 1 && !result.is_accepted() {
            Statement::<Attempt>::new(ATTEMPT)
                .number(result.id.0)
                .number(now.as_millis())
                .text(worker)
                .text(result.state.as_str())
                .text(result.stage)
                .number(result.reply_code.map(i64::from))
                .number(result.id.0)
                .execute(c)?;
        }
    }
    Ok(kept)
}

/// All in one statement: PostgreSQL charges a round trip for each.
fn record_together(
    c: &mut PgConnection,
    worker: &str,
    results: &[&Finished],
    now: Timestamp,
) -> Result<HashSet<DeliveryId>, StoreError> {
    struct All;
    const ALL: &str = "WITH result AS (SELECT * FROM json_to_recordset(?::json) AS r (id bigint, state text, \
        due_at bigint, counts int, stage text, reply_code int, reply text, finished_at bigint)), \
        kept AS (UPDATE delivery d SET state = r.state, due_at = r.due_at, \
        claimed_by = CASE WHEN r.state = 'accepted' THEN d.claimed_by END, tries = d.tries + r.counts, stage = r.stage, reply_code = r.reply_code, \
        reply = CASE WHEN d.recipient = '' AND r.stage IS NOT NULL THEN NULL ELSE r.reply END, \
        finished_at = r.finished_at FROM result r \
        WHERE d.id = r.id AND d.claimed_by = ? AND d.state = 'claimed' \
        RETURNING d.id, d.state, d.stage, d.reply_code, d.reply), \
        attempt AS (INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, stage, reply_code, reply) \
        SELECT id, ?, ?, state, stage, reply_code, reply FROM kept WHERE state <> 'accepted') \
        SELECT id FROM kept";
    #[derive(Serialize)]
    struct Row<'a> {
        id: i64,
        state: &'static str,
        due_at: i64,
        counts: i32,
        stage: Option<&'static str>,
        reply_code: Option<i32>,
        reply: &'a str,
        finished_at: Option<i64>,
    }
    if results.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Row<'_>> = results
        .iter()
        .map(|result| Row {
            id: result.id.0,
            state: result.state.as_str(),
            due_at: result.due_at.as_millis(),
            counts: i32::from(result.counts),
            stage: result.stage,
            reply_code: result.reply_code,
            reply: &result.reply,
            finished_at: finished_at(result, now),
        })
        .collect();
    let rows = serde_json::to_string(&rows)
        .map_err(|error| DieselError::SerializationError(Box::new(error)))?;
    let kept = Statement::<All>::new(ALL)
        .text(rows.as_str())
        .text(worker)
        .number(now.as_millis())
        .text(worker)
        .load::<Kept>(c)?;
    Ok(kept.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = BigInt)]
    id: DeliveryId,
}

fn finished_at(result: &Finished, now: Timestamp) -> Option<i64> {
    (!result.state.is_open()).then_some(now.as_millis())
}
