//! Subscribers by what is looked for.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::clock::Timestamp;
use crate::domain::search_key::search_key;
use crate::domain::subscriber::{Region, Role, SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::schema::{subscriber, subscription};
use crate::store::{Db, StoreError};

use super::Subscriber;

/// Which subscribers a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words in name, address or practice, without regard to case and macrons.
    pub search: String,
    /// Only this status.
    pub status: Option<SubscriberStatus>,
    /// Only those who chose this topic.
    pub topic: Option<TopicId>,
    /// Only this region.
    pub region: Option<Region>,
    /// Only this role.
    pub role: Option<Role>,
}

/// A page of the list, the newest first: at most `limit`, after skipping `offset`; and how many
/// there are in all.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Subscriber>, i64), StoreError> {
    let total = filtered(filter).count().get_result(db)?;
    let rows = filtered(filter)
        .select(subscriber::all_columns)
        .order(subscriber::id.desc())
        .offset(offset)
        .limit(limit)
        .load(db)?;
    Ok((rows, total))
}

/// The part of the list after the subscriber `after`, in the order of keys: for exports, in pieces.
pub fn list_after(
    db: &mut Db,
    filter: &Filter,
    after: SubscriberId,
    limit: i64,
) -> Result<Vec<Subscriber>, StoreError> {
    Ok(filtered(filter)
        .filter(subscriber::id.gt(after.0))
        .select(subscriber::all_columns)
        .order(subscriber::id.asc())
        .limit(limit)
        .load(db)?)
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

type Boxed<'a> = subscriber::BoxedQuery<'a, crate::store::db::MultiBackend>;

fn filtered(filter: &Filter) -> Boxed<'static> {
    let mut query = subscriber::table
        .filter(subscriber::status.ne(SubscriberStatus::Erased.as_str()))
        .into_boxed();
    for pattern in search_patterns(&filter.search) {
        query = query.filter(
            diesel::dsl::sql::<diesel::sql_types::Bool>("search_key LIKE ")
                .bind::<Text, _>(pattern)
                .sql(" ESCAPE '\\'"),
        );
    }
    if let Some(status) = filter.status {
        query = query.filter(subscriber::status.eq(status.as_str()));
    }
    if let Some(region) = filter.region {
        query = query.filter(subscriber::region.eq(region.as_str()));
    }
    if let Some(role) = filter.role {
        query = query.filter(subscriber::role.eq(role.as_str()));
    }
    if let Some(topic) = filter.topic {
        let chose = subscription::table
            .filter(subscription::topic_id.eq(topic.0))
            .select(subscription::subscriber_id);
        query = query.filter(subscriber::id.eq_any(chose));
    }
    query
}

/// For each word that is searched for, the pattern that `search_key` has to be like.
pub(in crate::store) fn search_patterns(words: &str) -> Vec<String> {
    search_key(words)
        .split_whitespace()
        .map(|word| format!("%{}%", like_literal(word)))
        .collect()
}

/// Escapes what has a meaning in a LIKE pattern.
fn like_literal(word: &str) -> String {
    let mut literal = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}
