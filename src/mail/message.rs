//! Messages as they travel: compiled once into MIME, with the places of the personal pieces known, then finished for each
//! recipient by splicing those in.
//!
//! A finished message is ASCII with CRLF line ends, its body lines have at most 76 characters, and no line begins with a
//! full stop: it goes into SMTP's DATA as it is.

mod body;
mod recipient;

use lettre::message::header::{From as FromHeader, ReplyTo, To};
use thiserror::Error;

use self::body::{BOUNDARY, Body, Segment, WHOLE_BOUNDARY};
pub use self::recipient::{Recipient, SpliceError, Unsubscribe};
use super::content::{Content, MarkerError, Piece, Slot, pieces};
use super::dkim::{SignError, Signer};
use super::sender::Sender;
use super::{encoding, header};
use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;

/// The size in bytes from which Gmail hides the rest of an HTML part.
pub const HTML_LIMIT: usize = 102 * 1024;

/// Room for the personal pieces of a body: one allocation is enough for most.
const PERSONAL: usize = 4096;

/// What sort of message it is, which decides the headers that speak to machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bulletin to a list: the `List-` headers, `Precedence: bulk`, and one-click unsubscribing (RFC 8058) for every
    /// recipient.
    Bulletin,
    /// A message to one person that follows from what they or the staff did: `Auto-Submitted: auto-generated`
    /// (RFC 3834), and one-click unsubscribing where the recipient has a link for it.
    Notice,
}

/// Why a content cannot become a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompileError {
    /// The HTML part would be hidden in part by Gmail.
    #[error(
        "the HTML part takes up to {} KB, and Gmail hides what is beyond {} KB; send some articles as teasers, or shorten them",
        .bytes.div_ceil(1024), HTML_LIMIT / 1024
    )]
    TooLarge {
        /// The size with every personal piece at its longest.
        bytes: usize,
    },
    /// A part holds a marker that is no slot.
    #[error(transparent)]
    Marker(#[from] MarkerError),
    /// There is nothing in the subject.
    #[error("the subject is empty; give the message one")]
    NoSubject,
    /// A header would pass 998 octets in a line (RFC 5322, section 2.1.1).
    #[error(
        "the header {0} holds a word too long for a mail header; shorten it to some hundred characters"
    )]
    LongHeader(&'static str),
}

/// A message ready to be sent: its envelope and its bytes.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    envelope_from: EmailAddress,
    envelope_to: EmailAddress,
    message_id: String,
    at: Timestamp,
    text: String,
}

impl OutgoingMessage {
    /// The return path, for `MAIL FROM`.
    #[must_use]
    pub fn envelope_from(&self) -> &EmailAddress {
        &self.envelope_from
    }

    /// The recipient, for `RCPT TO`.
    #[must_use]
    pub fn envelope_to(&self) -> &EmailAddress {
        &self.envelope_to
    }

    /// The Message-ID without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// When this try is made.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Headers and body: ASCII, CRLF line ends, ending with one, no line beginning with a full stop.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Puts the signatures of the sender's domain before the headers, as of the time of this try.
    ///
    /// # Errors
    /// [`SignError`] when a key cannot sign; the message is as before.
    pub fn sign(&mut self, signer: &Signer) -> Result<(), SignError> {
        let signatures = signer.signatures(&self.text, self.at)?;
        self.text.insert_str(0, &signatures);
        Ok(())
    }

    /// The same as [`bytes`](Self::bytes), as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, given away.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// A file that comes with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, of letters, digits, `.`, `-` and `_`.
    pub file_name: &'static str,
    /// Its media type and parameters, without `charset` and `name`: `text/calendar; method=PUBLISH`.
    pub media_type: String,
    /// Its text.
    pub text: String,
}

/// A content in MIME, waiting for its recipients.
#[derive(Clone, Debug)]
pub struct CompiledMessage {
    sender: Sender,
    kind: Kind,
    /// The headers that are the same for everybody, and the empty line.
    headers: String,
    body: Vec<Segment>,
    /// Bytes of all that is the same for everybody.
    common: usize,
}

impl CompiledMessage {
    /// Compiles a content: multipart/alternative, text first and HTML second, both quoted-printable in UTF-8.
    ///
    /// # Errors
    /// [`CompileError`], which says what to change in the content.
    pub fn new(content: &Content, sender: &Sender, kind: Kind) -> Result<Self, CompileError> {
        Self::with_attachment(content, sender, kind, None)
    }

    /// The same within multipart/mixed, with a file after it.
    ///
    /// # Errors
    /// [`CompileError`], which says what to change in the content.
    pub fn with_attachment(
        content: &Content,
        sender: &Sender,
        kind: Kind,
        attachment: Option<&Attachment>,
    ) -> Result<Self, CompileError> {
        if header::one_line(&content.subject).trim().is_empty() {
            return Err(CompileError::NoSubject);
        }
        let html = pieces(&content.html)?;
        let text = pieces(&content.text)?;
        let bytes = html
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.len(),
                Piece::Slot(slot) => slot.longest(),
            })
            .sum();
        if bytes > HTML_LIMIT {
            return Err(CompileError::TooLarge { bytes });
        }

        let mut body = Body::default();
        let alternative =
            format!("Content-Type: multipart/alternative;\r\n boundary=\"{BOUNDARY}\"\r\n\r\n");
        let mut headers = common_headers(content, sender, kind)?;
        if attachment.is_some() {
            headers.push_str(&format!(
                "Content-Type: multipart/mixed;\r\n boundary=\"{WHOLE_BOUNDARY}\"\r\n\r\n"
            ));
            body.literal
                .push_str(&format!("--{WHOLE_BOUNDARY}\r\n{alternative}"));
        } else {
            headers.push_str(&alternative);
        }
        body.part("text/plain", &text, false);
        body.part("text/html", &html, true);
        body.literal.push_str(&format!("--{BOUNDARY}--\r\n"));
        if let Some(attachment) = attachment {
            body.attach(attachment);
        }
        let body = body.finish();
        let literals = body.iter().map(|segment| match segment {
            Segment::Literal(literal) => literal.len(),
            Segment::Slot { .. } => 0,
        });
        Ok(Self {
            sender: sender.clone(),
            kind,
            common: headers.len() + literals.sum::<usize>(),
            headers,
            body,
        })
    }

    /// The message for one recipient.
    ///
    /// # Errors
    /// [`SpliceError`] when a piece is missing or cannot stand in a message.
    pub fn for_recipient(&self, recipient: &Recipient) -> Result<OutgoingMessage, SpliceError> {
        let message_id = recipient
            .message_id
            .trim_start_matches('<')
            .trim_end_matches('>');
        let personal = self.personal_headers(recipient, message_id)?;
        if !header::lines_fit(&personal) {
            return Err(SpliceError::LongHeader);
        }
        let mut text = String::with_capacity(self.common + personal.len() + PERSONAL);
        text.push_str(&personal);
        text.push_str(&self.headers);
        for segment in &self.body {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Slot {
                    slot,
                    escape: false,
                } => encoding::encode_value(&recipient.value(*slot)?, &mut text),
                Segment::Slot { slot, escape: true } => {
                    encoding::encode_value(
                        &encoding::escape_html(&recipient.value(*slot)?),
                        &mut text,
                    );
                }
            }
        }
        Ok(OutgoingMessage {
            envelope_from: recipient
                .return_path
                .as_ref()
                .unwrap_or(&self.sender.from_address)
                .clone(),
            envelope_to: recipient.address.clone(),
            message_id: message_id.to_owned(),
            at: recipient.at,
            text,
        })
    }

    fn personal_headers(
        &self,
        recipient: &Recipient,
        message_id: &str,
    ) -> Result<String, SpliceError> {
        if !header::is_bare_token(message_id) {
            return Err(SpliceError::NotAToken("the Message-ID"));
        }
        let mut headers = header::date(recipient.at);
        headers.push_str(&format!("Message-ID: <{message_id}>\r\n"));
        headers.push_str(&header::mailbox::<To>(
            recipient.name.as_ref().map(PersonName::as_str),
            &recipient.address,
        ));
        if let Some(mark) = &recipient.metadata {
            if !header::is_bare_token(mark) {
                return Err(SpliceError::NotAToken("the metadata"));
            }
            headers.push_str(&format!("X-PM-Metadata-Delivery: {mark}\r\n"));
        }
        match &recipient.unsubscribe {
            Some(Unsubscribe { url, token }) => {
                if !header::is_bare_token(url) || !header::is_bare_token(token) {
                    return Err(SpliceError::NotAToken("the unsubscribe link"));
                }
                headers.push_str(&format!(
                    "List-Unsubscribe: {}\r\n",
                    self.sender.list_unsubscribe(url, token)
                ));
                headers.push_str("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
            }
            None if self.kind == Kind::Bulletin => {
                return Err(SpliceError::MissingValue(Slot::UnsubscribeUrl));
            }
            None => {}
        }
        Ok(headers)
    }
}

/// The headers that do not depend on the recipient, up to the type of the content.
fn common_headers(content: &Content, sender: &Sender, kind: Kind) -> Result<String, CompileError> {
    let mut headers = String::new();
    let mut add = |name: &'static str, line: String| {
        if header::lines_fit(&line) {
            headers.push_str(&line);
            Ok(())
        } else {
            Err(CompileError::LongHeader(name))
        }
    };
    add(
        "From",
        header::mailbox::<FromHeader>(Some(&sender.from_name), &sender.from_address),
    )?;
    if let Some(reply_to) = &sender.reply_to {
        add("Reply-To", header::mailbox::<ReplyTo>(None, reply_to))?;
    }
    add("Subject", header::text("Subject", &content.subject))?;
    match kind {
        Kind::Bulletin => {
            // RFC 2919: a phrase, and an identifier in a domain of ours that does not change with the topics.
            let name: String = sender
                .newsletter_name
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
                .collect();
            add(
                "List-Id",
                format!(
                    "List-Id: \"{}\" <practice-points.{}>\r\n",
                    name.trim(),
                    sender.host()
                ),
            )?;
            add(
                "List-Help",
                format!("List-Help: <{}>\r\n", sender.page("/contact")),
            )?;
            add(
                "List-Owner",
                format!(
                    "List-Owner: <mailto:{}>\r\n",
                    sender.contact_address.as_str()
                ),
            )?;
            add("Precedence", "Precedence: bulk\r\n".to_owned())?;
        }
        Kind::Notice => add(
            "Auto-Submitted",
            "Auto-Submitted: auto-generated\r\n".to_owned(),
        )?,
    }
    headers.push_str("MIME-Version: 1.0\r\n");
    Ok(headers)
}

#[cfg(test)]
#[path = "message/tests.rs"]
mod tests;
