//! A whole Exim with a queue of its own, which hands mail on to another server and sends its own reports.
//!
//! Debian lets it be installed only where no other mail server is, and it insists on a user that its package makes. So it
//! runs from where `.ci/run` unpacks it, in a view of the files (a mount namespace) in which there is such a user.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use crate::leash::{Leashed, User, folder, free_port};
use crate::programs::{find, is_program, left_out};

/// Shows the server an `/etc` of its own, with its user and its settings, and becomes it.
const STARTER: &str = r#"mount --bind "$1" /etc && shift && exec "$@""#;

/// A number that belongs to nobody on most machines.
const SERVER: u32 = 64_903;

/// A running Exim, ended when dropped.
#[derive(Debug)]
pub struct Exim {
    server: Leashed,
    port: u16,
}

impl Exim {
    /// Starts one that hands mail on to this port, and what comes back to a transport with these settings, in which `{path}`
    /// is its folder; `None` where it cannot be run.
    pub fn start(others: u16, back: &str) -> Option<Self> {
        let Some(program) = installation() else {
            left_out("Exim", "bash .ci/run fetches it on Debian");
            return None;
        };
        if !geteuid().is_root() || find("unshare", &["/usr/bin"]).is_none() {
            left_out("root and unshare, to run Exim", "run the tests as root");
            return None;
        }
        // Another process may take a free port before it does: then it ends, and the next ones are tried.
        (0..5)
            .find_map(|_| Self::start_once(&program, others, back))
            .or_else(|| panic!("Exim does not start"))
    }

    fn start_once(installed: &Path, others: u16, back: &str) -> Option<Self> {
        let folder = folder(User::named("root"));
        let path = folder.path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        // Without the set-user-id bit of the package: it is started by root, and its own children are as well.
        let program = path.join("exim4");
        std::fs::copy(installed, &program).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o4755)).unwrap();
        make_etc(path);
        for name in ["spool", "logs"] {
            std::fs::create_dir(path.join(name)).unwrap();
            std::os::unix::fs::chown(path.join(name), Some(SERVER), Some(SERVER)).unwrap();
        }
        std::fs::create_dir(path.join("boxes")).unwrap();
        User::unprivileged().unwrap().owns(&path.join("boxes"));
        let port = free_port();
        let configuration = path.join("etc/exim4/exim4.conf");
        std::fs::write(configuration, settings(path, port, others, back)).unwrap();
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", STARTER, "starter"])
            .arg(path.join("etc"))
            .arg(program)
            .args(["-bdf", "-q1s"]);
        let server = Leashed::start(command, folder, None, "TERM").expect("unshare can be run");
        let mut exim = Self { server, port };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(exim);
            }
            if exim.server.ended().is_some() {
                assert!(exim.log().contains("already in use"), "{}", exim.log());
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("Exim does not answer: {}", exim.log());
    }

    /// The setting `smtp_url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Where [`BOX`] delivers to.
    pub fn maildir(&self) -> PathBuf {
        self.server.folder().join("boxes/back")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let logged = |name: &str| {
            let log = std::fs::read(self.server.folder().join("logs").join(name));
            String::from_utf8_lossy(&log.unwrap_or_default()).into_owned()
        };
        self.server.log() + &logged("main") + &logged("panic") + &logged("reject")
    }
}

/// Where `.ci/run` unpacks it, or the machine's own.
fn installation() -> Option<PathBuf> {
    let unpacked = concat!(env!("CARGO_MANIFEST_DIR"), "/target/exim/usr/sbin/exim4");
    [unpacked, "/usr/sbin/exim4"]
        .into_iter()
        .map(PathBuf::from)
        .find(|program| is_program(program))
}

/// The machine's users and groups with Exim's, what finds programs' libraries and hosts, and a place for the settings.
fn make_etc(path: &Path) {
    let etc = path.join("etc");
    std::fs::create_dir_all(etc.join("exim4")).unwrap();
    for name in ["ld.so.cache", "nsswitch.conf", "hosts", "localtime"] {
        let _ = std::fs::copy(Path::new("/etc").join(name), etc.join(name));
    }
    for (name, own) in [
        (
            "passwd",
            format!("Debian-exim:x:{SERVER}:{SERVER}::/nonexistent:/bin/false\n"),
        ),
        ("group", format!("Debian-exim:x:{SERVER}:\n")),
    ] {
        let list = std::fs::read_to_string(Path::new("/etc").join(name)).unwrap();
        let others = list
            .lines()
            .filter(|line| !line.starts_with("Debian-exim:"));
        let mut list: String = others.map(|line| format!("{line}\n")).collect();
        list.push_str(&own);
        std::fs::write(etc.join(name), list).unwrap();
    }
}

/// A transport into a Maildir.
pub const BOX: &str = "driver = appendfile
  directory = {path}/boxes/back
  maildir_format
  create_directory
  user = nobody";

/// `lost` has no route, and `full` a mailbox with room for nothing; everybody else is another server's.
fn settings(path: &Path, port: u16, others: u16, back: &str) -> String {
    let path = path.display();
    let back = back.replace("{path}", &path.to_string());
    format!(
        "primary_hostname = mail.clinic.example
qualify_domain = clinic.example
exim_path = {path}/exim4
spool_directory = {path}/spool
log_file_path = {path}/logs/%s
pid_file_path = {path}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
never_users =
smtp_accept_max_per_connection = 10000
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = accept_all
acl_smtp_data = accept_all
delay_warning =
begin acl
accept_all:
  accept
begin routers
bounces:
  driver = accept
  domains = clinic.example
  local_parts = bounces
  local_part_suffix = +*
  local_part_suffix_optional
  transport = bounces_pipe
full_box:
  driver = accept
  domains = practice.example
  local_parts = ^full
  transport = full_box
others:
  driver = manualroute
  domains = practice.example
  local_parts = !^lost
  transport = others
  route_list = * 127.0.0.1 byname
  self = send
  host_find_failed = fail
begin transports
others:
  driver = smtp
  port = {others}
  allow_localhost
full_box:
  driver = appendfile
  directory = {path}/boxes/full
  maildir_format
  create_directory
  user = nobody
  quota = 1
bounces_pipe:
  {back}
begin retry
* quota
* * F,4s,1s
"
    )
}
