//! Amazon SES by way of SNS: one notification a request, signed with the key of SNS's certificate
//! (<https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>).
//!
//! The certificate is a file that the operator has fetched from the address that SNS names: what comes from the network
//! is not asked where its own proof lies.

use std::path::Path;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use x509_parser::pem::parse_x509_pem;

use super::{MOST, ProviderError, Request, Told, bounce, is_fresh, json, other, text};
use crate::clock::Timestamp;
use crate::domain::bounce::Category;

/// No certificate takes so many bytes.
const LONGEST_FILE: u64 = 64 * 1024;

/// The public key of SNS's certificate (RSA, PKCS #1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnsCertificate {
    key: Vec<u8>,
    ends: Timestamp,
}

impl SnsCertificate {
    /// Reads a file in PEM form.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(file: &Path) -> Result<Self, String> {
        use std::io::Read as _;
        let mut text = Vec::new();
        std::fs::File::open(file)
            .and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut text))
            .map_err(|error| format!("it cannot be read: {error}"))?;
        Self::from_pem(&text)
    }

    /// Reads what stands in such a file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let wrong = || "it holds no certificate in PEM form".to_owned();
        let (_, pem) = parse_x509_pem(text).map_err(|_| wrong())?;
        let certificate = pem.parse_x509().map_err(|_| wrong())?;
        let key = certificate.public_key().subject_public_key.data.to_vec();
        let ends = certificate.validity().not_after.timestamp();
        Ok(Self {
            key,
            ends: Timestamp::from_millis(ends.saturating_mul(1000)),
        })
    }

    /// Until when it is valid.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }
}

pub(super) fn read(
    topic: &str,
    certificate: &SnsCertificate,
    body: &[u8],
    now: Timestamp,
) -> Result<Request, ProviderError> {
    let envelope = json(body)?;
    let kind = text(&envelope, "/Type");
    let fields: &[&str] = match kind {
        "Notification" => &[
            "Message",
            "MessageId",
            "Subject",
            "Timestamp",
            "TopicArn",
            "Type",
        ],
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => &[
            "Message",
            "MessageId",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ],
        _ => return Err(ProviderError::Unreadable),
    };
    check(certificate, &envelope, fields)?;
    if text(&envelope, "/TopicArn") != topic {
        return Err(ProviderError::NotTheirs);
    }
    // SNS repeats itself for hours where nobody answers, and signs anew what it repeats: the hour is its own time.
    let at = text(&envelope, "/Timestamp").parse::<jiff::Timestamp>();
    let at = at.map_err(|_| ProviderError::Unreadable)?;
    let is_old = !is_fresh(Timestamp::from_millis(at.as_millisecond()), now);
    match kind {
        "Notification" => {
            let message = json(text(&envelope, "/Message").as_bytes())?;
            Ok(Request::Events(events(&message)))
        }
        _ if is_old => Err(ProviderError::Stale),
        "SubscriptionConfirmation" => Ok(Request::Confirm(
            text(&envelope, "/SubscribeURL").to_owned(),
        )),
        _ => Ok(Request::Events(Vec::new())),
    }
}

/// The signature is over the names and values of these fields, a line each.
fn check(
    certificate: &SnsCertificate,
    envelope: &Value,
    fields: &[&str],
) -> Result<(), ProviderError> {
    let mut signed = String::new();
    for field in fields {
        if let Some(value) = envelope.get(*field).and_then(Value::as_str) {
            signed.push_str(&format!("{field}\n{value}\n"));
        }
    }
    let algorithm = match text(envelope, "/SignatureVersion") {
        "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        "2" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(ProviderError::NotTheirs),
    };
    let signature = STANDARD
        .decode(text(envelope, "/Signature"))
        .map_err(|_| ProviderError::NotTheirs)?;
    UnparsedPublicKey::new(algorithm, &certificate.key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| ProviderError::NotTheirs)
}

fn events(message: &Value) -> Vec<Told> {
    let kind = match text(message, "/notificationType") {
        "" => text(message, "/eventType"),
        kind => kind,
    };
    let marks = message
        .get("mail")
        .map(Value::to_string)
        .unwrap_or_default();
    let recipients = |path: &str| {
        let list = message.pointer(path).and_then(Value::as_array);
        list.map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .take(MOST)
    };
    let notices: Vec<_> = match kind {
        "Bounce" => {
            let (class, subclass) = (
                text(message, "/bounce/bounceType"),
                text(message, "/bounce/bounceSubType"),
            );
            let otherwise = match (class, subclass) {
                (_, "NoEmail") => Category::NoMailbox,
                (_, "MailboxFull") => Category::MailboxFull,
                (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => {
                    Category::Content
                }
                (_, "Suppressed" | "OnAccountSuppressionList") => Category::MailboxDisabled,
                ("Transient", _) => Category::Temporary,
                _ => Category::Unclear,
            };
            recipients("/bounce/bouncedRecipients")
                .map(|to| {
                    let said = match text(to, "/diagnosticCode") {
                        "" => subclass,
                        said => said,
                    };
                    bounce(
                        text(to, "/status"),
                        said,
                        text(to, "/emailAddress"),
                        otherwise,
                    )
                })
                .collect()
        }
        "Complaint" => {
            let category = match text(message, "/complaint/complaintFeedbackType") {
                "not-spam" => Category::Delivered,
                "auth-failure" => Category::Policy,
                _ => Category::Complaint,
            };
            recipients("/complaint/complainedRecipients")
                .map(|to| other(category, "a complaint", text(to, "/emailAddress")))
                .collect()
        }
        "DeliveryDelay" => recipients("/deliveryDelay/delayedRecipients")
            .map(|to| {
                let said = text(to, "/diagnosticCode");
                other(Category::Delayed, said, text(to, "/emailAddress"))
            })
            .collect(),
        "Reject" => vec![other(
            Category::Content,
            text(message, "/reject/reason"),
            "",
        )],
        _ => Vec::new(),
    };
    notices
        .into_iter()
        .map(|notice| Told {
            notice,
            marks: marks.clone(),
        })
        .collect()
}
