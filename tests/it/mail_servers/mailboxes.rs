//! Dovecot's IMAP and POP3, over TLS, with a mailbox for what comes back.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use super::certificates::Authority;
use super::{PASSWORD, USER};
use crate::leash::{Leashed, User, folder, free_port};
use crate::programs::{find, left_out};

/// A running Dovecot with one person's mailbox, ended when dropped.
#[derive(Debug)]
pub struct Mailboxes {
    server: Leashed,
    imaps: u16,
    pop3s: u16,
}

impl Mailboxes {
    /// Starts one with these lines added to its configuration; `None` where it cannot be run.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let program = find("dovecot", &["/usr/sbin", "/usr/local/sbin"]);
        let parts = ["/usr/lib/dovecot", "/usr/libexec/dovecot"];
        let (Some(program), Some(_), Some(_)) =
            (program, find("imap", &parts), find("pop3", &parts))
        else {
            left_out(
                "Dovecot's IMAP and POP3",
                "install dovecot-imapd and dovecot-pop3d",
            );
            return None;
        };
        if !geteuid().is_root() {
            left_out("root, to run Dovecot's mailboxes", "run the tests as root");
            return None;
        }
        // Another process may take a free port before it does: then it ends, and the next ones are tried.
        (0..5)
            .find_map(|_| Self::start_once(&program, settings))
            .or_else(|| panic!("Dovecot does not start"))
    }

    fn start_once(program: &Path, settings: &[&str]) -> Option<Self> {
        let folder = folder(User::named("dovecot"));
        let path = folder.path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        let certificate = Authority::new(path).good();
        std::fs::write(path.join("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).unwrap();
        for name in [
            "home",
            "home/mail",
            "home/mail/cur",
            "home/mail/new",
            "home/mail/tmp",
        ] {
            std::fs::create_dir(path.join(name)).unwrap();
            User::unprivileged().unwrap().owns(&path.join(name));
        }
        let [imaps, pop3s] = [(); 2].map(|()| free_port());
        let mut configuration = configuration(path, &certificate, imaps, pop3s);
        for line in settings {
            configuration.push_str(line);
            configuration.push('\n');
        }
        std::fs::write(path.join("dovecot.conf"), configuration).unwrap();
        let mut command = Command::new(program);
        command.args(["-F", "-c"]).arg(path.join("dovecot.conf"));
        let server = Leashed::start(command, folder, None, "TERM").expect("Dovecot can be run");
        let mut mailboxes = Self {
            server,
            imaps,
            pop3s,
        };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", imaps)).is_ok() {
                return Some(mailboxes);
            }
            if mailboxes.server.ended().is_some() {
                assert!(
                    mailboxes.log().contains("already in use"),
                    "{}",
                    mailboxes.log()
                );
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("Dovecot does not answer: {}", mailboxes.log());
    }

    /// The setting `inbound.mailbox_url` for IMAP, with this added to its query.
    pub fn imaps_url(&self, query: &str) -> String {
        let (port, ca_file) = (self.imaps, self.ca_file());
        let ca_file = ca_file.display();
        format!("imaps://{USER}:{PASSWORD}@localhost:{port}/INBOX?ca_file={ca_file}{query}")
    }

    /// The same for POP3.
    pub fn pop3s_url(&self) -> String {
        let (port, ca_file) = (self.pop3s, self.ca_file());
        let ca_file = ca_file.display();
        format!("pop3s://{USER}:{PASSWORD}@localhost:{port}?ca_file={ca_file}")
    }

    fn ca_file(&self) -> PathBuf {
        self.server.folder().join("ca.pem")
    }

    /// Has a message arrive, as a mail server delivers into a Maildir.
    pub fn put(&self, name: &str, message: &[u8]) {
        let mail = self.mail();
        let tmp = mail.join("tmp").join(name);
        std::fs::write(&tmp, message).unwrap();
        User::unprivileged().unwrap().owns(&tmp);
        std::fs::rename(tmp, mail.join("new").join(name)).unwrap();
    }

    fn mail(&self) -> PathBuf {
        self.server.folder().join("home/mail")
    }

    /// What lies in a folder: `""` is the inbox, `"Done"` another.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let folder = match folder {
            "" => self.mail(),
            name => self.mail().join(format!(".{name}")),
        };
        let mut names = Vec::new();
        for part in ["new", "cur"] {
            let files = std::fs::read_dir(folder.join(part));
            for file in files.into_iter().flatten() {
                let name = file.unwrap().file_name().to_string_lossy().into_owned();
                names.push(name);
            }
        }
        names.sort();
        names
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let said = std::fs::read(self.server.folder().join("dovecot.log")).unwrap_or_default();
        self.server.log() + &String::from_utf8_lossy(&said)
    }
}

fn configuration(folder: &Path, certificate: &Path, imaps: u16, pop3s: u16) -> String {
    let (uid, gid) = User::unprivileged().unwrap().numbers();
    let (folder, certificate) = (folder.display(), certificate.display());
    format!(
        "base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap pop3
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/home/mail
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    address = 127.0.0.1
    port = {pop3s}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Done {{
    auto = create
  }}
}}
"
    )
}
