//! What went wrong in a conversation, read out of lettre's error and put into words for a person.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error as SmtpError;

use tokio_rustls::rustls::{CertificateError, Error as TlsError};

use super::super::outcome::{ServerReply, Stage};
use super::capabilities::Capabilities;
use super::server::SmtpServer;
use crate::clock::Timestamp;
use crate::domain::local_time;

/// What we were doing, in the protocol's words.
pub(super) const fn verb(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "connecting",
        Stage::Hello => "the greeting",
        Stage::Tls => "TLS",
        Stage::Auth => "AUTH",
        Stage::Mail => "MAIL",
        Stage::Recipient => "RCPT",
        Stage::Data => "DATA",
        Stage::Content => "the content",
    }
}

/// The negative reply inside lettre's error, if it is one.
pub(super) fn reply_in(error: &SmtpError) -> Option<ServerReply> {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    error
        .status()
        .map(|code| ServerReply::new(code.into(), &words))
}

/// True if something came that is not a reply: a code outside RFC 5321's ranges, or bytes that are not UTF-8.
pub(super) fn is_unreadable(error: &SmtpError) -> bool {
    let not_text = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|source| source.kind() == io::ErrorKind::InvalidData);
    not_text || (error.is_response() && !is_cut_short(error))
}

/// True for lettre's error at the end of the stream, which it counts among the unreadable replies.
fn is_cut_short(error: &SmtpError) -> bool {
    error
        .source()
        .is_some_and(|source| source.to_string() == "incomplete response")
}

pub(super) fn explain(error: &SmtpError) -> String {
    if is_cut_short(error) {
        return "the server closed the connection".into();
    }
    if is_unreadable(error) {
        return "the server's answer could not be read".into();
    }
    error.source().map_or_else(
        || error.to_string(),
        |source| format!("the connection was lost ({source})"),
    )
}

/// Why we cannot sign in with a server that offers none of the ways that we know.
pub(super) fn no_way_to_sign_in(offered: &Capabilities) -> String {
    if offered.auth.is_empty() {
        "the server offers no sign-in on this port; use another one, often 587 or 465, or leave user and password out of \
         smtp_url"
            .to_owned()
    } else {
        format!(
            "the server offers no way to sign in that we know: it has {}, and we have PLAIN and LOGIN",
            offered.auth.join(", ")
        )
    }
}

/// Why the TLS handshake failed, and what to do about it.
pub(super) fn explain_handshake(error: &io::Error, server: &SmtpServer) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
    match tls {
        Some(TlsError::InvalidCertificate(why)) => {
            format!("the server's certificate {}", explain_certificate(why, server))
        }
        Some(TlsError::InvalidMessage(_)) => {
            "what answers there does not speak TLS: smtps:// is for a port with TLS from the start, often 465; for others \
             it is smtp:// with ?tls=required"
                .to_owned()
        }
        Some(TlsError::AlertReceived(alert)) => {
            format!("the server broke off the TLS handshake ({alert:?}); it may want TLS older than 1.2")
        }
        Some(other) => format!("the TLS handshake failed: {other}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the server closed the connection during the TLS handshake".to_owned()
        }
        None => format!("the TLS handshake failed: {error}"),
    }
}

fn explain_certificate(why: &CertificateError, server: &SmtpServer) -> String {
    let date = |seconds: u64| {
        let millis = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        local_time::display_date(Timestamp::from_millis(millis))
    };
    let renew = "whoever keeps the server has to renew it";
    match why {
        CertificateError::UnknownIssuer if server.extra_roots().is_empty() => {
            "is signed by an authority that is not trusted here; if it is one of your own house, add \
             ca_file=/path/to/its/certificate.pem to smtp_url"
                .to_owned()
        }
        CertificateError::UnknownIssuer => {
            "is signed neither by an authority in ca_file nor by one that everybody trusts".to_owned()
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("expired on {}; {renew}", date(not_after.as_secs()))
        }
        CertificateError::Expired => format!("has expired; {renew}"),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "is not valid before {}; look whether this machine's clock is right",
            date(not_before.as_secs())
        ),
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "is not for {}; smtp_url has to name the server as its certificate does{}",
            server.host(),
            names(presented)
        ),
        CertificateError::NotValidForName => format!("is not for {}", server.host()),
        CertificateError::Revoked => format!("was revoked; {renew}"),
        CertificateError::BadSignature => "is not signed by whom it says".to_owned(),
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "is an authority's own (CA:TRUE), with which no server may speak for itself; the server needs one that is \
             signed by it, or a self-signed one with CA:FALSE"
                .to_owned()
        }
        other => format!("was refused: {other}"),
    }
}

/// The names that a certificate is for, as far as they help.
fn names(presented: &[String]) -> String {
    // Rustls writes them as `DnsName("mail.example")`.
    let names: Vec<&str> = presented
        .iter()
        .filter_map(|name| name.split('"').nth(1))
        .filter(|name| !name.chars().any(char::is_control))
        .take(5)
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(": {}", names.join(", "))
    }
}
