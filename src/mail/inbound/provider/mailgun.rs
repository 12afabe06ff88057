//! Mailgun: one event a request, signed within (<https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>).

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::{ProviderError, Told, bounce, is_fresh, other, text};
use crate::clock::Timestamp;
use crate::domain::bounce::Category;

/// The signature is HMAC-SHA256 over timestamp and token, in hexadecimal digits.
pub(super) fn check(key: &SecretString, body: &Value, now: Timestamp) -> Result<(), ProviderError> {
    let (timestamp, token) = (
        text(body, "/signature/timestamp"),
        text(body, "/signature/token"),
    );
    let signature = unhex(text(body, "/signature/signature")).ok_or(ProviderError::NotTheirs)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .map_err(|_| ProviderError::NotTheirs)?;
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    mac.verify_slice(&signature)
        .map_err(|_| ProviderError::NotTheirs)?;
    let seconds: i64 = timestamp.parse().map_err(|_| ProviderError::Unreadable)?;
    if is_fresh(Timestamp::from_millis(seconds.saturating_mul(1000)), now) {
        Ok(())
    } else {
        Err(ProviderError::Stale)
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

pub(super) fn read(body: &Value) -> Vec<Told> {
    let Some(event) = body.get("event-data") else {
        return Vec::new();
    };
    let recipient = text(event, "/recipient");
    let said = match text(event, "/delivery-status/message") {
        "" => text(event, "/delivery-status/description"),
        message => message,
    };
    let code = event
        .pointer("/delivery-status/code")
        .and_then(Value::as_u64);
    let words = match code {
        Some(code) if (400..600).contains(&code) => format!("{code} {said}"),
        _ => said.to_owned(),
    };
    let status = text(event, "/delivery-status/enhanced-code");
    let notice = match (text(event, "/event"), text(event, "/severity")) {
        ("failed", "temporary") => other(Category::Delayed, &words, recipient),
        ("failed", _) => {
            let otherwise = match text(event, "/reason") {
                "bounce" | "suppress-bounce" => Category::Unclear,
                "suppress-complaint" | "suppress-unsubscribe" => Category::Unsubscribe,
                _ => Category::Temporary,
            };
            bounce(status, &words, recipient, otherwise)
        }
        ("rejected", _) => other(Category::Policy, &words, recipient),
        ("complained", _) => other(Category::Complaint, "the reader called it spam", recipient),
        ("unsubscribed", _) => other(Category::Unsubscribe, "by the provider's link", recipient),
        _ => return Vec::new(),
    };
    vec![Told {
        notice,
        marks: event.to_string(),
    }]
}
