//! PostgreSQL for the tests: a private server for the whole test process, and a fresh database for each test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::prelude::*;

use crate::leash::{self, Leashed, User};
use crate::programs::{find, is_program, left_out};

/// Makes a server's files in folder `$2` with the programs in folder `$1`, and runs it on port `$3`.
///
/// A port is open to everyone on the machine, and a superuser may run programs: hence a password. Its old hash is enough
/// for random numbers; the new one is slow on purpose, at every connection. The locale is the plainest there is: what
/// passes with it leans on no particular ordering or case rules. What a loss of power would lose is of no interest here.
/// Statistics for databases that live for a second only cost, and their worker keeps a template from being copied.
const INITIALISE_AND_RUN: &str = r#"
set -e
cd "$2"
"$1/initdb" --pgdata=data --username=postgres --pwfile=password --auth=md5 --encoding=UTF8 --no-locale --no-sync
exec "$1/postgres" -D data -c listen_addresses=127.0.0.1 -c port="$3" -c unix_socket_directories="$2" \
    -c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c autovacuum=off -c max_parallel_workers_per_gather=0 -c jit=off
"#;

/// A server that the tests make databases on.
pub struct PostgresServer {
    /// Of any database there, as `postgres://user:password@host:port/name?…`.
    url: url::Url,
    /// For making and dropping databases, one at a time: PostgreSQL copies a template only while nobody else uses it.
    admin: Mutex<PgConnection>,
    /// Numbers the databases of this process.
    made: AtomicU32,
    /// Tells this process's databases from those of others on a shared server.
    run: String,
    /// The private server; none when `TEST_POSTGRES_URL` names one.
    _server: Option<Leashed>,
}

/// The server, started at the first call: the one that `TEST_POSTGRES_URL` names (with a user who may create
/// databases), else a private one that ends with the tests. `None` where PostgreSQL is not installed.
pub fn server() -> Option<&'static PostgresServer> {
    static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => Some(PostgresServer::named(&url)),
        Err(_) => programs().map(|folder| PostgresServer::private(&folder)),
    });
    if server.is_none() {
        left_out("PostgreSQL", "install postgresql, or set TEST_POSTGRES_URL");
    }
    server.as_ref()
}

/// The folder with `initdb` and `postgres`: in `PATH`, where Debian puts them (newest first), or where `pg_config` says.
fn programs() -> Option<PathBuf> {
    let in_path = find("initdb", &[]).and_then(|file| file.parent().map(Path::to_owned));
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort_by_key(|folder| {
        let version = folder
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        std::cmp::Reverse(version.and_then(|it| it.parse::<u32>().ok()))
    });
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured.map(|it| PathBuf::from(String::from_utf8_lossy(&it.stdout).trim()));
    in_path
        .into_iter()
        .chain(debian)
        .chain(configured)
        .find(|folder| {
            ["initdb", "postgres"]
                .iter()
                .all(|name| is_program(&folder.join(name)))
        })
}

impl PostgresServer {
    /// A server that somebody else started.
    fn named(url: &str) -> Self {
        let url = url::Url::parse(url)
            .expect("TEST_POSTGRES_URL is like postgres://user:password@host:5432/postgres");
        let admin = PgConnection::establish(url.as_str())
            .expect("TEST_POSTGRES_URL names a running server");
        Self::new(url, admin, None)
    }

    /// A server in a temporary folder, with the programs in folder `programs`.
    fn private(programs: &Path) -> Self {
        let user = User::unprivileged(); // It refuses to run as root.
        let folder = leash::folder(user);
        let password = password();
        std::fs::write(folder.path().join("password"), &password)
            .expect("the folder can be written");

        let port = leash::free_port();
        let mut command = Command::new("sh");
        command
            .args(["-c", INITIALISE_AND_RUN, "sh"])
            .args([programs, folder.path()])
            .arg(port.to_string())
            .env("LC_ALL", "C");
        // QUIT is PostgreSQL's immediate shutdown.
        let mut server =
            Leashed::start(command, folder, user, "QUIT").expect("PostgreSQL can be run");
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let start = Instant::now();
        let admin = loop {
            match PgConnection::establish(&url) {
                Ok(connection) => break connection,
                Err(error) => assert!(
                    server.ended().is_none() && start.elapsed() < Duration::from_secs(60),
                    "PostgreSQL does not start: {error}\n{}",
                    server.log()
                ),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let url = url::Url::parse(&url).expect("this is a URL");
        Self::new(url, admin, Some(server))
    }

    fn new(url: url::Url, admin: PgConnection, server: Option<Leashed>) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            url,
            admin: Mutex::new(admin),
            made: AtomicU32::new(0),
            run: format!("{}_{:x}", std::process::id(), now.as_micros()),
            _server: server,
        }
    }

    /// Makes a database, empty or a copy of `template` (what this gave for another one, which nobody may be using), and
    /// gives its URL. A copy of a migrated template is far quicker than migrating again.
    pub fn fresh_database(&self, template: Option<&str>) -> String {
        let name = format!(
            "practice_points_{}_{}",
            self.run,
            self.made.fetch_add(1, Ordering::Relaxed)
        );
        let template = template.map_or("template0", name_in);
        self.admin_command(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let mut url = self.url.clone();
        url.set_path(&name);
        url.into()
    }

    /// Drops a database that [`Self::fresh_database`] made, whoever is still connected to it.
    pub fn drop_database(&self, url: &str) {
        self.admin_command(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            name_in(url)
        ));
    }

    /// Ends all connections to a database and lets nobody connect, as when its server is away.
    pub fn close_database(&self, url: &str) {
        let name = name_in(url);
        self.admin_command(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        self.admin_command(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    /// Lets everybody connect again.
    pub fn reopen_database(&self, url: &str) {
        let name = name_in(url);
        self.admin_command(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    }

    fn admin_command(&self, command: &str) {
        let result = diesel::sql_query(command).execute(&mut *self.admin());
        result.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    fn admin(&self) -> MutexGuard<'_, PgConnection> {
        // A test that failed while it held the connection says nothing about the connection.
        self.admin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The database's name in a URL of [`PostgresServer::fresh_database`].
fn name_in(url: &str) -> &str {
    let path = url.split('?').next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

/// A random password, in letters that need no escape in a URL.
fn password() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;

    use super::*;

    fn notes_in(url: &str) -> QueryResult<i64> {
        let mut connection = PgConnection::establish(url).expect("the database is there");
        diesel::select(sql::<BigInt>("(SELECT count(*) FROM note)")).get_result(&mut connection)
    }

    #[test]
    fn a_copy_has_what_its_template_has_and_a_fresh_database_has_nothing() {
        let Some(server) = server() else { return };
        let template = server.fresh_database(None);
        let mut connection = PgConnection::establish(&template).unwrap();
        diesel::sql_query("CREATE TABLE note AS SELECT 'kia ora' AS words")
            .execute(&mut connection)
            .unwrap();
        drop(connection);
        let copy = server.fresh_database(Some(&template));
        let empty = server.fresh_database(None);
        assert_eq!(notes_in(&copy), Ok(1));
        assert!(notes_in(&empty).is_err());
        for url in [template, copy, empty] {
            server.drop_database(&url);
        }
    }

    #[test]
    fn a_dropped_database_is_gone_even_while_somebody_uses_it() {
        let Some(server) = server() else { return };
        let url = server.fresh_database(None);
        let mut connection = PgConnection::establish(&url).unwrap();
        server.drop_database(&url);
        assert!(
            diesel::sql_query("SELECT 1")
                .execute(&mut connection)
                .is_err()
        );
        assert!(PgConnection::establish(&url).is_err());
    }

    #[test]
    fn a_database_is_found_by_its_name_in_a_url() {
        assert_eq!(
            name_in("postgres://u:p@127.0.0.1:5/practice_points_1"),
            "practice_points_1"
        );
        assert_eq!(name_in("postgres://host/points?sslmode=disable"), "points");
    }
}
