//! The text of a file, in whatever encoding a spreadsheet saved it.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The file as UTF-8, without a byte order mark. Lines that are no text in it stay as they are, and are refused one by one.
///
/// Excel's “CSV” is Windows-1252 here, its “Unicode text” UTF-16 with a mark, its “CSV UTF-8” has a mark too. A file without
/// any is UTF-8 where more of its lines beyond ASCII are than are not.
pub(super) fn to_utf8(content: Vec<u8>) -> Vec<u8> {
    if let Some(text) = content.strip_prefix(b"\xEF\xBB\xBF") {
        return text.to_vec();
    }
    for encoding in [UTF_16LE, UTF_16BE] {
        let mark: &[u8] = if encoding == UTF_16LE {
            b"\xFF\xFE"
        } else {
            b"\xFE\xFF"
        };
        if content.starts_with(mark) {
            return encoding
                .decode_with_bom_removal(&content)
                .0
                .into_owned()
                .into_bytes();
        }
    }
    if std::str::from_utf8(&content).is_ok() || is_mostly_utf8(&content) {
        return content;
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&content);
    text.into_owned().into_bytes()
}

fn is_mostly_utf8(content: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for line in content.split(|byte| *byte == b'\n') {
        if line.is_ascii() {
            continue;
        }
        match std::str::from_utf8(line) {
            Ok(_) => good += 1,
            Err(_) => bad += 1,
        }
    }
    good > bad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> String {
        String::from_utf8_lossy(&to_utf8(content.to_vec())).into_owned()
    }

    #[test]
    fn what_excel_saves_is_read_whatever_it_calls_it() {
        let text = "email,name\na@practice.example,José Müller’s\n";
        let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        let little: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        let windows = b"email,name\na@practice.example,Jos\xE9 M\xFCller\x92s\n";
        for content in [text.as_bytes(), &with_mark, &little, &big, windows] {
            assert_eq!(read(content), text, "{content:?}");
        }
    }

    #[test]
    fn one_spoilt_line_does_not_make_another_encoding_of_a_file() {
        let file = "Hēmi\nMāori\n".as_bytes();
        let spoilt = [file, b"M\xE4ori\n"].concat();
        assert_eq!(to_utf8(spoilt.clone()), spoilt);
    }
}
