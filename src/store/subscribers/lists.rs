//! Subscribers by what is looked for, a page at a time.
//!
//! A page begins after a person, not after a number of them, so that the last one comes as quickly as the first. The list
//! walks the index of its order, whose columns are also those of the usual filters; where few are found by a word, or by
//! another rare thing, it goes by that. SQLite keeps no statistics: a `+` before a column has it leave that column's index
//! alone.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::clock::Timestamp;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::subscriber_filter::{ListOrder, SortBy, SubscriberFilter, Trouble};
use crate::store::composed::Composed;
use crate::store::schema::subscriber;
use crate::store::{Db, StoreError};

use super::Subscriber;
use super::words::look_for;

/// Where a page of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At the beginning.
    First,
    /// Right after this person.
    After(SubscriberId),
    /// Right before this person.
    Before(SubscriberId),
    /// At the end.
    Last,
}

/// A page of the list.
#[derive(Debug)]
pub struct Page {
    /// The people, in order.
    pub rows: Vec<Subscriber>,
    /// Whether somebody stands before them.
    pub has_before: bool,
    /// Whether somebody stands after them.
    pub has_after: bool,
}

/// A page of the list, of at most `limit`. One that would begin before the beginning is the first, and one after the end
/// the last.
pub fn page(
    db: &mut Db,
    filter: &SubscriberFilter,
    order: ListOrder,
    position: Position,
    limit: i64,
) -> Result<Page, StoreError> {
    let walks_back = matches!(position, Position::Before(_) | Position::Last);
    let from = match position {
        Position::First | Position::Last => None,
        Position::After(id) | Position::Before(id) => match super::get(db, id) {
            Ok(person) => Some(person),
            Err(StoreError::NotFound) => return page(db, filter, order, Position::First, limit),
            Err(error) => return Err(error),
        },
    };
    let conditions = conditions(db, filter)?;
    let mut ids = walk(db, &conditions, order, walks_back, from.as_ref(), limit + 1)?;
    let full = usize::try_from(limit).unwrap_or(usize::MAX);
    let goes_on = ids.len() > full;
    ids.truncate(full);
    match position {
        Position::Before(_) if !goes_on => {
            return page(db, filter, order, Position::First, limit);
        }
        Position::After(_) if ids.is_empty() => {
            return page(db, filter, order, Position::Last, limit);
        }
        _ => {}
    }
    if walks_back {
        ids.reverse();
    }
    let rows = in_order(db, &ids)?;
    Ok(match position {
        Position::First => Page::of(rows, false, goes_on),
        Position::After(_) => Page::of(rows, true, goes_on),
        Position::Before(_) => Page::of(rows, goes_on, true),
        Position::Last => Page::of(rows, goes_on, false),
    })
}

impl Page {
    fn of(rows: Vec<Subscriber>, has_before: bool, has_after: bool) -> Self {
        Self {
            rows,
            has_before,
            has_after,
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The next keys in the order of the list, or in the opposite one.
fn walk(
    db: &mut Db,
    conditions: &Composed,
    order: ListOrder,
    walks_back: bool,
    from: Option<&Subscriber>,
    limit: i64,
) -> Result<Vec<SubscriberId>, StoreError> {
    let column = match order.by {
        SortBy::Joined => "s.created_at",
        SortBy::Name => "s.search_key",
        SortBy::Email => "s.email_key",
    };
    let is_down = order.is_backwards != walks_back;
    let (sign, direction) = if is_down { ("<", "DESC") } else { (">", "ASC") };
    let mut query = Composed::new("SELECT s.id AS number FROM subscriber s WHERE ");
    query.append(conditions);
    if let Some(from) = from {
        query.push(&format!(" AND ({column}, s.id) {sign} (?, ?)"));
        match order.by {
            SortBy::Joined => query.number(from.created_at.as_millis()),
            SortBy::Name => query.text(&*from.search_key),
            SortBy::Email => query.text(&*from.email_key),
        };
        query.number(from.id.0);
    }
    query
        .push(&format!(
            " ORDER BY {column} {direction}, s.id {direction} LIMIT ?"
        ))
        .number(limit);
    keys(db, &query)
}

fn keys(db: &mut Db, query: &Composed) -> Result<Vec<SubscriberId>, StoreError> {
    let rows: Vec<Number> = query.load(db)?;
    Ok(rows
        .into_iter()
        .map(|row| SubscriberId(row.number))
        .collect())
}

/// These people, in this order.
fn in_order(db: &mut Db, ids: &[SubscriberId]) -> Result<Vec<Subscriber>, StoreError> {
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut rows: Vec<Subscriber> = subscriber::table
        .filter(subscriber::id.eq_any(&keys))
        .select(subscriber::all_columns)
        .load(db)?;
    rows.sort_by_key(|row| keys.iter().position(|key| *key == row.id.0));
    Ok(rows)
}

/// How many the filter finds; where that is more than `most`, that and one.
pub fn count(db: &mut Db, filter: &SubscriberFilter, most: Option<i64>) -> Result<i64, StoreError> {
    let conditions = conditions(db, filter)?;
    let mut query =
        Composed::new("SELECT count(*) AS number FROM (SELECT 1 FROM subscriber s WHERE ");
    query.append(&conditions);
    if let Some(most) = most {
        query.push(" LIMIT ?").number(most + 1);
    }
    query.push(") AS found");
    let row: Number = query.get_result(db)?;
    Ok(row.number)
}

/// The part of the list after the subscriber `after`, in the order of keys: for exports, in pieces.
pub fn list_after(
    db: &mut Db,
    filter: &SubscriberFilter,
    after: SubscriberId,
    limit: i64,
) -> Result<Vec<Subscriber>, StoreError> {
    let conditions = conditions(db, filter)?;
    let mut query = Composed::new("SELECT s.id AS number FROM subscriber s WHERE ");
    query
        .append(&conditions)
        .push(" AND s.id > ? ORDER BY s.id LIMIT ?")
        .number(after.0)
        .number(limit);
    let ids = keys(db, &query)?;
    in_order(db, &ids)
}

/// Those of these people who are on the list, in the order of keys, after the subscriber `after`.
pub fn these_after(
    db: &mut Db,
    ids: &[SubscriberId],
    after: SubscriberId,
    limit: i64,
) -> Result<Vec<Subscriber>, StoreError> {
    let mut next: Vec<SubscriberId> = ids.iter().copied().filter(|id| id.0 > after.0).collect();
    next.sort_unstable_by_key(|id| id.0);
    next.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut rows = in_order(db, &next)?;
    rows.retain(|row| row.status != SubscriberStatus::Erased);
    Ok(rows)
}

/// How many subscribers there are of each status.
pub fn count_by_status(db: &mut Db) -> Result<Vec<(SubscriberStatus, i64)>, StoreError> {
    Ok(subscriber::table
        .group_by(subscriber::status)
        .select((subscriber::status, diesel::dsl::count_star()))
        .load(db)?)
}

/// Some of those who signed up, never confirmed, and were not heard of since then.
pub fn pending_since_before(
    db: &mut Db,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Subscriber>, StoreError> {
    Ok(subscriber::table
        .filter(subscriber::status.eq(SubscriberStatus::Pending.as_str()))
        .filter(subscriber::updated_at.lt(before.as_millis()))
        .select(subscriber::all_columns)
        .order(subscriber::id.asc())
        .limit(limit)
        .load(db)?)
}

/// What has to hold of a subscriber `s`.
pub(in crate::store) fn conditions(
    db: &mut Db,
    filter: &SubscriberFilter,
) -> Result<Composed, StoreError> {
    // Leaves the index of a column alone, where most rows have the same value in it.
    let leave = match db {
        Db::Sqlite(_) => "+",
        Db::Pg(_) => "",
    };
    let mut all = Composed::new(&format!("{leave}s.status <> 'erased'"));
    for (column, value) in [
        ("status", filter.status.map(SubscriberStatus::as_str)),
        ("region", filter.region.map(|region| region.as_str())),
        ("role", filter.role.map(|role| role.as_str())),
        ("source", filter.source.as_deref()),
    ] {
        if let Some(value) = value {
            all.push(&format!(" AND {leave}s.{column} = ?")).text(value);
        }
    }
    if let Some(from) = filter.joined_from {
        all.push(&format!(" AND {leave}s.created_at >= ?"))
            .number(from.as_millis());
    }
    if let Some(before) = filter.joined_before {
        all.push(&format!(" AND {leave}s.created_at < ?"))
            .number(before.as_millis());
    }
    if let Some(topic) = filter.topic {
        all.push(
            " AND EXISTS (SELECT 1 FROM subscription c WHERE c.subscriber_id = s.id AND c.topic_id = ?)",
        )
        .number(topic.0);
    }
    match filter.trouble {
        Some(Trouble::Strikes) => {
            all.push(" AND s.id IN (SELECT id FROM subscriber WHERE strikes > 0)");
        }
        Some(Trouble::Bounced) => {
            all.push(
                " AND s.id IN (SELECT b.subscriber_id FROM inbound_event b \
                 WHERE b.subscriber_id IS NOT NULL AND (b.remedy = 'suspend' OR b.remedy = 'strike'))",
            );
        }
        None => {}
    }
    if let Some(symposium) = filter.attended {
        all.push(
            " AND s.id IN (SELECT r.subscriber_id FROM registration r \
             WHERE r.symposium_id = ? AND r.attended)",
        )
        .number(symposium.0);
    }
    let accepted = "EXISTS (SELECT 1 FROM delivery d WHERE d.bulletin_id = ? \
                    AND d.subscriber_id = s.id AND d.state = 'accepted')";
    if let Some(bulletin) = filter.received {
        all.push(&format!(" AND {accepted}")).number(bulletin.0);
    }
    if let Some(bulletin) = filter.not_received {
        all.push(&format!(" AND NOT {accepted}")).number(bulletin.0);
    }
    look_for(db, &filter.words(), &mut all)?;
    Ok(all)
}
