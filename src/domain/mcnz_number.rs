//! The registration number of the Medical Council of New Zealand.
//!
//! It has no check digit, and the public register does not show it, so only its form is looked at.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One to seven digits, kept as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct McnzNumber(String);

/// The text is not one to seven digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "A Medical Council number is one to seven digits, without letters or spaces. You may leave it out."
)]
pub struct McnzNumberError;

impl McnzNumber {
    /// Reads a number that a person typed. Spaces around it are dropped.
    ///
    /// # Errors
    /// Anything but one to seven ASCII digits.
    pub fn parse(input: &str) -> Result<Self, McnzNumberError> {
        let digits = input.trim_matches([' ', '\t']);
        if (1..=7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(McnzNumberError)
        }
    }

    /// The same for a form's field, which may be left blank.
    ///
    /// # Errors
    /// As [`McnzNumber::parse`], but for a blank text.
    pub fn optional(input: &str) -> Result<Option<Self>, McnzNumberError> {
        if input.trim_matches([' ', '\t']).is_empty() {
            return Ok(None);
        }
        Self::parse(input).map(Some)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for McnzNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for McnzNumber {
    type Error = McnzNumberError;

    fn try_from(input: String) -> Result<Self, Self::Error> {
        Self::parse(&input)
    }
}

impl From<McnzNumber> for String {
    fn from(number: McnzNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_to_seven_digits_are_accepted() {
        for (input, number) in [("7", "7"), (" 12345 ", "12345"), ("0123456", "0123456")] {
            assert_eq!(McnzNumber::parse(input).unwrap().as_str(), number);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for input in [
            "", " ", "12345678", "12 345", "MC1234", "-1", "1.0", "١٢٣", "123\n", "12３",
        ] {
            assert_eq!(McnzNumber::parse(input), Err(McnzNumberError), "{input:?}");
        }
    }

    #[test]
    fn a_blank_field_is_no_number() {
        assert_eq!(McnzNumber::optional("  "), Ok(None));
        assert_eq!(
            McnzNumber::optional("12").unwrap().unwrap().to_string(),
            "12"
        );
        assert_eq!(McnzNumber::optional("x"), Err(McnzNumberError));
        assert_eq!(McnzNumber::optional("\n"), Err(McnzNumberError));
    }
}
