//! `practice-points staff`: the staff, for whoever has the machine.

use std::io::{BufRead, IsTerminal, Read};

use clap::Subcommand;
use secrecy::SecretString;

use crate::app::{keep_staff, second_factor};
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{MAX_PASSWORD_BYTES, StaffRole};

use super::failure::Failure;
use super::runtime::with_app;
use super::settings::Configuration;
use super::{named, output};

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// Add a member of staff
    Add {
        /// The address with which they sign in
        #[arg(value_name = "EMAIL", value_parser = EmailAddress::parse)]
        email: EmailAddress,
        /// Their name
        #[arg(long, value_parser = PersonName::parse)]
        name: PersonName,
        /// What they may do; each role includes the ones before it
        #[arg(long, value_parser = named::staff_role())]
        role: StaffRole,
        /// Read the password from the first line of standard input (where other users of the
        /// machine cannot see it, as they could see an argument)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List the staff
    List,
    /// Take somebody's second factor off, who has lost both phone and recovery codes
    ResetSecondFactor {
        /// The address with which they sign in
        #[arg(value_name = "EMAIL", value_parser = EmailAddress::parse)]
        email: EmailAddress,
    },
}

impl StaffCommand {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        match self {
            Self::Add {
                email,
                name,
                role,
                password_stdin: _,
            } => add(configuration, email, name, role),
            Self::List => list(configuration),
            Self::ResetSecondFactor { email } => reset_second_factor(configuration, email),
        }
    }
}

fn add(
    configuration: &Configuration,
    email: EmailAddress,
    name: PersonName,
    role: StaffRole,
) -> Result<(), Failure> {
    let password = password_from_stdin()?;
    with_app(configuration, async |app| {
        let shown = format!(
            "{} is on the staff now, as {}.",
            name.as_str(),
            role.as_str()
        );
        keep_staff::add(&app, None, email, name, role, password).await?;
        output::line(shown);
        let everybody = keep_staff::all(&app).await?;
        if !everybody
            .iter()
            .any(|member| member.active && member.role == StaffRole::Owner)
        {
            output::aside(
                "There is no owner yet, and the page for the first owner is closed now that there \
                 is somebody on the staff: add one with --role owner.",
            );
        }
        Ok(())
    })
}

fn password_from_stdin() -> Result<SecretString, Failure> {
    let stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        output::aside("Type the password, then Enter. It can be seen while you type.");
    }
    let longest = u64::try_from(MAX_PASSWORD_BYTES).unwrap_or(u64::MAX) + 2;
    let mut line = Vec::new();
    stdin
        .take(longest)
        .read_until(b'\n', &mut line)
        .map_err(|error| {
            Failure::caused("the password cannot be read from standard input", &error)
        })?;
    let line = String::from_utf8(line)
        .map_err(|_| Failure::new("the password on standard input is not text in UTF-8"))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        let problem = "there is no password on standard input";
        return Err(Failure::new(problem)
            .hint("Give it on one line, like: … --password-stdin < password.txt"));
    }
    Ok(SecretString::from(password.to_owned()))
}

fn list(configuration: &Configuration) -> Result<(), Failure> {
    with_app(configuration, async |app| {
        let everybody = keep_staff::all(&app).await?;
        if everybody.is_empty() {
            output::aside("There is nobody on the staff yet.");
        }
        let width = everybody
            .iter()
            .map(|member| member.email.as_str().chars().count())
            .max();
        let width = width.unwrap_or_default();
        for member in everybody {
            let email = member.email.as_str();
            let role = member.role.as_str();
            let state = if member.active {
                ""
            } else {
                "  (may not sign in)"
            };
            output::line(format_args!(
                "{email:width$}  {role:9}  {}{state}",
                member.name
            ));
        }
        Ok(())
    })
}

fn reset_second_factor(configuration: &Configuration, email: EmailAddress) -> Result<(), Failure> {
    with_app(configuration, async |app| {
        let everybody = keep_staff::all(&app).await?;
        let Some(member) = everybody
            .into_iter()
            .find(|member| member.email.key() == email.key())
        else {
            let problem = format!("there is nobody on the staff with the address {email}");
            return Err(Failure::new(problem));
        };
        second_factor::reset(&app, None, member.id).await?;
        output::line(format_args!(
            "{} signs in with the password alone now. Their sessions have ended.",
            member.name
        ));
        Ok(())
    })
}
