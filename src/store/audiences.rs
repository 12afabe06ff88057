//! Who gets a bulletin: one condition on subscribers, by which they are counted, shown and frozen, so that what staff see
//! before is what happens.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::schema::{bulletin, bulletin_topic, subscriber};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::audience::{Attendance, Narrowing, Whom};
use crate::domain::bulletin::BulletinId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::symposium::SymposiumId;
use crate::domain::topic::TopicId;

/// A row of a bulletin whose message its receiver may have: it was taken over; or it is on the wire, or was when the
/// connection broke after the last full stop or its worker came to an end, and nobody knows.
const MAY_HAVE_ARRIVED: &str = "(d.state = 'accepted' OR d.state = 'claimed' \
    OR (d.stage = 'content' AND d.reply_code IS NULL) OR EXISTS (SELECT 1 FROM delivery_attempt a \
    WHERE a.delivery_id = d.id AND a.stage = 'content' AND a.reply_code IS NULL))";

/// Whom a bulletin is for, as it is stored.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn of_bulletin(db: &mut Db, id: BulletinId) -> Result<(Whom, Narrowing), StoreError> {
    let (symposium, corrects, narrowing): (Option<i64>, Option<i64>, Narrowing) = bulletin::table
        .find(id.0)
        .select((
            bulletin::symposium_id,
            bulletin::corrects_id,
            bulletin::narrowing,
        ))
        .first(db)?;
    let whom = match (corrects, symposium) {
        // A correction of what went to the people of an event is for those who had it, whoever comes now.
        (Some(corrected), _) => Whom::ReceiversOf(BulletinId(corrected)),
        (None, Some(symposium)) => Whom::Event(SymposiumId(symposium)),
        (None, None) => Whom::Topics(
            bulletin_topic::table
                .filter(bulletin_topic::bulletin_id.eq(id.0))
                .order(bulletin_topic::topic_id.asc())
                .select(bulletin_topic::topic_id)
                .load::<TopicId>(db)?,
        ),
    };
    Ok((whom, narrowing))
}

/// The condition on a row of `subscriber`. All that is put into it are numbers, and words from this program: nothing that
/// anybody typed.
pub(super) fn condition(whom: &Whom, narrowing: &Narrowing, now: Timestamp) -> String {
    let mut parts = vec![
        format!("status = '{}'", SubscriberStatus::Active.as_str()),
        format!(
            "(paused_until IS NULL OR paused_until <= {})",
            now.as_millis()
        ),
        among(whom),
    ];
    if !narrowing.regions.is_empty() {
        let regions = narrowing.regions.iter().map(|one| one.as_str());
        parts.push(format!("region IN ({})", words(regions)));
    }
    if !narrowing.roles.is_empty() {
        let roles = narrowing.roles.iter().map(|one| one.as_str());
        parts.push(format!("role IN ({})", words(roles)));
    }
    if let Some(day) = narrowing.joined_from {
        parts.push(format!("created_at >= {}", day.begins_at().as_millis()));
    }
    if let Some(day) = narrowing.joined_before {
        parts.push(format!("created_at < {}", day.begins_at().as_millis()));
    }
    if let Some((symposium, how)) = narrowing.event {
        let how = match how {
            Attendance::Registered => "r.state = 'registered'",
            Attendance::Attended => "r.attended",
        };
        parts.push(format!(
            "id IN (SELECT r.subscriber_id FROM registration r WHERE r.symposium_id = {symposium} AND {how})"
        ));
    }
    if let Some(bulletin) = narrowing.received {
        let had = row_of(bulletin, "d.state = 'accepted'");
        parts.push(format!("EXISTS {had}"));
    }
    if let Some(bulletin) = narrowing.not_received {
        // What is on its way counts as received: nobody gets both.
        let had = row_of(
            bulletin,
            &format!("(d.finished_at IS NULL OR {MAY_HAVE_ARRIVED})"),
        );
        parts.push(format!("NOT EXISTS {had}"));
    }
    parts.join(" AND ")
}

fn among(whom: &Whom) -> String {
    match whom {
        Whom::Topics(topics) if topics.is_empty() => "1 = 0".to_owned(),
        Whom::Topics(topics) => format!(
            "EXISTS (SELECT 1 FROM subscription s WHERE s.subscriber_id = subscriber.id AND s.topic_id IN ({}))",
            numbers(topics.iter().map(|id| id.0))
        ),
        Whom::Event(symposium) => format!(
            "id IN (SELECT r.subscriber_id FROM registration r WHERE r.symposium_id = {symposium} \
             AND r.state = 'registered')"
        ),
        Whom::ReceiversOf(bulletin) => received_by(*bulletin),
    }
}

fn received_by(bulletin: BulletinId) -> String {
    format!("EXISTS {}", row_of(bulletin, MAY_HAVE_ARRIVED))
}

/// The row of this subscriber in a bulletin, by the unique index on both.
fn row_of(bulletin: BulletinId, and: &str) -> String {
    format!(
        "(SELECT 1 FROM delivery d WHERE d.bulletin_id = {bulletin} AND d.subscriber_id = subscriber.id AND {and})"
    )
}

fn numbers(all: impl Iterator<Item = i64>) -> String {
    all.map(|number| number.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

fn words<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.map(|word| format!("'{word}'"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many people would get it now.
pub fn count(
    db: &mut Db,
    whom: &Whom,
    narrowing: &Narrowing,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let condition = condition(whom, narrowing, now);
    let sql = format!("SELECT count(*) AS number FROM subscriber WHERE {condition}");
    let counted: Number = diesel::sql_query(sql).get_result(db)?;
    Ok(counted.number)
}

/// Somebody who would get it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Sampled {
    /// Key.
    #[diesel(sql_type = BigInt)]
    pub id: SubscriberId,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Into so many parts the list is cut for a sample.
const PARTS: i64 = 8;

/// Up to `limit` of the people who would get it now, from all parts of the list: those who came first often came together.
/// However few there are, no part of the list is walked twice.
pub fn sample(
    db: &mut Db,
    whom: &Whom,
    narrowing: &Narrowing,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Sampled>, StoreError> {
    let condition = condition(whom, narrowing, now);
    let Some((first, last)) = ends(db)? else {
        return Ok(Vec::new());
    };
    let length = (last - first) / PARTS + 1;
    let mut parts = Vec::new();
    for part in 0..PARTS {
        let from = first + part * length;
        let to = from + length;
        let found: Vec<Sampled> = diesel::sql_query(format!(
            "SELECT id, name, email FROM subscriber WHERE id >= {from} AND id < {to} AND {condition} \
             ORDER BY id LIMIT {limit}"
        ))
        .load(db)?;
        parts.push(found.into_iter());
    }
    // One of each part, then a second one of each, until there are enough.
    let mut sample = Vec::new();
    while sample.len() < limit {
        let round: Vec<Sampled> = parts.iter_mut().filter_map(Iterator::next).collect();
        if round.is_empty() {
            break;
        }
        sample.extend(round);
    }
    sample.truncate(limit);
    sample.sort_by_key(|one| one.id);
    Ok(sample)
}

/// The lowest and the highest key.
fn ends(db: &mut Db) -> Result<Option<(i64, i64)>, StoreError> {
    use diesel::dsl::{max, min};
    let (first, last): (Option<i64>, Option<i64>) = subscriber::table
        .select((min(subscriber::id), max(subscriber::id)))
        .get_result(db)?;
    Ok(first.zip(last))
}

/// Whether anybody may have received a bulletin.
pub fn may_have_arrived(db: &mut Db, bulletin: BulletinId) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT d.id AS number FROM delivery d WHERE d.bulletin_id = {bulletin} AND {MAY_HAVE_ARRIVED} LIMIT 1"
    );
    let found: Option<Number> = diesel::sql_query(sql).get_result(db).optional()?;
    Ok(found.is_some_and(|row| row.number > 0))
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Text)]
    status: SubscriberStatus,
    #[diesel(sql_type = BigInt)]
    paused: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many of those who may have received a bulletin have each status now, and are paused or not.
pub fn receivers_by_status(
    db: &mut Db,
    bulletin: BulletinId,
    now: Timestamp,
) -> Result<Vec<(SubscriberStatus, bool, i64)>, StoreError> {
    let paused = format!(
        "CASE WHEN paused_until > {} THEN 1 ELSE 0 END",
        now.as_millis()
    );
    let sql = format!(
        "SELECT status, CAST({paused} AS BIGINT) AS paused, count(*) AS number FROM subscriber WHERE {} \
         GROUP BY status, {paused} ORDER BY status, paused",
        received_by(bulletin)
    );
    let found: Vec<Standing> = diesel::sql_query(sql).load(db)?;
    Ok(found
        .into_iter()
        .map(|row| (row.status, row.paused == 1, row.number))
        .collect())
}
