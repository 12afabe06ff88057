//! The codes with which mail servers say what became of a message.

use std::fmt;

/// An enhanced status code: class, subject, detail (RFC 3463), such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnhancedCode(pub u8, pub u16, pub u16);

impl EnhancedCode {
    /// Reads a code such as `5.1.1`; its class must be 2, 4 or 5 and its numbers have one to three digits.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let number = |part: &str| -> Option<u16> {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        };
        let mut parts = word.split('.');
        let class = match parts.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        let code = Self(class, number(parts.next()?)?, number(parts.next()?)?);
        if parts.next().is_none() {
            Some(code)
        } else {
            None
        }
    }
}

/// The first code that stands in a text as a word of its own, whatever marks are around it: `(#5.1.1)`, `550-5.1.1`.
pub fn find_code(text: &str) -> Option<EnhancedCode> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
        .filter_map(|word| EnhancedCode::parse(word.trim_matches('.')))
        // RFC 3463 has no other subjects: "Exim 4.96.2" holds no code.
        .find(|code| code.0 != 2 && code.1 <= 7)
}

/// The first basic reply code (RFC 5321, section 4.2) of 4xx or 5xx that stands in a text as a word of its own.
pub fn find_reply_code(text: &str) -> Option<u16> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
        .filter(|word| word.len() == 3)
        .filter_map(|word| word.parse::<u16>().ok())
        .find(|code| (400..600).contains(code))
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_a_code_is_none() {
        for word in [
            "5.1", "5.1.1.1", "3.1.1", "5.1.1234", "5..1", "5.a.1", "192.0.2",
        ] {
            assert_eq!(EnhancedCode::parse(word), None, "{word}");
        }
    }

    #[test]
    fn codes_are_found_among_other_words() {
        for (text, expected) in [
            (
                "Sorry, no mailbox here by that name. (#5.1.1)",
                Some("5.1.1"),
            ),
            ("smtp; 550-5.2.1 The account is disabled", Some("5.2.1")),
            (
                "relayed by 192.0.2.25, 2.0.0 ok, then 4.4.7.",
                Some("4.4.7"),
            ),
            ("version 5.1, Exim 4.96.2", None),
        ] {
            let found = find_code(text).map(|code| code.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert_eq!(
            find_reply_code("said: 550-No such user, 12345, 250 ok"),
            Some(550)
        );
        assert_eq!(find_reply_code("port 587.1 and 1550"), None);
    }
}
