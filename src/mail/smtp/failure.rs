//! What went wrong in a conversation, read out of lettre's error and put into words for a person.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error as SmtpError;

use super::super::outcome::{ServerReply, Stage};

/// What we were doing, in the protocol's words.
pub(super) const fn verb(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "connecting",
        Stage::Hello => "the greeting",
        Stage::Tls => "TLS",
        Stage::Auth => "AUTH",
        Stage::Mail => "MAIL",
        Stage::Recipient => "RCPT",
        Stage::Data => "DATA",
        Stage::Content => "the content",
    }
}

/// The negative reply inside lettre's error, if it is one.
pub(super) fn reply_in(error: &SmtpError) -> Option<ServerReply> {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    error
        .status()
        .map(|code| ServerReply::new(code.into(), &words))
}

/// True if something came that is not a reply: a code outside RFC 5321's ranges, or bytes that are not UTF-8.
pub(super) fn is_unreadable(error: &SmtpError) -> bool {
    let not_text = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|source| source.kind() == io::ErrorKind::InvalidData);
    not_text || (error.is_response() && !is_cut_short(error))
}

/// True for lettre's error at the end of the stream, which it counts among the unreadable replies.
fn is_cut_short(error: &SmtpError) -> bool {
    error
        .source()
        .is_some_and(|source| source.to_string() == "incomplete response")
}

pub(super) fn explain(error: &SmtpError) -> String {
    if is_cut_short(error) {
        return "the server closed the connection".into();
    }
    if is_unreadable(error) {
        return "the server's answer could not be read".into();
    }
    error.source().map_or_else(
        || error.to_string(),
        |source| format!("the connection was lost ({source})"),
    )
}
