//! Progress of long work, on standard error, and only where somebody looks at it.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that fills up to `total`.
pub(super) fn bar(total: u64, what: &'static str) -> ProgressBar {
    // It draws on standard error, and not at all where that is no terminal.
    let bar = ProgressBar::new(total).with_message(what);
    let template = "{msg} [{wide_bar}] {human_pos} of {human_len}, {eta} to go";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// Moves a bar on.
pub(super) fn advance(bar: &ProgressBar, done: usize) {
    bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
}
