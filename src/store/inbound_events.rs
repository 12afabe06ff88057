//! What came back, was understood and was believed.

use diesel::prelude::*;

use super::schema::{bulletin, consent_event, delivery, inbound_event, subscriber};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::bounce::{Category, Remedy};
use crate::domain::bulletin::BulletinId;
use crate::domain::consent::ConsentKind;
use crate::domain::delivery::DeliveryId;
use crate::domain::inbound::Way;
use crate::domain::subscriber::SubscriberId;

/// The message that something came back of.
#[derive(Debug, Clone, Queryable)]
pub struct Sent {
    /// Key.
    pub id: DeliveryId,
    /// The bulletin, where it was one.
    pub bulletin_id: Option<BulletinId>,
    /// The subscriber, where it went to one.
    pub subscriber_id: Option<SubscriberId>,
    /// The address that was used; empty once erased.
    pub recipient: String,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// The message with this key, if there is one.
pub fn sent(db: &mut Db, id: DeliveryId) -> Result<Option<Sent>, StoreError> {
    Ok(delivery::table
        .find(id.0)
        .select((
            delivery::id,
            delivery::bulletin_id,
            delivery::subscriber_id,
            delivery::recipient,
            delivery::created_at,
        ))
        .first(db)
        .optional()?)
}

/// When a person was last brought back or confirmed: what was sent before says nothing of the address now.
pub fn last_brought_back(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Option<Timestamp>, StoreError> {
    let kinds = [
        ConsentKind::Confirmed.as_str(),
        ConsentKind::Reinstated.as_str(),
    ];
    Ok(consent_event::table
        .filter(consent_event::subscriber_id.eq(subscriber.0))
        .filter(consent_event::kind.eq_any(kinds))
        .order(consent_event::id.desc())
        .select(consent_event::at)
        .first(db)
        .optional()?)
}

/// Something to be noted.
#[derive(Debug)]
pub struct NewEvent<'a> {
    /// By which way it came.
    pub way: Way,
    /// A hash of what was said of which message.
    pub meaning: &'a str,
    /// The message.
    pub sent: Option<&'a Sent>,
    /// The person.
    pub subscriber: Option<SubscriberId>,
    /// What it means.
    pub category: Category,
    /// The code.
    pub code: Option<String>,
    /// The words.
    pub words: &'a str,
    /// What is done.
    pub remedy: Remedy,
}

/// Notes something, unless the same was noted already. Returns whether it was new.
pub fn note(db: &mut Db, event: &NewEvent<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let values = (
        inbound_event::at.eq(now.as_millis()),
        inbound_event::way.eq(event.way.as_str()),
        inbound_event::meaning.eq(event.meaning),
        inbound_event::delivery_id.eq(event.sent.map(|sent| sent.id.0)),
        inbound_event::subscriber_id.eq(event.subscriber.map(|id| id.0)),
        inbound_event::bulletin_id.eq(event.sent.and_then(|sent| Some(sent.bulletin_id?.0))),
        inbound_event::category.eq(event.category.as_str()),
        inbound_event::code.eq(&event.code),
        inbound_event::words.eq(event.words),
        inbound_event::remedy.eq(event.remedy.as_str()),
    );
    let added = each!(db, c => diesel::insert_into(inbound_event::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Something that came back, for people.
#[derive(Debug, Clone, Queryable)]
pub struct EventReport {
    /// Key.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// By which way.
    pub way: Way,
    /// What it means.
    pub category: Category,
    /// The code.
    pub code: Option<String>,
    /// The words.
    pub words: String,
    /// What was done.
    pub remedy: Remedy,
    /// The person.
    pub subscriber_id: Option<SubscriberId>,
    /// Their address; empty once erased.
    pub email: Option<String>,
    /// Their name; empty once erased.
    pub name: Option<String>,
    /// The bulletin, where it was one.
    pub bulletin_id: Option<BulletinId>,
    /// Its subject.
    pub subject: Option<String>,
}

/// Which events a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter {
    /// Only of this person.
    pub subscriber: Option<SubscriberId>,
    /// Only of this bulletin.
    pub bulletin: Option<BulletinId>,
    /// Only what had this consequence.
    pub remedy: Option<Remedy>,
    /// Only those before this one.
    pub before: Option<i64>,
}

/// The newest events.
pub fn list(db: &mut Db, filter: EventFilter, limit: i64) -> Result<Vec<EventReport>, StoreError> {
    let mut query = inbound_event::table
        .left_join(subscriber::table)
        .left_join(bulletin::table)
        .select((
            inbound_event::id,
            inbound_event::at,
            inbound_event::way,
            inbound_event::category,
            inbound_event::code,
            inbound_event::words,
            inbound_event::remedy,
            inbound_event::subscriber_id,
            subscriber::email.nullable(),
            subscriber::name.nullable(),
            inbound_event::bulletin_id,
            bulletin::subject.nullable(),
        ))
        .order(inbound_event::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(id) = filter.subscriber {
        query = query.filter(inbound_event::subscriber_id.eq(id.0));
    }
    if let Some(id) = filter.bulletin {
        query = query.filter(inbound_event::bulletin_id.eq(id.0));
    }
    if let Some(remedy) = filter.remedy {
        query = query.filter(inbound_event::remedy.eq(remedy.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(inbound_event::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// How much of each category came back of a bulletin.
pub fn count_by_category(db: &mut Db, id: BulletinId) -> Result<Vec<(Category, i64)>, StoreError> {
    let counts: Vec<(Category, i64)> = inbound_event::table
        .filter(inbound_event::bulletin_id.eq(id.0))
        .group_by(inbound_event::category)
        .select((inbound_event::category, diesel::dsl::count_star()))
        .load(db)?;
    Ok(counts)
}

/// How much of each category came back since then.
pub fn count_since(db: &mut Db, since: Timestamp) -> Result<Vec<(Category, i64)>, StoreError> {
    Ok(inbound_event::table
        .filter(inbound_event::at.ge(since.as_millis()))
        .group_by(inbound_event::category)
        .select((inbound_event::category, diesel::dsl::count_star()))
        .load(db)?)
}

/// How many alarms there were since then, and the words of the newest.
pub fn alarms_since(db: &mut Db, since: Timestamp) -> Result<(i64, Option<String>), StoreError> {
    let alarms = || {
        inbound_event::table
            .filter(inbound_event::at.ge(since.as_millis()))
            .filter(inbound_event::remedy.eq(Remedy::Alarm.as_str()))
    };
    let count = alarms().count().get_result(db)?;
    let newest = alarms()
        .order(inbound_event::id.desc())
        .select(inbound_event::words)
        .first(db)
        .optional()?;
    Ok((count, newest))
}

/// Takes out the words of up to `limit` reports from before then: what they meant stays.
pub fn forget_words_before(
    db: &mut Db,
    before: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let old: Vec<i64> = inbound_event::table
        .filter(inbound_event::at.lt(before.as_millis()))
        .filter(inbound_event::words.ne(""))
        .order(inbound_event::at.asc())
        .select(inbound_event::id)
        .limit(limit)
        .load(db)?;
    Ok(
        diesel::update(inbound_event::table.filter(inbound_event::id.eq_any(old)))
            .set(inbound_event::words.eq(""))
            .execute(db)?,
    )
}

/// Takes out the words about an erased person, which may repeat their address.
pub fn forget(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    diesel::update(inbound_event::table.filter(inbound_event::subscriber_id.eq(subscriber.0)))
        .set(inbound_event::words.eq(""))
        .execute(db)?;
    Ok(())
}
