//! Settings: defaults, then `practice-points.toml`, then the environment, then flags.
//!
//! Every setting is a key with a text, wherever it comes from, so that all of them are checked in
//! one place and a wrong one is reported with its key, its value, where it stands and what would be
//! right. Unknown keys are refused.

mod dkim;
mod inbound;
mod source;
mod values;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

pub use dkim::Dkim;
pub use inbound::{Inbound, LmtpAddress};
pub use source::{Origin, Sources, without_password};
pub use values::{BaseUrl, MailAddress, Network};

use crate::domain::email_address::EmailAddress;
use crate::mail::smtp::SmtpServer;
use crate::store::DatabaseUrl;

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address on which the pages are served.
    pub listen: SocketAddr,
    /// Address under which people reach the pages, without a slash at its end.
    pub base_url: BaseUrl,
    /// Folder for the database, the mailbox and what else is kept.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The mail servers; none keeps messages in the built-in mailbox.
    pub smtp_servers: Vec<SmtpServer>,
    /// Sender of every message.
    pub mail_from: MailAddress,
    /// Where replies go, and messages that ask to be unsubscribed.
    pub reply_to: Option<EmailAddress>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Who the clinic is.
    pub clinic: Clinic,
    /// How mail is delivered.
    pub delivery: Delivery,
    /// How messages are signed; none leaves that to the mail server.
    pub dkim: Option<Dkim>,
    /// How what comes back is taken in.
    pub inbound: Inbound,
    /// Whether it is counted how often the links of bulletins are followed.
    pub count_links: bool,
    /// Whether staff may sign in by a link in a message.
    pub sign_in_links: bool,
    /// Whether links in bulletins that lead to other sites are looked at before sending.
    pub check_links: bool,
    /// The DNS server that is asked whether the records are published; none for those of the system.
    pub dns_server: Option<SocketAddr>,
    /// Where each of them stands.
    pub sources: Sources,
}

/// Who the clinic is, as pages and messages say it
/// (every message names the sender and how to reach them: Unsolicited Electronic Messages Act 2007, s 10).
#[derive(Debug, Clone)]
pub struct Clinic {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub street: String,
    /// Its postal address.
    pub postal: String,
    /// Where people write to it.
    pub email: EmailAddress,
}

/// How mail is delivered.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// Connections to the mail server at a time.
    pub connections: u16,
    /// Messages a second in all; none for no limit.
    pub per_second: Option<NonZeroU32>,
    /// Messages to the addresses of one domain within any minute; none for no limit.
    pub per_domain_per_minute: Option<NonZeroU32>,
    /// Messages over one connection before a new one is opened.
    pub messages_per_connection: u32,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// A value is not what its key needs.
    #[error("the setting {key} = {value:?} ({origin}) cannot be used: {problem}")]
    Wrong {
        /// Its key.
        key: String,
        /// Its value; what may hold a password is not shown.
        value: String,
        /// Where it stands.
        origin: Origin,
        /// What would be right.
        problem: String,
    },
    /// There is no such setting.
    #[error("there is no setting {key} ({origin}){}", suggestion(.closest))]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// A key that may have been meant.
        closest: Option<&'static str>,
    },
    /// A setting is needed because of another.
    #[error("the setting {key} is missing: {why}")]
    Missing {
        /// Its key.
        key: &'static str,
        /// Why it is needed.
        why: &'static str,
    },
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read: {problem}")]
    File {
        /// Its path.
        path: String,
        /// Why not.
        problem: String,
    },
}

fn suggestion(closest: &Option<&'static str>) -> String {
    closest
        .map(|key| format!("; did you mean {key}?"))
        .unwrap_or_default()
}

/// Every key, with its value on a new installation (none: derived from others, or nothing).
pub const KEYS: [(&str, Option<&str>); 37] = [
    ("listen", Some("127.0.0.1:8080")),
    ("base_url", None),
    ("data_dir", Some("./data")),
    ("database_url", None),
    ("smtp_url", None),
    ("mail_from", None),
    ("reply_to", None),
    ("trusted_proxies", Some("")),
    ("clinic.name", Some("Heart Clinic")),
    (
        "clinic.street",
        Some("Ascot Hospital, Level 3, 90 Greenlane East, Remuera, Auckland 1051"),
    ),
    (
        "clinic.postal",
        Some("PO Box 17264, Greenlane, Auckland 1546"),
    ),
    ("clinic.email", None),
    ("delivery.connections", Some("8")),
    ("delivery.per_second", Some("0")),
    ("delivery.per_domain_per_minute", Some("0")),
    ("delivery.messages_per_connection", Some("1000")),
    // Off: nothing is collected that a clinic has not decided to need (Privacy Act 2020, IPP 1).
    ("count_links", Some("off")),
    ("dkim.domain", None),
    ("dkim.selector", None),
    ("dkim.key_file", None),
    ("inbound.address", None),
    ("inbound.lmtp", None),
    ("inbound.mailbox_url", None),
    ("inbound.mailbox_seconds", Some("60")),
    ("inbound.ses_topic", None),
    ("inbound.ses_certificate", None),
    ("inbound.postmark_password", None),
    ("inbound.mailgun_key", None),
    ("inbound.sendgrid_key", None),
    ("inbound.strikes", Some("3")),
    ("inbound.strike_days", Some("30")),
    ("inbound.keep_days", Some("90")),
    ("inbound.keep_megabytes", Some("256")),
    ("staff.sign_in_links", Some("true")),
    ("check_links", Some("true")),
    ("dns_server", None),
    ("log", Some("info,actix_server=warn")),
];

impl Settings {
    /// Checks what the sources say.
    ///
    /// # Errors
    /// [`SettingsError`] for the first setting that cannot be used.
    pub fn from_sources(sources: &Sources) -> Result<Self, SettingsError> {
        let known: BTreeSet<&str> = KEYS.iter().map(|(key, _)| *key).collect();
        if let Some((key, (_, origin))) = sources
            .iter()
            .find(|(key, _)| !known.contains(key.as_str()))
        {
            let closest = source::closest(key, known.iter().copied());
            return Err(SettingsError::Unknown {
                key: key.clone(),
                origin: origin.clone(),
                closest,
            });
        }
        let take = Taker { sources };
        let listen: SocketAddr = take.needed("listen", |t| {
            t.parse()
                .map_err(|_| "give an address and a port, like 127.0.0.1:8080")
        })?;
        let data_dir: PathBuf = take.needed("data_dir", |text| match text {
            "" => Err("give a folder"),
            path => Ok(PathBuf::from(path)),
        })?;
        let base_url = match take.optional("base_url", BaseUrl::from_str)? {
            Some(url) => url,
            None => BaseUrl::from_str(&format!("http://{listen}"))
                .map_err(|problem| take.wrong("listen", listen.to_string(), problem))?,
        };
        let database_url = take
            .optional("database_url", DatabaseUrl::from_str)?
            .unwrap_or_else(|| DatabaseUrl::Sqlite(data_dir.join("practice-points.sqlite")));
        let smtp_servers = take
            .optional("smtp_url", |text| {
                values::mail_servers(text)
                    .iter()
                    .map(SmtpServer::parse)
                    .collect::<Result<Vec<_>, _>>()
            })?
            .unwrap_or_default();
        let mail_from = take.optional("mail_from", MailAddress::from_str)?;
        if !smtp_servers.is_empty() && mail_from.is_none() {
            let why = "with a mail server, say whom messages come from, like \
                       “GP Practice Points <points@clinic.co.nz>”";
            return Err(SettingsError::Missing {
                key: "mail_from",
                why,
            });
        }
        let mail_from = match mail_from {
            Some(from) => from,
            None => take.built_in(
                "mail_from",
                "GP Practice Points <practice-points@clinic.example>",
            )?,
        };
        let clinic_email = take.optional("clinic.email", EmailAddress::parse)?;
        let reply_to = take.optional("reply_to", EmailAddress::parse)?;
        let count = |text: &str, most: u32| match text.parse::<u32>() {
            Ok(number) if number <= most => Ok(number),
            _ => Err(format!("give a whole number from 0 to {most}")),
        };
        let at_least_one = |text: &str, most: u32| match text.parse::<u32>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(format!("give a whole number from 1 to {most}")),
        };
        let line = |text: &str| match text.trim() {
            "" => Err("give a text"),
            line if line.chars().any(char::is_control) => Err("give a text of one line"),
            line => Ok(line.to_owned()),
        };
        Ok(Self {
            clinic: Clinic {
                name: take.needed("clinic.name", line)?,
                street: take.needed("clinic.street", line)?,
                postal: take.needed("clinic.postal", line)?,
                email: clinic_email
                    .or_else(|| reply_to.clone())
                    .unwrap_or_else(|| mail_from.email.clone()),
            },
            delivery: Delivery {
                connections: take
                    .needed("delivery.connections", |t| at_least_one(t, 200))?
                    .try_into()
                    .unwrap_or(200),
                per_second: NonZeroU32::new(
                    take.needed("delivery.per_second", |t| count(t, 1_000_000))?,
                ),
                per_domain_per_minute: NonZeroU32::new(
                    take.needed("delivery.per_domain_per_minute", |t| count(t, 100_000))?,
                ),
                messages_per_connection: take.needed("delivery.messages_per_connection", |t| {
                    at_least_one(t, 1_000_000)
                })?,
            },
            trusted_proxies: take.needed("trusted_proxies", |text| {
                text.split(',')
                    .filter(|part| !part.trim().is_empty())
                    .map(str::parse)
                    .collect()
            })?,
            dkim: dkim::read(&take, &mail_from)?,
            inbound: inbound::read(&take)?,
            count_links: take.needed("count_links", |text| match text {
                "on" => Ok(true),
                "off" => Ok(false),
                _ => Err("say on or off"),
            })?,
            sign_in_links: take.needed("staff.sign_in_links", |text| {
                text.parse::<bool>().map_err(|_| "give true or false")
            })?,
            check_links: take.needed("check_links", |text| match text {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err("give true or false"),
            })?,
            dns_server: take.optional("dns_server", |text| {
                text.parse()
                    .map_err(|_| "give an address and a port, like 192.0.2.53:53")
            })?,
            listen,
            base_url,
            data_dir,
            database_url,
            smtp_servers,
            mail_from,
            reply_to,
            sources: sources.clone(),
        })
    }
}

struct Taker<'a> {
    sources: &'a Sources,
}

impl Taker<'_> {
    fn optional<T, E: ToString>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, SettingsError> {
        let built_in = || {
            KEYS.iter()
                .find(|(k, _)| *k == key)
                .and_then(|(_, value)| *value)
        };
        let text = match self.sources.get(key) {
            Some((text, _)) => text.as_str(),
            None => match built_in() {
                Some(text) => text,
                None => return Ok(None),
            },
        };
        parse(text)
            .map(Some)
            .map_err(|e| self.wrong(key, text.to_owned(), e.to_string()))
    }

    fn needed<T, E: ToString>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, SettingsError> {
        self.optional(key, parse)?.ok_or(SettingsError::Missing {
            key,
            why: "it is needed",
        })
    }

    fn built_in<T: FromStr>(&self, key: &'static str, text: &str) -> Result<T, SettingsError>
    where
        T::Err: ToString,
    {
        text.parse()
            .map_err(|e: T::Err| self.wrong(key, text.to_owned(), e.to_string()))
    }

    fn wrong(&self, key: &'static str, value: String, problem: String) -> SettingsError {
        let origin = self
            .sources
            .get(key)
            .map_or(Origin::BuiltIn, |(_, origin)| origin.clone());
        let value = if key.ends_with("_password") || key.ends_with("_key") {
            "…".to_owned()
        } else if key.ends_with("_url") {
            source::without_password(&value)
        } else {
            value
        };
        SettingsError::Wrong {
            key: key.to_owned(),
            value,
            origin,
            problem,
        }
    }
}

#[cfg(test)]
mod tests;
