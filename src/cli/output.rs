//! What people read on the console, and programs in a pipe.

use std::fmt;
use std::io::{self, Write};

use super::failure::Failure;

/// Writes a line of the result. A reader that has gone away (`… | head`) is no failure of ours.
pub(super) fn line(text: impl fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Makes sure that lines written so far are seen, also where a program reads them.
pub(super) fn flush() {
    let _ = io::stdout().lock().flush();
}

/// Writes a line beside the result.
pub(super) fn aside(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why the program did not do what was asked.
pub(super) fn failure(failure: &Failure) {
    aside(format_args!("practice-points: {failure}"));
    if let Some(hint) = failure.remedy() {
        aside(format_args!("  {hint}"));
    }
}

/// A number with commas between its thousands.
pub(super) fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let counts = [0_u64, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
