//! What was typed in the sign-up form, until it is confirmed.

use diesel::prelude::*;

use super::schema::signup_request;
use super::subscribers::Details;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::subscriber::{Region, Role, SubscriberId};
use crate::domain::symposium::SymposiumId;

/// A sign-up that waits for its confirmation, or had it.
#[derive(Debug, Clone, Queryable)]
pub struct SignupRequest {
    /// Key; the confirmation link carries it.
    pub id: i64,
    /// Whose address was typed.
    pub subscriber_id: SubscriberId,
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
    /// Slugs of the topics, separated by commas.
    pub topics: String,
    /// The wording that was agreed to.
    pub wording_version: String,
    /// When the form was sent.
    pub created_at: Timestamp,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// When it was confirmed, or ended because a newer one was.
    pub used_at: Option<Timestamp>,
    /// The event to which they want to come.
    pub symposium_id: Option<SymposiumId>,
}

impl SignupRequest {
    /// What the person told of themselves.
    pub fn details(&self) -> Details {
        Details {
            name: self.name.clone(),
            practice: self.practice.clone(),
            region: self.region,
            role: self.role,
            mcnz_number: self.mcnz_number.clone(),
        }
    }

    /// Slugs of the chosen topics.
    pub fn topic_slugs(&self) -> impl Iterator<Item = &str> {
        self.topics.split(',').filter(|slug| !slug.is_empty())
    }
}

/// What was typed in the form.
#[derive(Debug)]
pub struct NewSignup<'a> {
    /// Whose address was typed.
    pub subscriber: SubscriberId,
    /// What they tell of themselves.
    pub details: &'a Details,
    /// Slugs of the topics, separated by commas.
    pub topics: &'a str,
    /// The event to which they want to come.
    pub symposium: Option<SymposiumId>,
    /// The wording that was agreed to.
    pub wording_version: &'a str,
}

/// Notes a sign-up, whose link stops working at `expires_at`. Returns its key.
pub fn insert(
    db: &mut Db,
    signup: &NewSignup<'_>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<i64, StoreError> {
    let details = signup.details;
    Ok(diesel::insert_into(signup_request::table)
        .values((
            signup_request::subscriber_id.eq(signup.subscriber.0),
            signup_request::name.eq(&details.name),
            signup_request::practice.eq(&details.practice),
            signup_request::region.eq(details.region.map(Region::as_str)),
            signup_request::role.eq(details.role.map(Role::as_str)),
            signup_request::mcnz_number.eq(&details.mcnz_number),
            signup_request::topics.eq(signup.topics),
            signup_request::wording_version.eq(signup.wording_version),
            signup_request::symposium_id.eq(signup.symposium.map(|id| id.0)),
            signup_request::created_at.eq(now.as_millis()),
            signup_request::expires_at.eq(expires_at.as_millis()),
        ))
        .returning(signup_request::id)
        .get_result(db)?)
}

/// The sign-up with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: i64) -> Result<SignupRequest, StoreError> {
    Ok(signup_request::table
        .find(id)
        .select(signup_request::all_columns)
        .first(db)?)
}

/// Uses up a sign-up. Returns whether it was still unused: of two clicks at once, one wins.
pub fn use_up(db: &mut Db, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let used = diesel::update(
        signup_request::table
            .find(id)
            .filter(signup_request::used_at.is_null()),
    )
    .set(signup_request::used_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(used == 1)
}

/// Ends the sign-ups of a person that are older than this one, or, without one, all of them: they chose anew since.
pub fn end_older(
    db: &mut Db,
    subscriber: SubscriberId,
    than: Option<i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(
        signup_request::table
            .filter(signup_request::subscriber_id.eq(subscriber.0))
            .filter(signup_request::id.lt(than.unwrap_or(i64::MAX)))
            .filter(signup_request::used_at.is_null()),
    )
    .set(signup_request::used_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(())
}

/// Takes away what a person typed: when they are erased, and when a sign-up was never confirmed.
pub fn delete_of(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    diesel::delete(signup_request::table.filter(signup_request::subscriber_id.eq(subscriber.0)))
        .execute(db)?;
    Ok(())
}

/// Takes away what was typed in sign-ups whose links stopped working before then, confirmed or not:
/// what was agreed to stands in the consent ledger.
pub fn delete_expired_before(db: &mut Db, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        signup_request::table.filter(signup_request::expires_at.lt(before.as_millis())),
    )
    .execute(db)?)
}
