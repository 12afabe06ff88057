//! Selectors: the names under which the DNS has a domain's keys.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Names one of a domain's keys (RFC 6376, section 3.1), such as `points2026`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

/// Why a text is no selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a selector has letters, digits and hyphens, at most 63 in a row, with full stops between, like points2026"
)]
pub struct SelectorError;

impl Selector {
    /// As it stands in signatures.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    /// Reads a selector: labels as in a host name. Letters become small, as the DNS does not tell them apart and whoever
    /// looks for the record might.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // Leaves room for "._domainkey." and a domain in the 253 characters of a name.
        if text.len() <= 128 && text.split('.').all(is_label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(SelectorError)
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
