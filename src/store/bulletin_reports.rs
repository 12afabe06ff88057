//! What is known of a bulletin's sending as a whole: when its messages were accepted, and what came of them afterwards.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::schema::delivery;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::aftermath::Aftermath;
use crate::domain::bounce::Category;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryState};

use super::delivery_reports::Page;

/// The messages of a bulletin that something came of, each with the newest event about it; its one value is the bulletin.
/// Events are few, however many messages there are.
fn events(of: Aftermath) -> String {
    let categories: Vec<Category> = match of {
        Aftermath::Bounced => Category::ALL
            .iter()
            .copied()
            .filter(|c| c.is_bounce())
            .collect(),
        Aftermath::Complained => vec![Category::Complaint],
        Aftermath::Replied => vec![Category::AutoReply],
        Aftermath::Left => {
            return "SELECT d.id AS delivery_id, c.event AS event FROM (SELECT bulletin_id, subscriber_id, \
                    max(id) AS event FROM consent_event WHERE bulletin_id = $1 AND kind = 'unsubscribed' \
                    GROUP BY bulletin_id, subscriber_id) c CROSS JOIN delivery d \
                    WHERE d.bulletin_id = c.bulletin_id AND d.subscriber_id = c.subscriber_id \
                    AND NOT EXISTS (SELECT 1 FROM consent_event later WHERE later.subscriber_id = c.subscriber_id \
                    AND later.id > c.event AND later.kind IN \
                    ('resubscribed', 'confirmed', 'imported', 'added-by-staff'))"
                .to_owned();
        }
    };
    // Names of ours, and nothing that anybody typed.
    let categories: Vec<String> = categories
        .iter()
        .map(|c| format!("'{}'", c.as_str()))
        .collect();
    format!(
        "SELECT delivery_id, max(id) AS event FROM inbound_event WHERE bulletin_id = $1 \
         AND category IN ({}) AND delivery_id IS NOT NULL GROUP BY delivery_id",
        categories.join(", ")
    )
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Of how many messages of a bulletin something came.
pub fn count_aftermath(db: &mut Db, id: BulletinId, of: Aftermath) -> Result<i64, StoreError> {
    let query = format!("SELECT count(*) AS number FROM ({}) AS found", events(of));
    let found = diesel::sql_query(query).bind::<BigInt, _>(id.0);
    Ok(found.get_result::<Count>(db)?.number)
}

/// What came of a message.
#[derive(Debug, Clone, QueryableByName)]
pub struct Noted {
    /// The message.
    #[diesel(sql_type = BigInt)]
    pub id: DeliveryId,
    /// When it was noted.
    #[diesel(sql_type = BigInt)]
    pub at: Timestamp,
    /// The category of what came back, or the channel by which somebody left: a name of ours.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// The code of a report.
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
}

/// The messages of a bulletin that something came of, in the order of their people: at most `limit` on this page.
pub fn noted(
    db: &mut Db,
    id: BulletinId,
    of: Aftermath,
    page: Page,
    limit: i64,
) -> Result<Vec<Noted>, StoreError> {
    let (table, what) = match of {
        Aftermath::Left => (
            "consent_event",
            "v.channel AS what, CAST(NULL AS TEXT) AS code",
        ),
        _ => ("inbound_event", "v.category AS what, v.code AS code"),
    };
    let (place, order, person) = match page {
        Page::After(person) => (">", "ASC", person),
        Page::Before(person) => ("<", "DESC", person),
    };
    // CROSS JOIN: the few events first, and never a walk over all messages.
    let query = format!(
        "SELECT d.id AS id, v.at AS at, {what} FROM ({}) AS e CROSS JOIN {table} v CROSS JOIN delivery d \
         WHERE v.id = e.event AND d.id = e.delivery_id AND d.subscriber_id {place} $2 \
         ORDER BY d.subscriber_id {order} LIMIT $3",
        events(of)
    );
    let mut found: Vec<Noted> = diesel::sql_query(query)
        .bind::<BigInt, _>(id.0)
        .bind::<BigInt, _>(person.0)
        .bind::<BigInt, _>(limit)
        .load(db)?;
    if matches!(page, Page::Before(_)) {
        found.reverse();
    }
    Ok(found)
}

/// How many messages came to this in a stretch of time.
#[derive(Debug, Clone, QueryableByName)]
pub struct InStretch {
    /// Which stretch, from 0.
    #[diesel(sql_type = BigInt)]
    pub stretch: i64,
    /// What they came to.
    #[diesel(sql_type = Text)]
    pub state: DeliveryState,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// How many messages of a bulletin were finished, and how many tries put off, in stretches of `width` milliseconds after
/// `from`. Walks over all messages of the bulletin: not for the time in which a page is waited for.
pub fn over_time(
    db: &mut Db,
    id: BulletinId,
    from: Timestamp,
    width: i64,
) -> Result<Vec<InStretch>, StoreError> {
    let Some((first, last)) = span(db, id)? else {
        return Ok(Vec::new());
    };
    let width = width.max(1);
    // They were written one after the other: the keys are walked in the order in which they lie.
    let finished = "SELECT (finished_at - $1) / $2 AS stretch, state, count(*) AS count FROM delivery \
        WHERE id >= $3 AND id <= $4 AND bulletin_id = $5 AND finished_at IS NOT NULL AND state <> 'skipped' \
        GROUP BY 1, 2";
    let deferred = "SELECT (a.at - $1) / $2 AS stretch, a.outcome AS state, count(*) AS count \
        FROM delivery_attempt a JOIN delivery d ON d.id = a.delivery_id \
        WHERE a.delivery_id >= $3 AND a.delivery_id <= $4 AND a.outcome = 'deferred' AND d.bulletin_id = $5 \
        GROUP BY 1, 2";
    let mut found = Vec::new();
    for query in [finished, deferred] {
        let rows: Vec<InStretch> = diesel::sql_query(query)
            .bind::<BigInt, _>(from.as_millis())
            .bind::<BigInt, _>(width)
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(last)
            .bind::<BigInt, _>(id.0)
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The smallest and the largest key of the messages of a bulletin.
fn span(db: &mut Db, id: BulletinId) -> Result<Option<(i64, i64)>, StoreError> {
    use diesel::dsl::{max, min};
    let (first, last): (Option<i64>, Option<i64>) = delivery::table
        .filter(delivery::bulletin_id.eq(id.0))
        .select((min(delivery::id), max(delivery::id)))
        .get_result(db)?;
    Ok(first.zip(last))
}
