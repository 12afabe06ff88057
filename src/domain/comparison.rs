//! In which words two texts differ.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// A comparison that takes longer is finished less finely.
const WITHIN: Duration = Duration::from_millis(300);

/// A piece of two texts, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The same in both.
    Same(String),
    /// Only in the older one.
    Old(String),
    /// Only in the newer one.
    New(String),
}

/// Compares two texts word by word. Line ends are alike, however they are written; words that are replaced one after the
/// other are one replacement, so that people can read it.
pub fn compare(old: &str, new: &str) -> Vec<Piece> {
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    let mut config = TextDiff::configure();
    config.timeout(WITHIN);
    let diff = config.diff_words(&old, &new);
    let mut pieces = Vec::new();
    // What is open: words taken out, words put in, and a space after them that may turn out to be within.
    let (mut out, mut put, mut space) = (String::new(), String::new(), String::new());
    let close = |pieces: &mut Vec<Piece>, out: &mut String, put: &mut String| {
        if !out.is_empty() {
            pieces.push(Piece::Old(std::mem::take(out)));
        }
        if !put.is_empty() {
            pieces.push(Piece::New(std::mem::take(put)));
        }
    };
    for change in diff.iter_all_changes() {
        let word = change.value();
        match change.tag() {
            ChangeTag::Equal
                if is_space(word) && space.is_empty() && !(out.is_empty() && put.is_empty()) =>
            {
                space.push_str(word);
            }
            ChangeTag::Equal => {
                close(&mut pieces, &mut out, &mut put);
                let same = std::mem::take(&mut space) + word;
                match pieces.last_mut() {
                    Some(Piece::Same(before)) => before.push_str(&same),
                    _ => pieces.push(Piece::Same(same)),
                }
            }
            tag => {
                out.push_str(&space);
                put.push_str(&std::mem::take(&mut space));
                if tag == ChangeTag::Delete {
                    out.push_str(word);
                } else {
                    put.push_str(word);
                }
            }
        }
    }
    close(&mut pieces, &mut out, &mut put);
    if !space.is_empty() {
        pieces.push(Piece::Same(space));
    }
    pieces
}

/// A space between two words of a line.
fn is_space(word: &str) -> bool {
    !word.contains('\n') && word.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let piece = |piece: Piece| match piece {
            Piece::Same(text) => text,
            Piece::Old(text) => format!("[-{text}-]"),
            Piece::New(text) => format!("[+{text}+]"),
        };
        compare(old, new).into_iter().map(piece).collect()
    }

    #[test]
    fn words_that_are_replaced_stand_together() {
        assert_eq!(
            shown("The score was one hundred.", "The score was just zero."),
            "The score was [-one hundred.-][+just zero.+]"
        );
        assert_eq!(shown("a b c", "a c"), "a [-b -]c");
        assert_eq!(shown("", "new"), "[+new+]");
        assert_eq!(shown("gone", ""), "[-gone-]");
    }

    #[test]
    fn line_ends_are_no_difference() {
        assert_eq!(shown("a\r\nb", "a\nb"), "a\nb");
        assert_eq!(
            shown("One.\n\nTwo.", "One.\n\nNew.\n\nTwo."),
            "One.\n\n[+New.\n\n+]Two."
        );
    }

    #[test]
    fn both_texts_can_be_put_together_again() {
        let old = "## A\n\nSome words, and more of them.\n\n- one\n- two\n";
        let new = "## B\n\nSome other words and more of these.\n\n- two\n- three\n";
        let (mut one, mut other) = (String::new(), String::new());
        for piece in compare(old, new) {
            match piece {
                Piece::Same(text) => {
                    one.push_str(&text);
                    other.push_str(&text);
                }
                Piece::Old(text) => one.push_str(&text),
                Piece::New(text) => other.push_str(&text),
            }
        }
        assert_eq!((one.as_str(), other.as_str()), (old, new));
    }
}
