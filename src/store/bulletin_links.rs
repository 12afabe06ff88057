//! The links of bulletins that go by a short address of ours, and how often they were followed: numbers by day, and
//! nothing of who did.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::schema::{bulletin_link, bulletin_link_day};
use super::{Db, StoreError, each};
use crate::domain::bulletin::BulletinId;
use crate::domain::bulletin_link::LinkId;
use crate::domain::local_time::CalendarDate;

/// A link, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct BulletinLink {
    /// Key.
    pub id: LinkId,
    /// The end of its short address.
    pub code: String,
    /// Where it leads.
    pub url: String,
    /// The words that are linked.
    pub label: String,
}

type Columns = (
    bulletin_link::id,
    bulletin_link::code,
    bulletin_link::url,
    bulletin_link::label,
);
const COLUMNS: Columns = (
    bulletin_link::id,
    bulletin_link::code,
    bulletin_link::url,
    bulletin_link::label,
);

/// Gives a link of a bulletin its code.
///
/// # Errors
/// [`StoreError::Exists`] when the code or the link has been given.
pub fn insert(
    db: &mut Db,
    bulletin: BulletinId,
    position: i32,
    code: &str,
    url: &str,
    label: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(bulletin_link::table)
        .values((
            bulletin_link::bulletin_id.eq(bulletin.0),
            bulletin_link::code.eq(code),
            bulletin_link::url.eq(url),
            bulletin_link::label.eq(label),
            bulletin_link::position.eq(position),
        ))
        .execute(db)?;
    Ok(())
}

/// The links of a bulletin, in their order.
pub fn of(db: &mut Db, bulletin: BulletinId) -> Result<Vec<BulletinLink>, StoreError> {
    Ok(bulletin_link::table
        .filter(bulletin_link::bulletin_id.eq(bulletin.0))
        .order(bulletin_link::position.asc())
        .select(COLUMNS)
        .load(db)?)
}

/// The link with this code, if there is one.
pub fn by_code(db: &mut Db, code: &str) -> Result<Option<BulletinLink>, StoreError> {
    Ok(bulletin_link::table
        .filter(bulletin_link::code.eq(code))
        .select(COLUMNS)
        .first(db)
        .optional()?)
}

/// Adds to the numbers of links on days.
pub fn add(
    db: &mut Db,
    counted: impl IntoIterator<Item = (LinkId, CalendarDate, i64)>,
) -> Result<(), StoreError> {
    for (link, day, count) in counted {
        let values = (
            bulletin_link_day::link_id.eq(link.0),
            bulletin_link_day::day.eq(day.iso()),
            bulletin_link_day::count.eq(count),
        );
        each!(db, c => diesel::insert_into(bulletin_link_day::table)
            .values(values)
            .on_conflict((bulletin_link_day::link_id, bulletin_link_day::day))
            .do_update()
            .set(bulletin_link_day::count.eq(bulletin_link_day::count + excluded(bulletin_link_day::count)))
            .execute(c))?;
    }
    Ok(())
}

/// How often the links of a bulletin were followed, by link and day, in the order of the days.
pub fn counts(
    db: &mut Db,
    bulletin: BulletinId,
) -> Result<Vec<(LinkId, CalendarDate, i64)>, StoreError> {
    Ok(bulletin_link_day::table
        .inner_join(bulletin_link::table)
        .filter(bulletin_link::bulletin_id.eq(bulletin.0))
        .order((
            bulletin_link_day::day.asc(),
            bulletin_link_day::link_id.asc(),
        ))
        .select((
            bulletin_link_day::link_id,
            bulletin_link_day::day,
            bulletin_link_day::count,
        ))
        .load(db)?)
}
