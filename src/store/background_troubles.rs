//! Work in the background that went wrong the last time it was tried.

use diesel::prelude::*;

use super::schema::background_trouble;
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::background_job::BackgroundJob;

/// What went wrong.
#[derive(Debug, Clone, Queryable)]
pub struct BackgroundTrouble {
    /// With what.
    pub job: BackgroundJob,
    /// With which of them; 0 where there is one.
    pub job_id: i64,
    /// Since when.
    pub since: Timestamp,
    /// In the words of whatever failed.
    pub words: String,
}

/// Notes that a job went wrong; since when it does stays.
pub fn note(
    db: &mut Db,
    job: BackgroundJob,
    id: i64,
    words: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = (
        background_trouble::job.eq(job.as_str()),
        background_trouble::job_id.eq(id),
        background_trouble::since.eq(now.as_millis()),
        background_trouble::words.eq(words),
    );
    let is_new = each!(db, c => diesel::insert_into(background_trouble::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if is_new == 0 {
        diesel::update(background_trouble::table.find((job.as_str(), id)))
            .set(background_trouble::words.eq(words))
            .execute(db)?;
    }
    Ok(())
}

/// Notes that a job gets on.
pub fn clear(db: &mut Db, job: BackgroundJob, id: i64) -> Result<(), StoreError> {
    diesel::delete(background_trouble::table.find((job.as_str(), id))).execute(db)?;
    Ok(())
}

/// All that is in trouble, the longest first.
pub fn all(db: &mut Db) -> Result<Vec<BackgroundTrouble>, StoreError> {
    Ok(background_trouble::table
        .order((
            background_trouble::since.asc(),
            background_trouble::job_id.asc(),
        ))
        .select(background_trouble::all_columns)
        .load(db)?)
}
