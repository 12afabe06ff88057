//! A mail server's reply: its code, its enhanced code (RFC 3463) and its words.

use std::fmt;

pub use crate::domain::status_code::EnhancedCode;

/// The most characters of a server's words that are kept.
const LONGEST_TEXT: usize = 500;

/// What a server answered. Its words often repeat the recipient's address: they are for the staff's pages, never for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReply {
    /// The three digits; 0 for a reply that could not be read.
    pub code: u16,
    /// The enhanced code with which the words began, if it agrees with the first digit (RFC 2034, section 4).
    pub enhanced: Option<EnhancedCode>,
    /// The words after the codes: one line, at most 500 characters, no control characters.
    pub text: String,
}

impl ServerReply {
    /// A reply from its code and its words; the enhanced code is taken off the front of the words.
    #[must_use]
    pub fn new(code: u16, words: &str) -> Self {
        let words = words.trim();
        let (first, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let enhanced =
            EnhancedCode::parse(first).filter(|enhanced| u16::from(enhanced.0) == code / 100);
        let words = if enhanced.is_some() { rest } else { words };
        let text: String = words
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(LONGEST_TEXT)
            .collect();
        Self {
            code,
            enhanced,
            text: text.trim().to_owned(),
        }
    }

    /// True if the refusal is by policy about the sender (x.7.x).
    #[must_use]
    pub fn is_policy(&self) -> bool {
        self.enhanced.is_some_and(|enhanced| enhanced.1 == 7)
    }
}

impl fmt::Display for ServerReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if self.text.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.text)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_reply_shows_as_the_server_said_it() {
        let reply = ServerReply::new(550, "5.1.1 No such user");
        assert_eq!(reply.enhanced, Some(EnhancedCode(5, 1, 1)));
        assert_eq!(reply.text, "No such user");
        assert_eq!(reply.to_string(), "550 5.1.1 No such user");
    }

    #[test]
    fn an_enhanced_code_of_another_class_is_only_words() {
        let reply = ServerReply::new(550, "4.1.1 odd");
        assert_eq!((reply.enhanced, reply.text.as_str()), (None, "4.1.1 odd"));
    }

    #[test]
    fn a_long_reply_with_control_characters_is_bounded_and_cleaned() {
        let reply = ServerReply::new(451, &format!("a\r\nb\u{1b}[31m{}", "ā".repeat(2000)));
        assert_eq!(reply.text.chars().count(), 500);
        assert!(!reply.text.chars().any(char::is_control));
    }
}
