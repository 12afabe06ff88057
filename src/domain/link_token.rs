//! Signed tokens: the part of a link that says who it is for and what it may do.
//!
//! A token is bound to one purpose. Bulletins are forwarded, so the link in one can unsubscribe its reader and can
//! do nothing else. Tokens are short, because some mail programs break `List-Unsubscribe` addresses of more than 76
//! characters, and they outlive the rotation of keys, because an unsubscribe link must work for at least 30 days
//! (Unsolicited Electronic Messages Act 2007, s 11) and in practice for as long as the mail is kept.
//!
//! As octets, then in URL-safe base64 without padding (RFC 4648 §5):
//!
//! | octets | what |
//! |---|---|
//! | 1 | the number of the key |
//! | 1 | the purpose; with its highest bit set, an expiry follows |
//! | 0 or 5 | when it expires, in unix seconds, big-endian |
//! | 1 to 8 | the id, big-endian, without leading zero octets |
//! | 16 | HMAC-SHA256 over all of the above, its left half |

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::Timestamp;

/// Separates these signatures from any other use of the same secret.
const CONTEXT: &[u8] = b"practice-points link\0";
/// And this the key that is derived for sealing.
const SEALING: &[u8] = b"practice-points sealing\0";
/// Half of SHA-256's output: RFC 2104 §5 advises no less, and 128 bits cannot be guessed.
const MAC_LENGTH: usize = 16;
const EXPIRY_LENGTH: usize = 5;
const EXPIRES: u8 = 0x80;
/// The longest token in octets; anything longer is refused before it is decoded.
const MAX_LENGTH: usize = 1 + 1 + EXPIRY_LENGTH + 8 + MAC_LENGTH;

/// What a link may do. The codes are in links that people keep for years: never reuse or renumber one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Confirm a sign-up.
    Confirm,
    /// Unsubscribe, and choose to keep some topics.
    Unsubscribe,
    /// Take back an unsubscription made a moment ago.
    Resubscribe,
    /// See and change one's details and topics, download or erase them.
    Manage,
    /// Confirm a new address for a subscription.
    ChangeAddress,
    /// The return path of one message: a bounce counts only with it.
    ReturnPath,
    /// Join the staff.
    StaffInvitation,
    /// Choose a new staff password.
    PasswordReset,
    /// Sign in to the staff pages.
    StaffSignIn,
    /// A browser in which a member of staff has signed in before.
    KnownBrowser,
    /// Register for a symposium, as one subscriber.
    Register,
    /// See, complete and cancel one registration.
    Registration,
    /// The Message-ID of one message: a report that holds it is about that message.
    MessageId,
}

impl Purpose {
    const fn code(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Unsubscribe => 2,
            Self::Resubscribe => 3,
            Self::Manage => 4,
            Self::ChangeAddress => 5,
            Self::ReturnPath => 6,
            Self::StaffInvitation => 7,
            Self::PasswordReset => 8,
            Self::Register => 9,
            Self::Registration => 10,
            Self::StaffSignIn => 11,
            Self::KnownBrowser => 12,
            Self::MessageId => 32,
        }
    }
}

/// The number of a key, kept with it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub u8);

struct LinkKey {
    id: KeyId,
    secret: [u8; 32],
}

/// The key that signs, and the older ones whose links still work.
pub struct LinkKeys {
    current: LinkKey,
    older: Vec<LinkKey>,
}

/// Why keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkKeysError {
    /// There is none.
    #[error("at least one key is needed to sign links")]
    NoKey,
    /// Two have one number.
    #[error("two keys have the number {0}; each needs its own")]
    DuplicateId(u8),
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No token at all: cut off, or changed on its way.
    #[error("the link is incomplete or was changed on its way")]
    Malformed,
    /// Has the form of a token, but was not signed by one of our keys.
    #[error("the link was not made by this service")]
    Forged,
    /// Signed by us, for something else.
    #[error("the link is meant for something else")]
    WrongPurpose,
    /// Signed by us for this, and too old by now.
    #[error("the link has expired")]
    Expired {
        /// Whom or what it was for, so that a new link can be offered.
        id: i64,
    },
}

impl LinkKeys {
    /// From numbered keys of 256 random bits each; the last one signs.
    ///
    /// # Errors
    /// No key, or two with one number.
    pub fn new(keys: Vec<(u8, [u8; 32])>) -> Result<Self, LinkKeysError> {
        let mut older: Vec<LinkKey> = Vec::with_capacity(keys.len());
        for (id, secret) in keys {
            let id = KeyId(id);
            if older.iter().any(|key| key.id == id) {
                return Err(LinkKeysError::DuplicateId(id.0));
            }
            older.push(LinkKey { id, secret });
        }
        let current = older.pop().ok_or(LinkKeysError::NoKey)?;
        Ok(Self { current, older })
    }

    /// The number of the key that signs.
    pub fn current_id(&self) -> KeyId {
        self.current.id
    }

    /// A token for `purpose` and `id`: 35 characters at most, or 42 with an expiry, all of them letters, digits, `-`
    /// and `_`. An expiry is rounded up to the second.
    pub fn sign(&self, purpose: Purpose, id: i64, expires: Option<Timestamp>) -> String {
        let mut token = Vec::with_capacity(MAX_LENGTH);
        token.push(self.current.id.0);
        match expires {
            None => token.push(purpose.code()),
            Some(at) => {
                token.push(purpose.code() | EXPIRES);
                token.extend_from_slice(&expiry_octets(at));
            }
        }
        let id = id.to_be_bytes();
        let leading_zeros = id.iter().take(7).take_while(|octet| **octet == 0).count();
        token.extend_from_slice(&id[leading_zeros..]);

        let mac = self.current.mac(&token).finalize().into_bytes();
        token.extend_from_slice(&mac[..MAC_LENGTH]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// A key for sealing what is kept in the database, made of the one that signs, or of the one with this number; none
    /// when there is no such key. It is never the signing key itself.
    pub fn sealing_key(&self, id: Option<KeyId>) -> Option<(KeyId, [u8; 32])> {
        let key = match id {
            None => &self.current,
            Some(id) => std::iter::once(&self.current)
                .chain(&self.older)
                .find(|key| key.id == id)?,
        };
        let mut mac = hmac(&key.secret);
        mac.update(SEALING);
        Some((key.id, mac.finalize().into_bytes().into()))
    }

    /// A signature for a place where case is not kept and the id stands in the open beside it: the number of the key
    /// and the signature, in [`SEAL_LENGTH`] lowercase hexadecimal digits.
    pub fn seal(&self, purpose: Purpose, id: i64) -> String {
        let mac = self
            .current
            .mac(&seal_body(self.current.id, purpose, id))
            .finalize()
            .into_bytes();
        let octets = std::iter::once(&self.current.id.0).chain(&mac[..MAC_LENGTH]);
        hexadecimal(octets)
    }

    /// Whether a seal, in digits of either case, was made by one of our keys for this purpose and id. Takes the same
    /// time for every one that is wrong.
    pub fn is_seal(&self, purpose: Purpose, id: i64, seal: &str) -> bool {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let octets: Option<Vec<u8>> = seal
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
                _ => None,
            })
            .collect();
        let octets = octets.filter(|octets| octets.len() == 1 + MAC_LENGTH);
        let Some((key, mac)) = octets.as_deref().and_then(<[u8]>::split_first) else {
            return false;
        };
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|known| known.id.0 == *key)
            .is_some_and(|known| {
                known
                    .mac(&seal_body(known.id, purpose, id))
                    .verify_truncated_left(mac)
                    .is_ok()
            })
    }

    /// The id in a token, if it was signed for this purpose and has not expired. Takes the same time for every
    /// signature that is wrong.
    ///
    /// # Errors
    /// See [`TokenError`]. What a token says is looked at only once its signature is found right.
    pub fn verify(&self, purpose: Purpose, token: &str, now: Timestamp) -> Result<i64, TokenError> {
        if token.len() > MAX_LENGTH.div_ceil(3) * 4 {
            return Err(TokenError::Malformed);
        }
        // Refuses padding, other alphabets and stray bits at the end, so that a token has one spelling only.
        let octets = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| TokenError::Malformed)?;
        let (body, mac) = octets
            .len()
            .checked_sub(MAC_LENGTH)
            .map(|length| octets.split_at(length))
            .ok_or(TokenError::Malformed)?;
        let parts = Parts::read(body).ok_or(TokenError::Malformed)?;

        let key = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == parts.key)
            .ok_or(TokenError::Forged)?;
        key.mac(body)
            .verify_truncated_left(mac)
            .map_err(|_| TokenError::Forged)?;

        if parts.purpose != purpose.code() {
            return Err(TokenError::WrongPurpose);
        }
        match parts.expires_millis {
            Some(expires) if i128::from(now.as_millis()) >= expires => {
                Err(TokenError::Expired { id: parts.id })
            }
            _ => Ok(parts.id),
        }
    }
}

/// How many digits a seal has.
pub const SEAL_LENGTH: usize = 2 * (1 + MAC_LENGTH);

/// What a seal signs. The length sets it apart from what a token signs, whose id has no leading zeros.
fn seal_body(key: KeyId, purpose: Purpose, id: i64) -> [u8; 11] {
    let mut body = [0; 11];
    body[0] = key.0;
    body[1] = purpose.code();
    body[3..].copy_from_slice(&id.to_be_bytes());
    body
}

/// Prints no secret.
impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<KeyId> = self.older.iter().map(|key| key.id).collect();
        f.debug_struct("LinkKeys")
            .field("current", &self.current.id)
            .field("older", &older)
            .finish_non_exhaustive()
    }
}

impl LinkKey {
    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = hmac(&self.secret);
        mac.update(CONTEXT);
        mac.update(body);
        mac
    }
}

/// What stands in a token before its signature.
struct Parts {
    key: KeyId,
    purpose: u8,
    expires_millis: Option<i128>,
    id: i64,
}

impl Parts {
    fn read(body: &[u8]) -> Option<Self> {
        let (&key, body) = body.split_first()?;
        let (&purpose, body) = body.split_first()?;
        let (expires_millis, id) = if purpose & EXPIRES == 0 {
            (None, body)
        } else {
            let (expiry, id) = body.split_at_checked(EXPIRY_LENGTH)?;
            let seconds = expiry
                .iter()
                .fold(0_i128, |sum, octet| (sum << 8) | i128::from(*octet));
            (Some(seconds * 1000), id)
        };
        if id.is_empty() || id.len() > 8 || (id.len() > 1 && id[0] == 0) {
            return None;
        }
        let mut octets = [0; 8];
        octets[8 - id.len()..].copy_from_slice(id);
        Some(Self {
            key: KeyId(key),
            purpose: purpose & !EXPIRES,
            expires_millis,
            id: i64::from_be_bytes(octets),
        })
    }
}

/// Unix seconds, rounded up, within the 40 bits that reach beyond the year 36000.
fn expiry_octets(at: Timestamp) -> [u8; EXPIRY_LENGTH] {
    let seconds = at.as_millis().div_euclid(1000) + i64::from(at.as_millis().rem_euclid(1000) != 0);
    let [_, _, _, octets @ ..] = seconds.clamp(0, (1 << 40) - 1).to_be_bytes();
    octets
}

/// What is kept of an erased address, so that it is never mailed again and cannot be read back: HMAC-SHA256 under
/// the instance's key, in 64 hexadecimal digits. Give it the address's normal form.
pub fn keyed_hash(key: &[u8; 32], text: &str) -> String {
    let mut mac = hmac(key);
    mac.update(text.as_bytes());
    hexadecimal(&mac.finalize().into_bytes())
}

fn hexadecimal<'a>(octets: impl IntoIterator<Item = &'a u8>) -> String {
    octets
        .into_iter()
        .fold(String::with_capacity(64), |mut hex, octet| {
            hex.push(char::from(HEX[usize::from(octet >> 4)]));
            hex.push(char::from(HEX[usize::from(octet & 15)]));
            hex
        })
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes a key of any length (RFC 2104 §2)"
    )]
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests;
