//! What people write: "unsubscribe", by reply or to the address of List-Unsubscribe, or anything else.
//!
//! The law wants leaving by the medium of the message (Unsolicited Electronic Messages Act 2007, section 11), so a plain
//! word has to do. It has to be all that the person says, though: who quotes the word in a letter does not leave by it.

use mail_parser::Message;

use super::{Notice, text};
use crate::domain::bounce::Category;

/// What asks to be unsubscribed, when it is all of a line, in lowercase and without punctuation.
const WORDS: [&str; 26] = [
    "unsubscribe",
    "unsubscribe me",
    "unsubscribe please",
    "unsubscribe me please",
    "please unsubscribe",
    "please unsubscribe me",
    "please unsubscribe me from this list",
    "please unsubscribe me from this mailing list",
    "unsubscribe me from this list",
    "i want to unsubscribe",
    "i would like to unsubscribe",
    "i wish to unsubscribe",
    "can you unsubscribe me",
    "can you please unsubscribe me",
    "could you please unsubscribe me",
    "remove me",
    "please remove me",
    "remove me from this list",
    "remove me from your list",
    "please remove me from this list",
    "please remove me from your list",
    "please remove me from your mailing list",
    "take me off this list",
    "please take me off your list",
    "opt out",
    "stop",
];

/// Greetings that may stand before it.
const GREETINGS: [&str; 9] = [
    "hi",
    "hello",
    "dear",
    "kia ora",
    "tena koe",
    "tēnā koe",
    "good morning",
    "good afternoon",
    "thanks",
];

/// What a person says; nothing where there is no text at all.
pub(super) fn read(message: &Message<'_>) -> Option<Notice> {
    let subject = message.subject().unwrap_or_default();
    let text = text(message);
    let own = own_words(&text);
    let first = own
        .iter()
        .map(|line| plain(line))
        .find(|line| !line.is_empty() && !is_greeting(line))
        .unwrap_or_default();
    // A subject counts where the person has written nothing else, or the same again.
    let asked_in_subject =
        asks(&plain(subject)) && (first.is_empty() || own.len() <= 3 || asks(&first));
    if asked_in_subject || asks(&first) {
        let words = if first.is_empty() {
            subject
        } else {
            first.as_str()
        };
        return Some(Notice::new(Category::Unsubscribe, words));
    }
    let words = own.join(" ");
    (!words.is_empty() || !subject.is_empty()).then(|| Notice::new(Category::Reply, &words))
}

fn asks(line: &str) -> bool {
    WORDS.contains(&line)
}

fn is_greeting(line: &str) -> bool {
    line.split_whitespace().count() <= 4
        && GREETINGS.iter().any(|greeting| {
            line.strip_prefix(greeting)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
}

/// The lines before a quotation or a signature.
fn own_words(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .take_while(|line| {
            let lower = line.to_lowercase();
            let quotes = line.starts_with('>')
                || *line == "--"
                || lower.starts_with("-----original message")
                || lower.starts_with("________________")
                || lower.starts_with("from:")
                || (lower.starts_with("on ") && lower.ends_with("wrote:"));
            !quotes
        })
        .filter(|line| !line.is_empty())
        .take(40)
        .collect()
}

/// A line in lowercase, without punctuation, without "Re:", and without the token that a mailto put there.
fn plain(line: &str) -> String {
    let mut line = line.trim().to_lowercase();
    for before in ["re:", "fw:", "fwd:"] {
        if let Some(rest) = line.strip_prefix(before) {
            line = rest.trim().to_owned();
        }
    }
    let words: Vec<String> = line
        .split_whitespace()
        .filter(|word| word.len() < 20)
        .take(12)
        .map(|word| {
            let kept = word.chars().filter(|c| c.is_alphanumeric() || *c == '\'');
            kept.collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}
