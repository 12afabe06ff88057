//! The short addresses by which the links of a bulletin go.

use crate::domain::named::entity_id;

entity_id!(
    /// The key of a link of a bulletin.
    LinkId
);

/// Letters and digits of a code: none of them is mistaken for another, and each stands for five bits.
const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Letters and digits in a code: fifty bits, so that the links of a bulletin that is in no archive are not found by trying.
const LENGTH: usize = 10;

/// The path before a code.
pub const PATH: &str = "/l/";

/// The code of random bits.
pub fn code(random: u64) -> String {
    (0..LENGTH)
        .map(|place| {
            let digit = (random >> (5 * place)) & 31;
            // Five bits are a place among 32.
            char::from(DIGITS[usize::try_from(digit).unwrap_or(0)])
        })
        .collect()
}

/// Whether a text can be a code: nothing else is looked for.
pub fn is_code(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| DIGITS.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_known_as_one() {
        assert_eq!(code(0), "aaaaaaaaaa");
        assert_eq!(code(u64::MAX), "9999999999");
        assert_ne!(code(1), code(1 << 49));
        assert!(is_code(&code(0x1234_5678_9abc_def0)));
        for other in [
            "",
            "aaaaaaaaa",
            "aaaaaaaaaaa",
            "aaaaaaaaa1",
            "AAAAAAAAAA",
            "āāāāā",
        ] {
            assert!(!is_code(other), "{other}");
        }
    }
}
