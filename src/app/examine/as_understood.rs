//! The settings of the deployment as the program has understood them, without what is secret in them.

use crate::config::{KEYS, MailAddress, Origin, Settings, without_password};
use crate::mail::smtp::SmtpServer;

/// Every key with its value and where it stands, without passwords.
pub fn as_understood(settings: &Settings) -> Vec<(&'static str, String, Origin)> {
    let entries = KEYS.iter().map(|&(key, built_in)| {
        let set = settings.sources.get(key);
        let origin = set.map_or(Origin::BuiltIn, |(_, origin)| origin.clone());
        let text = set.map(|(text, _)| text.as_str()).or(built_in);
        let value = match key {
            // These may hold passwords: what is shown is put together from parts that do not.
            "database_url" => super::place(&settings.database_url),
            "smtp_url" => mail_server_places(settings),
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
            "clinic.email" => settings.clinic.email.as_str().to_owned(),
            _ => match text {
                None => "(none)".to_owned(),
                Some(_) if is_secret(key) => "(set, and not shown)".to_owned(),
                Some(text) if key.ends_with("_url") => without_password(text),
                Some(text) => text.to_owned(),
            },
        };
        (key, value, origin)
    });
    entries.collect()
}

fn is_secret(key: &str) -> bool {
    key.ends_with("_password") || key.ends_with("_key")
}

fn sender(from: &MailAddress) -> String {
    match (from.name.as_str(), from.email.as_str()) {
        ("", email) => email.to_owned(),
        (name, email) => format!("{name} <{email}>"),
    }
}

/// Where the mail servers are, without their passwords.
pub fn mail_server_places(settings: &Settings) -> String {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::Sources;

    #[test]
    fn no_secret_is_shown() {
        let mut sources = Sources::default();
        for (key, value) in [
            ("smtp_url", "smtps://me:s3cret@relay.example"),
            ("mail_from", "points@clinic.example"),
            ("inbound.mailgun_key", "s3cret"),
            ("inbound.postmark_password", "postmark:s3cret-s3cret-s3cret"),
            ("inbound.address", "bounces@clinic.example"),
            (
                "inbound.mailbox_url",
                "imaps://me:s3cret@mail.clinic.example",
            ),
        ] {
            sources.add_flag(key, value.to_owned());
        }
        let settings = Settings::from_sources(&sources).unwrap();
        for (key, value, _) in as_understood(&settings) {
            assert!(!value.contains("s3cret"), "{key} = {value}");
        }
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
