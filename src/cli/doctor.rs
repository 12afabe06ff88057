//! `practice-points doctor`: what is set, whether it works, and what to publish in the DNS and whether it is.

use crate::app::examine::{self, Finding, Verdict};
use crate::app::site_settings;
use crate::clock::Clock;
use crate::config::{Origin, Settings};
use crate::mail::dns::Dns;

use super::failure::Failure;
use super::settings::Configuration;
use super::{output, runtime};

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
        // What the clinic has set on its pages counts, where there are any.
        let settings = runtime::block_on(site_settings::in_effect(&configuration.settings))?;
        let findings = if self.mail {
            mail_connections(configuration)?
        } else {
            everything(configuration, &settings)?
        };
        let width = findings.iter().map(|(subject, _)| subject.len()).max();
        for (subject, Finding { verdict, words }) in &findings {
            let mark = mark(*verdict);
            // The long form is read as a table.
            let width = width.filter(|_| self.mail).map_or(0, |width| width + 1);
            output::line(format_args!(
                "  {mark:5}  {:width$} {words}",
                format!("{subject}:")
            ));
        }
        tell_dns_records(&settings)?;
        judge(&findings)
    }
}

fn mail_connections(configuration: &Configuration) -> Result<Findings, Failure> {
    output::line(format_args!(
        "Mail server {}",
        examine::mail_server_places(&configuration.settings)
    ));
    let now = Clock::system().now();
    runtime::block_on(examine::mail_connections(&configuration.settings, now))
}

fn everything(configuration: &Configuration, in_effect: &Settings) -> Result<Findings, Failure> {
    let settings = &configuration.settings;
    output::line("Settings");
    for (key, value, origin) in examine::as_understood(settings) {
        output::line(format_args!("  {key} = {value}{}", told(&origin)));
    }
    let findings = runtime::block_on(examine::everything(in_effect, Clock::system().now()))?;
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

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Warning => "look",
        Verdict::Fault => "FAULT",
    }
}

/// What is not published does not count as a fault: the program works, and a change of the DNS takes up to a day.
fn tell_dns_records(settings: &Settings) -> Result<(), Failure> {
    if settings.smtp_servers.is_empty() && settings.dkim.is_none() {
        output::line("\nThe DNS needs nothing while no mail server is set.");
        return Ok(());
    }
    let dns = Dns::at(settings.dns_server);
    let records = examine::dns_records(settings);
    let published = runtime::block_on(examine::published(&records, &dns))?;
    let asked = match dns.place() {
        place if place.is_empty() => "nobody could be asked".to_owned(),
        place => format!("asked: {place}"),
    };
    output::line(format_args!("\nRecords to publish in the DNS ({asked})"));
    for (record, published) in records.iter().zip(published) {
        let sort = match record.kind.dns_type() {
            "TXT" => String::new(),
            other => format!("{other} "),
        };
        output::line(format_args!("  {}  {sort}{}", record.name, record.quoted()));
        output::line(format_args!("      {}", record.purpose));
        if !record.kind.is_looked_up() {
            continue;
        }
        output::line(format_args!(
            "      {:5}  {}. {}",
            mark(examine::verdict(published.outcome)),
            published.outcome.label(),
            published.words
        ));
        for seen in &published.seen {
            output::line(format_args!("             There: {seen}"));
        }
    }
    Ok(())
}

fn told(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => String::new(),
        set => format!("  ({set})"),
    }
}
