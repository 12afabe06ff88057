//! Programs that the tests use when the machine has them: where they are, and what is said when they are not there.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The program of that name, looked for in `PATH` and then in `folders` (`/usr/sbin` is not in everybody's `PATH`).
pub fn find(name: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(folders.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

/// A file that somebody may run.
pub fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// Says that tests are left out because `program` is not there, once for each program; `remedy` says how to get it.
///
/// # Panics
///
/// With `CI=true`: a run that judges the code for everyone must not leave anything out.
pub fn left_out(program: &'static str, remedy: &str) {
    assert!(
        std::env::var_os("CI").is_none_or(|value| value != "true"),
        "{program} not found, and with CI=true nothing may be left out ({remedy})"
    );
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let first_time = SAID
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(program);
    if first_time {
        // Written to the stream itself: the test harness swallows what `eprintln!` says in a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "left out: {program} not found ({remedy})"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_in_the_path_or_in_a_named_folder_and_nowhere_else() {
        assert!(find("sh", &[]).is_some());
        assert_eq!(
            find("practice-points-has-no-such-program", &["/usr/sbin"]),
            None
        );

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("only-here");
        std::fs::write(&file, "").unwrap();
        let folders = [folder.path().to_str().unwrap()];
        assert_eq!(find("only-here", &folders), None, "it may not be run");
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        assert_eq!(find("only-here", &folders), Some(file));
    }
}
