//! `practice-points migrate`: for those who migrate once before they start several programs.

use crate::store::{Store, migrate};

use super::data_folder;
use super::failure::Failure;
use super::output;
use super::settings::Configuration;

pub(super) fn run(configuration: &Configuration) -> Result<(), Failure> {
    configuration.begin_quiet_log()?;
    data_folder::prepare(&configuration.settings)?;
    let store = Store::open(configuration.settings.database_url.clone())?;
    let ran = migrate::up(&store)?;
    if ran.is_empty() {
        output::line("The database is up to date.");
    }
    for migration in ran {
        output::line(format_args!("Migrated: {migration}"));
    }
    Ok(())
}
