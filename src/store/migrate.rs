//! The migrations, embedded in the program.

use diesel_migrations::{
    EmbeddedMigrations, HarnessWithOutput, MigrationHarness, embed_migrations,
};

use super::{Db, Store, StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Number of the lock that keeps two starting programs from migrating one PostgreSQL at once.
const MIGRATION_LOCK: i64 = 0x5072_6163_7469_6365;

type Outcome = Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>>;

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

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

fn with_each(store: &Store, direction: Direction) -> Result<Vec<String>, StoreError> {
    let mut db = store.connection()?;
    let outcome = match &mut *db {
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
    let mut harness = HarnessWithOutput::new(connection, std::io::sink());
    let versions = match direction {
        Direction::Up => harness.run_pending_migrations(migrations)?,
        Direction::Down => harness.revert_all_migrations(migrations)?,
    };
    Ok(versions.iter().map(ToString::to_string).collect())
}
