//! A message read back from the mailbox, by a parser that is not the one that wrote it.

use mail_parser::{Address, Message, MessageParser, MimeHeaders as _};

use super::MailboxId;
use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;

/// A line in the list of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxEntry {
    /// Names the message.
    pub id: MailboxId,
    /// When it was delivered.
    pub at: Timestamp,
    /// To whom: name and address.
    pub to: String,
    /// From whom: name and address.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// The size in bytes.
    pub size: u64,
}

impl MailboxEntry {
    pub(super) fn from_head(id: MailboxId, size: u64, head: &[u8]) -> Self {
        let message = MessageParser::default()
            .parse_headers(head)
            .unwrap_or_default();
        Self {
            id,
            at: id.at(),
            to: shown(message.to()),
            from: shown(message.from()),
            subject: message.subject().unwrap_or_default().to_owned(),
            size,
        }
    }
}

/// Whether a message is to this address, given in its normal form.
pub(super) fn is_to(head: &[u8], email_key: &str) -> bool {
    let message = MessageParser::default().parse_headers(head);
    let to = message.as_ref().and_then(Message::to);
    to.into_iter()
        .flat_map(Address::iter)
        .filter_map(|to| EmailAddress::parse(to.address.as_deref()?).ok())
        .any(|to| to.key() == email_key)
}

/// A file that a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its name, or a made-up one.
    pub name: String,
    /// Its content, decoded.
    pub content: Vec<u8>,
}

/// A message with its parts decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// The headers in their order: name, and value unfolded as it stands in the message (encoded words are not decoded).
    pub headers: Vec<(String, String)>,
    /// The subject, decoded.
    pub subject: String,
    /// From whom, decoded.
    pub from: String,
    /// To whom, decoded.
    pub to: String,
    /// The HTML part, if there is one.
    pub html: Option<String>,
    /// The text part, if there is one.
    pub text: Option<String>,
    /// The files that it carries.
    pub files: Vec<AttachedFile>,
    /// The message as it was delivered.
    pub raw: Vec<u8>,
}

impl StoredMessage {
    pub(super) fn new(raw: Vec<u8>) -> Self {
        let message = MessageParser::default().parse(&raw).unwrap_or_default();
        let (html, text) = (part(&message, "html"), part(&message, "plain"));
        let files = message.attachments().map(|part| AttachedFile {
            name: part.attachment_name().unwrap_or("attachment").to_owned(),
            content: part.contents().to_vec(),
        });
        let files = files.collect();
        let headers = message
            .headers_raw()
            .map(|(name, value)| {
                (
                    name.to_owned(),
                    value.split_whitespace().collect::<Vec<_>>().join(" "),
                )
            })
            .collect();
        let (from, to) = (shown(message.from()), shown(message.to()));
        let subject = message.subject().unwrap_or_default().to_owned();
        Self {
            headers,
            subject,
            from,
            to,
            html,
            text,
            files,
            raw,
        }
    }
}

/// The first part of this text type. The parser's own accessors would make one up from the other.
fn part(message: &Message<'_>, subtype: &str) -> Option<String> {
    message.parts.iter().find_map(|part| {
        let is_it = part
            .content_type()
            .is_some_and(|kind| kind.subtype() == Some(subtype));
        if is_it {
            part.text_contents().map(str::to_owned)
        } else {
            None
        }
    })
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
