//! Whoever keeps the machine takes a copy of the database, while everything runs.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use url::Url;

use crate::store::DatabaseUrl;
use crate::store::backup::{check, copy};

use super::AppError;

/// Copies a SQLite database as it is at one moment into a new file, for its user only, and checks
/// the copy. Returns its size in bytes. Nobody has to wait meanwhile.
///
/// # Errors
/// [`AppError::Refused`] when there is no such database, when the file is there already or cannot be
/// written, and for PostgreSQL, with the command that does it there; [`AppError::Store`].
pub async fn backup(database: &DatabaseUrl, to: &Path) -> Result<u64, AppError> {
    let from = match database {
        DatabaseUrl::Sqlite(file) => file.clone(),
        DatabaseUrl::Postgres(url) => return Err(AppError::Refused(use_pg_dump(url, to))),
    };
    let to = to.to_owned();
    tokio::task::spawn_blocking(move || into_new_file(&from, &to))
        .await
        .map_err(AppError::internal)?
}

fn into_new_file(from: &Path, to: &Path) -> Result<u64, AppError> {
    let shown = to.display();
    let cannot =
        |error: std::io::Error| AppError::Refused(format!("{shown} cannot be written: {error}"));
    if !from.is_file() {
        return Err(AppError::Refused(format!(
            "there is no database at {}",
            from.display()
        )));
    }
    // SQLite writes into an empty file as into none; this one is nobody else's to read.
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
    {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(AppError::Refused(format!(
                "{shown} is there already, and is not overwritten"
            )));
        }
        other => drop(other.map_err(cannot)?),
    }
    let made = absolute(to).and_then(|to| Ok(copy(from, &to).and_then(|()| check(&to))?));
    let made = made.and_then(|()| {
        let file = File::open(to).map_err(cannot)?;
        file.sync_all().map_err(cannot)?;
        Ok(file.metadata().map_err(cannot)?.len())
    });
    if made.is_err() {
        // Half a copy must not be taken for one.
        let _ = fs::remove_file(to);
    }
    made
}

/// The file's name as SQLite takes it literally: a relative one could look like an address (`file:…`).
fn absolute(file: &Path) -> Result<String, AppError> {
    let absolute = fs::canonicalize(file).map_err(AppError::internal)?;
    let name = absolute.into_os_string().into_string();
    name.map_err(|_| AppError::refused("SQLite needs a file name that is text in UTF-8"))
}

/// What to do for a database on a server, without its password.
fn use_pg_dump(url: &str, to: &Path) -> String {
    let mut server = Url::parse(url).ok();
    if let Some(server) = &mut server {
        let _ = server.set_password(None);
        server.set_query(None);
    }
    let server = server.map_or_else(|| "postgres://…".to_owned(), String::from);
    format!(
        "the database is on a PostgreSQL server, which has its own tool: \
         pg_dump --format=custom --file='{}' '{server}' (and pg_restore to bring it back)",
        to.display()
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[tokio::test]
    async fn a_server_is_left_to_its_own_tool_and_its_password_is_not_shown() {
        let url = "postgres://points:s3cret@db.example/points?sslmode=require"
            .parse()
            .unwrap();
        let refusal = backup(&url, Path::new("/tmp/x"))
            .await
            .expect_err("is refused")
            .to_string();
        assert!(
            refusal.contains("pg_dump") && refusal.contains("points@db.example/points"),
            "{refusal}"
        );
        assert!(!refusal.contains("s3cret"), "{refusal}");
    }

    #[tokio::test]
    async fn half_a_copy_is_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("broken.sqlite");
        fs::write(
            &from,
            "this is no database, and long enough to be seen as none".repeat(40),
        )
        .unwrap();
        let to = folder.path().join("copy.sqlite");
        assert!(backup(&DatabaseUrl::Sqlite(from), &to).await.is_err());
        assert!(!to.exists());
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("none.sqlite");
        let to = folder.path().join("copy.sqlite");
        let refusal = backup(&DatabaseUrl::Sqlite(from.clone()), &to)
            .await
            .expect_err("is refused");
        assert!(
            refusal.to_string().contains("there is no database"),
            "{refusal}"
        );
        assert!(!from.exists() && !to.exists());
    }
}
