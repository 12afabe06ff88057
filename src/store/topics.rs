//! Topics, and who chose which.

use diesel::prelude::*;

use super::schema::{subscription, topic};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::subscriber::SubscriberId;
use crate::domain::topic::{BUILT_IN, TopicId};

/// A topic.
#[derive(Debug, Clone, Queryable)]
pub struct Topic {
    /// Key.
    pub id: TopicId,
    /// Name in forms and addresses.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// What comes under it.
    pub description: String,
    /// Place in lists.
    pub position: i32,
    /// Since when it is not offered any more, if so.
    pub retired_at: Option<Timestamp>,
}

/// Makes sure that the topics are there with which every installation starts.
pub fn ensure_built_in(db: &mut Db) -> Result<(), StoreError> {
    for (position, built_in) in (0..).zip(BUILT_IN) {
        each!(db, c => diesel::insert_into(topic::table)
            .values((
                topic::slug.eq(built_in.slug),
                topic::name.eq(built_in.name),
                topic::description.eq(built_in.description),
                topic::position.eq(position),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// All topics, in the order of the form.
pub fn all(db: &mut Db) -> Result<Vec<Topic>, StoreError> {
    Ok(topic::table
        .select(topic::all_columns)
        .order((topic::position.asc(), topic::id.asc()))
        .load(db)?)
}

/// The topics that can be chosen, in the order of the form.
pub fn offered(db: &mut Db) -> Result<Vec<Topic>, StoreError> {
    Ok(topic::table
        .filter(topic::retired_at.is_null())
        .select(topic::all_columns)
        .order((topic::position.asc(), topic::id.asc()))
        .load(db)?)
}

/// Adds a topic. Returns its key.
///
/// # Errors
/// [`StoreError::Exists`] when the slug is taken.
pub fn insert(
    db: &mut Db,
    slug: &str,
    name: &str,
    description: &str,
    position: i32,
) -> Result<TopicId, StoreError> {
    let id: i64 = diesel::insert_into(topic::table)
        .values((
            topic::slug.eq(slug),
            topic::name.eq(name),
            topic::description.eq(description),
            topic::position.eq(position),
        ))
        .returning(topic::id)
        .get_result(db)?;
    Ok(TopicId(id))
}

/// Calls a topic otherwise.
pub fn describe(db: &mut Db, id: TopicId, name: &str, description: &str) -> Result<(), StoreError> {
    diesel::update(topic::table.find(id.0))
        .set((topic::name.eq(name), topic::description.eq(description)))
        .execute(db)?;
    Ok(())
}

/// Gives a topic its place in lists.
pub fn set_position(db: &mut Db, id: TopicId, position: i32) -> Result<(), StoreError> {
    diesel::update(topic::table.find(id.0))
        .set(topic::position.eq(position))
        .execute(db)?;
    Ok(())
}

/// Says since when a topic is not offered any more; with `None`, that it is.
pub fn set_retired(db: &mut Db, id: TopicId, since: Option<Timestamp>) -> Result<(), StoreError> {
    diesel::update(topic::table.find(id.0))
        .set(topic::retired_at.eq(since.map(Timestamp::as_millis)))
        .execute(db)?;
    Ok(())
}

/// The topics that a subscriber chose, in the order of the form.
pub fn chosen_by(db: &mut Db, subscriber: SubscriberId) -> Result<Vec<Topic>, StoreError> {
    Ok(topic::table
        .inner_join(subscription::table)
        .filter(subscription::subscriber_id.eq(subscriber.0))
        .select(topic::all_columns)
        .order((topic::position.asc(), topic::id.asc()))
        .load(db)?)
}

/// The topics that are offered, and those that a subscriber has of others, in the order of the form, each with whether they
/// chose it.
pub fn all_with_choice(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Vec<(Topic, bool)>, StoreError> {
    let chosen = chosen_by(db, subscriber)?;
    let with_choice = |topic: Topic| {
        let is_chosen = chosen.iter().any(|chosen| chosen.id == topic.id);
        (topic, is_chosen)
    };
    let all = all(db)?.into_iter().map(with_choice);
    Ok(all
        .filter(|(topic, is_chosen)| *is_chosen || topic.retired_at.is_none())
        .collect())
}

/// The topics of several subscribers, as pairs of subscriber and slug.
pub fn chosen_by_each(
    db: &mut Db,
    subscribers: &[SubscriberId],
) -> Result<Vec<(SubscriberId, String)>, StoreError> {
    let ids: Vec<i64> = subscribers.iter().map(|id| id.0).collect();
    Ok(subscription::table
        .inner_join(topic::table)
        .filter(subscription::subscriber_id.eq_any(ids))
        .select((subscription::subscriber_id, topic::slug))
        .order((subscription::subscriber_id.asc(), topic::position.asc()))
        .load(db)?)
}

/// Replaces the topics of a subscriber.
pub fn set_chosen(
    db: &mut Db,
    subscriber: SubscriberId,
    topics: &[TopicId],
) -> Result<(), StoreError> {
    diesel::delete(subscription::table.filter(subscription::subscriber_id.eq(subscriber.0)))
        .execute(db)?;
    let rows: Vec<_> = topics
        .iter()
        .map(|topic| {
            (
                subscription::subscriber_id.eq(subscriber.0),
                subscription::topic_id.eq(topic.0),
            )
        })
        .collect();
    each!(db, c => diesel::insert_into(subscription::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}
