//! What can go wrong with the database, told apart by what the caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// A failure of the database.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached, is locked for too long, or is full: the same call may do later.
    #[error("the database cannot be used just now: {0}")]
    Unavailable(String),
    /// A value that must be unique exists already.
    #[error("the value exists already")]
    Exists,
    /// There is no such row.
    #[error("there is no such record")]
    NotFound,
    /// A migration failed, or the database is newer than the program.
    #[error("the database cannot be migrated: {0}")]
    Migration(String),
    /// Anything else.
    #[error("the database refused the request")]
    Other(#[source] DieselError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Exists,
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            DieselError::DatabaseError(_, ref info) if is_passing(info.message()) => {
                Self::Unavailable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection broke within a transaction".to_owned())
            }
            other => Self::Other(other),
        }
    }
}

/// SQLite's and PostgreSQL's words for trouble that passes (both report it as an unknown kind).
fn is_passing(message: &str) -> bool {
    const PASSING: [&str; 14] = [
        "database is locked",
        "database table is locked",
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
        "attempt to write a readonly database",
        "No space left on device",
        "lock timeout",
        "deadlock detected",
        "terminating connection",
        "server closed the connection",
        "connection to server",
        "no connection to the server",
        "the database system is",
    ];
    PASSING.iter().any(|words| message.contains(words))
}
