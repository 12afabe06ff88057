//! How the list grows: who came and who left, by the ledger of consent, and added up for each day.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::schema::{growth_day, subscriber, subscription};
use super::statement::Statement;
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::consent::ConsentKind;
use crate::domain::subscriber::{Region, SubscriberStatus};
use crate::domain::topic::TopicId;

/// An event that turns somebody onto the list or off it, or a merging, and the last one before it that turned.
#[derive(Debug, Clone, QueryableByName)]
pub struct Change {
    /// Key of the event.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// When.
    #[diesel(sql_type = BigInt)]
    pub at: Timestamp,
    /// What happened.
    #[diesel(sql_type = Text)]
    pub kind: ConsentKind,
    /// What had happened to the same person before.
    #[diesel(sql_type = Nullable<Text>)]
    pub earlier: Option<ConsentKind>,
    /// What was noted with it.
    #[diesel(sql_type = Nullable<Text>)]
    pub detail: Option<String>,
}

/// The kinds that [`ConsentKind::turn`] knows.
macro_rules! turning {
    () => {
        "('confirmed', 'imported', 'added-by-staff', 'resubscribed', 'reinstated', 'unsubscribed', 'suspended', 'erased')"
    };
}

/// The changes after the event `after`, in their order, at most `limit`.
pub fn changes_after(db: &mut Db, after: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    struct ChangesAfter;
    const CHANGES: &str = concat!(
        "SELECT e.id AS id, e.at AS at, e.kind AS kind, e.detail AS detail, (SELECT p.kind FROM consent_event p \
         WHERE p.subscriber_id = e.subscriber_id AND p.id < e.id AND p.kind IN ",
        turning!(),
        " ORDER BY p.id DESC LIMIT 1) AS earlier FROM consent_event e WHERE e.id > ? AND (e.kind = 'merged' OR e.kind IN ",
        turning!(),
        ") ORDER BY e.id LIMIT ?"
    );
    let changes = Statement::<ChangesAfter>::new(CHANGES)
        .number(after)
        .number(limit);
    Ok(each!(db, c => changes.load(c))?)
}

/// What was added up for a day.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Day {
    /// `2026-11-23`.
    pub day: String,
    /// How many came.
    pub joined: i64,
    /// How many left.
    pub departed: i64,
}

/// Adds to a day.
pub fn add_to_day(db: &mut Db, day: &Day) -> Result<(), StoreError> {
    let added = diesel::update(growth_day::table.find(&day.day))
        .set((
            growth_day::joined.eq(growth_day::joined + day.joined),
            growth_day::departed.eq(growth_day::departed + day.departed),
        ))
        .execute(db)?;
    if added == 0 {
        diesel::insert_into(growth_day::table)
            .values((
                growth_day::day.eq(&day.day),
                growth_day::joined.eq(day.joined),
                growth_day::departed.eq(day.departed),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// What was added up for the days from this one on.
pub fn days_since(db: &mut Db, day: &str) -> Result<Vec<Day>, StoreError> {
    Ok(growth_day::table
        .filter(growth_day::day.ge(day.to_owned()))
        .order(growth_day::day.asc())
        .load(db)?)
}

/// How many active subscribers chose each topic.
pub fn active_by_topic(db: &mut Db) -> Result<Vec<(TopicId, i64)>, StoreError> {
    Ok(subscription::table
        .inner_join(subscriber::table)
        .filter(subscriber::status.eq(SubscriberStatus::Active.as_str()))
        .group_by(subscription::topic_id)
        .select((subscription::topic_id, diesel::dsl::count_star()))
        .load(db)?)
}

/// How many active subscribers are in each region.
pub fn active_by_region(db: &mut Db) -> Result<Vec<(Option<Region>, i64)>, StoreError> {
    Ok(subscriber::table
        .filter(subscriber::status.eq(SubscriberStatus::Active.as_str()))
        .group_by(subscriber::region)
        .select((subscriber::region, diesel::dsl::count_star()))
        .load(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_in_the_query_are_those_that_turn() {
        for kind in ConsentKind::ALL {
            let is_named = turning!().contains(&format!("'{kind}'", kind = kind.as_str()));
            assert_eq!(is_named, kind.turn().is_some(), "{kind:?}");
        }
    }
}
