//! Bounces in words alone: of qmail, of old Exims and sendmails, of whatever a provider has written itself.

use mail_parser::Message;

use super::{LONGEST_WORDS, Notice, header, text};
use crate::domain::bounce::{Action, Category, category_of_words};
use crate::domain::email_address::EmailAddress;
use crate::domain::harmless;
use crate::domain::status_code::{find_code, find_reply_code};

/// Here the copy of what was sent begins, whose words are our own.
const COPY_BEGINS: [&str; 12] = [
    "--- below this line is a copy of the message",
    "this is a copy of the message",
    "this is a copy of your message",
    "this is a copy of the headers",
    "original message follows",
    "unsent message follows",
    "message header follows",
    "original message headers",
    "-----original message-----",
    "--- original message ---",
    "----- message header",
    "the original message was:",
];

/// Subjects under which servers send reports.
const SUBJECTS: [&str; 14] = [
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery problem",
    "delivery report",
    "failure notice",
    "mail delivery",
    "returned mail",
    "could not be delivered",
    "non-delivery",
    "returning message to sender",
    "delayed",
];

/// Words of a server that goes on trying.
const STILL_TRYING: [&str; 8] = [
    "warning message only",
    "you do not need to resend",
    "do not need to resend",
    "will be retried",
    "will continue to",
    "will keep trying",
    "has not yet been delivered",
    "delivery attempts will continue",
];

/// What such a bounce says; `None` where the message is none.
pub(super) fn read(message: &Message<'_>) -> Option<Notice> {
    let failed = header(message, "x-failed-recipients");
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let by_subject = SUBJECTS.iter().any(|words| subject.contains(words));
    if !is_from_a_server(message) {
        return None;
    }
    let text = text(message);
    let said = before_the_copy(&text);
    let code = find_code(said);
    if failed.is_none() && !by_subject && code.is_none() && category_of_words(said).is_none() {
        return None;
    }
    let lower = said.to_lowercase();
    let is_delayed = subject.contains("delayed")
        || subject.starts_with("warning")
        || STILL_TRYING.iter().any(|words| lower.contains(words));
    let action = if is_delayed {
        Action::Delayed
    } else {
        Action::Failed
    };
    let recipient = failed
        .as_deref()
        .and_then(|list| list.split(',').next())
        .and_then(|first| EmailAddress::parse(first).ok())
        .or_else(|| first_address(said));
    Some(Notice {
        category: Category::of(action, code, find_reply_code(said), said),
        action: Some(action),
        code,
        recipient: recipient.map(|address| address.as_str().to_owned()),
        original_recipient: None,
        words: harmless::line(telling(said), LONGEST_WORDS),
    })
}

/// Whether it comes from a mail server: the empty return path, or what only servers write.
pub(super) fn is_from_a_server(message: &Message<'_>) -> bool {
    header(message, "return-path").is_some_and(|path| path == "<>") || is_by_a_server(message)
}

/// Whether it has what only servers write: their names, and the header of Exim and Gmail for who was not reached.
pub(super) fn is_by_a_server(message: &Message<'_>) -> bool {
    let from = message
        .from()
        .and_then(|from| from.first()?.address())
        .unwrap_or_default()
        .to_lowercase();
    let local = from.split('@').next().unwrap_or_default();
    header(message, "x-failed-recipients").is_some()
        || matches!(
            local,
            "mailer-daemon"
                | "postmaster"
                | "mail-daemon"
                | "maildaemon"
                | "mailerdaemon"
                | "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e"
        )
}

fn before_the_copy(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let begin = COPY_BEGINS
        .iter()
        .filter_map(|words| lower.find(words))
        .min();
    &text[..begin.unwrap_or(text.len())]
}

/// The part of the words that tells most: from the first address or code on.
fn telling(said: &str) -> &str {
    let place = said
        .find('@')
        .map(|at| said[..at].rfind('\n').map_or(0, |line| line + 1));
    place.map_or(said, |place| &said[place..])
}

fn first_address(said: &str) -> Option<EmailAddress> {
    said.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | ';' | ','))
        .filter(|word| word.contains('@') && word.len() < 300)
        .take(20)
        .filter_map(|word| EmailAddress::parse(word.trim_matches([':', '.', '\'', '['])).ok())
        .find(|address| {
            let local = address.local_part().to_ascii_lowercase();
            local != "mailer-daemon" && local != "postmaster"
        })
}
