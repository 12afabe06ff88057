//! The `DKIM-Signature` header as it travels (RFC 6376, section 3.5): its tags, folded.

/// The longest line, where no word is longer by itself: as for everything else in our headers.
const LINE: usize = 76;

/// All of the field but the value of its last tag, `b=`.
pub(super) struct Unsigned<'a> {
    /// `a=`.
    pub(super) algorithm: &'a str,
    /// `d=`.
    pub(super) domain: &'a str,
    /// `s=`.
    pub(super) selector: &'a str,
    /// `t=`: seconds since 1970.
    pub(super) seconds: i64,
    /// `bh=`, in Base64.
    pub(super) body_hash: &'a str,
    /// `h=`.
    pub(super) names: &'a [&'a str],
}

impl Unsigned<'_> {
    /// Writes the field up to and with `b=`. Returns the column that was reached.
    pub(super) fn write(&self, output: &mut String) -> usize {
        const NAME: &str = "DKIM-Signature:";
        output.push_str(NAME);
        let mut line = Line {
            output,
            column: NAME.len(),
        };
        line.tag(&["v=1;"]);
        line.tag(&["a=", self.algorithm, ";"]);
        line.tag(&["c=relaxed/relaxed;"]);
        line.tag(&["d=", self.domain, ";"]);
        line.tag(&["s=", self.selector, ";"]);
        line.tag(&["t=", &self.seconds.to_string(), ";"]);
        line.tag(&["bh=", self.body_hash, ";"]);
        for (place, name) in self.names.iter().enumerate() {
            let after = if place + 1 == self.names.len() {
                ";"
            } else {
                ":"
            };
            if place == 0 {
                line.tag(&["h=", name, after]);
            } else {
                line.more(&[name, after]);
            }
        }
        line.tag(&["b="]);
        line.column
    }
}

/// Writes the value of `b=` behind what [`Unsigned::write`] wrote, and the CRLF that ends the field.
pub(super) fn write_value(value: &str, column: usize, output: &mut String) {
    let mut rest = value;
    let mut column = column;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE - column.min(LINE)));
        output.push_str(line);
        rest = after;
        if !rest.is_empty() {
            output.push_str("\r\n ");
            column = 1;
        }
    }
    output.push_str("\r\n");
}

/// A field that is being written, and the length of its last line so far.
struct Line<'a> {
    output: &'a mut String,
    column: usize,
}

impl Line<'_> {
    /// A tag, behind a space or on a line of its own.
    fn tag(&mut self, parts: &[&str]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.column + 1 + length > LINE {
            self.fold();
        } else {
            self.output.push(' ');
            self.column += 1;
        }
        self.push(parts, length);
    }

    /// More of the same tag, where white space may stand but need not.
    fn more(&mut self, parts: &[&str]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.column + length > LINE {
            self.fold();
        }
        self.push(parts, length);
    }

    fn fold(&mut self) {
        self.output.push_str("\r\n ");
        self.column = 1;
    }

    fn push(&mut self, parts: &[&str], length: usize) {
        for part in parts {
            self.output.push_str(part);
        }
        self.column += length;
    }
}
