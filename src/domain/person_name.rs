//! A person's name, as that person writes it.
//!
//! One word or five, with macrons, apostrophes and hyphens: nothing is assumed about titles or about which word is
//! the first name. The name is printed in mail to an address that its typist may not own, so it must not carry a
//! spammer's link.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::short_text::{ShortTextError, one_line};

/// The longest name, in Unicode characters.
const MAX_LENGTH: usize = 120;

/// A name in NFC, with at least one letter, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// Why a text is no name, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// Nothing was given.
    #[error("Please give your name, as you would like us to greet you.")]
    Empty,
    /// More than 120 characters.
    #[error("This name is too long: we can keep at most 120 characters.")]
    TooLong,
    /// A line break within or at an end.
    #[error("Please write the name on one line.")]
    LineBreak,
    /// A control, private-use or direction-changing character.
    #[error(
        "The name holds an invisible or special character that cannot be used. Please type it anew."
    )]
    ForbiddenCharacter,
    /// Digits and signs only.
    #[error("A name needs at least one letter.")]
    NoLetter,
    /// A web or e-mail address in place of a name.
    #[error("This looks like a web or e-mail address. Please give a name only.")]
    Link,
}

impl PersonName {
    /// Reads a name that a person typed.
    ///
    /// # Errors
    /// A text that is blank, too long, of several lines, without a letter, with forbidden characters, or with a link.
    pub fn parse(input: &str) -> Result<Self, PersonNameError> {
        let name = one_line(input, MAX_LENGTH).map_err(|error| match error {
            ShortTextError::Empty => PersonNameError::Empty,
            ShortTextError::TooLong { .. } => PersonNameError::TooLong,
            ShortTextError::LineBreak => PersonNameError::LineBreak,
            ShortTextError::ForbiddenCharacter => PersonNameError::ForbiddenCharacter,
        })?;
        if holds_link(&name) {
            return Err(PersonNameError::Link);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(PersonNameError::NoLetter);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows "Kia ora" or "Dear": the whole name, since nobody but its owner knows which part to leave out.
    pub fn greeting_name(&self) -> &str {
        &self.0
    }
}

/// Whether a line holds what mail programs turn into a link: sign-up forms are abused to send such lines to third
/// parties, so public forms refuse them in every field that is printed in a mail.
pub fn holds_link(line: &str) -> bool {
    let line = line.to_lowercase();
    line.contains("://")
        || line.contains("www.")
        || line.contains('@')
        || line
            .split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '(' | ')' | '?' | ':'))
            .any(is_host_name)
}

/// Top-level domains that spam comes with and that no name ends in after a dot.
const TOP_LEVEL_DOMAINS: [&str; 24] = [
    "app", "biz", "click", "club", "cn", "co", "com", "info", "io", "link", "live", "ly", "net",
    "nz", "online", "org", "ru", "shop", "site", "store", "top", "vip", "website", "xyz",
];

fn is_host_name(word: &str) -> bool {
    word.trim_end_matches(['.', '!', ';', '"', '\'', '’'])
        .rsplit_once('.')
        .is_some_and(|(before, last)| {
            before.ends_with(char::is_alphanumeric) && TOP_LEVEL_DOMAINS.contains(&last)
        })
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PersonName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = PersonNameError;

    fn try_from(input: String) -> Result<Self, Self::Error> {
        Self::parse(&input)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_one_word_name_is_accepted() {
        assert_eq!(PersonName::parse("Madonna").unwrap().as_str(), "Madonna");
        assert_eq!(PersonName::parse("李").unwrap().as_str(), "李");
    }

    #[test]
    fn names_are_kept_as_their_owners_write_them() {
        for name in [
            "Hēmi Te Rangi-Tūhoe",
            "Siobhán O'Brien",
            "Siobhán O’Brien",
            "A/Prof. J.R. van der Berg",
            "Dr.Smith",
            "Sione ʻAkauʻola",
            "Sample Person, Jr.",
            "Nguyễn Thị Minh Khai",
            "محمد علي",
            "X Æ A-12",
            "Jo",
        ] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn the_greeting_takes_the_whole_name() {
        assert_eq!(
            PersonName::parse(" Te   Rangi ").unwrap().greeting_name(),
            "Te Rangi"
        );
    }

    #[test]
    fn a_macron_typed_as_a_combining_character_is_the_same_name() {
        assert_eq!(
            PersonName::parse("He\u{304}mi"),
            PersonName::parse("H\u{113}mi")
        );
    }

    #[test]
    fn a_name_needs_a_letter() {
        for input in ["123", "-", "’", "\u{304}", "☃"] {
            assert_eq!(
                PersonName::parse(input),
                Err(PersonNameError::NoLetter),
                "{input:?}"
            );
        }
        assert_eq!(PersonName::parse(" "), Err(PersonNameError::Empty));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(PersonName::parse(&"ā".repeat(120)).is_ok());
        assert_eq!(
            PersonName::parse(&"ā".repeat(121)),
            Err(PersonNameError::TooLong)
        );
    }

    #[test]
    fn line_breaks_and_invisible_characters_are_refused() {
        assert_eq!(
            PersonName::parse("Aroha\r\nBcc: x"),
            Err(PersonNameError::LineBreak)
        );
        assert_eq!(
            PersonName::parse("Aroha\n"),
            Err(PersonNameError::LineBreak)
        );
        for c in ['\0', '\u{e001}', '\u{202e}', '\u{2067}'] {
            let input = format!("Aroha{c}");
            assert_eq!(
                PersonName::parse(&input),
                Err(PersonNameError::ForbiddenCharacter),
                "{c:?}"
            );
        }
    }

    #[test]
    fn links_are_refused() {
        for input in [
            "http://spam.example",
            "Win HTTPS://spam.example/x now",
            "ftp://x",
            "www.spam.example",
            "WWW.Spam.example",
            "Claim at spam.com",
            "Claim at Spam.COM!",
            "spam.com/win",
            "(bit.ly/abc)",
            "aroha@practice.example",
        ] {
            assert_eq!(
                PersonName::parse(input),
                Err(PersonNameError::Link),
                "{input:?}"
            );
        }
    }

    #[test]
    fn it_travels_through_json_as_a_checked_string() {
        let name = PersonName::parse("Hēmi").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Hēmi\"");
        assert!(serde_json::from_str::<PersonName>("\"1\"").is_err());
    }
}
