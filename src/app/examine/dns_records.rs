//! The DNS records with which receiving servers recognise messages as the sender's own.

use crate::config::Settings;
use crate::mail::smtp::SmtpServer;

/// The most characters of one piece of a TXT record.
const LONGEST_PIECE: usize = 255;

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
    // A relay on the same machine sends from this machine's address.
    let mut sends: Vec<String> = settings
        .smtp_servers
        .iter()
        .filter(|server| !server.is_loopback())
        .map(|server| format!("a:{}", server.host()))
        .collect();
    if sends.is_empty() || settings.smtp_servers.iter().any(SmtpServer::is_loopback) {
        sends.push("ip4:<address of the mail server>".to_owned());
    }
    sends.dedup();
    let sends = sends.join(" ");
    let reports = &settings.clinic.email;
    let mut records = vec![DnsRecord {
        name: domain.to_owned(),
        text: format!("v=spf1 {sends} -all"),
        purpose: "SPF: which servers send for this domain. A mail provider says what stands here \
                  for theirs; a domain has only one such record.",
    }];
    match &settings.dkim {
        Some(dkim) => records.extend(dkim.signer.keys().iter().map(|key| DnsRecord {
            name: dkim.signer.record_name(key),
            text: key.key.record(),
            purpose: "DKIM: the public half of a key with which this program signs. Publish it before the first \
                      message, and leave it for a week after the last.",
        })),
        None => records.push(DnsRecord {
            name: format!("<selector>._domainkey.{domain}"),
            text: "v=DKIM1; k=rsa; p=<public key>".to_owned(),
            purpose: "DKIM: let the mail server sign for this domain, List-Unsubscribe and \
                      List-Unsubscribe-Post included; it gives selector and key. Or let this program sign: [dkim].",
        }),
    }
    records.push(DnsRecord {
        name: format!("_dmarc.{domain}"),
        text: format!("v=DMARC1; p=none; rua=mailto:{}", reports.as_str()),
        purpose: "DMARC: what to do with messages that fail both. Begin with p=none, read the \
                  reports, then p=quarantine.",
    });
    records
}

impl DnsRecord {
    /// Its text as a zone file has it: in quotation marks, and in pieces of at most 255 characters, which receivers put together
    /// again (RFC 1035, section 3.3.14; RFC 6376, section 3.6.2.2).
    pub fn quoted(&self) -> String {
        let mut pieces = Vec::new();
        let mut rest = self.text.as_str();
        while rest.len() > LONGEST_PIECE {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(LONGEST_PIECE));
            pieces.push(format!("\"{piece}\""));
            rest = after;
        }
        pieces.push(format!("\"{rest}\""));
        pieces.join(" ")
    }
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
        let several = "smtp://127.0.0.1, smtp://a.example, smtp://b.example?fallback=yes";
        sources.add_flag("smtp_url", several.to_owned());
        let records = dns_records(&Settings::from_sources(&sources).unwrap());
        assert_eq!(
            records[0].text,
            "v=spf1 a:a.example a:b.example ip4:<address of the mail server> -all"
        );
    }

    #[test]
    fn a_long_text_is_quoted_in_pieces_that_add_up_to_it() {
        let record = |length: usize| DnsRecord {
            name: "s._domainkey.clinic.example".to_owned(),
            text: "v".repeat(length),
            purpose: "",
        };
        assert_eq!(record(255).quoted(), format!("\"{}\"", "v".repeat(255)));
        let long = record(600).quoted();
        let pieces: Vec<&str> = long.split("\" \"").collect();
        assert_eq!(pieces.len(), 3);
        assert_eq!(long.replace(['"', ' '], ""), "v".repeat(600));
    }
}
