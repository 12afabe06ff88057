//! The parts of a message, encoded, with the places of the personal pieces between.

use super::super::content::{Piece, Slot};
use super::super::encoding;
use super::Attachment;

/// Separates the parts. "=_" never occurs in quoted-printable output, so no text can hold it (RFC 2045, section 6.7).
pub(super) const BOUNDARY: &str = "=_practice-points";

/// Separates the message from its attachment. No part's delimiter begins with the other's (RFC 2046, section 5.1.2).
pub(super) const WHOLE_BOUNDARY: &str = "=_whole_practice-points";

/// A stretch of the body.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Literal(String),
    Slot { slot: Slot, escape: bool },
}

/// The body while it is put together: what is literal so far, and the finished segments before it.
#[derive(Default)]
pub(super) struct Body {
    segments: Vec<Segment>,
    pub(super) literal: String,
}

impl Body {
    pub(super) fn part(&mut self, media_type: &str, pieces: &[Piece<'_>], escape: bool) {
        self.literal.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Type: {media_type}; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ));
        for piece in pieces {
            match piece {
                Piece::Text(text) => encoding::encode_piece(text, &mut self.literal),
                Piece::Slot(slot) => {
                    self.segments
                        .push(Segment::Literal(std::mem::take(&mut self.literal)));
                    self.segments.push(Segment::Slot {
                        slot: *slot,
                        escape,
                    });
                }
            }
        }
        // The line end before a boundary belongs to the boundary (RFC 2046, section 5.1.1).
        self.literal.push_str("\r\n");
    }

    pub(super) fn attach(&mut self, attachment: &Attachment) {
        let Attachment {
            file_name,
            media_type,
            text,
        } = attachment;
        self.literal.push_str(&format!(
            "\r\n--{WHOLE_BOUNDARY}\r\nContent-Type: {media_type};\r\n charset=utf-8; name=\"{file_name}\"\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\
             Content-Disposition: attachment; filename=\"{file_name}\"\r\n\r\n"
        ));
        encoding::encode_piece(text, &mut self.literal);
        self.literal
            .push_str(&format!("\r\n--{WHOLE_BOUNDARY}--\r\n"));
    }

    pub(super) fn finish(mut self) -> Vec<Segment> {
        self.segments.push(Segment::Literal(self.literal));
        self.segments
    }
}
