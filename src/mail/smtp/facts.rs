//! What came of opening a connection, for whoever keeps the machine: how it is encrypted, and how we signed in.

use std::time::Duration;

use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ProtocolVersion;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::clock::Timestamp;

/// Facts about an open connection, beside what the server offers on it
/// ([`SmtpConnection::capabilities`](super::SmtpConnection::capabilities)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// How the connection is encrypted; `None` if it is not.
    pub tls: Option<TlsFacts>,
    /// The way by which we signed in, `PLAIN` or `LOGIN`; `None` if we did not.
    pub signed_in_by: Option<&'static str>,
}

/// How a connection is encrypted. The certificate was checked against the trusted authorities, the server's name and the
/// clock, or there would be no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// Such as `TLS 1.3`.
    pub version: String,
    /// The name in IANA's registry, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The server's certificate; `None` if it could not be read.
    pub certificate: Option<CertificateFacts>,
}

/// What stands in a certificate (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The host names and addresses it is for.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// The end of its validity.
    pub not_after: Timestamp,
}

impl TlsFacts {
    pub(super) fn of<S>(stream: &TlsStream<S>) -> Self {
        let (_, tls) = stream.get_ref();
        let version = match tls.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS",
        };
        let cipher = tls.negotiated_cipher_suite().map(|suite| suite.suite());
        // Rustls puts "13" into the names of the ciphers that came with TLS 1.3; the registry does not.
        let cipher = cipher.and_then(|suite| Some(suite.as_str()?.replacen("TLS13_", "TLS_", 1)));
        Self {
            version: version.to_owned(),
            cipher: cipher.unwrap_or_default(),
            certificate: tls
                .peer_certificates()
                .and_then(|chain| CertificateFacts::read(chain.first()?)),
        }
    }
}

impl CertificateFacts {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let seconds = certificate.validity().not_after.timestamp();
        let issuer = certificate.issuer();
        let issuer = issuer
            .iter_common_name()
            .chain(issuer.iter_organization())
            .find_map(|name| name.as_str().ok())
            .unwrap_or("somebody without a name");
        Some(Self {
            names: names.iter().filter_map(shown).collect(),
            issuer: harmless(issuer),
            not_after: Timestamp::from_millis(seconds.saturating_mul(1000)),
        })
    }
}

fn shown(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(harmless(name)),
        GeneralName::IPAddress(octets) => match octets.len() {
            4 => <[u8; 4]>::try_from(*octets)
                .ok()
                .map(|it| std::net::Ipv4Addr::from(it).to_string()),
            _ => <[u8; 16]>::try_from(*octets)
                .ok()
                .map(|it| std::net::Ipv6Addr::from(it).to_string()),
        },
        _ => None,
    }
}

/// What a server wrote about itself goes to a terminal: without control characters, and not too long.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}

/// How many connections keep busy a server that answers after `round_trip`, when a message takes one round trip. More
/// than eight hardly helps, and many servers allow no more than ten from one place.
#[must_use]
pub fn worthwhile_connections(round_trip: Duration) -> u32 {
    match round_trip.as_millis() {
        0..2 => 2,
        2..20 => 4,
        _ => 8,
    }
}
