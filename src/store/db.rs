//! The connection: one type over both databases, pooled, and the only two ways to use it.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, RunQueryDsl};
use thiserror::Error;

use super::StoreError;
use super::writer::Writer;

/// A connection to either database. Queries that both dialects of diesel's DSL cover are written
/// once over it; `each!` expands the others once for each.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Expands `$body` for the connection that is there, with `$c` bound to the native one: for what
/// `MultiConnection` does not cover (upserts, batches, row locks).
macro_rules! each {
    ($db:expr, $c:ident => $body:expr) => {
        match $db {
            $crate::store::Db::Pg($c) => $body,
            $crate::store::Db::Sqlite($c) => $body,
        }
    };
}
pub(crate) use each;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by its `postgres://` address.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address of a server holds its password.
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// An address of a database that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it must start with sqlite:// (and a file's path) or postgres://")]
pub struct DatabaseUrlError;

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains(":memory:") {
                return Err(DatabaseUrlError);
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else {
            Err(DatabaseUrlError)
        }
    }
}

/// Opens connections for the pool. The kind is chosen by the address: diesel's own
/// `Db::establish` would try one after the other and make a file named `postgres://…`.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    url: DatabaseUrl,
}

impl Manager {
    pub(super) fn open(&self) -> ConnectionResult<Db> {
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection
                    .batch_execute(
                        // As long as SQLite waits: without a limit a request hangs until whoever
                        // holds the lock lets go.
                        "SET client_min_messages TO warning; SET lock_timeout TO '5s'",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Db::Pg(connection))
            }
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                         PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                         PRAGMA secure_delete = ON;",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Db::Sqlite(connection))
            }
        }
    }
}

/// A connection that was used so recently is not asked whether it still stands: that costs two round trips.
const TESTED_AFTER: Duration = Duration::from_secs(1);

/// A connection in the pool, and when it was given back.
pub(super) struct Kept {
    db: Db,
    used_at: Instant,
}

impl std::ops::Deref for Kept {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl std::ops::DerefMut for Kept {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl ManageConnection for Manager {
    type Connection = Kept;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Kept, Self::Error> {
        let db = self.open().map_err(diesel::r2d2::Error::ConnectionError)?;
        let used_at = Instant::now();
        Ok(Kept { db, used_at })
    }

    fn is_valid(&self, kept: &mut Kept) -> Result<(), Self::Error> {
        if kept.used_at.elapsed() < TESTED_AFTER {
            return Ok(());
        }
        diesel::sql_query("SELECT 1")
            .execute(&mut kept.db)
            .map(|_| ())
            .map_err(diesel::r2d2::Error::QueryError)
    }

    /// Asked when it is given back: one whose transaction could not be ended is gone.
    fn has_broken(&self, kept: &mut Kept) -> bool {
        kept.used_at = Instant::now();
        Transactions::is_broken_transaction_manager(&mut kept.db)
    }
}

/// The database of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    /// SQLite's; PostgreSQL has as many writers as connections.
    writer: Option<Writer>,
    url: DatabaseUrl,
}

impl Store {
    /// Connects. Does not migrate: see [`super::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], with the reason, when no connection can be made.
    pub fn open(url: DatabaseUrl) -> Result<Self, StoreError> {
        let manager = Manager { url: url.clone() };
        // Asked once without the pool, whose own error does not tell the reason.
        let first = manager
            .open()
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        drop(first);
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(Writer::start(manager.clone())?),
            DatabaseUrl::Postgres(_) => None,
        };
        let pool = Pool::builder()
            .max_size(8)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
            .error_handler(Box::new(LogPoolError))
            .build_unchecked(manager);
        Ok(Self { pool, writer, url })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs queries that change nothing.
    ///
    /// # Errors
    /// What `f` returns, and [`StoreError::Unavailable`] when there is no connection.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        let pool = self.pool.clone();
        blocking(move || f(&mut *checkout(&pool)?)).await
    }

    /// Runs a use case's changes as one transaction: all of it is kept, or nothing.
    ///
    /// # Errors
    /// What `f` returns (nothing is kept then), and [`StoreError::Unavailable`] when there is no
    /// connection or the transaction cannot be kept.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        if let Some(writer) = &self.writer {
            return writer.write(f).await;
        }
        let pool = self.pool.clone();
        blocking(move || write(&mut *checkout(&pool)?, f)).await
    }

    /// Brings what SQLite's write-ahead log holds into the database and empties the log: it keeps what
    /// was overwritten. Does nothing on PostgreSQL, and waits for nobody for long.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no connection.
    pub async fn empty_log(&self) -> Result<(), StoreError> {
        self.read(|db| {
            if let Db::Sqlite(c) = db {
                c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
            }
            Ok(())
        })
        .await
    }

    /// A connection for work that is not a use case: migrations, backup.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no connection.
    pub(super) fn connection(
        &self,
    ) -> Result<impl std::ops::DerefMut<Target = Kept> + use<>, StoreError> {
        checkout(&self.pool)
    }
}

type Pooled = diesel::r2d2::PooledConnection<Manager>;

fn checkout(pool: &Pool<Manager>) -> Result<Pooled, StoreError> {
    pool.get()
        .map_err(|e| StoreError::Unavailable(e.to_string()))
}

async fn blocking<T, E, F>(f: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    match tokio::task::spawn_blocking(f).await {
        Ok(result) => result,
        Err(join) if join.is_panic() => std::panic::resume_unwind(join.into_panic()),
        Err(_) => Err(StoreError::Unavailable("the program is ending".to_owned()).into()),
    }
}

/// Runs `f` in a transaction.
fn write<T, E>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E>
where
    E: From<StoreError>,
{
    Transactions::begin_transaction(db).map_err(StoreError::from)?;
    match f(db) {
        Ok(value) => {
            Transactions::commit_transaction(db).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            if let Err(rollback) = Transactions::rollback_transaction(db) {
                tracing::warn!(error = %rollback, "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}

pub(super) type Transactions = <Db as Connection>::TransactionManager;

#[derive(Debug)]
struct LogPoolError;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogPoolError {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "no connection to the database");
    }
}
