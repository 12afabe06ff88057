//! The migrations, embedded in the program.

use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{
    EmbeddedMigrations, HarnessWithOutput, MigrationHarness, embed_migrations,
};

use super::{Db, Store, StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Number of the lock that keeps two starting programs from migrating one PostgreSQL at once.
const MIGRATION_LOCK: i64 = 0x5072_6163_7469_6365;

type Cause = Box<dyn std::error::Error + Send + Sync>;
type Outcome = Result<Vec<String>, Cause>;

/// Brings the database up to this program's schema. Returns the migrations that were run.
///
/// # Errors
/// [`StoreError::Migration`], with the database's words.
pub fn up(store: &Store) -> Result<Vec<String>, StoreError> {
    with_each(store, Direction::Up)
}

/// Takes every migration back, the newest first: everything stored is lost. Used by the test that
/// takes the schema down and up again.
///
/// # Errors
/// [`StoreError::Migration`], with the database's words.
pub fn down(store: &Store) -> Result<Vec<String>, StoreError> {
    with_each(store, Direction::Down)
}

/// How the schema of a database stands to this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Migrations that [`up`] would run.
    pub pending: Vec<String>,
    /// Migrations that were run on it, and that this program does not know: it is newer.
    pub unknown: Vec<String>,
}

/// How the schema of a database stands to this program's. Nothing is migrated.
///
/// # Errors
/// [`StoreError::Unavailable`]; [`StoreError::Migration`], with the database's words.
pub fn status(store: &Store) -> Result<Status, StoreError> {
    let mut db = store.connection()?;
    let status = match &mut **db {
        Db::Sqlite(c) => compare(c, &SQLITE),
        Db::Pg(c) => compare(c, &POSTGRES),
    };
    status.map_err(|e| StoreError::Migration(e.to_string()))
}

fn compare<C, DB>(connection: &mut C, migrations: &EmbeddedMigrations) -> Result<Status, Cause>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let known = MigrationSource::<DB>::migrations(migrations)?;
    let applied = connection.applied_migrations()?;
    let is_applied = |version: MigrationVersion<'_>| applied.contains(&version);
    let is_known = |version: &MigrationVersion<'_>| {
        known
            .iter()
            .any(|migration| migration.name().version() == *version)
    };
    let pending = known
        .iter()
        .filter(|migration| !is_applied(migration.name().version()));
    Ok(Status {
        pending: pending
            .map(|migration| migration.name().to_string())
            .collect(),
        unknown: applied
            .iter()
            .filter(|version| !is_known(version))
            .map(ToString::to_string)
            .collect(),
    })
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

fn with_each(store: &Store, direction: Direction) -> Result<Vec<String>, StoreError> {
    let mut db = store.connection()?;
    let outcome = match &mut **db {
        Db::Sqlite(c) => run(c, SQLITE, direction),
        Db::Pg(c) => {
            use diesel::RunQueryDsl;
            diesel::sql_query(format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
                .execute(c)
                .map_err(StoreError::from)?;
            let outcome = run(c, POSTGRES, direction);
            diesel::sql_query(format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
                .execute(c)
                .map_err(StoreError::from)?;
            outcome
        }
    };
    outcome.map_err(|e| StoreError::Migration(e.to_string()))
}

fn run<C, DB>(connection: &mut C, migrations: EmbeddedMigrations, direction: Direction) -> Outcome
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let unknown = compare(connection, &migrations)?.unknown;
    if let (Direction::Up, Some(newer)) = (direction, unknown.first()) {
        // An older program would write what the newer one's schema no longer means.
        let why = format!(
            "it was migrated by a newer version of the program ({newer}); run that version"
        );
        return Err(why.into());
    }
    let mut harness = HarnessWithOutput::new(connection, std::io::sink());
    let versions = match direction {
        Direction::Up => harness.run_pending_migrations(migrations)?,
        Direction::Down => harness.revert_all_migrations(migrations)?,
    };
    Ok(versions.iter().map(ToString::to_string).collect())
}
