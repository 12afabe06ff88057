//! Servers that end with the tests that started them, whatever ends the tests.
//!
//! A test process has no exit hook, statics are never dropped, and nothing at all runs after `kill -9`. So a second
//! process watches a pipe from the tests: when they are gone, however they went, the kernel closes the pipe, and the
//! watcher ends the server and removes its folder.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::process::geteuid;
use tempfile::TempDir;

/// Waits for the end of its input; then sends signal `$1` to process group `$2`, waits until the group is gone (ten
/// seconds, then by force), and removes folder `$3`.
const WATCHER: &str = r#"
cat >/dev/null
kill -s "$1" -- "-$2" 2>/dev/null
tries=0
while kill -s 0 -- "-$2" 2>/dev/null && [ "$tries" -lt 200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
kill -s KILL -- "-$2" 2>/dev/null
rm -rf -- "$3"
"#;

/// A user and group by number.
#[derive(Clone, Copy, Debug)]
pub struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// Who runs the servers that refuse to run as root: `nobody` when the tests run as root, otherwise the same user.
    pub fn unprivileged() -> Option<Self> {
        geteuid()
            .is_root()
            .then(|| Self::named("nobody").expect("there is a user `nobody`"))
    }

    /// The user of that name, as installed programs bring them along.
    pub fn named(name: &str) -> Option<Self> {
        let users = std::fs::read_to_string("/etc/passwd").expect("the list of users can be read");
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find(|fields| fields.clone().next() == Some(name))?
            .skip(2);
        let mut number = || fields.next()?.parse().ok();
        Some(Self {
            uid: number()?,
            gid: number()?,
        })
    }

    /// Makes a file or folder this user's.
    pub fn owns(self, path: &Path) {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .expect("root can give a file away");
    }

    /// The numbers of user and group.
    pub fn numbers(self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// Has `command` run as this user.
    pub fn runs(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

/// An empty folder, only for `owner` (and root) to look into.
pub fn folder(owner: Option<User>) -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("practice-points-test-");
    let Some(owner) = owner else {
        return builder.tempdir().expect("a temporary folder can be made");
    };
    // Root's TMPDIR may lie where another user cannot go.
    let folder = builder
        .tempdir_in("/tmp")
        .expect("a folder can be made in /tmp");
    owner.owns(folder.path());
    folder
}

/// The ports below those that the kernel gives to whoever asks for any (from 32768 on, as Linux comes): 16384 to 32767.
const OWN_PORTS: u16 = 0x4000;

/// A loopback port that nobody listens on, for a server that is started with it. It is given out once, and is none that
/// the kernel would give to another test's server before this one listens.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    // Two test processes at once begin at different places.
    let start = process::id().wrapping_mul(7919) as u16;
    for _ in 0..OWN_PORTS {
        let next = start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = OWN_PORTS | (next & (OWN_PORTS - 1));
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no loopback port is free");
}

/// A server with a folder of its own, ended and removed when this is dropped or when the test process ends.
#[derive(Debug)]
pub struct Leashed {
    server: Child,
    watcher: Child,
    folder: PathBuf,
}

impl Leashed {
    /// Starts `command` as `user`, in a process group of its own, with what it says going to `log` in `folder`; `stop`
    /// is the signal that ends it (`TERM`, `QUIT`, `KILL`).
    ///
    /// # Errors
    ///
    /// The program, or `sh`, cannot be started.
    pub fn start(
        mut command: Command,
        folder: TempDir,
        user: Option<User>,
        stop: &str,
    ) -> io::Result<Self> {
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut watcher = Command::new("sh");
        if let Some(user) = user {
            user.runs(&mut command);
            user.runs(&mut watcher);
        }
        let mut server = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        // A group of its own, so that neither Ctrl-C nor a test runner's time limit ends the watcher with the tests.
        let watcher = watcher
            .args(["-c", WATCHER, "watcher", stop, &server.id().to_string()])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .inspect_err(|_| drop(server.kill()))?;
        Ok(Self {
            server,
            watcher,
            folder: folder.keep(),
        })
    }

    /// The server's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's process, to send it a signal.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// What the server has said so far.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// How the server ended by itself; `None` while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.server.try_wait().ok().flatten()
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        // Both must be waited for: an ended process counts as there until its parent has asked about it.
        let _ = self.server.wait();
        let _ = self.watcher.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, test_kill_process};

    use super::*;

    /// Set in the process that this test starts in order to kill it.
    const VICTIM: &str = "PRACTICE_POINTS_TEST_LEASH_VICTIM";

    fn leashed_sleep() -> Leashed {
        let mut sleep = Command::new("sleep");
        sleep.arg("300");
        let user = User::unprivileged();
        Leashed::start(sleep, folder(user), user, "TERM").unwrap()
    }

    fn runs(pid: u32) -> bool {
        // Where nothing adopts orphans an ended process stays as a zombie; only Linux has /proc to see that.
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        test_kill_process(pid).is_ok() && !status.contains(") Z ")
    }

    fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(
                start.elapsed() < Duration::from_secs(15),
                "waited in vain: {what}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn dropping_a_server_ends_it_and_removes_its_folder() {
        let mut leashed = leashed_sleep();
        let (pid, folder) = (leashed.server.id(), leashed.folder().to_owned());
        assert!(leashed.ended().is_none() && runs(pid) && folder.exists());
        drop(leashed);
        assert!(!runs(pid) && !folder.exists());
    }

    #[test]
    fn a_server_ends_with_its_tests_even_when_they_are_killed() {
        if std::env::var_os(VICTIM).is_some() {
            let leashed = leashed_sleep();
            let line = format!(
                "leashed {} {}",
                leashed.server.id(),
                leashed.folder().display()
            );
            io::Write::write_all(&mut io::stdout(), format!("\n{line}\n").as_bytes()).unwrap();
            std::thread::sleep(Duration::from_secs(60));
            return;
        }
        let name = "leash::tests::a_server_ends_with_its_tests_even_when_they_are_killed";
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(VICTIM, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(victim.stdout.take().unwrap());
        let line = output
            .lines()
            .map_while(Result::ok)
            .find(|line| line.starts_with("leashed "))
            .expect("the other process says what it started");
        let (pid, folder) = line["leashed ".len()..].split_once(' ').unwrap();
        let (pid, folder) = (pid.parse().unwrap(), Path::new(folder));
        assert!(runs(pid) && folder.exists());

        victim.kill().unwrap(); // SIGKILL: nothing in that process can clean up.
        victim.wait().unwrap();
        wait_until("the server ends", || !runs(pid));
        wait_until("its folder is removed", || !folder.exists());
    }
}
