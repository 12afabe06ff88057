//! What people look at in the ledger: how far a bulletin is, and what happened to whom.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::deliveries::is_open;
use super::schema::{bulletin, delivery, delivery_attempt, subscriber};
use super::statement::Statement;
use super::subscribers::{self, search_patterns};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::aftermath::Aftermath;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::SubscriberId;

/// A row is in the index on what does not go well. In its words, and not with values, so that it answers.
macro_rules! trouble {
    () => {
        "bulletin_id IS NOT NULL AND state <> 'queued' AND state <> 'claimed' AND state <> 'accepted'"
    };
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    queued: i64,
    #[diesel(sql_type = BigInt)]
    claimed: i64,
}

#[derive(QueryableByName)]
struct InState {
    #[diesel(sql_type = Text)]
    state: DeliveryState,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows of a bulletin are in each state; nothing of states without any. Each part is counted in one index, however
/// large the bulletin: all, those that wait or are in hand, and those that do not go well. All others were accepted.
pub fn count_by_state(
    db: &mut Db,
    id: BulletinId,
) -> Result<Vec<(DeliveryState, i64)>, StoreError> {
    struct InAll;
    struct InTrouble;
    const TOTAL: &str = "SELECT (SELECT count(*) FROM delivery WHERE bulletin_id = ?) AS total, \
        count(CASE WHEN state = 'queued' THEN 1 END) AS queued, \
        count(CASE WHEN state = 'claimed' THEN 1 END) AS claimed \
        FROM delivery WHERE bulletin_id IS NOT NULL AND bulletin_id = ? AND finished_at IS NULL";
    const TROUBLE: &str = concat!(
        "SELECT state, count(*) AS count FROM delivery WHERE ",
        trouble!(),
        " AND bulletin_id = ? GROUP BY state"
    );
    let total = Statement::<InAll>::new(TOTAL).number(id.0).number(id.0);
    let total: Total = each!(db, c => total.get_result(c))?;
    let trouble = Statement::<InTrouble>::new(TROUBLE).number(id.0);
    let trouble: Vec<InState> = each!(db, c => trouble.load(c))?;
    let mut counts: Vec<_> = trouble.iter().map(|row| (row.state, row.count)).collect();
    counts.push((DeliveryState::Queued, total.queued));
    counts.push((DeliveryState::Claimed, total.claimed));
    let others: i64 = counts.iter().map(|(_, count)| count).sum();
    counts.push((DeliveryState::Accepted, total.total - others));
    Ok(counts)
}

/// A row of a bulletin, with the person.
#[derive(Debug, Clone, Queryable)]
pub struct RecipientReport {
    /// Key.
    pub id: DeliveryId,
    /// Who.
    pub subscriber_id: Option<SubscriberId>,
    /// Their name now.
    pub name: Option<String>,
    /// The address that was used.
    pub recipient: String,
    /// Where it is.
    pub state: DeliveryState,
    /// When it is due, where it is open.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: i32,
    /// Where in the conversation it was decided.
    pub stage: Option<String>,
    /// The server's words.
    pub reply: Option<String>,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

type RecipientColumns = (
    delivery::id,
    delivery::subscriber_id,
    diesel::dsl::Nullable<subscriber::name>,
    delivery::recipient,
    delivery::state,
    delivery::due_at,
    delivery::tries,
    delivery::stage,
    delivery::reply,
    delivery::finished_at,
);

/// The columns of a [`RecipientReport`].
fn recipient_columns() -> RecipientColumns {
    (
        delivery::id,
        delivery::subscriber_id,
        subscriber::name.nullable(),
        delivery::recipient,
        delivery::state,
        delivery::due_at,
        delivery::tries,
        delivery::stage,
        delivery::reply,
        delivery::finished_at,
    )
}

/// Which rows of a bulletin a list shows.
#[derive(Debug, Clone, Default)]
pub struct RecipientFilter {
    /// Words in the person's name, address or practice, without regard to case and macrons.
    pub search: String,
    /// Only this state.
    pub state: Option<DeliveryState>,
    /// Only those of whom this came afterwards, whatever the other two say: they are few, and found by that.
    pub aftermath: Option<Aftermath>,
}

/// Where a page of a list begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// With the first row after this person's.
    After(SubscriberId),
    /// With the last row before this person's.
    Before(SubscriberId),
}

/// The rows of a bulletin, in the order in which their people came to the list: at most `limit` on this page.
pub fn recipients(
    db: &mut Db,
    id: BulletinId,
    filter: &RecipientFilter,
    page: Page,
    limit: i64,
) -> Result<Vec<RecipientReport>, StoreError> {
    let mut query = delivery::table
        .left_join(subscriber::table)
        .filter(delivery::bulletin_id.eq(id.0))
        .select(recipient_columns())
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(delivery::state.eq(state.as_str()));
        query = match state {
            DeliveryState::Accepted => query,
            DeliveryState::Queued | DeliveryState::Claimed => query.filter(is_open()),
            _ => query.filter(diesel::dsl::sql::<Bool>(trouble!())),
        };
    }
    for pattern in search_patterns(&filter.search) {
        query = query.filter(
            diesel::dsl::sql::<Bool>("search_key LIKE ")
                .bind::<Text, _>(pattern)
                .sql(" ESCAPE '\\'"),
        );
    }
    Ok(match page {
        Page::After(person) => query
            .filter(delivery::subscriber_id.gt(person.0))
            .order(delivery::subscriber_id.asc())
            .load(db)?,
        Page::Before(person) => {
            let mut rows: Vec<RecipientReport> = query
                .filter(delivery::subscriber_id.lt(person.0))
                .order(delivery::subscriber_id.desc())
                .load(db)?;
            rows.reverse();
            rows
        }
    })
}

/// These rows, in the order of their people.
pub fn recipients_by_id(
    db: &mut Db,
    ids: &[DeliveryId],
) -> Result<Vec<RecipientReport>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    Ok(delivery::table
        .left_join(subscriber::table)
        .filter(delivery::id.eq_any(ids))
        .order(delivery::subscriber_id.asc())
        .select(recipient_columns())
        .load(db)?)
}

/// One row of a bulletin.
///
/// # Errors
/// [`StoreError::NotFound`], also when the row is another bulletin's.
pub fn recipient(
    db: &mut Db,
    id: BulletinId,
    row: DeliveryId,
) -> Result<RecipientReport, StoreError> {
    Ok(delivery::table
        .left_join(subscriber::table)
        .filter(delivery::bulletin_id.eq(id.0))
        .filter(delivery::id.eq(row.0))
        .select(recipient_columns())
        .first(db)?)
}

/// A message to a person.
#[derive(Debug, Clone, Queryable)]
pub struct MessageReport {
    /// Key.
    pub id: DeliveryId,
    /// What it was.
    pub kind: DeliveryKind,
    /// Subject of the bulletin, where it was one.
    pub subject: Option<String>,
    /// The bulletin.
    pub bulletin_id: Option<BulletinId>,
    /// Where it is.
    pub state: DeliveryState,
    /// The server's words.
    pub reply: Option<String>,
    /// How often it was tried.
    pub tries: i32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

/// The messages to a person, the newest first; with those to records that were merged into theirs.
pub fn messages_to(
    db: &mut Db,
    subscriber: SubscriberId,
    limit: i64,
) -> Result<Vec<MessageReport>, StoreError> {
    let theirs = subscribers::with_merged(db, subscriber)?;
    Ok(delivery::table
        .left_join(bulletin::table)
        .filter(delivery::subscriber_id.eq_any(theirs))
        .order(delivery::id.desc())
        .limit(limit)
        .select((
            delivery::id,
            delivery::kind,
            bulletin::subject.nullable(),
            delivery::bulletin_id,
            delivery::state,
            delivery::reply,
            delivery::tries,
            delivery::created_at,
            delivery::finished_at,
        ))
        .load(db)?)
}

/// A try.
#[derive(Debug, Clone, Queryable)]
pub struct AttemptReport {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: DeliveryState,
    /// Where in the conversation it was decided.
    pub stage: Option<String>,
    /// The server's words.
    pub reply: Option<String>,
}

/// The tries of a message that did not deliver it, the oldest first.
pub fn attempts(db: &mut Db, id: DeliveryId) -> Result<Vec<AttemptReport>, StoreError> {
    Ok(delivery_attempt::table
        .filter(delivery_attempt::delivery_id.eq(id.0))
        .order(delivery_attempt::id.asc())
        .select((
            delivery_attempt::at,
            delivery_attempt::outcome,
            delivery_attempt::stage,
            delivery_attempt::reply,
        ))
        .load(db)?)
}

/// How many notices wait, and how many could not be delivered since then.
pub fn notice_trouble(db: &mut Db, since: Timestamp) -> Result<(i64, i64), StoreError> {
    let waiting = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(is_open())
        .count()
        .get_result(db)?;
    let failed = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(
            delivery::state
                .eq(DeliveryState::Refused.as_str())
                .or(delivery::state.eq(DeliveryState::Failed.as_str())),
        )
        .filter(delivery::created_at.ge(since.as_millis()))
        .count()
        .get_result(db)?;
    Ok((waiting, failed))
}

/// So many of the messages that are due first are looked at.
const FIRST_DUE: i64 = 50;

/// Since when the oldest of the messages to single people waits that are due first.
pub fn oldest_notice_waiting(db: &mut Db) -> Result<Option<Timestamp>, StoreError> {
    let waiting: Vec<Timestamp> = delivery::table
        .filter(delivery::bulletin_id.is_null())
        .filter(is_open())
        .order(delivery::due_at.asc())
        .limit(FIRST_DUE)
        .select(delivery::created_at)
        .load(db)?;
    Ok(waiting.into_iter().min())
}
