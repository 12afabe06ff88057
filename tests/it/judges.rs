//! Programs from npm that judge what we made. `.ci/run` installs them into `target/judge`, as `tests/judge/package.json` asks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::programs::{find, left_out};

/// The folder of a package from npm; `None` where Node.js or the package is not installed.
pub fn package(name: &str) -> Option<PathBuf> {
    node()?;
    let folder = installed().join("node_modules").join(name);
    if !folder.is_dir() {
        left_out(
            "Judges from npm",
            "copy package.json and package-lock.json from tests/judge to target/judge, and run npm ci there, as .ci/run does",
        );
        return None;
    }
    Some(folder)
}

/// Node.js; `None` where it is not installed.
pub fn node() -> Option<PathBuf> {
    let node = find("node", &[]);
    if node.is_none() {
        left_out("Node.js", "install node 20 or later with npm");
    }
    node
}

/// Where the packages are installed.
pub fn installed() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("judge")
}

/// Java; `None` where it is not installed.
pub fn java() -> Option<PathBuf> {
    let java = find("java", &[]);
    if java.is_none() {
        left_out("Java", "install default-jre-headless");
    }
    java
}

/// Runs a program to its end, with nothing on its standard input. Returns what it printed, whatever its exit code says:
/// most judges tell by it what they found.
///
/// # Panics
///
/// When it cannot be run, or prints nothing.
pub fn run(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("the judge can be run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !said.trim().is_empty(),
        "{command:?} printed nothing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Runs a script (the text of a module) in Node.js, with the packages from npm and with `stdin` as its input. Returns what
/// it prints.
///
/// # Panics
///
/// When the script fails, with what it said.
pub fn ask_in_node(script: &str, stdin: &[u8]) -> String {
    let folder = installed();
    let input = tempfile::NamedTempFile::new().expect("a file can be made");
    std::fs::write(input.path(), stdin).expect("it can be written");
    let output = Command::new(node().expect("whoever has a package has Node.js"))
        // Packages are looked for from where it runs.
        .current_dir(folder)
        .args(["--input-type=module", "--eval", script])
        .stdin(input.reopen().expect("it can be read"))
        .output()
        .expect("Node.js can be run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the script failed: {said}");
    String::from_utf8(output.stdout).expect("the script prints UTF-8")
}
