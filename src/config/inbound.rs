//! The settings for what comes back.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::{SettingsError, Taker};
use crate::domain::inbound::StrikeRule;
use crate::domain::return_path::ReturnPath;
use crate::mail::inbound::mailbox::MailboxServer;
use crate::mail::inbound::provider::{Provider, SnsCertificate};

const MEGABYTE: u64 = 1024 * 1024;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How what comes back is taken in.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Where it goes: the return path of every message; none leaves that to the sender's address.
    pub address: Option<ReturnPath>,
    /// Where mail servers hand it over by LMTP; none for not at all.
    pub lmtp: Option<LmtpAddress>,
    /// A mailbox that is looked into; none for not at all.
    pub mailbox: Option<MailboxServer>,
    /// How often.
    pub mailbox_every: Duration,
    /// The mail providers whose notifications are taken.
    pub providers: Vec<Provider>,
    /// How many failures suspend.
    pub strikes: StrikeRule,
    /// How long messages are kept for the staff, and the words of what was understood.
    pub keep_for: Duration,
    /// How many octets of messages are kept for the staff.
    pub keep_most: u64,
}

/// An address for mail servers on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LmtpAddress {
    /// A port of a loopback address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl FromStr for LmtpAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() {
                Ok(Self::Unix(path))
            } else {
                Err("give the whole path, like unix:/run/practice-points/lmtp".to_owned())
            };
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self::Tcp(address)),
            _ => Err(
                "give a port of this machine alone, like 127.0.0.1:2424, or unix: and a path"
                    .to_owned(),
            ),
        }
    }
}

fn providers(take: &Taker<'_>) -> Result<Vec<Provider>, SettingsError> {
    let secret = |text: &str| match text {
        "" => Err("give what the provider shows"),
        text => Ok(SecretString::from(text)),
    };
    let mut providers = Vec::new();
    let topic = take.optional("inbound.ses_topic", |text| match text {
        text if text.starts_with("arn:") => Ok(text.to_owned()),
        _ => Err("give the topic's ARN, like arn:aws:sns:ap-southeast-2:123456789012:points"),
    })?;
    let certificate = take.optional("inbound.ses_certificate", |file| {
        SnsCertificate::read(Path::new(file))
    })?;
    match (topic, certificate) {
        (Some(topic), Some(certificate)) => providers.push(Provider::Ses { topic, certificate }),
        (None, None) => {}
        (Some(_), None) => {
            return Err(SettingsError::Missing {
                key: "inbound.ses_certificate",
                why: "with inbound.ses_topic, name the file of the certificate with which SNS signs",
            });
        }
        (None, Some(_)) => {
            return Err(SettingsError::Missing {
                key: "inbound.ses_topic",
                why: "with inbound.ses_certificate, say which topic is believed",
            });
        }
    }
    let password = take.optional("inbound.postmark_password", |text| match text.split_once(':') {
        Some((user, password)) if !user.is_empty() && password.len() >= 12 => secret(text),
        _ => Err("give user:password, as in the webhook's address, with a password of 12 characters or more"),
    })?;
    providers.extend(password.map(Provider::Postmark));
    let key = take.optional("inbound.mailgun_key", secret)?;
    providers.extend(key.map(Provider::Mailgun));
    let key = take.optional("inbound.sendgrid_key", |text| {
        let decoded = STANDARD.decode(text.trim());
        decoded.map_err(|_| "give the public key as SendGrid shows it, in base64")
    })?;
    providers.extend(key.map(Provider::SendGrid));
    Ok(providers)
}

pub(super) fn read(take: &Taker<'_>) -> Result<Inbound, SettingsError> {
    let number = |text: &str, most: u16| match text.parse::<u16>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number from 1 to {most}")),
    };
    Ok(Inbound {
        address: take.optional("inbound.address", str::parse)?,
        lmtp: take.optional("inbound.lmtp", str::parse)?,
        mailbox: take.optional("inbound.mailbox_url", MailboxServer::parse)?,
        mailbox_every: Duration::from_secs(
            take.needed("inbound.mailbox_seconds", |text| number(text, 3600))?
                .into(),
        ),
        providers: providers(take)?,
        strikes: StrikeRule {
            strikes: take.needed("inbound.strikes", |text| number(text, 1000))?,
            within: DAY * u32::from(take.needed("inbound.strike_days", |text| number(text, 3650))?),
        },
        keep_for: DAY * u32::from(take.needed("inbound.keep_days", |text| number(text, 3650))?),
        keep_most: MEGABYTE
            * u64::from(take.needed("inbound.keep_megabytes", |text| number(text, 60_000))?),
    })
}
