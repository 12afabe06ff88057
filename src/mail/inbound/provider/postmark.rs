//! Postmark: one event a request, <https://postmarkapp.com/developer/webhooks/bounce-webhook> and its neighbours.
//!
//! Our mark comes back as metadata, for which each message carries a header of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::{ProviderError, Told, bounce, other, text};
use crate::domain::bounce::Category;

/// Postmark signs nothing; it gives the user and the password that stand in the webhook's address (RFC 7617).
pub(super) fn check(password: &SecretString, authorization: &str) -> Result<(), ProviderError> {
    let expected = STANDARD.encode(password.expose_secret());
    let given = authorization
        .strip_prefix("Basic ")
        .ok_or(ProviderError::NotTheirs)?;
    let equal: bool = expected.as_bytes().ct_eq(given.trim().as_bytes()).into();
    if equal {
        Ok(())
    } else {
        Err(ProviderError::NotTheirs)
    }
}

pub(super) fn read(event: &Value) -> Vec<Told> {
    let recipient = match text(event, "/Email") {
        "" => text(event, "/Recipient"),
        email => email,
    };
    let words = match text(event, "/Details") {
        "" => text(event, "/Description"),
        details => details,
    };
    let notice = match (text(event, "/RecordType"), text(event, "/Type")) {
        ("SpamComplaint", _) | ("Bounce", "SpamComplaint") => {
            other(Category::Complaint, "the reader called it spam", recipient)
        }
        ("Bounce", "Unsubscribe") => other(Category::Unsubscribe, words, recipient),
        ("Bounce", "AutoResponder" | "ChallengeVerification" | "AddressChange") => {
            other(Category::AutoReply, words, recipient)
        }
        ("Bounce", "Transient" | "Subscribe" | "OpenRelayTest") => {
            other(Category::Delayed, words, recipient)
        }
        ("Bounce", "HardBounce" | "BadEmailAddress") => {
            bounce("", words, recipient, Category::NoMailbox)
        }
        ("Bounce", "Blocked" | "DMARCPolicy" | "SpamNotification" | "VirusNotification") => {
            other(Category::Policy, words, recipient)
        }
        ("Bounce", "DnsError") => bounce("", words, recipient, Category::Unreachable),
        ("Bounce", _) => bounce("", words, recipient, Category::Temporary),
        ("SubscriptionChange", _) if text(event, "/SuppressionReason") == "ManualSuppression" => {
            other(
                Category::Unsubscribe,
                "suppressed with the provider",
                recipient,
            )
        }
        _ => return Vec::new(),
    };
    vec![Told {
        notice,
        marks: event.to_string(),
    }]
}
