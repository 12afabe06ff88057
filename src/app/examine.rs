//! Whoever keeps the machine asks whether everything is as it has to be. Nothing is changed.

mod as_understood;
mod dns_records;
mod everything;
mod inbound;
mod mail_connection;
mod published;
mod signing;

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use url::Url;

use crate::config::Settings;
use crate::mail::smtp::{Security, SmtpConnection, SmtpServer, Timeouts};
use crate::store::{DatabaseUrl, Store, migrate};

use super::AppError;

pub use as_understood::{as_understood, mail_server_places};
pub use dns_records::{DnsRecord, RecordKind, dns_records, dns_records_of_all_keys};
pub use everything::{everything, is_writable, needed_folders};
pub use inbound::inbound;
pub use mail_connection::mail_connections;
pub use published::{published, published_of_key, verdict};
pub use signing::signing;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Verdict {
    /// As it has to be.
    Good,
    /// It works, and should be looked at.
    Warning,
    /// It does not work.
    Fault,
}

/// What was found, in words for whoever keeps the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it was found.
    pub verdict: Verdict,
    /// In a sentence or two.
    pub words: String,
}

impl Finding {
    fn good(words: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Good,
            words: words.into(),
        }
    }

    fn warning(words: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            words: words.into(),
        }
    }

    fn fault(words: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fault,
            words: words.into(),
        }
    }
}

/// Whether the database can be reached, and has this program's schema.
pub async fn database(url: &DatabaseUrl) -> Finding {
    if let DatabaseUrl::Sqlite(file) = url
        && !file.exists()
    {
        return Finding::good(format!(
            "None yet; {} is made on the first start.",
            file.display()
        ));
    }
    let opening = url.clone();
    let looked = tokio::task::spawn_blocking(move || migrate::status(&Store::open(opening)?)).await;
    let place = place(url);
    match looked
        .map_err(AppError::internal)
        .and_then(|status| Ok(status?))
    {
        Err(AppError::Store(error)) => Finding::fault(format!("{place}: {error}")),
        Err(error) => Finding::fault(format!("{place}: {error}")),
        Ok(status) if !status.unknown.is_empty() => Finding::fault(format!(
            "{place}: it was migrated by a newer version of the program (by {}). Run that version.",
            status.unknown.join(", ")
        )),
        Ok(status) if !status.pending.is_empty() => Finding::warning(format!(
            "{place}: reachable; the next start migrates it ({}). Make a backup first.",
            status.pending.join(", ")
        )),
        Ok(_) => Finding::good(format!("{place}: reachable and up to date.")),
    }
}

/// Where a database is, without its password.
pub fn place(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(file) => format!("SQLite, {}", file.display()),
        DatabaseUrl::Postgres(url) => {
            let Ok(url) = Url::parse(url) else {
                return "PostgreSQL".to_owned();
            };
            let port = url
                .port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            format!(
                "PostgreSQL, {}{port}{}",
                url.host_str().unwrap_or("by its socket"),
                url.path()
            )
        }
    }
}

/// Somebody waits for the answer, so shorter ones than for delivery.
fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(10),
        hello: Duration::from_secs(20),
        command: Duration::from_secs(20),
        ..Timeouts::default()
    }
}

/// Whether each mail server can be reached, greets, and does TLS and signing in as the settings ask.
/// Nothing is sent.
pub async fn mail_servers(settings: &Settings) -> Vec<Finding> {
    if settings.smtp_servers.is_empty() {
        let words =
            "None is set (smtp_url): messages are kept in the built-in mailbox and reach nobody.";
        return vec![Finding::warning(words)];
    }
    let looks = settings
        .smtp_servers
        .iter()
        .map(|server| mail_server(server, settings));
    join_all(looks).await
}

async fn mail_server(server: &SmtpServer, settings: &Settings) -> Finding {
    match SmtpConnection::open(server, settings.mail_from.email.domain(), timeouts()).await {
        Err(failure) => Finding::fault(failure.to_string()),
        Ok(mut connection) => {
            connection.quit().await;
            let place = server.place();
            match server.security() {
                Security::None if !server.is_loopback() => Finding::warning(format!(
                    "{place}: answers; nothing is encrypted on the way (smtp_url without tls=required)."
                )),
                Security::None => Finding::good(format!("{place}: answers.")),
                Security::Opportunistic => Finding::good(format!(
                    "{place}: answers; encrypted where it offers that (tls=required would insist)."
                )),
                Security::StartTls | Security::Implicit => {
                    Finding::good(format!("{place}: answers, encrypted."))
                }
            }
        }
    }
}

/// Whether links in messages lead to a place that others can reach.
pub fn base_url(settings: &Settings) -> Finding {
    let base = settings.base_url.join("");
    let host = settings.base_url.host();
    let only_here = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback() || address.is_unspecified());
    if only_here && !settings.smtp_servers.is_empty() {
        Finding::fault(format!(
            "Links in messages begin with {base}, which opens on no other computer: set base_url."
        ))
    } else if only_here {
        Finding::good(format!(
            "{base}, which opens on this computer only; enough for a first look."
        ))
    } else if settings.base_url.is_https() {
        Finding::good(format!("{base}."))
    } else {
        Finding::warning(format!(
            "{base}: passwords and links travel in the clear; put a reverse proxy with TLS before it."
        ))
    }
}

/// Whether files can be made in a folder that the program needs; `check` tries.
pub fn folder(folder: &Path, check: impl FnOnce(&Path) -> std::io::Result<()>) -> Finding {
    let shown = folder.display();
    if !folder.exists() {
        return Finding::good(format!("{shown} is made on the first start."));
    }
    match check(folder) {
        Ok(()) => Finding::good(format!("{shown} can be written.")),
        Err(error) => Finding::fault(format!("{shown} cannot be written: {error}.")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::config::Sources;

    fn settings(flags: &[(&str, &str)]) -> Settings {
        let mut sources = Sources::default();
        for (key, value) in flags {
            sources.add_flag(key, (*value).to_owned());
        }
        Settings::from_sources(&sources).unwrap()
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none.sqlite");
        assert_eq!(
            database(&DatabaseUrl::Sqlite(file.clone())).await.verdict,
            Verdict::Good
        );
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_a_fault_and_its_password_is_not_shown() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url = format!("postgres://me:s3cret@127.0.0.1:{port}/points");
        let found = database(&url.parse().unwrap()).await;
        assert_eq!(found.verdict, Verdict::Fault);
        assert!(
            found.words.contains(&format!("127.0.0.1:{port}/points")),
            "{found:?}"
        );
        assert!(!found.words.contains("s3cret"), "{found:?}");

        let smtp = format!("smtp://me:s3cret@127.0.0.1:{port}");
        let from = ("mail_from", "points@clinic.example");
        let found = mail_servers(&settings(&[("smtp_url", &smtp), from])).await;
        let [found] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(found.verdict, Verdict::Fault);
        assert!(
            found.words.contains("cannot connect") && !found.words.contains("s3cret"),
            "{found:?}"
        );
    }

    #[test]
    fn a_mail_server_with_links_to_this_computer_only_is_a_fault() {
        let smtp = ("smtp_url", "smtp://127.0.0.1:2525");
        let from = ("mail_from", "points@clinic.example");
        assert_eq!(base_url(&settings(&[])).verdict, Verdict::Good);
        assert_eq!(base_url(&settings(&[smtp, from])).verdict, Verdict::Fault);
        let plain = settings(&[smtp, from, ("base_url", "http://points.clinic.example")]);
        assert_eq!(base_url(&plain).verdict, Verdict::Warning);
        let good = settings(&[smtp, from, ("base_url", "https://points.clinic.example")]);
        assert_eq!(base_url(&good).verdict, Verdict::Good);
    }
}
