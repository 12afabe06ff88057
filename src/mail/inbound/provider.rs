//! What mail providers tell over HTTP, checked to be theirs and read into the same notices as a report by mail.
//!
//! Each proves itself in its own way; none is believed without. A provider that tells of several messages at once is read
//! to the end: one that cannot be understood does not hide the others.

mod mailgun;
mod postmark;
mod sendgrid;
mod ses;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::Notice;
use crate::clock::Timestamp;
use crate::domain::bounce::{Action, Category};
use crate::domain::harmless;
use crate::domain::status_code::{EnhancedCode, find_code, find_reply_code};

pub use ses::SnsCertificate;

/// A notification may be so old, or so much ahead of our clock, and no more: an old one may be somebody's copy. Long enough for
/// what a provider tells again after our own outage (Mailgun goes on for eight hours); told twice, it counts once anyway.
const FRESH_FOR: std::time::Duration = std::time::Duration::from_secs(12 * 60 * 60);

/// So many messages in one request.
const MOST: usize = 2000;

/// What is set for a provider.
#[derive(Debug, Clone)]
pub enum Provider {
    /// Amazon SES by way of SNS.
    Ses {
        /// The topic, by its ARN.
        topic: String,
        /// The certificate with which SNS signs.
        certificate: SnsCertificate,
    },
    /// Postmark, which signs nothing: it gives a user and a password, `user:password`.
    Postmark(SecretString),
    /// Mailgun, with its key for signing.
    Mailgun(SecretString),
    /// SendGrid, with its public key (SPKI in DER).
    SendGrid(Vec<u8>),
}

/// The headers that providers sign or prove themselves with.
#[derive(Debug, Clone, Default)]
pub struct Proofs {
    /// `Authorization`.
    pub authorization: String,
    /// `X-Twilio-Email-Event-Webhook-Signature`.
    pub twilio_signature: String,
    /// `X-Twilio-Email-Event-Webhook-Timestamp`.
    pub twilio_timestamp: String,
}

/// What a provider tells of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it says.
    pub notice: Notice,
    /// All that it says, where our marks stand.
    pub marks: String,
}

/// What a request of a provider holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// What became of messages.
    Events(Vec<Told>),
    /// The provider asks that somebody opens this address, to prove that notifications are wanted.
    Confirm(String),
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not signed, or by somebody else.
    #[error("the signature is not the provider's")]
    NotTheirs,
    /// Signed by the provider, too long ago.
    #[error("the notification is too old")]
    Stale,
    /// Not what the provider sends.
    #[error("the notification cannot be read")]
    Unreadable,
}

impl Provider {
    /// Its name in the address.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ses { .. } => "ses",
            Self::Postmark(_) => "postmark",
            Self::Mailgun(_) => "mailgun",
            Self::SendGrid(_) => "sendgrid",
        }
    }

    /// What is wrong with what is set for it, in words, and what to do about it.
    pub fn problem(&self, now: Timestamp) -> Option<String> {
        match self {
            Self::Ses { certificate, .. } if certificate.ends() <= now => Some(
                "the certificate in inbound.ses_certificate has expired. Fetch the one from SigningCertURL of a new \
                 notification."
                    .to_owned(),
            ),
            Self::SendGrid(key) if SubjectPublicKeyInfo::from_der(key).is_err() => Some(
                "inbound.sendgrid_key is no public key. Copy the verification key as SendGrid shows it.".to_owned(),
            ),
            Self::Mailgun(key) if key.expose_secret().len() < 16 => Some(
                "inbound.mailgun_key is too short. Copy the HTTP webhook signing key as Mailgun shows it.".to_owned(),
            ),
            _ => None,
        }
    }

    /// Checks that a request is the provider's, and reads it.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub fn read(
        &self,
        proofs: &Proofs,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        match self {
            Self::Ses { topic, certificate } => ses::read(topic, certificate, body, now),
            Self::Postmark(password) => {
                postmark::check(password, &proofs.authorization)?;
                Ok(Request::Events(postmark::read(&json(body)?)))
            }
            Self::Mailgun(key) => {
                let body = json(body)?;
                mailgun::check(key, &body, now)?;
                Ok(Request::Events(mailgun::read(&body)))
            }
            Self::SendGrid(key) => {
                sendgrid::check(key, proofs, body, now)?;
                Ok(Request::Events(sendgrid::read(&json(body)?)))
            }
        }
    }
}

fn json(body: &[u8]) -> Result<Value, ProviderError> {
    serde_json::from_slice(body).map_err(|_| ProviderError::Unreadable)
}

/// A text within an object; empty if it is not there.
fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.since(at) <= FRESH_FOR && at.since(now) <= FRESH_FOR
}

/// What a bounce means by its code and words, or else by what the provider calls it.
fn bounce(status: &str, words: &str, recipient: &str, otherwise: Category) -> Notice {
    let code = EnhancedCode::parse(status).or_else(|| find_code(words));
    let category = match Category::of(Action::Failed, code, find_reply_code(words), words) {
        Category::Unclear => otherwise,
        known => known,
    };
    Notice {
        action: Some(Action::Failed),
        code,
        recipient: Some(harmless::line(recipient, 254)).filter(|to| !to.is_empty()),
        ..Notice::new(category, words)
    }
}

/// What else a provider tells, of somebody.
fn other(category: Category, words: &str, recipient: &str) -> Notice {
    Notice {
        recipient: Some(harmless::line(recipient, 254)).filter(|to| !to.is_empty()),
        ..Notice::new(category, words)
    }
}
