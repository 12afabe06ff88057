//! SendGrid: a list of events a request, signed as a whole
//! (<https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Proofs, ProviderError, Told, bounce, is_fresh, other, text};
use crate::clock::Timestamp;
use crate::domain::bounce::Category;

/// The signature is ECDSA on P-256 over the header with the time and the body, in DER and base64.
pub(super) fn check(
    key: &[u8],
    proofs: &Proofs,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ProviderError> {
    let signature = STANDARD
        .decode(&proofs.twilio_signature)
        .map_err(|_| ProviderError::NotTheirs)?;
    let signed = [proofs.twilio_timestamp.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&signed, &signature)
        .map_err(|_| ProviderError::NotTheirs)?;
    let seconds: i64 = proofs
        .twilio_timestamp
        .parse()
        .map_err(|_| ProviderError::Unreadable)?;
    if is_fresh(Timestamp::from_millis(seconds.saturating_mul(1000)), now) {
        Ok(())
    } else {
        Err(ProviderError::Stale)
    }
}

pub(super) fn read(body: &Value) -> Vec<Told> {
    let events = body.as_array().map(Vec::as_slice).unwrap_or_default();
    events.iter().filter_map(told).collect()
}

fn told(event: &Value) -> Option<Told> {
    let (recipient, words) = (text(event, "/email"), text(event, "/reason"));
    let notice = match (text(event, "/event"), text(event, "/type")) {
        ("bounce", "blocked") => bounce(text(event, "/status"), words, recipient, Category::Policy),
        ("bounce", _) => bounce(text(event, "/status"), words, recipient, Category::Unclear),
        ("dropped", _) => match words {
            "Bounced Address" | "Invalid" => other(Category::NoMailbox, words, recipient),
            "Unsubscribed Address" => other(Category::Unsubscribe, words, recipient),
            "Spam Reporting Address" => other(Category::Complaint, words, recipient),
            _ => other(Category::Policy, words, recipient),
        },
        ("deferred", _) => other(Category::Delayed, text(event, "/response"), recipient),
        ("spamreport", _) => other(Category::Complaint, "the reader called it spam", recipient),
        ("unsubscribe" | "group_unsubscribe", _) => {
            other(Category::Unsubscribe, "by the provider's link", recipient)
        }
        _ => return None,
    };
    Some(Told {
        notice,
        marks: event.to_string(),
    })
}
