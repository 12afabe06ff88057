//! The DNS records with which receiving servers recognise messages as the sender's own.

use crate::config::Settings;
use crate::mail::smtp::SmtpServer;

/// A record to publish in the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The name under which it stands.
    pub name: String,
    /// Its text; what only the clinic knows stands between angle brackets.
    pub text: String,
    /// What it is for.
    pub purpose: &'static str,
}

/// The TXT records with which receiving servers recognise messages as the sender's own
/// (RFC 7208 for SPF, RFC 6376 for DKIM, RFC 7489 for DMARC). Nothing is looked up.
pub fn dns_records(settings: &Settings) -> Vec<DnsRecord> {
    let domain = settings.mail_from.email.domain();
    let server = settings
        .smtp_url
        .as_ref()
        .and_then(|url| SmtpServer::parse(url).ok());
    // A relay on the same machine sends from this machine's address.
    let sends = match &server {
        Some(server) if !server.is_loopback() => format!("a:{}", server.host()),
        _ => "ip4:<address of the mail server>".to_owned(),
    };
    let reports = &settings.clinic.email;
    vec![
        DnsRecord {
            name: domain.to_owned(),
            text: format!("v=spf1 {sends} -all"),
            purpose: "SPF: which servers send for this domain. A mail provider says what stands here \
                      for theirs; a domain has only one such record.",
        },
        DnsRecord {
            name: format!("<selector>._domainkey.{domain}"),
            text: "v=DKIM1; k=rsa; p=<public key>".to_owned(),
            purpose: "DKIM: let the mail server sign for this domain, List-Unsubscribe and \
                      List-Unsubscribe-Post included; it gives selector and key.",
        },
        DnsRecord {
            name: format!("_dmarc.{domain}"),
            text: format!("v=DMARC1; p=none; rua=mailto:{}", reports.as_str()),
            purpose: "DMARC: what to do with messages that fail both. Begin with p=none, read the \
                      reports, then p=quarantine.",
        },
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::config::Sources;

    #[test]
    fn the_records_are_for_the_domain_of_the_sender() {
        let mut sources = Sources::default();
        sources.add_flag("smtp_url", "smtps://me:pass@relay.example".to_owned());
        sources.add_flag(
            "mail_from",
            "GP Practice Points <points@clinic.example>".to_owned(),
        );
        let records = dns_records(&Settings::from_sources(&sources).unwrap());
        let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "clinic.example",
                "<selector>._domainkey.clinic.example",
                "_dmarc.clinic.example"
            ]
        );
        assert_eq!(records[0].text, "v=spf1 a:relay.example -all");
    }
}
