//! Messages that failed are queued again: those alone, by one conditional update, so that nobody who has had it gets it twice.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::DeliveryState;
use crate::store::{Db, StoreError};

/// A row of this bulletin whose message was refused or given up. In these words the index on trouble answers.
const FAILED: &str = "d.bulletin_id IS NOT NULL AND d.state <> 'queued' AND d.state <> 'claimed' \
    AND d.state <> 'accepted'";

/// How the person of a row stands, in one word; its values, the time and twice the bulletin, are numbered from `first`. Who
/// chose other topics since does not want it any more.
fn standing(first: u8) -> String {
    let (second, third) = (first + 1, first + 2);
    format!(
        "CASE WHEN s.status <> 'active' THEN s.status \
         WHEN s.paused_until IS NOT NULL AND s.paused_until > ${first} THEN 'paused' \
         WHEN EXISTS (SELECT 1 FROM bulletin_topic t WHERE t.bulletin_id = ${second}) \
         AND NOT EXISTS (SELECT 1 FROM bulletin_topic t JOIN subscription c ON c.topic_id = t.topic_id \
         WHERE t.bulletin_id = ${third} AND c.subscriber_id = s.id) THEN 'other-topics' \
         ELSE 'active' END"
    )
}

/// How the people of failed messages stand.
#[derive(Debug, Clone, QueryableByName)]
pub struct FailedStanding {
    /// Refused, or given up.
    #[diesel(sql_type = Text)]
    pub state: DeliveryState,
    /// `active` for those who can get it now, or why not: another status, `paused`, `other-topics`.
    #[diesel(sql_type = Text)]
    pub standing: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// How the people stand whose messages of a bulletin were refused or given up.
pub fn count_failed(
    db: &mut Db,
    id: BulletinId,
    now: Timestamp,
) -> Result<Vec<FailedStanding>, StoreError> {
    let standing = standing(1);
    let query = format!(
        "SELECT state, standing, count(*) AS count FROM (SELECT d.state AS state, {standing} AS standing \
         FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id \
         WHERE {FAILED} AND d.bulletin_id = $4 AND (d.state = 'refused' OR d.state = 'failed')) AS found \
         GROUP BY state, standing ORDER BY state, standing"
    );
    Ok(diesel::sql_query(query)
        .bind::<BigInt, _>(now.as_millis())
        .bind::<BigInt, _>(id.0)
        .bind::<BigInt, _>(id.0)
        .bind::<BigInt, _>(id.0)
        .load(db)?)
}

/// Queues the messages of a bulletin again that came to this state and whose people can get it now, at the address that they
/// have now. What happened before stays beside the row, and its Message-ID is the same. Returns how many.
pub fn queue_again(
    db: &mut Db,
    id: BulletinId,
    failed: DeliveryState,
    now: Timestamp,
) -> Result<usize, StoreError> {
    if !matches!(failed, DeliveryState::Refused | DeliveryState::Failed) {
        return Ok(0);
    }
    // Queued now: it is tried for as long as any message, and a report about it is not from before.
    let standing = standing(5);
    let query = format!(
        "UPDATE delivery SET state = 'queued', tries = 0, claimed_by = NULL, stage = NULL, reply_code = NULL, \
         reply = NULL, finished_at = NULL, due_at = $1, created_at = $2, \
         recipient = (SELECT s.email FROM subscriber s WHERE s.id = delivery.subscriber_id) \
         WHERE id IN (SELECT d.id FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id \
         WHERE {FAILED} AND d.bulletin_id = $3 AND d.state = $4 AND {standing} = 'active')"
    );
    Ok(diesel::sql_query(query)
        .bind::<BigInt, _>(now.as_millis())
        .bind::<BigInt, _>(now.as_millis())
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(failed.as_str())
        .bind::<BigInt, _>(now.as_millis())
        .bind::<BigInt, _>(id.0)
        .bind::<BigInt, _>(id.0)
        .execute(db)?)
}
