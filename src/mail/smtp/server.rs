//! Where the mail server is and how to talk to it, read from the setting `smtp_url`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use url::{Host, Url};

use super::tls;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: for a server on the same machine or in the same closed network.
    None,
    /// `tls=opportunistic`: STARTTLS where the server offers it.
    Opportunistic,
    /// `tls=required`: STARTTLS, or no mail.
    StartTls,
    /// `smtps://`: TLS from the first byte (RFC 8314).
    Implicit,
}

/// A server's part in the work, where there are several; and how much of it the server bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many messages it gets in relation to the others; 1 to 1000.
    pub weight: u32,
    /// Whether it is used only while all others are in trouble.
    pub is_fallback: bool,
    /// Connections at a time, if not as many as to any server.
    pub connections: Option<u16>,
    /// Messages a second, if it has a limit of its own.
    pub per_second: Option<NonZeroU32>,
    /// Messages over one connection, if not as many as to any server.
    pub messages_per_connection: Option<u32>,
}

impl Default for Share {
    fn default() -> Self {
        Self {
            weight: 1,
            is_fallback: false,
            connections: None,
            per_second: None,
            messages_per_connection: None,
        }
    }
}

/// The mail server to which messages are handed over.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<(String, SecretString)>,
    hello_name: Option<String>,
    extra_roots: Arc<Vec<Vec<u8>>>,
    share: Share,
}

/// What is wrong with `smtp_url`. No message holds any part of the address, because it may hold a password.
#[derive(Debug, Error)]
pub enum SmtpUrlError {
    /// Not an address at all.
    #[error(
        "smtp_url is not an address ({0}); it looks like smtp://user:password@mail.example:587?tls=required"
    )]
    Malformed(url::ParseError),
    /// Another protocol.
    #[error("smtp_url begins with neither smtp:// nor smtps://")]
    Scheme,
    /// No host, or none that DNS knows how to ask for.
    #[error("smtp_url names no mail server; it looks like smtp://mail.example:587?tls=required")]
    Host,
    /// A value of `tls` that does not exist, or one that contradicts the scheme.
    #[error(
        "the parameter tls of smtp_url must be required, opportunistic or none, and smtps:// takes none of them"
    )]
    Tls,
    /// A parameter that does not exist.
    #[error(
        "smtp_url knows the parameters tls, ca_file, weight, fallback, connections, per_second and \
         messages_per_connection only; characters like &, ? and commas in a password are written %26, %3F and %2C"
    )]
    Parameter,
    /// A number that is none, or out of its range.
    #[error("the parameter {name} of smtp_url must be {right}")]
    Number {
        /// The parameter.
        name: &'static str,
        /// What would be right.
        right: &'static str,
    },
    /// A name without a password or the other way round.
    #[error(
        "smtp_url needs both a user name and a password, or neither: smtp://user:password@mail.example"
    )]
    HalfCredentials,
    /// Percent-encoding that is not UTF-8, or control characters.
    #[error(
        "the user name or the password in smtp_url does not decode to plain text; check its %-signs (a % itself is written %25)"
    )]
    Encoding,
    /// A password that would travel in the clear.
    #[error(
        "smtp_url would send its password without encryption; use smtps://, or add ?tls=required"
    )]
    PasswordInTheClear,
    /// The name for `EHLO` is not a host name.
    #[error(
        "what stands after the slash in smtp_url is our own name for the mail server, and must be a host name"
    )]
    HelloName,
    /// The certificates could not be read.
    #[error("cannot read the certificates in {}", path.display())]
    CaFile {
        /// The file named by `ca_file`.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SmtpServer {
    /// Reads an address in lettre's form:
    ///
    /// - `smtp://host` without TLS, port 25 if none is given;
    /// - `smtp://user:password@host?tls=required` with STARTTLS (or `tls=opportunistic`), port 587;
    /// - `smtps://user:password@host` with TLS from the first byte, port 465.
    ///
    /// Where there are several servers, `weight=3` gives one three times as many messages as another, `fallback=yes` keeps
    /// one for when all others are in trouble; `connections`, `per_second` and `messages_per_connection` are its limits.
    ///
    /// User and password are percent-encoded. A path is our own name for `EHLO`: `smtp://host/points.clinic.example`.
    /// `ca_file=/path/to.pem` trusts further certificate authorities, for a relay with a certificate of its own house; the
    /// file is read here.
    ///
    /// # Errors
    /// [`SmtpUrlError`], which says what would be right and never holds the password. A password without TLS is refused,
    /// unless the server is on this machine.
    pub fn parse(url: &SecretString) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.expose_secret().trim()).map_err(SmtpUrlError::Malformed)?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(SmtpUrlError::Scheme),
        };
        let mut security = if implicit {
            Security::Implicit
        } else {
            Security::None
        };
        let mut extra_roots = Vec::new();
        let mut share = Share::default();
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required") if !implicit => security = Security::StartTls,
                ("tls", "opportunistic") if !implicit => security = Security::Opportunistic,
                ("tls", "none") if !implicit => security = Security::None,
                ("tls", _) => return Err(SmtpUrlError::Tls),
                ("ca_file", path) => extra_roots = read_roots(path.into())?,
                ("fallback", "yes") => share.is_fallback = true,
                ("weight", text) => share.weight = number("weight", text, WEIGHT)?,
                ("connections", text) => {
                    let connections = number("connections", text, CONNECTIONS)?;
                    share.connections = u16::try_from(connections).ok();
                }
                ("per_second", text) => {
                    share.per_second = NonZeroU32::new(number("per_second", text, MESSAGES)?);
                }
                ("messages_per_connection", text) => {
                    let messages = number("messages_per_connection", text, MESSAGES)?;
                    share.messages_per_connection = Some(messages);
                }
                _ => return Err(SmtpUrlError::Parameter),
            }
        }
        if url.fragment().is_some() {
            return Err(SmtpUrlError::Parameter);
        }
        let port = url.port().unwrap_or(match security {
            Security::None => 25,
            Security::Opportunistic | Security::StartTls => 587,
            Security::Implicit => 465,
        });
        let server = Self {
            host: host(&url)?,
            port,
            security,
            credentials: credentials(&url)?,
            hello_name: hello_name(&url)?,
            extra_roots: Arc::new(extra_roots),
            share,
        };
        if server.credentials.is_some()
            && server.security == Security::None
            && !server.is_loopback()
        {
            return Err(SmtpUrlError::PasswordInTheClear);
        }
        Ok(server)
    }

    /// Its part in the work.
    #[must_use]
    pub fn share(&self) -> Share {
        self.share
    }

    /// The host name in ASCII, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is encrypted.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// True if the server is on this machine, so that nothing can listen in between.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// True if `ca_file` names authorities that are trusted beside the well-known ones.
    #[must_use]
    pub fn has_own_authorities(&self) -> bool {
        !self.extra_roots.is_empty()
    }

    /// Host and port, for messages to people.
    #[must_use]
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(super) fn credentials(&self) -> Option<(&str, &SecretString)> {
        self.credentials
            .as_ref()
            .map(|(user, password)| (user.as_str(), password))
    }

    pub(super) fn hello_name(&self) -> Option<&str> {
        self.hello_name.as_deref()
    }

    pub(super) fn extra_roots(&self) -> &[Vec<u8>] {
        &self.extra_roots
    }
}

/// A range of whole numbers from 1, and its words.
type Range = (u32, &'static str);

const WEIGHT: Range = (1000, "a whole number from 1 to 1000");
const CONNECTIONS: Range = (200, "a whole number from 1 to 200");
const MESSAGES: Range = (1_000_000, "a whole number from 1 to 1000000");

fn number(name: &'static str, text: &str, (most, right): Range) -> Result<u32, SmtpUrlError> {
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(SmtpUrlError::Number { name, right }),
    }
}

fn read_roots(path: PathBuf) -> Result<Vec<Vec<u8>>, SmtpUrlError> {
    let pem = match std::fs::read(&path) {
        Ok(pem) => pem,
        Err(source) => {
            return Err(SmtpUrlError::CaFile {
                path,
                source: source.into(),
            });
        }
    };
    match tls::certificates(&pem) {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        Ok(_) => Err(SmtpUrlError::CaFile {
            path,
            source: "there is no certificate in PEM form in it".into(),
        }),
        Err(source) => Err(SmtpUrlError::CaFile {
            path,
            source: source.to_string().into(),
        }),
    }
}

fn host(url: &Url) -> Result<String, SmtpUrlError> {
    let host = match url.host().ok_or(SmtpUrlError::Host)? {
        // The scheme is not one of the web's, so the crate leaves the name as it was typed, percent-encoded.
        Host::Domain(name) => {
            let name = percent_decode_str(name)
                .decode_utf8()
                .map_err(|_| SmtpUrlError::Host)?;
            idna::domain_to_ascii(&name).map_err(|_| SmtpUrlError::Host)?
        }
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    if host.is_empty() {
        Err(SmtpUrlError::Host)
    } else {
        Ok(host)
    }
}

fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, SmtpUrlError> {
    let decoded = |text: &str| -> Result<String, SmtpUrlError> {
        let text = percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| SmtpUrlError::Encoding)?;
        if text.chars().any(char::is_control) {
            Err(SmtpUrlError::Encoding)
        } else {
            Ok(text.into_owned())
        }
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(SmtpUrlError::HalfCredentials),
        (user, Some(password)) => Ok(Some((
            decoded(user)?,
            SecretString::from(decoded(password)?),
        ))),
    }
}

fn hello_name(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    let name = url.path().trim_matches('/');
    if name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
    {
        Ok(Some(name.to_owned()).filter(|name| !name.is_empty()))
    } else {
        Err(SmtpUrlError::HelloName)
    }
}

#[cfg(test)]
#[path = "server/tests.rs"]
mod tests;
