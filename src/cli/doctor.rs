//! `practice-points doctor`: what is set, whether it works, and what to publish in the DNS.

use crate::app::examine::{self, Finding, Verdict};
use crate::clock::Clock;
use crate::config::{KEYS, MailAddress, Origin, Settings};
use crate::mail::smtp::SmtpServer;

use super::failure::Failure;
use super::settings::Configuration;
use super::{data_folder, output, runtime};

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArguments {
    /// Only the mail server, at length: encryption, certificate, sign-in, what it offers and how far away it is
    #[arg(long)]
    mail: bool,
}

type Findings = Vec<(&'static str, Finding)>;

impl DoctorArguments {
    pub(super) fn run(&self, configuration: &Configuration) -> Result<(), Failure> {
        configuration.begin_quiet_log()?;
        let findings = if self.mail {
            mail_connections(configuration)?
        } else {
            everything(configuration)?
        };
        let width = findings.iter().map(|(subject, _)| subject.len()).max();
        for (subject, Finding { verdict, words }) in &findings {
            let mark = match verdict {
                Verdict::Good => "ok",
                Verdict::Warning => "look",
                Verdict::Fault => "FAULT",
            };
            // The long form is read as a table.
            let width = width.filter(|_| self.mail).map_or(0, |width| width + 1);
            output::line(format_args!(
                "  {mark:5}  {:width$} {words}",
                format!("{subject}:")
            ));
        }
        tell_dns_records(configuration);
        judge(&findings)
    }
}

fn mail_connections(configuration: &Configuration) -> Result<Findings, Failure> {
    output::line(format_args!(
        "Mail server {}",
        mail_servers(&configuration.settings)
    ));
    let now = Clock::system().now();
    runtime::block_on(examine::mail_connections(&configuration.settings, now))
}

fn everything(configuration: &Configuration) -> Result<Findings, Failure> {
    let settings = &configuration.settings;
    output::line("Settings");
    for (key, value, origin) in as_understood(configuration) {
        output::line(format_args!("  {key} = {value}{}", told(&origin)));
    }
    let mut findings = Vec::new();
    for folder in data_folder::needed(settings) {
        findings.push((
            "Folder",
            examine::folder(&folder, data_folder::check_writable),
        ));
    }
    let now = Clock::system().now();
    let (database, mail_servers, inbound) = runtime::block_on(async {
        tokio::join!(
            examine::database(&settings.database_url),
            examine::mail_servers(settings),
            examine::inbound(settings, now)
        )
    })?;
    findings.push(("Database", database));
    let mail_servers = mail_servers.into_iter();
    findings.extend(mail_servers.map(|found| ("Mail server", found)));
    findings.extend(
        examine::signing(settings)
            .into_iter()
            .map(|found| ("DKIM", found)),
    );
    let inbound = inbound.into_iter();
    findings.extend(inbound.map(|found| ("What comes back", found)));
    findings.push(("Address", examine::base_url(settings)));
    output::line("\nChecks");
    Ok(findings)
}

fn judge(findings: &Findings) -> Result<(), Failure> {
    let faults = findings
        .iter()
        .filter(|(_, found)| found.verdict == Verdict::Fault)
        .count();
    match faults {
        0 => Ok(()),
        1 => Err(Failure::new("one fault was found")),
        more => Err(Failure::new(format!("{more} faults were found"))),
    }
}

fn tell_dns_records(configuration: &Configuration) {
    let settings = &configuration.settings;
    if settings.smtp_servers.is_empty() && settings.dkim.is_none() {
        output::line("\nThe DNS needs nothing while no mail server is set.");
        return;
    }
    output::line("\nTXT records to publish in the DNS (nothing was looked up)");
    for record in examine::dns_records(settings) {
        output::line(format_args!("  {}  {}", record.name, record.quoted()));
        output::line(format_args!("      {}", record.purpose));
    }
}

/// Every key with its value and where it stands, without passwords.
fn as_understood(configuration: &Configuration) -> Vec<(&'static str, String, Origin)> {
    let settings = &configuration.settings;
    let entries = KEYS.iter().map(|&(key, built_in)| {
        let set = configuration.sources.get(key);
        let origin = set.map_or(Origin::BuiltIn, |(_, origin)| origin.clone());
        let text = set.map(|(text, _)| text.as_str()).or(built_in);
        let value = match key {
            // These may hold passwords: what is shown is put together from parts that do not.
            "database_url" => examine::place(&settings.database_url),
            "smtp_url" => mail_servers(settings),
            "base_url" => settings.base_url.join(""),
            "mail_from" => sender(&settings.mail_from),
            "dkim.domain" => match &settings.dkim {
                Some(dkim) => dkim.signer.domain().to_owned(),
                None => "(none)".to_owned(),
            },
            "inbound.mailbox_url" => match &settings.inbound.mailbox {
                Some(mailbox) => mailbox.place(),
                None => "(none)".to_owned(),
            },
            "inbound.postmark_password" | "inbound.mailgun_key" if set.is_some() => {
                "(set)".to_owned()
            }
            "clinic.email" => settings.clinic.email.as_str().to_owned(),
            _ => text.unwrap_or("(none)").to_owned(),
        };
        (key, value, origin)
    });
    entries.collect()
}

fn sender(from: &MailAddress) -> String {
    match (from.name.as_str(), from.email.as_str()) {
        ("", email) => email.to_owned(),
        (name, email) => format!("{name} <{email}>"),
    }
}

/// Where they are, without their passwords.
fn mail_servers(settings: &Settings) -> String {
    let places: Vec<String> = settings
        .smtp_servers
        .iter()
        .map(SmtpServer::place)
        .collect();
    match places[..] {
        [] => "(none)".to_owned(),
        _ => places.join(", "),
    }
}

fn told(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => String::new(),
        set => format!("  ({set})"),
    }
}
