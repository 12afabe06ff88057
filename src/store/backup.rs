//! A copy of a SQLite database. PostgreSQL has its own tools for this.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::StoreError;

/// Copies the database as it is at one moment into the file `to`, which must be empty or absent.
/// Others go on reading and writing meanwhile.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be opened; [`StoreError::Other`] with
/// SQLite's words.
pub fn copy(from: &Path, to: &str) -> Result<(), StoreError> {
    let mut connection = open(&from.to_string_lossy())?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(to)
        .execute(&mut connection)?;
    Ok(())
}

/// Reads a copy from end to end.
///
/// # Errors
/// [`StoreError::Unavailable`] with what SQLite finds wrong.
pub fn check(file: &str) -> Result<(), StoreError> {
    let findings: Vec<Finding> =
        diesel::sql_query("PRAGMA integrity_check").load(&mut open(file)?)?;
    match findings
        .iter()
        .map(|finding| finding.integrity_check.as_str())
        .find(|words| *words != "ok")
    {
        None => Ok(()),
        Some(words) => Err(StoreError::Unavailable(format!(
            "the copy is not whole: {words}"
        ))),
    }
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

fn open(file: &str) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(file)
        .map_err(|error| StoreError::Unavailable(format!("{file}: {error}")))?;
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(connection)
}
