//! A few of those who would get a bulletin, to look at it with their eyes.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::schema::{registration, subscriber, subscription};
use super::subscribers::{Subscriber, search_patterns};
use super::{Db, StoreError};
use crate::domain::registration::RegistrationState;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::symposium::SymposiumId;
use crate::domain::topic::TopicId;

/// Some of the active people who chose one of these topics, or who have a place at the symposium; by words in name, address
/// or practice.
pub fn search(
    db: &mut Db,
    words: &str,
    topics: &[TopicId],
    symposium: Option<SymposiumId>,
    limit: i64,
) -> Result<Vec<Subscriber>, StoreError> {
    let mut query = subscriber::table
        .filter(subscriber::status.eq(SubscriberStatus::Active.as_str()))
        .select(subscriber::all_columns)
        .order(subscriber::id.asc())
        .limit(limit)
        .into_boxed();
    for pattern in search_patterns(words) {
        query = query.filter(
            diesel::dsl::sql::<Bool>("search_key LIKE ")
                .bind::<Text, _>(pattern)
                .sql(" ESCAPE '\\'"),
        );
    }
    let topics: Vec<i64> = topics.iter().map(|id| id.0).collect();
    query = match symposium {
        None => query.filter(
            subscriber::id.eq_any(
                subscription::table
                    .filter(subscription::topic_id.eq_any(topics))
                    .select(subscription::subscriber_id),
            ),
        ),
        Some(symposium) => query.filter(
            subscriber::id.eq_any(
                registration::table
                    .filter(registration::symposium_id.eq(symposium.0))
                    .filter(registration::state.eq(RegistrationState::Registered.as_str()))
                    .select(registration::subscriber_id),
            ),
        ),
    };
    Ok(query.load(db)?)
}
