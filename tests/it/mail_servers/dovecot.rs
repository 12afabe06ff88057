//! Dovecot, of which only the part runs that judges passwords for Postfix.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{PASSWORD, USER};
use crate::leash::{Leashed, User, folder};
use crate::programs::{find, left_out};

/// A running Dovecot, ended when dropped.
#[derive(Debug)]
pub struct Dovecot {
    server: Leashed,
}

impl Dovecot {
    /// Starts one; `None` where it is not installed.
    pub fn start() -> Option<Self> {
        let (Some(program), Some(user)) = (
            find("dovecot", &["/usr/sbin", "/usr/local/sbin"]),
            User::named("dovecot"),
        ) else {
            left_out("Dovecot", "install dovecot-core");
            return None;
        };
        let folder = folder(Some(user));
        let path = folder.path();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        std::fs::write(path.join("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).unwrap();
        std::fs::write(path.join("dovecot.conf"), configuration(path)).unwrap();
        let mut command = Command::new(program);
        command.args(["-F", "-c"]).arg(path.join("dovecot.conf"));
        let server = Leashed::start(command, folder, None, "TERM").expect("Dovecot can be run");
        let mut dovecot = Self { server };
        let start = Instant::now();
        while !dovecot.socket().exists() {
            assert!(
                dovecot.server.ended().is_none() && start.elapsed() < Duration::from_secs(10),
                "Dovecot does not start: {}",
                dovecot.server.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(dovecot)
    }

    /// Where Postfix asks.
    pub fn socket(&self) -> PathBuf {
        self.server.folder().join("postfix")
    }
}

fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {folder}/postfix {{
    mode = 0666
  }}
}}
"
    )
}
