//! Symposia: their texts, times and states.

use diesel::prelude::*;

use super::schema::symposium;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;
use crate::domain::symposium::{Doors, SymposiumId, SymposiumState};

/// A symposium, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Symposium {
    /// Key.
    pub id: SymposiumId,
    /// Name in addresses; it never changes.
    pub slug: String,
    /// Title.
    pub title: String,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// An item a line.
    pub programme: String,
    /// A person a line.
    pub speakers: String,
    /// Where.
    pub place: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Minutes of learning.
    pub cpd_minutes: i32,
    /// How many may come; none: as many as like.
    pub capacity: Option<i32>,
    /// Until when places can be asked for.
    pub registration_closes_at: Timestamp,
    /// Whether people are asked what they do not eat.
    pub asks_dietary: bool,
    /// Whether people are asked what helps them to take part.
    pub asks_access: bool,
    /// Where it is on its way.
    pub state: SymposiumState,
    /// Counts what calendars have to know of.
    pub sequence: i32,
    /// Counts the saved texts.
    pub version: i32,
    /// Who began it.
    pub created_by: StaffId,
    /// Who saved it last.
    pub updated_by: StaffId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
}

impl Symposium {
    /// What decides whether somebody may ask for a place.
    pub fn doors(&self) -> Doors {
        Doors {
            state: self.state,
            starts_at: self.starts_at,
            closes_at: self.registration_closes_at,
        }
    }

    /// What its editors choose.
    pub fn text(&self) -> SymposiumText {
        SymposiumText {
            title: self.title.clone(),
            summary: self.summary.clone(),
            programme: self.programme.clone(),
            speakers: self.speakers.clone(),
            place: self.place.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            cpd_minutes: self.cpd_minutes,
            capacity: self.capacity,
            registration_closes_at: self.registration_closes_at,
            asks_dietary: self.asks_dietary,
            asks_access: self.asks_access,
        }
    }
}

/// What its editors choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymposiumText {
    /// Title.
    pub title: String,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// An item a line.
    pub programme: String,
    /// A person a line.
    pub speakers: String,
    /// Where.
    pub place: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Minutes of learning.
    pub cpd_minutes: i32,
    /// How many may come; none: as many as like.
    pub capacity: Option<i32>,
    /// Until when places can be asked for.
    pub registration_closes_at: Timestamp,
    /// Whether people are asked what they do not eat.
    pub asks_dietary: bool,
    /// Whether people are asked what helps them to take part.
    pub asks_access: bool,
}

#[diesel::dsl::auto_type]
fn values<'a>(text: &'a SymposiumText) -> _ {
    let title: &'a str = &text.title;
    let summary: &'a str = &text.summary;
    let programme: &'a str = &text.programme;
    let speakers: &'a str = &text.speakers;
    let place: &'a str = &text.place;
    let starts_at: i64 = text.starts_at.as_millis();
    let ends_at: i64 = text.ends_at.as_millis();
    let closes_at: i64 = text.registration_closes_at.as_millis();
    let cpd_minutes: i32 = text.cpd_minutes;
    let capacity: Option<i32> = text.capacity;
    let asks_dietary: bool = text.asks_dietary;
    let asks_access: bool = text.asks_access;
    (
        symposium::title.eq(title),
        symposium::summary.eq(summary),
        symposium::programme.eq(programme),
        symposium::speakers.eq(speakers),
        symposium::place.eq(place),
        symposium::starts_at.eq(starts_at),
        symposium::ends_at.eq(ends_at),
        symposium::cpd_minutes.eq(cpd_minutes),
        symposium::capacity.eq(capacity),
        symposium::registration_closes_at.eq(closes_at),
        symposium::asks_dietary.eq(asks_dietary),
        symposium::asks_access.eq(asks_access),
    )
}

/// Adds a symposium as a draft. Returns its key.
///
/// # Errors
/// [`StoreError::Exists`] when the slug is taken.
pub fn insert(
    db: &mut Db,
    slug: &str,
    text: &SymposiumText,
    by: StaffId,
    now: Timestamp,
) -> Result<SymposiumId, StoreError> {
    let id = diesel::insert_into(symposium::table)
        .values((
            values(text),
            symposium::slug.eq(slug),
            symposium::state.eq(SymposiumState::Draft.as_str()),
            symposium::sequence.eq(0),
            symposium::version.eq(1),
            symposium::created_by.eq(by.0),
            symposium::updated_by.eq(by.0),
            symposium::created_at.eq(now.as_millis()),
            symposium::updated_at.eq(now.as_millis()),
        ))
        .returning(symposium::id)
        .get_result::<i64>(db)?;
    Ok(SymposiumId(id))
}

/// Saves a text over version `over`. Returns whether that was the newest.
pub fn update(
    db: &mut Db,
    id: SymposiumId,
    over: i32,
    text: &SymposiumText,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let saved = diesel::update(
        symposium::table
            .find(id.0)
            .filter(symposium::version.eq(over)),
    )
    .set((
        values(text),
        symposium::version.eq(over + 1),
        symposium::updated_by.eq(by.0),
        symposium::updated_at.eq(now.as_millis()),
    ))
    .execute(db)?;
    Ok(saved == 1)
}

/// Notes a change that calendars have to know of.
pub fn raise_sequence(db: &mut Db, id: SymposiumId) -> Result<(), StoreError> {
    diesel::update(symposium::table.find(id.0))
        .set(symposium::sequence.eq(symposium::sequence + 1))
        .execute(db)?;
    Ok(())
}

/// Puts a draft on the site. Returns whether it was one.
pub fn publish(db: &mut Db, id: SymposiumId, now: Timestamp) -> Result<bool, StoreError> {
    let draft = symposium::table
        .find(id.0)
        .filter(symposium::state.eq(SymposiumState::Draft.as_str()));
    let published = diesel::update(draft)
        .set((
            symposium::state.eq(SymposiumState::Published.as_str()),
            symposium::published_at.eq(now.as_millis()),
            symposium::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(published == 1)
}

/// Calls a published symposium off. Returns whether it was one.
pub fn cancel(db: &mut Db, id: SymposiumId, now: Timestamp) -> Result<bool, StoreError> {
    let published = symposium::table
        .find(id.0)
        .filter(symposium::state.eq(SymposiumState::Published.as_str()));
    let cancelled = diesel::update(published)
        .set((
            symposium::state.eq(SymposiumState::Cancelled.as_str()),
            symposium::sequence.eq(symposium::sequence + 1),
            symposium::cancelled_at.eq(now.as_millis()),
            symposium::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(cancelled == 1)
}

/// Waits until nobody else is giving places away at this symposium, and has others wait until the transaction ends: how
/// many are free then holds. On SQLite every transaction that writes has its turn anyway.
pub fn take_turn(db: &mut Db, id: SymposiumId) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        symposium::table
            .find(id.0)
            .select(symposium::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// The symposium with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: SymposiumId) -> Result<Symposium, StoreError> {
    Ok(symposium::table
        .find(id.0)
        .select(symposium::all_columns)
        .first(db)?)
}

/// The symposium with this slug that is or was on the site.
///
/// # Errors
/// [`StoreError::NotFound`], for a draft too.
pub fn on_site_by_slug(db: &mut Db, slug: &str) -> Result<Symposium, StoreError> {
    Ok(symposium::table
        .filter(symposium::slug.eq(slug))
        .filter(symposium::published_at.is_not_null())
        .select(symposium::all_columns)
        .first(db)?)
}

/// Slugs that begin with `base`, to find a free one.
pub fn slugs_like(db: &mut Db, base: &str) -> Result<Vec<String>, StoreError> {
    Ok(symposium::table
        .filter(symposium::slug.like(format!("{base}%")))
        .select(symposium::slug)
        .load(db)?)
}

/// All symposia, drafts included, the latest first.
pub fn all(db: &mut Db, limit: i64) -> Result<Vec<Symposium>, StoreError> {
    Ok(symposium::table
        .select(symposium::all_columns)
        .order((symposium::starts_at.desc(), symposium::id.desc()))
        .limit(limit)
        .load(db)?)
}

/// Those on the site that are not over, the next one first.
pub fn coming(db: &mut Db, now: Timestamp, limit: i64) -> Result<Vec<Symposium>, StoreError> {
    Ok(symposium::table
        .filter(symposium::published_at.is_not_null())
        .filter(symposium::ends_at.gt(now.as_millis()))
        .select(symposium::all_columns)
        .order((symposium::starts_at.asc(), symposium::id.asc()))
        .limit(limit)
        .load(db)?)
}

/// Keys, titles and beginnings of the symposia that have begun, the newest first.
pub fn titles_of_begun(
    db: &mut Db,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(SymposiumId, String, Timestamp)>, StoreError> {
    Ok(symposium::table
        .filter(symposium::starts_at.le(now.as_millis()))
        .select((symposium::id, symposium::title, symposium::starts_at))
        .order(symposium::starts_at.desc())
        .limit(limit)
        .load(db)?)
}

/// Those on the site that are over, the last one first.
pub fn past(db: &mut Db, now: Timestamp, limit: i64) -> Result<Vec<Symposium>, StoreError> {
    Ok(symposium::table
        .filter(symposium::published_at.is_not_null())
        .filter(symposium::ends_at.le(now.as_millis()))
        .select(symposium::all_columns)
        .order((symposium::starts_at.desc(), symposium::id.desc()))
        .limit(limit)
        .load(db)?)
}

/// Those that are or were on the site, the last published first.
pub fn on_site(db: &mut Db, limit: i64) -> Result<Vec<Symposium>, StoreError> {
    Ok(symposium::table
        .filter(symposium::published_at.is_not_null())
        .select(symposium::all_columns)
        .order(symposium::published_at.desc())
        .limit(limit)
        .load(db)?)
}
