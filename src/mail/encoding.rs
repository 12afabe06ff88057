//! Quoted-printable in pieces (RFC 2045, section 6.7), so that a part is encoded once and personal values are put between.
//!
//! What leaves here keeps three promises, whatever went in: a line has at most 76 characters, line ends are CRLF, and no
//! line begins with a full stop, so that the message passes through SMTP's DATA without dot-stuffing (RFC 5321, 4.5.2).

use quoted_printable::{InputMode, Options, encode_with_options};

/// Room for what is added after the encoder has cut its lines: two characters for an encoded first character, and the
/// `=` of a soft break behind the last line, within the 76 that RFC 2045 allows.
const LINE_LIMIT: usize = 76 - 3;

/// A line break that the decoder takes out again.
const SOFT_BREAK: &str = "=\r\n";

/// Encodes a stretch of text that begins at the start of a line, and leaves the output at the start of a line again: the
/// text's own line end, or a soft break.
pub(super) fn encode_piece(text: &str, output: &mut String) {
    let encoded = encode_with_options(
        with_crlf(text),
        Options::default()
            .input_mode(InputMode::Text)
            .line_length_limit(LINE_LIMIT),
    );
    for line in encoded.split_inclusive("\r\n") {
        if let Some(rest) = line.strip_prefix('.') {
            output.push_str("=2E");
            output.push_str(rest);
        } else if let Some(rest) = line.strip_prefix("From ") {
            // Mailboxes in mbox form turn this into ">From ", which breaks signatures.
            output.push_str("=46rom ");
            output.push_str(rest);
        } else {
            output.push_str(line);
        }
    }
    if !encoded.is_empty() && !encoded.ends_with("\r\n") {
        output.push_str(SOFT_BREAK);
    }
}

/// Encodes a personal value: one line of text, in which control characters become spaces.
pub(super) fn encode_value(value: &str, output: &mut String) {
    // Links and most names stand for themselves: no need to ask the encoder, who would say the same.
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'=';
    if !value.is_empty()
        && value.len() <= LINE_LIMIT
        && value.bytes().all(plain)
        && !value.starts_with('.')
    {
        output.push_str(value);
        output.push_str(SOFT_BREAK);
        return;
    }
    encode_piece(&super::header::one_line(value), output);
}

/// The value as it stands in HTML text or in a quoted attribute.
pub(super) fn escape_html(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for character in value.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Line ends of every kind as CRLF, which the encoder leaves as they are.
fn with_crlf(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 32);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                lines.push_str("\r\n");
            }
            '\n' => lines.push_str("\r\n"),
            other => lines.push(other),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn encoded(text: &str) -> String {
        let mut output = String::new();
        encode_piece(text, &mut output);
        output
    }

    fn decoded(text: &str) -> String {
        let bytes = quoted_printable::decode(text, quoted_printable::ParseMode::Strict).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn pieces_join_to_the_text_they_were_cut_from() {
        let texts = [
            "Tēnā koe ",
            ".",
            "",
            "\n.leading",
            "=3D and trailing space \nnext\ttab\t\n",
            "From here",
            "\r\n\r\n",
        ];
        let mut output = String::new();
        for text in texts {
            encode_piece(text, &mut output);
        }
        assert_eq!(decoded(&output), with_crlf(&texts.concat()));
    }

    #[test]
    fn lines_stay_short_and_never_begin_with_a_full_stop() {
        for length in 60..160 {
            for unit in [".", "ā", "a", " .", ". ", "=", "😀"] {
                let text = unit.repeat(length);
                let output = encoded(&text);
                assert_eq!(decoded(&output), text);
                for line in output.split("\r\n") {
                    assert!(line.len() <= 76, "{} characters: {line}", line.len());
                    assert!(!line.starts_with('.'), "{line}");
                }
                assert!(output.ends_with("\r\n"));
            }
        }
    }

    #[test]
    fn every_kind_of_line_end_becomes_crlf() {
        assert_eq!(encoded("a\nb\r\nc\rd\n"), "a\r\nb\r\nc\r\nd\r\n");
    }

    #[test]
    fn a_plain_value_is_encoded_as_the_encoder_does() {
        for value in [
            "https://points.clinic.example/u/AQIBxyz",
            "a",
            "&amp;",
            &"x".repeat(LINE_LIMIT),
            &"x".repeat(LINE_LIMIT + 1),
            ".dot",
            "a=b",
        ] {
            let mut output = String::new();
            encode_value(value, &mut output);
            assert_eq!(output, encoded(value), "{value}");
        }
    }

    #[test]
    fn a_value_cannot_break_its_line() {
        let mut output = String::new();
        encode_value("Aroha\r\nBcc: x", &mut output);
        assert_eq!(output, "Aroha  Bcc: x=\r\n");
    }
}
