//! The relaxed canonical forms of headers and of the body (RFC 6376, sections 3.4.2 and 3.4.4).
//!
//! This runs over every byte of every message, so it copies what is canonical already in long stretches.

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// A header field: its name, and all of it without its CRLF.
pub(super) struct Field<'a> {
    name: &'a str,
    value: &'a str,
}

impl Field<'_> {
    /// True if it has this name; names are the same in capital and in small letters.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The headers, each with its CRLF, and the body behind the empty line.
pub(super) fn split(message: &str) -> (&str, &str) {
    match message.find("\r\n\r\n") {
        Some(end) => (&message[..end + 2], &message[end + 4..]),
        None => (message, ""),
    }
}

/// The fields of a header section, in order, folded lines together.
pub(super) fn fields(headers: &str) -> Vec<Field<'_>> {
    let mut fields = Vec::with_capacity(24);
    let mut rest = headers;
    while !rest.is_empty() {
        let (field, after) = rest.split_at(end_of_field(rest));
        rest = after;
        if let Some((name, value)) = field.split_once(':') {
            fields.push(Field {
                name: name.trim_end_matches([' ', '\t']),
                value,
            });
        }
    }
    fields
}

/// Where the first field ends, its CRLF included: at the first line end that no white space follows.
fn end_of_field(headers: &str) -> usize {
    let mut end = 0;
    while let Some(line) = headers[end..].find('\n') {
        end += line + 1;
        if !headers[end..].starts_with([' ', '\t']) {
            return end;
        }
    }
    headers.len()
}

/// The canonical forms of the named fields, each with its CRLF. The first mention of a name is its last field, the second
/// the one above, and a mention too many is nothing (RFC 6376, section 5.4.2).
pub(super) fn push_fields(fields: &[Field<'_>], names: &[&str], output: &mut Vec<u8>) {
    let mut is_taken = vec![false; fields.len()];
    for name in names {
        let mentioned = fields
            .iter()
            .zip(&mut is_taken)
            .rfind(|(field, is_taken)| !**is_taken && field.is(name));
        if let Some((field, is_taken)) = mentioned {
            *is_taken = true;
            push_field(field.name, field.value, output);
            output.extend_from_slice(b"\r\n");
        }
    }
}

/// The canonical form of a `DKIM-Signature` field whose `b=` is empty and last: without a CRLF (RFC 6376, section 3.7).
pub(super) fn push_own_field(field: &str, output: &mut Vec<u8>) {
    if let Some((name, value)) = field.split_once(':') {
        push_field(name, value, output);
    }
}

fn push_field(name: &str, value: &str, output: &mut Vec<u8>) {
    output.extend(name.bytes().map(|b| b.to_ascii_lowercase()));
    output.push(b':');
    let start = output.len();
    // Words with one space between: line ends fall away in folding, and stand beside white space only.
    for word in value
        .as_bytes()
        .split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .filter(|word| !word.is_empty())
    {
        if output.len() > start {
            output.push(b' ');
        }
        output.extend_from_slice(word);
    }
}

/// The hash of the body's canonical form: white space at line ends and empty lines at the end fall away, and every other
/// stretch of white space becomes one space.
pub(super) fn body_hash(body: &[u8]) -> Digest {
    let mut hash = Buffered::new();
    let mut rest = body;
    while let [before @ .., b' ' | b'\t' | b'\r' | b'\n'] = rest {
        rest = before;
    }
    if rest.is_empty() {
        return hash.finish();
    }
    while let Some(at) = surplus(rest) {
        let (kept, after) = rest.split_at(at);
        hash.push(kept);
        let blanks = after.iter().take_while(|b| is_blank(**b)).count();
        rest = &after[blanks..];
        if !rest.starts_with(b"\r\n") {
            hash.push(b" ");
        }
    }
    hash.push(rest);
    hash.push(b"\r\n");
    hash.finish()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// True if the first of two neighbours is white space that does not stay as it is. Without branches, so that the compiler
/// looks at many of them at once.
fn is_surplus(byte: u8, next: u8) -> bool {
    (byte == b'\t') | ((byte == b' ') & ((next == b' ') | (next == b'\t') | (next == b'\r')))
}

/// Where the first white space stands that does not stay as it is. The last byte has to be none.
fn surplus(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 16;
    let mut at = 0;
    while let Some(block) = text[at..].first_chunk::<{ BLOCK + 1 }>() {
        let mut found = false;
        for place in 0..BLOCK {
            found |= is_surplus(block[place], block[place + 1]);
        }
        if found {
            break;
        }
        at += BLOCK;
    }
    let found = text[at..]
        .windows(2)
        .position(|pair| is_surplus(pair[0], pair[1]))?;
    Some(at + found)
}

/// A hash that is given short pieces: each call of the library costs as much as some hundred bytes.
struct Buffered {
    context: Context,
    bytes: [u8; 1024],
    filled: usize,
}

impl Buffered {
    fn new() -> Self {
        Self {
            context: Context::new(&SHA256),
            bytes: [0; 1024],
            filled: 0,
        }
    }

    fn push(&mut self, piece: &[u8]) {
        if piece.len() > self.bytes.len() - self.filled {
            self.context.update(&self.bytes[..self.filled]);
            self.filled = 0;
        }
        match self.bytes[self.filled..].get_mut(..piece.len()) {
            Some(room) => {
                room.copy_from_slice(piece);
                self.filled += piece.len();
            }
            None => self.context.update(piece),
        }
    }

    fn finish(mut self) -> Digest {
        self.context.update(&self.bytes[..self.filled]);
        self.context.finish()
    }
}

#[cfg(test)]
#[path = "canonical/tests.rs"]
mod tests;
