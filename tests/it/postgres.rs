//! PostgreSQL for the tests: a private server for the whole test process, and a fresh database for each test.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::prelude::*;

use crate::leash::{self, Leashed, User};
use crate::programs::{find, is_program, left_out};

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

    /// A server in a temporary folder, with the programs in `folder`.
    fn private(programs: &Path) -> Self {
        let user = User::unprivileged(); // It refuses to run as root.
        let folder = leash::folder(user);
        let password = password();
        initialise(programs, folder.path(), user, &password);

        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let port = listener
            .local_addr()
            .expect("a listener has an address")
            .port();
        drop(listener);

        let mut command = Command::new(programs.join("postgres"));
        command
            .current_dir(folder.path())
            .arg("-D")
            .arg(folder.path().join("data"));
        let socket_folder = format!("unix_socket_directories={}", folder.path().display());
        for setting in [
            "listen_addresses=127.0.0.1",
            &format!("port={port}"),
            &socket_folder,
            "max_connections=200",
            // What is lost when the machine loses power is of no interest here.
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            // Databases live for a second: statistics for them only cost, and a worker in a template delays its copying.
            "autovacuum=off",
            // Small containers have little shared memory for parallel workers.
            "max_parallel_workers_per_gather=0",
            "jit=off",
        ] {
            command.arg("-c").arg(setting);
        }
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

/// Lays out a new server's files in `folder/data`.
fn initialise(programs: &Path, folder: &Path, user: Option<User>, password: &str) {
    let password_file = folder.join("password");
    std::fs::write(&password_file, password).expect("the folder can be written");
    let mut command = Command::new(programs.join("initdb"));
    command
        .current_dir(folder)
        .arg("--pgdata=data")
        .arg("--username=postgres")
        // A port is open to everyone on the machine, and a superuser may run programs. The old hash is enough for a
        // password of random numbers; the new one is slow on purpose, at every connection.
        .args(["--pwfile=password", "--auth=md5"])
        // The plainest ordering and case rules: what passes with these leans on no particular locale.
        .args(["--encoding=UTF8", "--no-locale", "--no-sync"])
        .env("LC_ALL", "C");
    if let Some(user) = user {
        user.runs(&mut command);
    }
    let output = command.output().expect("initdb can be run");
    assert!(
        output.status.success(),
        "initdb fails: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::remove_file(password_file).expect("the folder can be written");
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
