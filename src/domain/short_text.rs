//! Text of one line: a practice's name, a subject, a title.
//!
//! Such texts end up in header fields, in pages and in other people's inboxes. A line break in one would begin a new
//! header field, a direction override would let it read differently from what it is, and a private-use character is
//! how a compiled mail marks its personal pieces. All of these are refused rather than silently dropped, so that
//! what is stored is what was typed.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// One line in NFC, not blank, inner runs of white space collapsed to one space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ShortText(String);

/// Why a text is refused, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShortTextError {
    /// Nothing but white space.
    #[error("Please fill this in.")]
    Empty,
    /// Longer than the place allows.
    #[error("This is too long: at most {max} characters.")]
    TooLong {
        /// The most that is allowed, in Unicode characters.
        max: usize,
    },
    /// A line break within or at an end.
    #[error("Please keep this on one line.")]
    LineBreak,
    /// A control, private-use or direction-changing character.
    #[error(
        "This holds an invisible or special character that cannot be used here. Please type it anew."
    )]
    ForbiddenCharacter,
}

impl ShortTextError {
    /// The same for a field that is called by its name, such as “a title”: in a list of all that is wrong with a form, each
    /// sentence has to say what it is about.
    pub fn about(self, what: &str) -> String {
        match self {
            Self::Empty => format!("Please give {what}."),
            Self::TooLong { max } => {
                format!("Please give {what} of at most {max} characters: this is too long.")
            }
            other => other.to_string(),
        }
    }
}

impl ShortText {
    /// Reads a line of at most `max` Unicode characters, counted after normalisation. Spaces around it are dropped.
    ///
    /// # Errors
    /// A blank text, one that is too long, of more than one line, or with a character that no line may hold.
    pub fn parse(input: &str, max: usize) -> Result<Self, ShortTextError> {
        one_line(input, max).map(Self)
    }

    /// The same for a field that may be left blank, which gives `None`.
    ///
    /// # Errors
    /// As [`ShortText::parse`], but for a blank text.
    pub fn optional(input: &str, max: usize) -> Result<Option<Self>, ShortTextError> {
        match Self::parse(input, max) {
            Ok(text) => Ok(Some(text)),
            Err(ShortTextError::Empty) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ShortText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        text.0
    }
}

/// Brings a line into its normal form, for every type that is text of one line.
pub(super) fn one_line(input: &str, max: usize) -> Result<String, ShortTextError> {
    if is_in_normal_form(input, max) {
        return Ok(input.to_owned());
    }
    for c in input.chars() {
        if is_line_break(c) {
            return Err(ShortTextError::LineBreak);
        }
        if is_forbidden(c) {
            return Err(ShortTextError::ForbiddenCharacter);
        }
    }
    let normal: String = input.nfc().collect();
    let mut line = String::with_capacity(normal.len());
    for word in normal.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() {
        return Err(ShortTextError::Empty);
    }
    if line.chars().count() > max {
        return Err(ShortTextError::TooLong { max });
    }
    Ok(line)
}

/// Printable ASCII with single spaces between words, which most lines are: nothing about them changes.
fn is_in_normal_form(input: &str, max: usize) -> bool {
    !input.is_empty()
        && input.len() <= max
        && input.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !input.starts_with(' ')
        && !input.ends_with(' ')
        && !input.contains("  ")
}

/// What some program or other takes for the end of a line (UAX 14: BK, CR, LF, NL).
fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_forbidden(c: char) -> bool {
    let code = u32::from(c);
    let noncharacter = matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE;
    // A tab is mere white space here: cells pasted from a spreadsheet bring one along.
    (c.is_control() && c != '\t')
        || is_private_use(c)
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || noncharacter
}

/// Characters without a public meaning, on all three planes that have them.
fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn white_space_is_collapsed_and_trimmed() {
        let text = ShortText::parse("  Kauri \t Medical\u{a0}Centre ", 40).unwrap();
        assert_eq!(text.as_str(), "Kauri Medical Centre");
    }

    #[test]
    fn digits_and_symbols_alone_are_enough() {
        assert_eq!(ShortText::parse("24/7", 10).unwrap().to_string(), "24/7");
    }

    #[test]
    fn a_combining_macron_becomes_one_character() {
        assert_eq!(
            ShortText::parse("Ma\u{304}ngere", 7).unwrap().as_str(),
            "M\u{101}ngere"
        );
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert!(ShortText::parse("Māngere", 7).is_ok());
        assert_eq!(
            ShortText::parse("Māngeres", 7),
            Err(ShortTextError::TooLong { max: 7 })
        );
    }

    #[test]
    fn line_breaks_are_refused_even_at_the_ends() {
        for input in [
            "a\nb",
            "a\r\n",
            "\na",
            "a\u{2028}b",
            "a\u{85}b",
            "a\u{b}b",
            "\n",
        ] {
            assert_eq!(
                ShortText::parse(input, 40),
                Err(ShortTextError::LineBreak),
                "{input:?}"
            );
        }
    }

    #[test]
    fn control_private_use_and_direction_characters_are_refused() {
        for c in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{e000}',
            '\u{f8ff}',
            '\u{f0000}',
            '\u{10fffd}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{fffe}',
            '\u{1ffff}',
            '\u{fdd0}',
        ] {
            let input = format!("a{c}b");
            assert_eq!(
                ShortText::parse(&input, 40),
                Err(ShortTextError::ForbiddenCharacter),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_blank_optional_text_is_none() {
        assert_eq!(ShortText::optional(" \t\u{a0}", 40), Ok(None));
        assert_eq!(ShortText::optional("x", 40).unwrap().unwrap().as_str(), "x");
        assert_eq!(
            ShortText::optional("\n", 40),
            Err(ShortTextError::LineBreak)
        );
        assert_eq!(ShortText::parse(" ", 40), Err(ShortTextError::Empty));
    }
}
