//! The real program, run as a person runs it: with arguments, an environment, and a folder of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use practice_points::store::DatabaseUrl;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tempfile::TempDir;

use crate::app::NO_DNS;
use crate::both_databases::Database;
use crate::leash::{self, Leashed};
use crate::postgres::PostgresServer;

/// A folder in which the program is run, with a database of its own; both are gone when this is dropped.
pub struct Installation {
    folder: TempDir,
    variables: Vec<(String, String)>,
    port: u16,
    postgres: Option<(&'static PostgresServer, String)>,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

impl Installation {
    /// A fresh one; nothing runs in it yet. (Asynchronous for [`crate::both_databases`] only.)
    pub async fn start(database: Database) -> Self {
        let mut installation = Self {
            folder: leash::folder(None),
            variables: Vec::new(),
            port: leash::free_port(),
            postgres: None,
        };
        installation.set("listen", &format!("127.0.0.1:{}", installation.port));
        // No test asks other people's sites, unless it says so.
        installation.set("check_links", "false");
        installation.set("dns_server", NO_DNS);
        if let Database::Postgres(server) = database {
            let url = server.fresh_database(None);
            installation.set("database_url", &url);
            installation.postgres = Some((server, url));
        }
        installation
    }

    /// Changes a setting, by the environment.
    pub fn set(&mut self, key: &str, value: &str) {
        let name = format!("PRACTICE_POINTS_{}", key.to_uppercase().replace('.', "__"));
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.to_owned()));
    }

    /// A file or folder in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into its folder. Returns its path as an argument.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file can be written");
        path.to_str()
            .expect("test folders are named in ASCII")
            .to_owned()
    }

    /// Where its database is.
    pub fn database_url(&self) -> DatabaseUrl {
        match &self.postgres {
            Some((_, url)) => url.parse().expect("it is the address of a server"),
            None => DatabaseUrl::Sqlite(self.path("data/practice-points.sqlite")),
        }
    }

    /// Starts the service with its log going to this file, and waits for nothing.
    pub fn service_logging_to(&self, log: &Path) -> LoggingElsewhere {
        let log = std::fs::OpenOptions::new().append(true).open(log);
        let mut command = self.command(&[]);
        command
            .stdout(Stdio::null())
            .stderr(log.expect("the log can be opened"));
        LoggingElsewhere(command.spawn().expect("the program can be run"))
    }

    /// The address of a page.
    pub fn page(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_practice-points"));
        // What is set around the tests is no business of theirs.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PRACTICE_POINTS_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.folder.path()).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with_input(arguments, b"")
    }

    /// The same, with something on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Finished {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        let input = input.to_owned();
        // From a thread of its own: neither side waits for the other. It may end without reading all of it.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child
            .wait_with_output()
            .expect("the program's output can be read");
        writer.join().expect("the writer does not panic");
        Finished::from(output)
    }

    /// Adds a member of staff, with the password `korimako sings at dawn`.
    pub fn add_staff(&self, email: &str, role: &str) {
        let arguments = [
            "staff",
            "add",
            email,
            "--name",
            "Hine Sample",
            "--role",
            role,
            "--password-stdin",
        ];
        self.run_with_input(&arguments, b"korimako sings at dawn\n")
            .succeeded();
    }

    /// Starts the service, and waits until it has said everything that it says at its start.
    pub async fn service(&self, arguments: &[&str]) -> Service {
        started(self.command(arguments)).await
    }

    /// The same, in a process for which no file may grow beyond what [`Service::limit_files`] says: it is told of it by
    /// an error, as of a full disk, and not by the signal that would end it.
    pub async fn service_with_limited_files(&self) -> Service {
        let mut command = self.command(&[]);
        let program = command.get_program().to_owned();
        let mut shell = Command::new("sh");
        // What a shell ignores its programs ignore.
        shell
            .args(["-c", "trap '' XFSZ; exec \"$1\"", "sh"])
            .arg(program);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.current_dir(self.folder.path());
        command = shell;
        started(command).await
    }

    /// The PostgreSQL server and the address of its database there.
    pub fn postgres(&self) -> Option<(&'static PostgresServer, &str)> {
        let (server, url) = self.postgres.as_ref()?;
        Some((server, url))
    }
}

async fn started(command: Command) -> Service {
    let leashed = Leashed::start(command, leash::folder(None), None, "KILL");
    let mut service = Service(leashed.expect("the program can be run"));
    let start = Instant::now();
    while !service.said().contains("Ctrl+C ends it.") {
        assert!(
            service.0.ended().is_none() && start.elapsed() < Duration::from_secs(30),
            "the service does not start: {}",
            service.said()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    service
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some((server, url)) = &self.postgres {
            server.drop_database(url);
        }
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Finished {
    /// What it wrote, after making sure that it succeeded.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// What it wrote to standard error, after making sure that it failed with this code, and in words for a person.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in ["panicked", "RUST_BACKTRACE", "Error {", "Some(", "Kind("] {
            assert!(!self.err.contains(word), "{self:?}");
        }
        self.err
    }
}

/// The running service, killed when dropped.
pub struct Service(Leashed);

impl Service {
    /// What it has said so far, its log included.
    pub fn said(&self) -> String {
        self.0.log()
    }

    /// The one-time code for the first owner that it printed.
    pub fn code(&self) -> Option<String> {
        let said = self.said();
        Some(
            said.split_once("one-time code ")?
                .1
                .lines()
                .next()?
                .trim()
                .to_owned(),
        )
    }

    /// Sends it a signal.
    pub fn send(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the service runs");
    }

    /// Lets no file of its grow beyond so many bytes any more, or lifts that again.
    pub fn limit_files(&self, most: Option<u64>) {
        let limit = Rlimit {
            current: most,
            maximum: None,
        };
        prlimit(Some(self.pid()), Resource::Fsize, limit).expect("the limit can be changed");
    }

    fn pid(&self) -> Pid {
        let id = i32::try_from(self.0.id()).ok();
        id.and_then(Pid::from_raw).expect("a process has a number")
    }

    /// Waits for its end. Returns how it ended; `None` if it still runs after that long.
    pub async fn end(&mut self, within: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < within {
            if let Some(status) = self.0.ended() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

/// A service whose log nobody reads, killed when dropped.
pub struct LoggingElsewhere(Child);

impl Drop for LoggingElsewhere {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The permissions of a file or folder.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}
