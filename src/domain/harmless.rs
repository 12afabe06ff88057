//! Other people's text, made harmless to look at.
//!
//! What comes back by mail is written by anybody. Control characters, direction overrides and invisible characters let a
//! text read differently from what it is, on a page as in a log; private-use characters have a meaning of our own.

/// A text on one line: characters that could mislead become spaces, runs of white space one space, and what is beyond
/// `longest` characters is left out, marked by an ellipsis.
pub fn line(text: &str, longest: usize) -> String {
    let mut kept = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || is_misleading(c)) {
        if word.is_empty() {
            continue;
        }
        let gap = usize::from(count > 0);
        let room = longest.saturating_sub(count + gap);
        if gap == 1 && count < longest {
            kept.push(' ');
        }
        let letters = word.chars().count();
        if letters > room {
            kept.extend(word.chars().take(room));
            kept.push('…');
            return kept;
        }
        kept.push_str(word);
        count += gap + letters;
    }
    kept
}

/// A text of several lines: characters that could mislead are shown as �, and what is beyond `longest` bytes is left out.
pub fn lines(text: &str, longest: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(longest));
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' => kept.push('\n'),
            '\t' => kept.push('\t'),
            c if is_misleading(c) => kept.push('\u{fffd}'),
            c => kept.push(c),
        }
        if kept.len() >= longest {
            kept.push('…');
            break;
        }
    }
    kept
}

fn is_misleading(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
        || matches!(code, 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_short() {
        assert_eq!(line(" a\r\nb\u{1b}[31m  c\0", 40), "a b [31m c");
        assert_eq!(line("invoice\u{202e}fdp.exe", 40), "invoice fdp.exe");
        assert_eq!(line("Māngere Ōtara", 9), "Māngere Ō…");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("abc", 3), "abc");
        assert_eq!(line("\u{e000}\u{f0000}", 3), "");
    }

    #[test]
    fn lines_keep_their_ends_and_show_what_could_mislead() {
        assert_eq!(lines("a\r\nb\rc\0\u{202e}", 100), "a\nb\nc\u{fffd}\u{fffd}");
        assert_eq!(lines("abcdef", 3), "abc…");
    }
}
