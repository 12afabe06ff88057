//! Codes that people type from paper or from the console: letters and digits that are not taken for one another, in
//! groups of four.

use sha2::{Digest, Sha256};

/// Without I, O, 0 and 1.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A code of random octets: five bits for each of them.
pub fn typed_code(random: &[u8]) -> String {
    let mut code = String::new();
    for (place, byte) in random.iter().enumerate() {
        if place % 4 == 0 && place > 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    code
}

/// What is kept of a code: SHA-256 of its letters and digits, however they are typed. A code must be long enough that
/// nobody tries all of them.
pub fn code_hash(typed: &str) -> String {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    Sha256::digest(plain.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = typed_code(&[0, 31, 32, 63, 255, 1, 2, 3]);
        assert_eq!(code, "A9A9-9BCD");
        assert_eq!(code_hash("a9a9 9bcd"), code_hash(&code));
        assert_ne!(code_hash("A9A9-9BCE"), code_hash(&code));
    }
}
