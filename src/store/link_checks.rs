//! Whether the addresses in bulletins answer, as it was found last.

use diesel::prelude::*;

use super::schema::link_check;
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::readiness::LinkOutcome;

/// An address, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct LinkCheck {
    /// The address.
    pub url: String,
    /// Since when a look at it is wanted.
    pub wanted_at: Timestamp,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// What was found then.
    pub outcome: Option<LinkOutcome>,
    /// The same in words.
    pub detail: Option<String>,
}

/// What was found of these addresses, in no order; nothing of those that were never wanted.
pub fn of(db: &mut Db, urls: &[String]) -> Result<Vec<LinkCheck>, StoreError> {
    let mut found = Vec::new();
    // SQLite takes so many values in a statement, and more.
    for piece in urls.chunks(500) {
        let rows: Vec<LinkCheck> = link_check::table
            .filter(link_check::url.eq_any(piece))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Asks for a look at these addresses, where the last one was before `older_than`.
pub fn want(
    db: &mut Db,
    urls: &[String],
    older_than: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    for url in urls {
        let values = (
            link_check::url.eq(url),
            link_check::wanted_at.eq(now.as_millis()),
        );
        let is_new = each!(db, c => diesel::insert_into(link_check::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(c))?;
        if is_new == 0 {
            let old = link_check::table
                .find(url)
                .filter(link_check::checked_at.lt(older_than.as_millis()));
            diesel::update(old)
                .set(link_check::wanted_at.eq(now.as_millis()))
                .execute(db)?;
        }
    }
    Ok(())
}

/// Some of the addresses at which a look is wanted, the oldest wish first.
pub fn waiting(db: &mut Db, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(link_check::table
        .filter(
            link_check::checked_at.is_null().or(link_check::checked_at
                .lt(link_check::wanted_at.nullable())
                .assume_not_null()),
        )
        .order((link_check::wanted_at.asc(), link_check::url.asc()))
        .limit(limit)
        .select(link_check::url)
        .load(db)?)
}

/// How many looks have been wanted since before then, and nobody has taken them.
pub fn count_waiting_since(db: &mut Db, before: Timestamp) -> Result<i64, StoreError> {
    Ok(link_check::table
        .filter(
            link_check::checked_at.is_null().or(link_check::checked_at
                .lt(link_check::wanted_at.nullable())
                .assume_not_null()),
        )
        .filter(link_check::wanted_at.lt(before.as_millis()))
        .count()
        .get_result(db)?)
}

/// Notes what was found.
pub fn found(
    db: &mut Db,
    url: &str,
    outcome: LinkOutcome,
    detail: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(link_check::table.find(url))
        .set((
            link_check::checked_at.eq(now.as_millis()),
            link_check::outcome.eq(outcome.as_str()),
            link_check::detail.eq(detail),
        ))
        .execute(db)?;
    Ok(())
}

/// Lets go of addresses that nobody wanted to know about since then.
pub fn forget_before(db: &mut Db, before: Timestamp) -> Result<(), StoreError> {
    let old = link_check::table.filter(link_check::wanted_at.lt(before.as_millis()));
    diesel::delete(old).execute(db)?;
    Ok(())
}
