//! The DNS records with which receiving servers recognise messages as the sender's own, and one for what comes back.

use std::net::IpAddr;

use crate::app::site_settings::{KeptKey, KeyState, Signing};
use crate::config::Settings;
use crate::mail::smtp::SmtpServer;

/// The most characters of one piece of a TXT record.
const LONGEST_PIECE: usize = 255;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// Which servers send for a domain.
    Spf,
    /// The public half of a key of ours.
    Dkim,
    /// The same for the mail server's key, of which only that knows selector and key.
    ServersDkim,
    /// The same for a key of ours that signs no more; it may be gone.
    RetiredDkim,
    /// What receivers do with messages that fail.
    Dmarc,
    /// Which server takes a domain's mail.
    MailExchange,
}

impl RecordKind {
    /// Its type in the DNS.
    pub fn dns_type(self) -> &'static str {
        match self {
            Self::MailExchange => "MX",
            _ => "TXT",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spf => "SPF",
            Self::Dkim | Self::ServersDkim | Self::RetiredDkim => "DKIM",
            Self::Dmarc => "DMARC",
            Self::MailExchange => "MX",
        }
    }

    /// Whether the DNS can be asked for it, and it matters what that says.
    pub fn is_looked_up(self) -> bool {
        !matches!(self, Self::ServersDkim | Self::RetiredDkim)
    }
}

/// A record to publish in the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// What it is.
    pub kind: RecordKind,
    /// The name under which it stands.
    pub name: String,
    /// Its text; what only the clinic knows stands between angle brackets.
    pub text: String,
    /// What it is for.
    pub purpose: &'static str,
}

/// The records with which receiving servers recognise messages as the sender's own
/// (RFC 7208 for SPF, RFC 6376 for DKIM, RFC 7489 for DMARC), and the one for what comes back. Nothing is looked up.
pub fn dns_records(settings: &Settings) -> Vec<DnsRecord> {
    let domain = settings.mail_from.email.domain();
    // A relay on the same machine sends from this machine's address.
    let mut sends: Vec<String> = settings
        .smtp_servers
        .iter()
        .filter(|server| !server.is_loopback())
        .map(|server| mechanism(server.host()))
        .collect();
    if sends.is_empty() || settings.smtp_servers.iter().any(SmtpServer::is_loopback) {
        sends.push("ip4:<address of the mail server>".to_owned());
    }
    sends.dedup();
    let sends = sends.join(" ");
    let reports = &settings.clinic.email;
    let mut records = vec![DnsRecord {
        kind: RecordKind::Spf,
        name: domain.to_owned(),
        text: format!("v=spf1 {sends} -all"),
        purpose: "SPF: which servers send for this domain. A mail provider says what stands here \
                  for theirs; a domain has only one such record.",
    }];
    let return_path = settings.inbound.address.as_ref();
    let return_path = return_path.map(|address| address.domain());
    // Receivers look at the domain of the return path (RFC 7208, section 2.4).
    if let Some(elsewhere) = return_path.filter(|elsewhere| *elsewhere != domain) {
        records.push(DnsRecord {
            kind: RecordKind::Spf,
            name: elsewhere.to_owned(),
            text: format!("v=spf1 {sends} -all"),
            purpose: "SPF: the same for the domain of the return paths, which is the one that receivers look at.",
        });
    }
    match &settings.dkim {
        Some(dkim) => records.extend(dkim.signer.keys().iter().map(|key| DnsRecord {
            kind: RecordKind::Dkim,
            name: dkim.signer.record_name(key),
            text: key.key.record(),
            purpose: "DKIM: the public half of a key with which this program signs. Publish it before the first \
                      message, and leave it for a week after the last.",
        })),
        None => records.push(DnsRecord {
            kind: RecordKind::ServersDkim,
            name: format!("<selector>._domainkey.{domain}"),
            text: "v=DKIM1; k=rsa; p=<public key>".to_owned(),
            purpose: "DKIM: let the mail server sign for this domain, List-Unsubscribe and \
                      List-Unsubscribe-Post included; it gives selector and key. Or let this program sign: [dkim].",
        }),
    }
    records.push(DnsRecord {
        kind: RecordKind::Dmarc,
        name: format!("_dmarc.{domain}"),
        text: format!("v=DMARC1; p=none; rua=mailto:{}", reports.as_str()),
        purpose: "DMARC: what to do with messages that fail both. Begin with p=none, read the \
                  reports, then p=quarantine.",
    });
    if let Some(domain) = return_path {
        records.push(DnsRecord {
            kind: RecordKind::MailExchange,
            name: domain.to_owned(),
            text: "10 <name of the server that takes this mail>".to_owned(),
            purpose: "Return path: where bounces and complaints go, so that addresses that fail are noticed. It is there \
                      already where this domain has mailboxes.",
        });
    }
    records
}

/// What lets a server send (RFC 7208, sections 5.3 and 5.6): `a:` is for a name and never for an address.
fn mechanism(host: &str) -> String {
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => format!("ip4:{address}"),
        Ok(IpAddr::V6(address)) => format!("ip6:{address}"),
        Err(_) => format!("a:{host}"),
    }
}

/// The same, with those of keys made here that do not sign yet, or did until a few days ago.
pub fn dns_records_of_all_keys(settings: &Settings, signing: &Signing) -> Vec<DnsRecord> {
    let mut records = dns_records(settings);
    // What a mail server would sign with is of no matter once there is a key of ours.
    if signing
        .keys
        .iter()
        .any(|key| key.state() != KeyState::Retired)
    {
        records.retain(|record| record.kind != RecordKind::ServersDkim);
    }
    let at = records
        .iter()
        .position(|record| record.kind == RecordKind::Dmarc);
    let at = at.unwrap_or(records.len());
    let others = signing
        .keys
        .iter()
        .filter(|key| key.state() != KeyState::Signing);
    let others: Vec<DnsRecord> = others.map(of_key).collect();
    records.splice(at..at, others);
    records
}

fn of_key(key: &KeptKey) -> DnsRecord {
    let (kind, purpose) = match key.state() {
        KeyState::Retired => (
            RecordKind::RetiredDkim,
            "DKIM: this key does not sign any more. Its record can go a week after the last message that it signed.",
        ),
        _ => (
            RecordKind::Dkim,
            "DKIM: the public half of a key that does not sign yet. Publish it, then let the key sign.",
        ),
    };
    DnsRecord {
        kind,
        name: key.record_name(),
        text: key.record.clone(),
        purpose,
    }
}

impl DnsRecord {
    /// Its text as a zone file has it: in quotation marks, and in pieces of at most 255 characters, which receivers put together
    /// again (RFC 1035, section 3.3.14; RFC 6376, section 3.6.2.2).
    pub fn quoted(&self) -> String {
        if self.kind == RecordKind::MailExchange {
            return self.text.clone();
        }
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
        sources.add_flag("smtp_url", "smtp://192.0.2.25".to_owned());
        let records = dns_records(&Settings::from_sources(&sources).unwrap());
        assert_eq!(records[0].text, "v=spf1 ip4:192.0.2.25 -all");
        let several = "smtp://127.0.0.1, smtp://a.example, smtp://b.example?fallback=yes";
        sources.add_flag("smtp_url", several.to_owned());
        let records = dns_records(&Settings::from_sources(&sources).unwrap());
        assert_eq!(
            records[0].text,
            "v=spf1 a:a.example a:b.example ip4:<address of the mail server> -all"
        );
    }

    #[test]
    fn return_paths_elsewhere_want_an_spf_record_there_and_a_server_that_takes_their_mail() {
        let mut sources = Sources::default();
        sources.add_flag("mail_from", "points@clinic.example".to_owned());
        sources.add_flag("inbound.address", "@bounces.clinic.example".to_owned());
        let records = dns_records(&Settings::from_sources(&sources).unwrap());
        let of = |kind| {
            let records = records.iter().filter(|record| record.kind == kind);
            records
                .map(|record| record.name.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(RecordKind::Spf),
            ["clinic.example", "bounces.clinic.example"]
        );
        assert_eq!(of(RecordKind::MailExchange), ["bounces.clinic.example"]);
    }

    #[test]
    fn a_long_text_is_quoted_in_pieces_that_add_up_to_it() {
        let record = |length: usize| DnsRecord {
            kind: RecordKind::Dkim,
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
