//! Subscribers: the people on the list.

mod lists;
mod merged;
mod words;

use diesel::prelude::*;

use super::schema::subscriber;
use super::{Db, StoreError, each, strikes};
use crate::clock::Timestamp;
use crate::domain::email_address::{self, EmailAddress};
use crate::domain::search_key::search_key;
use crate::domain::subscriber::{Region, Role, SubscriberId, SubscriberStatus};

pub(super) use lists::conditions;
pub use lists::{
    Page, Position, count, count_by_status, list_after, page, pending_since_before, these_after,
};
pub use merged::{
    by_merged_address, forget_address, keep_status, merged_among, move_deliveries, move_rest,
    point_to, remember_address, set_strikes, survivor, take_addresses, take_turn_of_survivor,
    with_merged,
};
pub(super) use words::search_patterns;

/// A subscriber, as stored. After erasure the texts are empty.
#[derive(Debug, Clone, Queryable)]
pub struct Subscriber {
    /// Key.
    pub id: SubscriberId,
    /// Address as the person writes it; empty once erased.
    pub email: String,
    /// Normal form of the address, unique; a keyed hash once erased.
    pub email_key: String,
    /// Name.
    pub name: String,
    /// Practice.
    pub practice: Option<String>,
    /// Health region.
    pub region: Option<Region>,
    /// What they do.
    pub role: Option<Role>,
    /// Medical Council number.
    pub mcnz_number: Option<String>,
    /// Whether they may be written to.
    pub status: SubscriberStatus,
    /// Why they have this status, where somebody or something decided it.
    pub status_reason: Option<String>,
    /// Failures of the address in a row.
    pub strikes: i32,
    /// Receives no bulletins until then.
    pub paused_until: Option<Timestamp>,
    /// Where the record came from.
    pub source: String,
    /// What a search looks in.
    pub search_key: String,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The record that stayed, of one that was merged into it.
    pub merged_into: Option<SubscriberId>,
}

/// What a person tells of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Name.
    pub name: String,
    /// Practice.
    pub practice: Option<String>,
    /// Health region.
    pub region: Option<Region>,
    /// What they do.
    pub role: Option<Role>,
    /// Medical Council number.
    pub mcnz_number: Option<String>,
}

/// The longest key of a search, in characters: the orders of the list are indexes, whose entries PostgreSQL limits.
const LONGEST_KEY: usize = 300;

fn key_of(email: &str, details: &Details) -> String {
    let practice = details.practice.as_deref().unwrap_or_default();
    let mut text = format!("{} {email} {practice}", details.name);
    // Who looks for tepūkenga.ac.nz does not type xn--tepkenga-szb.ac.nz.
    let readable = email_address::for_people(email);
    if readable != email {
        text = format!("{text} {readable}");
    }
    search_key(&text).chars().take(LONGEST_KEY).collect()
}

/// Adds a subscriber.
///
/// # Errors
/// [`StoreError::Exists`] when the address is on the list.
pub fn insert(
    db: &mut Db,
    email: &EmailAddress,
    details: &Details,
    status: SubscriberStatus,
    source: &str,
    now: Timestamp,
) -> Result<SubscriberId, StoreError> {
    insert_if_new(db, email, details, status, source, now)?.ok_or(StoreError::Exists)
}

/// The same, for an address that somebody else may add at this very moment; `None` when it is on the
/// list.
pub fn insert_if_new(
    db: &mut Db,
    email: &EmailAddress,
    details: &Details,
    status: SubscriberStatus,
    source: &str,
    now: Timestamp,
) -> Result<Option<SubscriberId>, StoreError> {
    let search_key = key_of(email.as_str(), details);
    let values = (
        subscriber::email.eq(email.as_str()),
        subscriber::email_key.eq(email.key()),
        subscriber::name.eq(&details.name),
        subscriber::practice.eq(&details.practice),
        subscriber::region.eq(details.region.map(Region::as_str)),
        subscriber::role.eq(details.role.map(Role::as_str)),
        subscriber::mcnz_number.eq(&details.mcnz_number),
        subscriber::status.eq(status.as_str()),
        subscriber::strikes.eq(0),
        subscriber::source.eq(source),
        subscriber::search_key.eq(&search_key),
        subscriber::created_at.eq(now.as_millis()),
        subscriber::updated_at.eq(now.as_millis()),
    );
    let id: Option<i64> = each!(db, c => diesel::insert_into(subscriber::table)
        .values(values)
        .on_conflict_do_nothing()
        .returning(subscriber::id)
        .get_result(c)
        .optional())?;
    let id = id.map(SubscriberId);
    if let Some(id) = id {
        words::add(db, id, &search_key)?;
    }
    Ok(id)
}

/// Waits until nobody else is changing this person's record, and has others wait until the transaction
/// ends: what is then read of it holds. On SQLite every transaction that writes has its turn anyway.
pub fn take_turn(db: &mut Db, id: SubscriberId) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        subscriber::table
            .find(id.0)
            .select(subscriber::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// The subscriber with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: SubscriberId) -> Result<Subscriber, StoreError> {
    Ok(subscriber::table
        .find(id.0)
        .select(subscriber::all_columns)
        .first(db)?)
}

/// The subscriber with this address, in whatever spelling of its case.
pub fn by_email(db: &mut Db, email: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
    Ok(subscriber::table
        .filter(subscriber::email_key.eq(email.key()))
        .select(subscriber::all_columns)
        .first(db)
        .optional()?)
}

/// Those of these keys of addresses that are on the list.
pub fn known_keys(db: &mut Db, keys: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(subscriber::table
        .filter(subscriber::email_key.eq_any(keys))
        .select(subscriber::email_key)
        .load(db)?)
}

/// Changes what the person tells of themselves.
pub fn set_details(
    db: &mut Db,
    id: SubscriberId,
    email: &str,
    details: &Details,
    now: Timestamp,
) -> Result<(), StoreError> {
    let search_key = key_of(email, details);
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::name.eq(&details.name),
            subscriber::practice.eq(&details.practice),
            subscriber::region.eq(details.region.map(Region::as_str)),
            subscriber::role.eq(details.role.map(Role::as_str)),
            subscriber::mcnz_number.eq(&details.mcnz_number),
            subscriber::search_key.eq(&search_key),
            subscriber::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    words::set(db, id, &search_key)
}

/// Changes the address.
///
/// # Errors
/// [`StoreError::Exists`] when somebody else has it.
pub fn set_email(db: &mut Db, id: SubscriberId, email: &EmailAddress) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::email.eq(email.as_str()),
            subscriber::email_key.eq(email.key()),
        ))
        .execute(db)?;
    Ok(())
}

/// Changes the status; strikes and a pause start anew.
pub fn set_status(
    db: &mut Db,
    id: SubscriberId,
    status: SubscriberStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::status.eq(status.as_str()),
            subscriber::status_reason.eq(reason),
            subscriber::strikes.eq(0),
            subscriber::paused_until.eq(None::<i64>),
            subscriber::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    strikes::clear(db, id)
}

/// Sets or ends a pause.
pub fn set_pause(
    db: &mut Db,
    id: SubscriberId,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::paused_until.eq(until.map(Timestamp::as_millis)),
            subscriber::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Notes that the person was heard of.
pub fn touch(db: &mut Db, id: SubscriberId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set(subscriber::updated_at.eq(now.as_millis()))
        .execute(db)?;
    Ok(())
}

/// Notes beside the address that a mail server has refused it once more: a claim reads it with the row, so that only the
/// acceptances of such addresses have to look for strikes to clear.
pub fn add_strike(db: &mut Db, id: SubscriberId) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set(subscriber::strikes.eq(subscriber::strikes + 1))
        .execute(db)?;
    Ok(())
}

/// Notes that the address works.
pub fn clear_strikes(db: &mut Db, ids: &[SubscriberId]) -> Result<(), StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    diesel::update(
        subscriber::table
            .filter(subscriber::id.eq_any(ids))
            .filter(subscriber::strikes.gt(0)),
    )
    .set(subscriber::strikes.eq(0))
    .execute(db)?;
    Ok(())
}

/// Takes away everything that tells who it was. The row stays, because the ledgers point to it.
pub fn erase(
    db: &mut Db,
    id: SubscriberId,
    email_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::email.eq(""),
            subscriber::email_key.eq(format!("erased:{}:{email_hash}", id.0)),
            subscriber::name.eq(""),
            subscriber::practice.eq(None::<String>),
            subscriber::region.eq(None::<String>),
            subscriber::role.eq(None::<String>),
            subscriber::mcnz_number.eq(None::<String>),
            subscriber::status.eq(SubscriberStatus::Erased.as_str()),
            subscriber::status_reason.eq(None::<String>),
            subscriber::strikes.eq(0),
            subscriber::paused_until.eq(None::<i64>),
            subscriber::source.eq(""),
            subscriber::search_key.eq(""),
            subscriber::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    words::forget(db, id)
}
