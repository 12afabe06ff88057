//! The long look at the mail server: what came of connecting and signing in, fact by fact.

use std::time::Duration;

use super::{Finding, timeouts};
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::domain::local_time;
use crate::mail::smtp::{
    Capabilities, CertificateFacts, ConnectionFacts, Security, SmtpConnection, SmtpServer,
    worthwhile_connections,
};

/// A certificate that ends sooner is worth a word.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Connects to each mail server, signs in and measures; nothing is sent. Each finding comes with its subject.
pub async fn mail_connections(settings: &Settings, now: Timestamp) -> Vec<(&'static str, Finding)> {
    if settings.smtp_servers.is_empty() {
        let words = "No mail server is set: set smtp_url, such as smtp://user:password@mail.example:587?tls=required.";
        return vec![("Mail server", Finding::warning(words))];
    }
    let mut found = Vec::new();
    for server in &settings.smtp_servers {
        found.extend(mail_connection(server, settings, now).await);
    }
    found
}

async fn mail_connection(
    server: &SmtpServer,
    settings: &Settings,
    now: Timestamp,
) -> Vec<(&'static str, Finding)> {
    let our_name = settings.mail_from.email.domain();
    let mut connection = match SmtpConnection::open(server, our_name, timeouts()).await {
        Ok(connection) => connection,
        Err(failure) => return vec![("Mail server", Finding::fault(failure.to_string()))],
    };
    let mut found = vec![(
        "Mail server",
        Finding::good(format!("{} answers.", server.place())),
    )];
    let facts = connection.facts().clone();
    found.extend(encryption(server, &facts, now));
    let offered = connection.capabilities().clone();
    found.push(("Sign-in", sign_in(&facts, &offered)));
    found.extend(capabilities(&offered));
    found.push((
        "Round trip",
        round_trip(
            connection.round_trip().await,
            server
                .share()
                .connections
                .unwrap_or(settings.delivery.connections),
        ),
    ));
    connection.quit().await;
    found
}

fn encryption(
    server: &SmtpServer,
    facts: &ConnectionFacts,
    now: Timestamp,
) -> Vec<(&'static str, Finding)> {
    let Some(tls) = &facts.tls else {
        let words = match server.security() {
            Security::Opportunistic => "None: the server offers no STARTTLS.",
            _ => "None: smtp_url does not ask for it; add ?tls=required if the server offers it.",
        };
        let finding = if server.is_loopback() {
            Finding::good(format!("{words} The server is on this machine."))
        } else {
            Finding::warning(format!(
                "{words} Whoever is on the way can read every message."
            ))
        };
        return vec![("Encryption", finding)];
    };
    let how = match server.security() {
        Security::Implicit => "from the first byte",
        _ => "by STARTTLS",
    };
    let words = format!("{} {how}, {}.", tls.version, tls.cipher);
    let finding = if server.security() == Security::Opportunistic {
        Finding::warning(format!(
            "{words} With tls=opportunistic, whoever is on the way can switch it off: write tls=required."
        ))
    } else {
        Finding::good(words)
    };
    let certificate = match &tls.certificate {
        Some(certificate) => certificate_finding(certificate, server, now),
        None => Finding::good("Checked; what stands in it could not be read."),
    };
    vec![("Encryption", finding), ("Certificate", certificate)]
}

fn certificate_finding(
    certificate: &CertificateFacts,
    server: &SmtpServer,
    now: Timestamp,
) -> Finding {
    let authorities = if server.has_own_authorities() {
        "the well-known authorities and those in ca_file"
    } else {
        "the well-known authorities"
    };
    let words = format!(
        "For {}, signed by {}, valid until {}. Name, dates and signature were checked, against {authorities}.",
        certificate.names.join(", "),
        certificate.issuer,
        local_time::display_date(certificate.not_after)
    );
    if certificate.not_after < now.plus(SOON) {
        Finding::warning(format!(
            "{words} That is soon: no mail goes out once it has expired."
        ))
    } else {
        Finding::good(words)
    }
}

fn sign_in(facts: &ConnectionFacts, offered: &Capabilities) -> Finding {
    match facts.signed_in_by {
        Some(way) => Finding::good(format!("Signed in by AUTH {way}.")),
        None if offered.auth.is_empty() => {
            Finding::good("None: smtp_url has no user and password, and the server asks for none.")
        }
        None => Finding::warning(
            "None: smtp_url has no user and password, and the server would take them. It may refuse to pass messages on.",
        ),
    }
}

fn capabilities(offered: &Capabilities) -> [(&'static str, Finding); 5] {
    let pipelining = if offered.pipelining {
        "Offered: several commands go in one round trip."
    } else {
        "Not offered: each command waits for its answer, so more connections are worth while."
    };
    let size = match offered.size {
        // A bulletin is some 30 KB, and never more than 1 MB.
        Some(size) if size < 1_000_000 => Finding::warning(format!(
            "Messages up to {}: a long bulletin may be refused. Whoever keeps the server can raise the limit.",
            megabytes(size)
        )),
        Some(size) => Finding::good(format!("Messages up to {}.", megabytes(size))),
        None => Finding::good("No limit is named."),
    };
    let offers = |offered: bool, without: &str| {
        Finding::good(if offered {
            "Offered.".to_owned()
        } else {
            format!("Not offered; {without}")
        })
    };
    let ways = if offered.auth.is_empty() {
        "None offered.".to_owned()
    } else {
        format!("{}.", offered.auth.join(", "))
    };
    [
        ("PIPELINING", Finding::good(pipelining)),
        ("SIZE", size),
        (
            "8BITMIME",
            offers(offered.eight_bit_mime, "our messages do not need it."),
        ),
        (
            "SMTPUTF8",
            offers(
                offered.smtp_utf8,
                "addresses outside ASCII cannot be written to, and none are taken.",
            ),
        ),
        ("AUTH", Finding::good(ways)),
    ]
}

fn megabytes(octets: u64) -> String {
    // One decimal, without floating point.
    let tenths = octets / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

fn round_trip(took: Option<Duration>, connections: u16) -> Finding {
    let Some(took) = took else {
        return Finding::fault(
            "The server does not answer a NOOP: look whether it has a limit on how long or how often we may connect.",
        );
    };
    let worthwhile = worthwhile_connections(took);
    let words = format!(
        "{}.{} ms. At this distance up to {worthwhile} connections are worth while; {connections} are set.",
        took.as_millis(),
        took.as_micros() / 100 % 10
    );
    Finding::good(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_megabytes() {
        assert_eq!(megabytes(10_240_000), "10.2 MB");
        assert_eq!(megabytes(999_999), "0.9 MB");
    }

    #[test]
    fn the_further_the_server_the_more_connections_are_worth_while() {
        let connections = [1, 10, 50].map(|ms| worthwhile_connections(Duration::from_millis(ms)));
        assert_eq!(connections, [2, 4, 8]);
    }

    #[test]
    fn a_small_limit_on_messages_is_worth_a_look() {
        let offered = Capabilities {
            size: Some(500_000),
            ..Capabilities::default()
        };
        let [_, (_, size), ..] = capabilities(&offered);
        assert_eq!(size.verdict, super::super::Verdict::Warning, "{size:?}");
    }
}
