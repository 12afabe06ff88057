//! A whole OpenSMTPD, which delivers into a Maildir.
//!
//! Its paths are built in, and Debian lets it be installed only where no other mail server is. So it runs from a copy of
//! its files, as root in a folder of its own that it takes for the whole machine (`chroot`).

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use super::arrived::Maildir;
use super::certificates::Authority;
use super::{PASSWORD, USER};
use crate::leash::{Leashed, User, folder, free_port};
use crate::programs::{find, is_program, left_out};

/// [`PASSWORD`] as crypt(3) keeps it.
const HASH: &str = "$6$points.sample$9CbDvk0xpTCoypYjGh/xLBeO5OTQaj0JzCzjpNzFd0EttDhy1.k3otMAvOOZFOEx6/D9qZngsOoWIqXN4w1Xx/";

/// A running OpenSMTPD, ended when dropped.
#[derive(Debug)]
pub struct OpenSmtpd {
    server: Leashed,
    plain: u16,
    submission: u16,
    smtps: u16,
}

impl OpenSmtpd {
    /// Starts one with these lines at the top of `smtpd.conf`; `None` where it cannot be run.
    pub fn start(settings: &[&str]) -> Option<Self> {
        Self::start_with(settings, &|_| {})
    }

    /// The same, when something has been put into the folder that it takes for the whole machine.
    pub fn start_with(settings: &[&str], prepare: &dyn Fn(&Path)) -> Option<Self> {
        let Some(installation) = installation() else {
            left_out("OpenSMTPD", "bash .ci/run fetches it on Debian");
            return None;
        };
        if !geteuid().is_root() {
            left_out("root, to run OpenSMTPD", "run the tests as root");
            return None;
        }
        // Another process may take a free port before it does: then it ends, and the next ones are tried.
        (0..5)
            .find_map(|_| Self::start_once(&installation, settings, prepare))
            .or_else(|| panic!("OpenSMTPD does not start"))
    }

    fn start_once(installation: &Path, settings: &[&str], prepare: &dyn Fn(&Path)) -> Option<Self> {
        // In /tmp, for all of its users to go into.
        let folder = folder(User::named("root"));
        let path = folder.path();
        copy_programs(installation, path);
        make_folders(path);
        prepare(path);
        let certificate = Authority::new(path).good();
        std::fs::rename(certificate, path.join("etc/good.pem")).unwrap();
        // It reads the trusted authorities even where it never looks at a certificate.
        std::fs::copy(
            path.join("ca.pem"),
            path.join("etc/ssl/certs/ca-certificates.crt"),
        )
        .unwrap();
        std::fs::write(path.join("etc/passwd"), users()).unwrap();
        std::fs::write(path.join("etc/group"), groups()).unwrap();
        let [plain, submission, smtps] = [(); 3].map(|()| free_port());
        let settings = settings.join("\n");
        let configuration = format!(
            "{settings}
table people {{ \"{USER}\" = \"{HASH}\" }}
table boxes {{ \"@\" = \"vmail\" }}
pki localhost cert \"/etc/good.pem\"
pki localhost key \"/etc/good.pem\"
listen on 127.0.0.1 port {plain} hostname mail.clinic.example
listen on 127.0.0.1 port {submission} tls-require pki localhost auth <people> hostname mail.clinic.example
listen on 127.0.0.1 port {smtps} smtps pki localhost auth <people> hostname mail.clinic.example
action keep maildir \"/mail/box\" virtual <boxes>
match from any for rcpt-to \"gone@practice.example\" reject
match from any for domain \"practice.example\" action keep
"
        );
        std::fs::write(path.join("etc/smtpd.conf"), configuration).unwrap();
        let mut command = Command::new("chroot");
        command
            .arg(path)
            .args(["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"]);
        let server = Leashed::start(command, folder, None, "TERM").expect("chroot can be run");
        let mut opensmtpd = Self {
            server,
            plain,
            submission,
            smtps,
        };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", plain)).is_ok() {
                return Some(opensmtpd);
            }
            if opensmtpd.server.ended().is_some() {
                assert!(
                    opensmtpd.log().contains("already in use"),
                    "{}",
                    opensmtpd.log()
                );
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("OpenSMTPD does not answer: {}", opensmtpd.log());
    }

    /// The setting `smtp_url` for the port without TLS and sign-in.
    pub fn plain_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.plain)
    }

    /// The same for the port with STARTTLS and a password, which demands both.
    pub fn submission_url(&self) -> String {
        let (port, ca_file) = (self.submission, self.ca_file());
        let ca_file = ca_file.display();
        format!("smtp://{USER}:{PASSWORD}@localhost:{port}?tls=required&ca_file={ca_file}")
    }

    /// The same for the port with TLS from the first byte.
    pub fn smtps_url(&self) -> String {
        let (port, ca_file) = (self.smtps, self.ca_file());
        let ca_file = ca_file.display();
        format!("smtps://{USER}:{PASSWORD}@localhost:{port}?ca_file={ca_file}")
    }

    fn ca_file(&self) -> PathBuf {
        self.server.folder().join("ca.pem")
    }

    /// The folder that it takes for the whole machine.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Where everything arrives.
    pub fn maildir(&self) -> Maildir {
        Maildir(self.server.folder().join("mail/box"))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.server.log()
    }
}

/// The folder below which its programs lie: where `.ci/run` unpacks them, or the machine's own.
fn installation() -> Option<PathBuf> {
    [
        concat!(env!("CARGO_MANIFEST_DIR"), "/target/opensmtpd"),
        "/",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|root| {
        is_program(&root.join("usr/sbin/smtpd"))
            && is_program(&root.join("usr/libexec/opensmtpd/mail.maildir"))
    })
}

/// The server, what delivers for it, the shell by which it starts that, and the libraries of all of them.
fn copy_programs(installation: &Path, jail: &Path) {
    let programs = [
        (installation.join("usr/sbin/smtpd"), "usr/sbin/smtpd"),
        (
            installation.join("usr/libexec/opensmtpd/mail.maildir"),
            "usr/libexec/opensmtpd/mail.maildir",
        ),
        (
            installation.join("usr/libexec/opensmtpd/mail.lmtp"),
            "usr/libexec/opensmtpd/mail.lmtp",
        ),
        (
            installation.join("usr/libexec/opensmtpd/mail.mda"),
            "usr/libexec/opensmtpd/mail.mda",
        ),
        (find("sh", &["/bin"]).expect("there is a shell"), "bin/sh"),
    ];
    for (program, place) in programs {
        copy_program(&program, jail, place);
    }
}

/// A program and its libraries.
pub fn copy_program(program: &Path, jail: &Path, place: &str) {
    copy(program, &jail.join(place));
    let needed = Command::new("ldd")
        .arg(program)
        .output()
        .expect("ldd can be run");
    let needed = String::from_utf8_lossy(&needed.stdout).into_owned();
    let libraries = needed
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    for library in libraries {
        copy(Path::new(library), &jail.join(&library[1..]));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}

fn make_folders(jail: &Path) {
    for (name, mode) in [
        ("etc/ssl/certs", 0o755),
        ("dev", 0o755),
        ("tmp", 0o1777),
        ("var/run", 0o755),
        ("var/lib/opensmtpd/empty", 0o755),
        ("var/spool/smtpd", 0o711),
        ("mail", 0o755),
    ] {
        let folder = jail.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
    }
    std::fs::set_permissions(jail, PermissionsExt::from_mode(0o755)).unwrap();
    User::unprivileged().unwrap().owns(&jail.join("mail"));
    for (name, minor) in [("null", "3"), ("urandom", "9")] {
        let made = Command::new("mknod")
            .args(["-m", "666"])
            .arg(jail.join("dev").join(name))
            .args(["c", "1", minor])
            .status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "root can make /dev/{name}"
        );
    }
}

/// Numbers that belong to nobody on most machines, for its own two users.
const SERVER: u32 = 64_901;
const QUEUE: u32 = 64_902;

fn users() -> String {
    let (uid, gid) = User::unprivileged().unwrap().numbers();
    format!(
        "root:x:0:0::/:/bin/sh\nopensmtpd:x:{SERVER}:{SERVER}::/var/lib/opensmtpd/empty:/bin/false\n\
         opensmtpq:x:{QUEUE}:{QUEUE}::/var/lib/opensmtpd/empty:/bin/false\nvmail:x:{uid}:{gid}::/mail:/bin/sh\n"
    )
}

fn groups() -> String {
    let (_, gid) = User::unprivileged().unwrap().numbers();
    format!("root:x:0:\nopensmtpd:x:{SERVER}:\nopensmtpq:x:{QUEUE}:\nvmail:x:{gid}:\n")
}
