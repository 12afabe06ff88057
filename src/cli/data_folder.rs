//! The folder in which the program keeps what is its own: made on the first start, for its user only.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

use crate::app::examine::{is_writable, needed_folders};
use crate::config::Settings;
use crate::store::DatabaseUrl;

use super::failure::Failure;

/// Makes the folders that these settings need, and checks that they can be written.
///
/// # Errors
/// [`Failure`] with the folder, and the setting to change.
pub(super) fn prepare(settings: &Settings) -> Result<(), Failure> {
    for folder in needed_folders(settings) {
        let shown = folder.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| {
                hinted(
                    Failure::caused(format_args!("the folder {shown} cannot be made"), &error),
                    settings,
                )
            })?;
        is_writable(&folder).map_err(|error| {
            hinted(
                Failure::caused(format_args!("the folder {shown} cannot be written"), &error),
                settings,
            )
        })?;
    }
    if let DatabaseUrl::Sqlite(file) = &settings.database_url {
        // Made here, because SQLite would let everybody on the machine read it. Its other files
        // take over the permissions of this one.
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
        {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                let what = format!("the database file {} cannot be made", file.display());
                return Err(hinted(Failure::caused(what, &error), settings));
            }
            _ => {}
        }
    }
    Ok(())
}

fn hinted(failure: Failure, settings: &Settings) -> Failure {
    let folder = settings.data_dir.display();
    failure.hint(format!(
        "Give the program's user the right to write there, or set another folder: data_dir is “{folder}”."
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::config::Sources;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn settings(folder: &Path, more: &[(&str, &str)]) -> Settings {
        let mut sources = Sources::default();
        sources.add_flag("data_dir", folder.display().to_string());
        for (key, value) in more {
            sources.add_flag(key, (*value).to_owned());
        }
        Settings::from_sources(&sources).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_user_only() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("deep/data");
        prepare(&settings(&data, &[])).unwrap();
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&data.join("practice-points.sqlite")), 0o600);
        assert_eq!(
            fs::read_dir(&data).unwrap().count(),
            1,
            "nothing else is left in it"
        );
    }

    #[test]
    fn a_database_that_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice-points.sqlite");
        fs::write(&file, "kept").unwrap();
        prepare(&settings(folder.path(), &[])).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told_with_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a-file");
        fs::write(&file, "").unwrap();
        let failure = prepare(&settings(&file.join("data"), &[])).expect_err("a file is no folder");
        assert!(
            failure.to_string().contains("a-file/data cannot be made"),
            "{failure}"
        );
        assert!(failure.remedy().unwrap().contains("data_dir"));
    }

    #[test]
    fn with_servers_for_data_and_mail_no_folder_is_needed() {
        let servers = [
            ("database_url", "postgres://db.example/points"),
            ("smtp_url", "smtp://127.0.0.1:2525"),
            ("mail_from", "points@clinic.example"),
        ];
        assert!(needed_folders(&settings(Path::new("/nowhere"), &servers)).is_empty());
    }
}
