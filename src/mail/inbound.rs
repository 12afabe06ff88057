//! What comes back, read: delivery reports, complaints, automatic replies, and what people write.
//!
//! [`read`] says what a message seems to be, and believes nothing: it has no key to check with. It takes any bytes at all,
//! looks at the first [`LONGEST`] of them, and never panics; what it does not understand it says so of.

mod auto_reply;
mod fields;
mod informal;
pub mod line;
pub mod mailbox;
mod person;
pub mod provider;
mod report;

use mail_parser::{Address, Message, MessageParser, MimeHeaders as _, PartType};

use crate::domain::bounce::{Action, Category};
use crate::domain::harmless;
use crate::domain::status_code::EnhancedCode;

/// So much of a message is read: reports begin with what matters, and end with a copy of what was sent.
pub const LONGEST: usize = 1024 * 1024;

/// So many recipients of one report are looked at.
const MOST_NOTICES: usize = 20;

/// So many messages within messages are looked into: a report that somebody forwards.
const DEEPEST: usize = 2;

/// The longest piece of words that is kept, in characters.
const LONGEST_WORDS: usize = 500;

/// A message that came back, as far as it is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Its own Message-ID, on one line.
    pub id: String,
    /// From whom it says it is, on one line.
    pub from: String,
    /// Its subject, on one line.
    pub subject: String,
    /// What it says: one for each recipient of a report, else one; never none.
    pub notices: Vec<Notice>,
    /// The headers that say where it came to: our return path stands there.
    pub addressed: Vec<u8>,
    /// All of it, decoded: our marks stand somewhere in there.
    pub anywhere: Vec<u8>,
    /// Words of the subject that may be the token of a link to unsubscribe.
    pub tokens: Vec<String>,
}

/// What a message says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it means.
    pub category: Category,
    /// What has happened, where it is a report.
    pub action: Option<Action>,
    /// The code.
    pub code: Option<EnhancedCode>,
    /// To whom the message was to go in the end.
    pub recipient: Option<String>,
    /// To whom we sent it, where the report tells that apart.
    pub original_recipient: Option<String>,
    /// The words of the server or the person, on one line.
    pub words: String,
}

impl Notice {
    /// A notice of this category in these words, about nobody in particular.
    pub fn new(category: Category, words: &str) -> Self {
        Self {
            category,
            action: None,
            code: None,
            recipient: None,
            original_recipient: None,
            words: harmless::line(words, LONGEST_WORDS),
        }
    }
}

/// Reads a message.
pub fn read(raw: &[u8]) -> Received {
    let raw = &raw[..raw.len().min(LONGEST)];
    // The parser is written for hostile input. Should it fail all the same, one bad message must not stop the next.
    std::panic::catch_unwind(|| read_unguarded(raw)).unwrap_or_else(|_| {
        tracing::error!("the parser failed on an incoming message; it is kept for the staff");
        Received {
            notices: vec![Notice::new(Category::Unknown, "")],
            anywhere: raw.to_vec(),
            ..Received::default()
        }
    })
}

/// The same without a net, for tests that look for failures.
pub fn read_unguarded(raw: &[u8]) -> Received {
    // The parser's own accessors need a first part.
    let parsed = MessageParser::default().parse(raw).map(Parsed);
    let Some(parsed) = parsed.filter(|parsed| !parsed.0.parts.is_empty()) else {
        return Received {
            notices: vec![Notice::new(Category::Unknown, "")],
            anywhere: raw.to_vec(),
            ..Received::default()
        };
    };
    let message = &parsed.0;
    let subject = harmless::line(message.subject().unwrap_or_default(), 200);
    let mut notices = notices(message, 0);
    notices.truncate(MOST_NOTICES);
    if notices.is_empty() {
        notices.push(Notice::new(Category::Unknown, &subject));
    }
    let mut anywhere = raw.to_vec();
    decoded(message, 0, &mut anywhere);
    Received {
        id: harmless::line(message.message_id().unwrap_or_default(), 300),
        from: harmless::line(&shown(message.from()), 200),
        tokens: tokens(&subject),
        subject,
        notices,
        addressed: addressed(message),
        anywhere,
    }
}

/// A parsed message, taken apart from the outside in when it is done with: tens of thousands of messages within each other
/// would otherwise be dropped from the inside out, on a stack that is not that deep.
struct Parsed<'x>(Message<'x>);

impl Drop for Parsed<'_> {
    fn drop(&mut self) {
        let mut parts = std::mem::take(&mut self.0.parts);
        while let Some(part) = parts.pop() {
            if let PartType::Message(mut inner) = part.body {
                parts.append(&mut inner.parts);
            }
        }
    }
}

fn notices(message: &Message<'_>, depth: usize) -> Vec<Notice> {
    let found = report::delivery(message);
    if !found.is_empty() {
        return found;
    }
    let found = report::feedback(message);
    if !found.is_empty() {
        return found;
    }
    // An answer of somebody's program has no return path either (RFC 3834, section 3.3): without a server's name on it, it
    // is no bounce whatever its words.
    let automatic = auto_reply::read(message);
    if (automatic.is_none() || informal::is_by_a_server(message))
        && let Some(notice) = informal::read(message)
    {
        return vec![notice];
    }
    if let Some(notice) = automatic {
        return vec![notice];
    }
    if depth < DEEPEST {
        for inner in inner_messages(message) {
            let found = notices(inner, depth + 1);
            if found.iter().any(|notice| notice.action.is_some()) {
                return found;
            }
        }
    }
    if informal::is_from_a_server(message) {
        return Vec::new();
    }
    person::read(message).into_iter().collect()
}

fn inner_messages<'a, 'x>(message: &'a Message<'x>) -> impl Iterator<Item = &'a Message<'x>> {
    let inner = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(inner) if !inner.parts.is_empty() => Some(inner),
        _ => None,
    });
    inner.take(3)
}

/// Whether a part is of this type.
fn is_part(part: &mail_parser::MessagePart<'_>, kind: &str, subtypes: &[&str]) -> bool {
    part.content_type().is_some_and(|found| {
        found.ctype().eq_ignore_ascii_case(kind)
            && subtypes.iter().any(|subtype| {
                found
                    .subtype()
                    .is_some_and(|s| s.eq_ignore_ascii_case(subtype))
            })
    })
}

/// A header of the message, unfolded.
fn header(message: &Message<'_>, name: &str) -> Option<String> {
    let raw = message.header_raw(name)?;
    Some(harmless::line(raw, 1000))
}

/// The text of the message, or its HTML as text.
fn text(message: &Message<'_>) -> String {
    let text = message.body_text(0).unwrap_or_default();
    let end = text
        .char_indices()
        .map(|(place, _)| place)
        .take_while(|place| *place <= 64 * 1024)
        .last()
        .unwrap_or_default();
    if text.len() <= 64 * 1024 {
        text.into_owned()
    } else {
        text[..end].to_owned()
    }
}

/// The headers that say where a message came to, each with the marks that servers put there.
fn addressed(message: &Message<'_>) -> Vec<u8> {
    const NAMES: [&str; 8] = [
        "x-original-to",
        "delivered-to",
        "envelope-to",
        "x-envelope-to",
        "x-rcpt-to",
        "x-forwarded-to",
        "to",
        "cc",
    ];
    let mut found = Vec::new();
    for (name, value) in message.headers_raw() {
        if NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            found.extend_from_slice(value.as_bytes());
            found.push(b'\n');
        }
    }
    found
}

/// Adds what encodings hide: the decoded parts, as far as they are text, and those of the messages within.
fn decoded(message: &Message<'_>, depth: usize, into: &mut Vec<u8>) {
    for part in &message.parts {
        if into.len() > 4 * LONGEST {
            return;
        }
        match &part.body {
            PartType::Message(inner) if depth < DEEPEST => decoded(inner, depth + 1, into),
            PartType::Message(_) | PartType::Multipart(_) => {}
            _ => {
                into.push(b'\n');
                into.extend_from_slice(part.contents());
            }
        }
    }
}

/// The words of a subject that look like a token: long, and of its letters.
fn tokens(subject: &str) -> Vec<String> {
    subject
        .split_whitespace()
        .filter(|word| (20..=64).contains(&word.len()))
        .filter(|word| {
            word.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        .take(4)
        .map(str::to_owned)
        .collect()
}

fn shown(address: Option<&Address<'_>>) -> String {
    let Some(mailbox) = address.and_then(Address::first) else {
        return String::new();
    };
    let email = mailbox.address().unwrap_or_default();
    match mailbox.name() {
        Some(name) => format!("{name} <{email}>"),
        None => email.to_owned(),
    }
}

/// An address from a report, for comparison and for people.
fn address(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    let text = harmless::line(text, 254);
    (!text.is_empty()).then_some(text)
}
