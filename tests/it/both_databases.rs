//! One text of a test, run on SQLite and on PostgreSQL.

use crate::postgres::PostgresServer;

/// What a test's application keeps its data in.
#[derive(Clone, Copy)]
pub enum Database {
    /// A file in the test's own folder.
    Sqlite,
    /// A fresh database on this server.
    Postgres(&'static PostgresServer),
}

/// Makes two tests of each function: `NAME::sqlite` and `NAME::postgres` (left out where there is no PostgreSQL).
///
/// ```text
/// on_both_databases! {
///     /// Words about the test, if any.
///     async fn a_second_click_on_unsubscribe_changes_nothing(app: TestApp) {
///         …
///     }
/// }
/// ```
///
/// `TestApp` must be in scope; the body sees what the module around sees. `TestApp::start(Database)` makes the
/// application.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($($app:ident)+: TestApp) $body:block
    )+) => { $(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(TestApp::start($crate::both_databases::Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(server) = $crate::postgres::server() else { return };
                test(TestApp::start($crate::both_databases::Database::Postgres(server)).await).await;
            }

            $(#[$attribute])*
            async fn test($($app)+: TestApp) $body
        }
    )+ };
}

pub(crate) use on_both_databases;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use diesel::prelude::*;

    use super::*;

    /// As much of an application as these tests need.
    struct TestApp {
        database: Database,
        name: &'static str,
    }

    impl TestApp {
        async fn start(database: Database) -> Self {
            let name = match database {
                Database::Sqlite => "SQLite",
                Database::Postgres(_) => "PostgreSQL",
            };
            Self { database, name }
        }
    }

    static SEEN: Mutex<Vec<&str>> = Mutex::new(Vec::new());

    crate::both_databases::on_both_databases! {
        /// Each of the two runs adds its own name, and neither adds it twice.
        async fn a_body_runs_once_on_each_database(app: TestApp) {
            let mut seen = SEEN.lock().unwrap();
            assert!(!seen.contains(&app.name));
            seen.push(app.name);
        }

        async fn a_body_may_change_its_application_and_use_its_database(mut app: TestApp) {
            if let Database::Postgres(server) = app.database {
                let url = server.fresh_database(None);
                assert!(PgConnection::establish(&url).is_ok());
                server.drop_database(&url);
            }
            app.name = "another";
            assert_eq!(app.name, "another");
        }
    }
}
