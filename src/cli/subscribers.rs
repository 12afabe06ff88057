//! `practice-points subscribers`: files of people, in and out.

mod export;
mod import;

use clap::Subcommand;

use super::failure::Failure;
use super::settings::Configuration;

#[derive(Debug, Subcommand)]
pub(super) enum SubscribersCommand {
    /// Take the people in a CSV file onto the list
    ///
    /// The first line names the columns: email, and any of name, practice, region, role,
    /// mcnz_number, topics. Who is on the list already stays as they are, also who has left. Lines
    /// that cannot be taken are told by number and reason; the others are taken.
    Import(import::ImportArguments),
    /// Write the list as CSV
    Export(export::ExportArguments),
}

impl SubscribersCommand {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        match self {
            Self::Import(arguments) => arguments.run(configuration),
            Self::Export(arguments) => arguments.run(configuration),
        }
    }
}
