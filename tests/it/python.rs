//! Python, whose standard library judges what we wrote: a second implementation of e-mail, of CSV, of calendars.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::programs::{find, left_out};

/// Runs `script` (the text of a program: `include_str!("../judge/….py")`) with `stdin` as its input, and gives what it
/// prints; `None` where Python is not installed.
///
/// The script sees the standard library only: neither the environment's Python settings nor the user's packages.
///
/// # Panics
///
/// When the script fails, with what it said.
pub fn run(script: &str, stdin: &[u8]) -> Option<String> {
    let Some(python) = find("python3", &[]) else {
        left_out("Python", "install python3");
        return None;
    };
    Some(run_by(&python, script, stdin))
}

/// A package that a script needs.
pub struct Package {
    name: &'static str,
    imports: &'static str,
    /// What to do where it is missing.
    advice: &'static str,
}

/// Signs and verifies with DKIM; the other is the one by which it knows Ed25519.
pub const DKIMPY: Package = Package {
    name: "dkimpy",
    imports: "dkim, nacl.signing",
    advice: "install python3-dkim and python3-nacl",
};

/// Reads and writes images.
pub const PILLOW: Package = Package {
    name: "Pillow",
    imports: "PIL.Image",
    advice: "install python3-pil",
};

/// Reads calendar files.
pub const ICALENDAR: Package = Package {
    name: "icalendar",
    imports: "icalendar",
    advice: "install python3-icalendar",
};

/// Reads feeds.
pub const FEEDPARSER: Package = Package {
    name: "feedparser",
    imports: "feedparser",
    advice: "install python3-feedparser",
};

/// The same, with a package; `None` where no Python of this machine has it.
///
/// # Panics
///
/// When the script fails, with what it said.
pub fn run_with(package: &Package, script: &str, stdin: &[u8]) -> Option<String> {
    let Some(python) = python_with(package.imports) else {
        left_out(package.name, package.advice);
        return None;
    };
    Some(run_by(&python, script, stdin))
}

/// The first Python that has these modules. The system's own, for which its packages are, may not be the first in PATH.
fn python_with(modules: &str) -> Option<PathBuf> {
    let pythons = [
        find("python3", &[]),
        Some(PathBuf::from("/usr/bin/python3")),
    ];
    let has_them = |python: &PathBuf| {
        let found = Command::new(python)
            .args(["-I", "-c", &format!("import {modules}")])
            .stderr(Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    };
    pythons.into_iter().flatten().find(has_them)
}

fn run_by(python: &Path, script: &str, stdin: &[u8]) -> String {
    let mut process = Command::new(python)
        .args(["-I", "-X", "utf8", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = process.stdin.take().expect("its input is a pipe");
    let output = std::thread::scope(|scope| {
        // Beside the reading: a script that answers while it reads would fill one pipe while we fill the other.
        scope.spawn(move || input.write_all(stdin));
        process.wait_with_output().expect("Python ends")
    });
    assert!(
        output.status.success(),
        "the script failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the script prints UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_reads_its_input_and_its_words_come_back() {
        let script = "import sys; print(sys.stdin.buffer.read().decode().upper())";
        let Some(answer) = run(script, "Tāmaki".as_bytes()) else {
            return;
        };
        assert_eq!(answer, "TĀMAKI\n");
    }

    #[test]
    fn a_script_that_answers_while_it_reads_does_not_hang() {
        let script = "import sys\nfor line in sys.stdin: print(line, end='')";
        let lines = "practice points\n".repeat(40_000);
        let Some(answer) = run(script, lines.as_bytes()) else {
            return;
        };
        assert_eq!(answer, lines);
    }

    #[test]
    #[should_panic(expected = "not a message")]
    fn a_script_that_fails_fails_the_test() {
        if run("raise SystemExit('not a message')", b"").is_none() {
            panic!("not a message: without Python there is nothing to fail");
        }
    }
}
