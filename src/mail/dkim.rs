//! DKIM signatures (RFC 6376, RFC 8463, RFC 8301): the sender's domain vouches for what a message says.
//!
//! A [`Signer`] holds one key or several, each under a selector of its own, and puts one `DKIM-Signature` header for each of
//! them before a message. Both canonicalisations are relaxed, and the whole body is signed: there is no `l=`, with which
//! others could add to it (RFC 6376, section 8.2). Everything that does not depend on the key is made once for a message.
//!
//! It works on messages as [`super::message`] makes them: ASCII, with CRLF for every line end.

mod canonical;
mod field;
mod key;
mod selector;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;

pub use self::key::{KeyError, MOST_RSA_BITS, PrivateKey};
pub use self::selector::{Selector, SelectorError};
use crate::clock::Timestamp;

/// The fields that are signed one time more often than they occur, so that nobody can add another of them, or a first one,
/// without breaking the signature: mail programs differ in which of two they show (RFC 6376, sections 5.4.2 and 8.15).
const SEALED: [&str; 11] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    // Both have to be covered for one-click unsubscribing to be offered (RFC 8058, section 4).
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// The fields that are signed as often as they occur.
const SIGNED: [&str; 5] = [
    "List-Id",
    "List-Help",
    "List-Owner",
    "Precedence",
    "Auto-Submitted",
];

/// A key that failed to sign: a fault of the cryptographic library or of memory, not of the message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the DKIM key of the selector {selector} could not sign")]
pub struct SignError {
    /// The key's selector.
    pub selector: Selector,
}

/// Signs messages for a domain. Cheap to clone.
#[derive(Clone)]
pub struct Signer {
    domain: Arc<str>,
    keys: Arc<[SelectedKey]>,
}

/// A key with the name under which the DNS has its public half.
pub struct SelectedKey {
    /// The name.
    pub selector: Selector,
    /// The key.
    pub key: PrivateKey,
}

impl Signer {
    /// A signer for a domain, in A-labels where it is an international one. With several keys, each message carries one
    /// signature for each.
    #[must_use]
    pub fn new(domain: &str, keys: Vec<SelectedKey>) -> Self {
        Self {
            domain: domain.into(),
            keys: keys.into(),
        }
    }

    /// The domain that the signatures name (`d=`).
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The keys, in the order of their signatures.
    #[must_use]
    pub fn keys(&self) -> &[SelectedKey] {
        &self.keys
    }

    /// The name under which a key's TXT record stands in the DNS (RFC 6376, section 3.6.2.1).
    #[must_use]
    pub fn record_name(&self, key: &SelectedKey) -> String {
        format!("{}._domainkey.{}", key.selector, self.domain)
    }

    /// The `DKIM-Signature` headers for a message, each with its CRLF, to be put before it.
    ///
    /// # Errors
    /// [`SignError`] when a key cannot sign.
    pub fn signatures(&self, message: &str, at: Timestamp) -> Result<String, SignError> {
        let (headers, body) = canonical::split(message);
        let body_hash = BASE64.encode(canonical::body_hash(body.as_bytes()));
        let fields = canonical::fields(headers);
        let names = names(&fields);
        let mut signed = Vec::with_capacity(headers.len());
        canonical::push_fields(&fields, &names, &mut signed);
        let mut before = Context::new(&SHA256);
        before.update(&signed);

        let mut signatures = String::with_capacity(self.keys.len() * 1024);
        let mut own = Vec::with_capacity(1024);
        for selected in &*self.keys {
            let unsigned = field::Unsigned {
                algorithm: selected.key.algorithm(),
                domain: &self.domain,
                selector: selected.selector.as_str(),
                seconds: at.as_millis().max(0) / 1000,
                body_hash: &body_hash,
                names: &names,
            };
            let start = signatures.len();
            let column = unsigned.write(&mut signatures);
            own.clear();
            canonical::push_own_field(&signatures[start..], &mut own);
            let mut all = before.clone();
            all.update(&own);
            let signature = selected.key.sign(&all.finish()).map_err(|_| SignError {
                selector: selected.selector.clone(),
            })?;
            field::write_value(&BASE64.encode(signature), column, &mut signatures);
        }
        Ok(signatures)
    }
}

/// What stands in `h=` for a message with these fields, in order.
fn names(fields: &[canonical::Field<'_>]) -> Vec<&'static str> {
    let occurrences = |name: &str| fields.iter().filter(|field| field.is(name)).count();
    let mut names = Vec::with_capacity(2 * SEALED.len() + SIGNED.len());
    for name in SEALED {
        names.extend(std::iter::repeat_n(name, occurrences(name) + 1));
    }
    for name in SIGNED {
        names.extend(std::iter::repeat_n(name, occurrences(name)));
    }
    names
}

/// Names the keys and shows nothing of them: `{:?}` of the settings ends up in logs.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selectors: Vec<&Selector> = self.keys.iter().map(|key| &key.selector).collect();
        f.debug_struct("Signer")
            .field("domain", &self.domain)
            .field("selectors", &selectors)
            .finish()
    }
}

#[cfg(test)]
#[path = "dkim/tests.rs"]
mod tests;
