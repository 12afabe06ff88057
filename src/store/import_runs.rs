//! Files of subscribers that were checked, and perhaps taken over.

mod forget;

pub use forget::{drop_stale_files, forget_address};

use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable};

use super::schema::import_run;
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::staff_member::StaffId;

/// A file that was checked or taken over.
#[derive(Debug, Clone, Queryable)]
pub struct ImportRun {
    /// Key.
    pub id: i64,
    /// Who brought it; none for the command line.
    pub staff_id: Option<StaffId>,
    /// When it was brought.
    pub created_at: Timestamp,
    /// When it was taken over; none if it was only checked.
    pub finished_at: Option<Timestamp>,
    /// Its name.
    pub file_name: String,
    /// Where the people in it come from.
    pub source: String,
    /// Basis of consent, with the evidence that was stated.
    pub basis: String,
    /// Slugs of the topics, separated by commas.
    pub topics: String,
    /// Whether the people are told (Privacy Act 2020, IPP 3A).
    pub notify: bool,
    /// The file, until it is taken over or given up.
    pub content: Option<Vec<u8>>,
    /// How many are new.
    pub added: i32,
    /// How many were on the list.
    pub unchanged: i32,
    /// How many lines were refused.
    pub refused: i32,
    /// The refused lines as JSON: `[[line, reason], …]`.
    pub refused_lines: String,
    /// What its columns are, as JSON; none for one of an older version.
    pub mapping: Option<String>,
    /// When it was begun to be taken over.
    pub started_at: Option<Timestamp>,
    /// How many lines with people it has.
    pub line_count: i64,
    /// How many of them are taken over.
    pub lines_done: i64,
}

/// An import to be noted.
#[derive(Debug, Clone)]
pub struct NewImportRun<'a> {
    /// Who brings it.
    pub staff: Option<StaffId>,
    /// The file's name.
    pub file_name: &'a str,
    /// Where the people in it come from.
    pub source: &'a str,
    /// Basis of consent, with the evidence that was stated.
    pub basis: &'a str,
    /// Slugs of the topics, separated by commas.
    pub topics: &'a str,
    /// Whether the people are told.
    pub notify: bool,
    /// The file, if it is to be taken over later.
    pub content: Option<&'a [u8]>,
    /// What its columns are, as JSON.
    pub mapping: Option<&'a str>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// How many are new.
    pub added: i32,
    /// How many were on the list.
    pub unchanged: i32,
    /// How many lines were refused.
    pub refused: i32,
}

impl Counts {
    /// How many lines that are.
    pub fn lines(&self) -> i64 {
        [self.added, self.unchanged, self.refused]
            .map(i64::from)
            .iter()
            .sum()
    }
}

/// Notes an import. Returns its key.
pub fn insert(
    db: &mut Db,
    run: &NewImportRun<'_>,
    counts: Counts,
    refused_lines: &str,
    now: Timestamp,
    finished_at: Option<Timestamp>,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(import_run::table)
        .values((
            import_run::staff_id.eq(run.staff.map(|id| id.0)),
            import_run::created_at.eq(now.as_millis()),
            import_run::finished_at.eq(finished_at.map(Timestamp::as_millis)),
            import_run::file_name.eq(run.file_name),
            import_run::source.eq(run.source),
            import_run::basis.eq(run.basis),
            import_run::topics.eq(run.topics),
            import_run::notify.eq(run.notify),
            import_run::content.eq(run.content),
            import_run::added.eq(counts.added),
            import_run::unchanged.eq(counts.unchanged),
            import_run::refused.eq(counts.refused),
            import_run::refused_lines.eq(refused_lines),
            import_run::mapping.eq(run.mapping),
            import_run::started_at.eq(finished_at.map(Timestamp::as_millis)),
            import_run::line_count.eq(counts.lines()),
            import_run::lines_done.eq(0_i64),
        ))
        .returning(import_run::id)
        .get_result(db)?)
}

/// The import with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: i64) -> Result<ImportRun, StoreError> {
    Ok(import_run::table
        .find(id)
        .select(import_run::all_columns)
        .first(db)?)
}

/// Where the people of files that were taken over come from, the newest file first.
pub fn sources(db: &mut Db, limit: i64) -> Result<Vec<String>, StoreError> {
    let mut sources: Vec<String> = import_run::table
        .filter(import_run::finished_at.is_not_null())
        .select(import_run::source)
        .order(import_run::id.desc())
        .limit(limit)
        .load(db)?;
    let mut seen = std::collections::HashSet::new();
    sources.retain(|source| seen.insert(source.clone()));
    Ok(sources)
}

/// The import with this key, without its file, which may be large.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn without_file(db: &mut Db, id: i64) -> Result<ImportRun, StoreError> {
    let no_file = diesel::dsl::sql::<Nullable<Binary>>("NULL");
    Ok(import_run::table
        .find(id)
        .select((
            import_run::id,
            import_run::staff_id,
            import_run::created_at,
            import_run::finished_at,
            import_run::file_name,
            import_run::source,
            import_run::basis,
            import_run::topics,
            import_run::notify,
            no_file,
            import_run::added,
            import_run::unchanged,
            import_run::refused,
            import_run::refused_lines,
            import_run::mapping,
            import_run::started_at,
            import_run::line_count,
            import_run::lines_done,
        ))
        .first(db)?)
}

/// Notes that the columns of a file that was not taken over are others, and what it would do then. Returns whether it was
/// waiting.
pub fn set_mapping(
    db: &mut Db,
    id: i64,
    mapping: &str,
    counts: Counts,
    refused_lines: &str,
) -> Result<bool, StoreError> {
    let done = diesel::update(
        import_run::table
            .find(id)
            .filter(import_run::started_at.is_null()),
    )
    .set((
        import_run::mapping.eq(mapping),
        import_run::added.eq(counts.added),
        import_run::unchanged.eq(counts.unchanged),
        import_run::refused.eq(counts.refused),
        import_run::refused_lines.eq(refused_lines),
        import_run::line_count.eq(counts.lines()),
    ))
    .execute(db)?;
    Ok(done == 1)
}

/// Begins to take a checked file over. Returns whether it was waiting: of two clicks at once, one wins.
pub fn start(db: &mut Db, id: i64, by: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    let waiting = import_run::table
        .find(id)
        .filter(import_run::started_at.is_null())
        .filter(import_run::finished_at.is_null())
        .filter(import_run::content.is_not_null());
    let started = diesel::update(waiting)
        .set((
            import_run::staff_id.eq(by.0),
            import_run::started_at.eq(now.as_millis()),
            import_run::added.eq(0),
            import_run::unchanged.eq(0),
            import_run::refused.eq(0),
            import_run::refused_lines.eq("[]"),
            import_run::lines_done.eq(0_i64),
        ))
        .execute(db)?;
    Ok(started == 1)
}

/// How many lines are taken over of a file that is being taken over; none once it is done. The same for whoever else is at
/// work on it: a piece belongs to who finds this number where they left it.
pub fn lines_done(db: &mut Db, id: i64) -> Result<Option<i64>, StoreError> {
    Ok(import_run::table
        .find(id)
        .filter(import_run::started_at.is_not_null())
        .filter(import_run::finished_at.is_null())
        .select(import_run::lines_done)
        .first(db)
        .optional()?)
}

/// Notes what is taken over so far; with `finished_at` it is all, and the file is let go of.
pub fn advance(
    db: &mut Db,
    id: i64,
    lines_done: i64,
    counts: Counts,
    refused_lines: Option<&str>,
    finished_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    diesel::update(import_run::table.find(id))
        .set((
            import_run::lines_done.eq(lines_done),
            import_run::added.eq(counts.added),
            import_run::unchanged.eq(counts.unchanged),
            import_run::refused.eq(counts.refused),
        ))
        .execute(db)?;
    if let Some(refused_lines) = refused_lines {
        diesel::update(import_run::table.find(id))
            .set(import_run::refused_lines.eq(refused_lines))
            .execute(db)?;
    }
    if let Some(finished_at) = finished_at {
        diesel::update(import_run::table.find(id))
            .set((
                import_run::finished_at.eq(finished_at.as_millis()),
                import_run::content.eq(None::<Vec<u8>>),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// Those that were begun and are not done: the program ended meanwhile.
pub fn unfinished(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    Ok(import_run::table
        .filter(import_run::started_at.is_not_null())
        .filter(import_run::finished_at.is_null())
        .select(import_run::id)
        .order(import_run::id.asc())
        .load(db)?)
}

/// A file that was brought lately.
#[derive(Debug, Clone, Queryable)]
pub struct Recent {
    /// Key.
    pub id: i64,
    /// When it was brought.
    pub created_at: Timestamp,
    /// When it was begun to be taken over.
    pub started_at: Option<Timestamp>,
    /// When that was done.
    pub finished_at: Option<Timestamp>,
    /// Its name.
    pub file_name: String,
}

/// The files that were brought lately, the newest first.
pub fn recent(db: &mut Db, limit: i64) -> Result<Vec<Recent>, StoreError> {
    Ok(import_run::table
        .select((
            import_run::id,
            import_run::created_at,
            import_run::started_at,
            import_run::finished_at,
            import_run::file_name,
        ))
        .order(import_run::id.desc())
        .limit(limit)
        .load(db)?)
}

/// Waits until no other import is writing: two files with the same people in another order would
/// otherwise wait for each other. On SQLite every transaction that writes has its turn anyway.
pub fn take_turn(db: &mut Db) -> Result<(), StoreError> {
    /// Names this lock among PostgreSQL's advisory locks of this database.
    const IMPORT: i64 = 1;
    if let Db::Pg(c) = db {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(IMPORT)
            .execute(c)?;
    }
    Ok(())
}
