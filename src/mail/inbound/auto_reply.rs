//! Answers of programs: out of office, tickets, receipts. They are no bounces, and never count (RFC 3834).

use mail_parser::{Message, MimeHeaders as _};

use super::{Notice, header, is_part};
use crate::domain::bounce::Category;

/// How the subjects begin that such programs write, in lowercase.
const SUBJECTS: [&str; 14] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "automated reply",
    "automated response",
    "out of office",
    "out of the office",
    "ooo:",
    "on leave",
    "away from the office",
    "vacation",
    "read:",
];

/// What such a message says; `None` where it is none.
pub(super) fn read(message: &Message<'_>) -> Option<Notice> {
    let subject = message.subject().unwrap_or_default();
    is_automatic(message, subject).then(|| Notice::new(Category::AutoReply, subject))
}

fn is_automatic(message: &Message<'_>, subject: &str) -> bool {
    let lower = |name| header(message, name).map(|value| value.trim().to_ascii_lowercase());
    // RFC 3834, section 5: anything but "no" comes from a program.
    let submitted = lower("auto-submitted").is_some_and(|value| !value.starts_with("no"));
    let precedence = lower("precedence")
        .is_some_and(|value| matches!(value.as_str(), "bulk" | "junk" | "list" | "auto_reply"));
    let is_receipt = message
        .content_type()
        .and_then(|kind| kind.attribute("report-type"))
        .is_some_and(|kind| kind.eq_ignore_ascii_case("disposition-notification"))
        || message
            .parts
            .iter()
            .any(|part| is_part(part, "message", &["disposition-notification"]));
    let marked = [
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply-from",
        "x-mail-autoreply",
    ]
    .iter()
    .any(|name| header(message, name).is_some());
    let subject = subject.trim_start().to_lowercase();
    let by_subject = SUBJECTS.iter().any(|words| subject.starts_with(words));
    submitted || precedence || is_receipt || marked || by_subject
}
