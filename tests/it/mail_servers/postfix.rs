//! A whole Postfix with a queue of its own, which delivers into a Maildir.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use super::arrived::Maildir;
use super::certificates::Authority;
use super::dovecot::Dovecot;
use super::{PASSWORD, USER};
use crate::leash::{Leashed, User, folder, free_port};
use crate::programs::{find, left_out};

/// A running Postfix, ended when dropped.
#[derive(Debug)]
pub struct Postfix {
    server: Leashed,
    _dovecot: Dovecot,
    ports: Vec<(Port, u16)>,
}

/// One of its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// No TLS and no sign-in.
    Plain,
    /// STARTTLS and sign-in, both demanded.
    Submission,
    /// TLS from the first byte, and sign-in.
    Smtps,
    /// As `Submission`, with sign-in by AUTH LOGIN alone.
    LoginOnly,
    /// As `Submission`, with sign-in by AUTH PLAIN alone.
    PlainOnly,
    /// As `Submission`, with sign-in by nothing that we know.
    NeitherOfThem,
    /// As `Submission`, with a certificate for another host.
    OtherName,
    /// As `Submission`, with an expired certificate.
    Expired,
    /// As `Submission`, with the certificate of the authority itself.
    AuthoritysOwn,
}

impl Port {
    const ALL: [Self; 9] = [
        Self::Plain,
        Self::Submission,
        Self::Smtps,
        Self::LoginOnly,
        Self::PlainOnly,
        Self::NeitherOfThem,
        Self::OtherName,
        Self::Expired,
        Self::AuthoritysOwn,
    ];
}

impl Postfix {
    /// Starts one with these lines added to `main.cf`; `None` where it cannot be run.
    pub fn start(settings: &[&str]) -> Option<Self> {
        Self::start_with(settings, &[])
    }

    /// The same with these lines added to `master.cf` besides.
    pub fn start_with(settings: &[&str], services: &[&str]) -> Option<Self> {
        let (Some(postconf), Some(user)) = (
            find("postconf", &["/usr/sbin", "/usr/local/sbin"]),
            User::named("postfix"),
        ) else {
            left_out("Postfix", "install postfix");
            return None;
        };
        if !geteuid().is_root() {
            left_out("root, to run Postfix", "run the tests as root");
            return None;
        }
        let defaults = Command::new(postconf)
            .args(["-d", "-h", "daemon_directory", "command_directory"])
            .output()
            .expect("postconf can be run");
        let defaults = String::from_utf8(defaults.stdout).expect("folders are named in UTF-8");
        let (daemons, commands) = defaults.trim().split_once('\n').expect("two folders");
        // Another process may take a free port before Postfix does: then it ends, and the next ones are tried.
        (0..5)
            .find_map(|_| {
                let dovecot = Dovecot::start()?;
                let folders = [
                    format!("daemon_directory = {daemons}"),
                    format!("command_directory = {commands}"),
                ];
                Self::start_once(
                    Path::new(daemons),
                    user,
                    dovecot,
                    &folders,
                    settings,
                    services,
                )
            })
            .or_else(|| {
                find("dovecot", &["/usr/sbin", "/usr/local/sbin"])
                    .map(|_| panic!("Postfix does not start"))
            })
    }

    fn start_once(
        daemons: &Path,
        user: User,
        dovecot: Dovecot,
        folders: &[String],
        settings: &[&str],
        services: &[&str],
    ) -> Option<Self> {
        // In /tmp, for all of its users to go into.
        let folder = folder(User::named("root"));
        let path = folder.path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        make_folders(path, user);
        let authority = Authority::new(path);
        let ports: Vec<(Port, u16)> = Port::ALL.map(|port| (port, free_port())).into();
        let mut main = main_cf(path, &dovecot.socket(), &authority.good());
        for line in folders
            .iter()
            .map(String::as_str)
            .chain(settings.iter().copied())
        {
            main.push_str(line);
            main.push('\n');
        }
        std::fs::write(path.join("etc/main.cf"), main).unwrap();
        let mut master = master_cf(&ports, &authority);
        for line in services {
            master.push_str(line);
            master.push('\n');
        }
        std::fs::write(path.join("etc/master.cf"), master).unwrap();
        // Everybody has a mailbox here but those whose address begins with "gone".
        let boxes = "if !/^gone/\n/./ box/\nendif\n";
        std::fs::write(path.join("etc/boxes"), boxes).unwrap();

        let mut command = Command::new(daemons.join("master"));
        command.arg("-c").arg(path.join("etc")).args(["-d", "-s"]);
        command.env("MAIL_CONFIG", path.join("etc"));
        let server = Leashed::start(command, folder, None, "TERM").expect("Postfix can be run");
        let mut postfix = Self {
            server,
            _dovecot: dovecot,
            ports,
        };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", postfix.port(Port::Plain))).is_ok() {
                return Some(postfix);
            }
            if postfix.server.ended().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("Postfix does not answer: {}", postfix.server.log());
    }

    /// The number of a port.
    pub fn port(&self, port: Port) -> u16 {
        self.ports
            .iter()
            .find(|(known, _)| *known == port)
            .unwrap()
            .1
    }

    /// The setting `smtp_url` for a port: with user, password and `ca_file`, or none of them for [`Port::Plain`].
    pub fn url(&self, port: Port) -> String {
        let number = self.port(port);
        let ca_file = self.ca_file();
        let ca_file = ca_file.display();
        match port {
            Port::Plain => format!("smtp://127.0.0.1:{number}"),
            Port::Smtps => {
                format!("smtps://{USER}:{PASSWORD}@localhost:{number}?ca_file={ca_file}")
            }
            _ => format!(
                "smtp://{USER}:{PASSWORD}@localhost:{number}?tls=required&ca_file={ca_file}"
            ),
        }
    }

    /// The file with its authority's certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.server.folder().join("ca.pem")
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

/// The folders that Postfix's own installation makes for its queue, with their owners.
fn make_folders(path: &Path, user: User) {
    let folder = |name: &str, mode: u32| {
        let folder = path.join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
        folder
    };
    folder("etc", 0o755);
    folder("queue", 0o755);
    folder("queue/pid", 0o755);
    user.owns(&folder("data", 0o700));
    User::unprivileged().unwrap().owns(&folder("mail", 0o755));
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
        "saved", "trace",
    ] {
        user.owns(&folder(&format!("queue/{name}"), 0o700));
    }
    for (name, mode) in [("queue/maildrop", 0o730), ("queue/public", 0o710)] {
        user.owns(&folder(name, mode));
    }
}

fn main_cf(path: &Path, sasl: &Path, certificate: &Path) -> String {
    let (uid, gid) = User::unprivileged().unwrap().numbers();
    let (path, sasl, certificate) = (path.display(), sasl.display(), certificate.display());
    format!(
        "compatibility_level = 3.6
queue_directory = {path}/queue
data_directory = {path}/data
maillog_file = /dev/stdout
myhostname = mail.clinic.example
mydestination =
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
default_transport = error:5.7.1 no mail leaves this machine
relay_transport = error:5.7.1 no mail leaves this machine
virtual_mailbox_domains = practice.example
virtual_mailbox_maps = regexp:{path}/etc/boxes
virtual_mailbox_base = {path}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_chain_files = {certificate}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_tls_auth_only = yes
"
    )
}

fn master_cf(ports: &[(Port, u16)], authority: &Authority) -> String {
    const SIGNED_IN: &str = " -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject";
    const STARTTLS: &str = " -o smtpd_tls_security_level=encrypt";
    let mut text = String::new();
    for (port, number) in ports {
        let (tls, more) = match port {
            Port::Plain => ("", String::new()),
            Port::Submission => (STARTTLS, SIGNED_IN.to_owned()),
            Port::Smtps => (" -o smtpd_tls_wrappermode=yes", SIGNED_IN.to_owned()),
            Port::LoginOnly => (
                STARTTLS,
                format!("{SIGNED_IN} -o smtpd_sasl_mechanism_filter=login"),
            ),
            Port::PlainOnly => (
                STARTTLS,
                format!("{SIGNED_IN} -o smtpd_sasl_mechanism_filter=plain"),
            ),
            Port::NeitherOfThem => (
                STARTTLS,
                format!("{SIGNED_IN} -o smtpd_sasl_mechanism_filter=cram-md5"),
            ),
            Port::OtherName | Port::Expired | Port::AuthoritysOwn => {
                let file = match port {
                    Port::OtherName => authority.of_another_name(),
                    Port::AuthoritysOwn => authority.own(),
                    _ => authority.expired(),
                };
                (
                    STARTTLS,
                    format!("{SIGNED_IN} -o smtpd_tls_chain_files={}", file.display()),
                )
            }
        };
        text.push_str(&format!(
            "127.0.0.1:{number} inet n - n - - smtpd{tls}{more}\n"
        ));
    }
    text.push_str(
        "cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
",
    );
    text
}
