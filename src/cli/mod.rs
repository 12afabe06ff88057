//! The command line: says what is possible, reads what is asked, and hands it to the use cases.
//!
//! Results go to standard output, so that they can be piped; everything else (progress, log,
//! refusals) goes to standard error. The exit code is 0 when what was asked is done, 2 when the
//! command line or a setting is wrong, and 1 for everything else; but see `inbound`, whose caller is a mail server.

mod backup;
mod bulletin;
mod data_folder;
mod demo;
mod doctor;
mod failure;
mod inbound;
mod migrate;
mod named;
mod output;
mod progress;
mod runtime;
mod serve;
mod settings;
mod staff;
mod subscribers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::failure::Failure;
use self::serve::Work;
use self::settings::Configuration;

/// The newsletter service of a specialist clinic for its general practitioners.
///
/// Without a command it serves the pages and delivers messages in the background, with its data in
/// ./data and nothing else needed. Settings stand in practice-points.toml or in the environment, as
/// PRACTICE_POINTS_<NAME>.
#[derive(Debug, Parser)]
#[command(name = "practice-points", version)]
struct Arguments {
    /// Read settings from FILE instead of practice-points.toml
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PRACTICE_POINTS_CONFIG"
    )]
    config: Option<PathBuf>,
    /// Change a setting for this run, such as listen=127.0.0.1:8081; may be given several times
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = settings::key_and_value)]
    set: Vec<(String, String)>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages only; messages wait for a worker
    Serve,
    /// Serve with samples in it, in the folder ./demo, to look around; sends nothing
    Demo,
    /// Deliver messages only; any number of workers can share one PostgreSQL database
    Worker,
    /// Bring the database up to this program's version, and end
    Migrate,
    /// Keep the list of staff
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Bring subscribers in from a file, or take them out into one
    #[command(subcommand)]
    Subscribers(subscribers::SubscribersCommand),
    /// Send bulletins
    #[command(subcommand)]
    Bulletin(bulletin::BulletinCommand),
    /// Take in a message that came back (a bounce, a complaint, a reply), for a mail server's alias
    Inbound(inbound::InboundArguments),
    /// Copy the database into a new file, while the service runs
    Backup(backup::BackupArguments),
    /// Check settings, database and mail server, and show the DNS records to publish
    Doctor(doctor::DoctorArguments),
}

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    // Wrong arguments end the program here, with a hint and exit code 2.
    let arguments = Arguments::parse();
    match arguments.carry_out() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure);
            failure.exit_code()
        }
    }
}

impl Arguments {
    fn carry_out(self) -> Result<(), Failure> {
        let mut built_in = Vec::new();
        if matches!(self.command, Some(Command::Demo)) {
            built_in.push(("data_dir", demo::FOLDER));
            // There is nobody in it whose ways could be counted, and something to look at.
            built_in.push(("count_links", "on"));
        }
        let read = Configuration::read(self.config.as_deref(), &self.set, &built_in);
        let configuration = read.map_err(|error| match &self.command {
            // A mail server keeps the message until the settings are mended.
            Some(Command::Inbound(arguments)) if arguments.is_for_a_mail_server() => {
                Failure::from(error).code(inbound::TRY_AGAIN)
            }
            _ => error.into(),
        })?;
        match self.command {
            None => serve::run(&configuration, Work::Everything),
            Some(Command::Serve) => serve::run(&configuration, Work::Pages),
            Some(Command::Demo) => demo::run(&configuration),
            Some(Command::Worker) => serve::run(&configuration, Work::Delivery),
            Some(Command::Migrate) => migrate::run(&configuration),
            Some(Command::Staff(command)) => command.run(&configuration),
            Some(Command::Subscribers(command)) => command.run(&configuration),
            Some(Command::Bulletin(command)) => command.run(&configuration),
            Some(Command::Inbound(arguments)) => arguments.run(&configuration),
            Some(Command::Backup(arguments)) => arguments.run(&configuration),
            Some(Command::Doctor(arguments)) => arguments.run(&configuration),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
