//! One-time codes of the clock, as authenticator apps show them (TOTP, RFC 6238): SHA-1, six digits, a new one each 30
//! seconds, which is what every such app understands.

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq as _;

use crate::clock::Timestamp;

/// So many octets does a secret have (RFC 4226, section 4: as long as the hash).
pub const SECRET_LENGTH: usize = 20;

/// A new code each so many milliseconds.
const STEP_MILLIS: i64 = 30_000;

/// A phone's clock may be so many steps ahead or behind (RFC 6238, section 5.2: one is advised).
const DRIFT: i64 = 1;

const DIGITS: usize = 6;

/// What stands in an address as it is (RFC 3986, section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The secret that an app and we share.
pub struct Secret([u8; SECRET_LENGTH]);

impl Secret {
    /// From random octets.
    pub fn new(octets: [u8; SECRET_LENGTH]) -> Self {
        Self(octets)
    }

    /// The octets, for keeping them.
    pub fn octets(&self) -> &[u8; SECRET_LENGTH] {
        &self.0
    }

    /// The code of a step of time.
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        // RFC 4226, section 5.3: the last four bits say where the 31 bits of the code begin.
        let start = usize::from(tag.last().copied().unwrap_or(0) & 15);
        let number = tag
            .iter()
            .skip(start)
            .take(4)
            .fold(0_u32, |number, octet| (number << 8) | u32::from(*octet));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// The step of time whose code this is, if it is one of this moment's: the one that runs, the one before, or the one
    /// after. Spaces within are nothing: apps show `123 456`.
    pub fn step_of(&self, typed: &str, now: Timestamp) -> Option<i64> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if typed.len() != DIGITS || !typed.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let running = now.as_millis().div_euclid(STEP_MILLIS);
        // All of them are looked at, whichever it is.
        (running - DRIFT..=running + DRIFT)
            .filter(|step| bool::from(self.code(*step).as_bytes().ct_eq(typed.as_bytes())))
            .max()
    }

    /// The secret as it is typed into an app: letters and digits in groups of four.
    pub fn typed(&self) -> String {
        let text = BASE32_NOPAD.encode(&self.0);
        let letters: Vec<char> = text.chars().collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        groups.join(" ")
    }

    /// The address that a picture holds for an app (the "Key URI Format" that apps have agreed on).
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let issuer = escape(issuer);
        format!(
            "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={}",
            escape(account),
            BASE32_NOPAD.encode(&self.0),
            STEP_MILLIS / 1000
        )
    }
}

/// Prints no secret.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, in its last six digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = Secret::new(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(seconds / 30), code, "{seconds}");
            let now = Timestamp::from_millis(seconds * 1000);
            assert_eq!(secret.step_of(code, now), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_holds_one_step_before_and_after_its_own() {
        let secret = Secret::new([7; SECRET_LENGTH]);
        let code = secret.code(100);
        for (second, expected) in [
            (100 * 30 - 31, None),
            (100 * 30 - 30, Some(100)),
            (100 * 30, Some(100)),
            (101 * 30 + 29, Some(100)),
            (102 * 30, None),
        ] {
            let now = Timestamp::from_millis(second * 1000);
            assert_eq!(secret.step_of(&code, now), expected, "{second}");
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        let secret = Secret::new([7; SECRET_LENGTH]);
        let now = Timestamp::from_millis(3_000_000);
        let code = secret.code(100);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        assert_eq!(secret.step_of(&spaced, now), Some(100));
        let long = format!("0{code}");
        for wrong in ["", "12345", &long, "１２３４５６", "-12345", "12345a"] {
            assert_eq!(secret.step_of(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_gets_its_address_with_everything_escaped() {
        let secret = Secret::new(*b"12345678901234567890");
        assert_eq!(
            secret.uri("Practice Points", "hine+a@clinic.example"),
            "otpauth://totp/Practice%20Points:hine%2Ba%40clinic.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Practice%20Points&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
