//! Postfix's `smtp-source`: a bare load generator, which makes its messages of nothing and records nothing.

use std::process::{Command, Stdio};

use crate::programs::find;

/// Sends so many messages of a size over so many connections, each of which carries one after another.
///
/// # Panics
/// Where Postfix is not installed: there is no ratio without it.
pub fn send(port: u16, connections: usize, size: u64, messages: u64) {
    let program = find("smtp-source", &["/usr/sbin", "/usr/local/sbin"]);
    let program = program.expect("smtp-source is installed (the package postfix)");
    let status = Command::new(program)
        .args(["-4", "-d", "-s", &connections.to_string()])
        .args(["-l", &size.to_string(), "-m", &messages.to_string()])
        .args([
            "-f",
            "points@clinic.example",
            "-t",
            "reader@practice.example",
        ])
        .arg(format!("127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "smtp-source ended with {status}");
}
