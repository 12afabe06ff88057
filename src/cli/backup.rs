//! `practice-points backup FILE`.

use std::path::PathBuf;

use clap::Args;

use crate::app::backup::backup;
use crate::domain::grouped::grouped;

use super::failure::Failure;
use super::output;
use super::runtime::block_on;
use super::settings::Configuration;

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// The new file; one that is there already is not overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl BackupArguments {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        configuration.begin_quiet_log()?;
        // The database is not migrated: a backup is what one makes before that.
        let bytes = block_on(backup(&configuration.settings.database_url, &self.file))??;
        let (file, kilobytes) = (self.file.display(), grouped(bytes.div_ceil(1024)));
        output::line(format_args!("{file}: {kilobytes} kB, and whole."));
        Ok(())
    }
}
