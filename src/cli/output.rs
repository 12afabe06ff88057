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
