//! The words that somebody looks for, and where they stand in a text.
//!
//! Both the words and the texts are compared in the form of [`search_key`], so that macrons and capitals make no
//! difference. A word finds those that begin with it ("scor" finds "score"), and an English plural its singular, and the other way round.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::search_key::{is_apostrophe, is_invisible, search_key};

/// So much of what is typed is looked at, in characters.
pub const MOST_CHARS: usize = 200;

/// So many words are looked for.
const MOST_WORDS: usize = 8;

/// The longest word, in characters: of a longer one the beginning is looked for.
const LONGEST_WORD: usize = 40;

/// English words that stand in nearly every text, and that few practice points hold: they are looked for only when
/// nothing else is asked for.
const IN_EVERY_TEXT: [&str; 18] = [
    "a", "an", "and", "are", "as", "at", "by", "for", "in", "is", "of", "on", "or", "that", "the",
    "to", "what", "with",
];

/// One word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// Letters and digits only, in the form of [`search_key`].
    pub key: String,
    /// Whether it stands for all words that begin with it. A number and a word of one or two letters do not: 40 is not 400, and
    /// "it" is not "item".
    pub is_beginning: bool,
}

impl SearchWord {
    fn of(word: &str) -> Self {
        let is_beginning =
            word.chars().nth(2).is_some() && !word.chars().all(|c| c.is_ascii_digit());
        let stem = if is_beginning { singular(word) } else { word };
        Self {
            key: stem.chars().take(LONGEST_WORD).collect(),
            is_beginning,
        }
    }

    fn finds(&self, word: &str) -> bool {
        if self.is_beginning {
            word.starts_with(&self.key)
        } else {
            word == self.key
        }
    }
}

/// What an English word begins with in the singular and in the plural: "scores" finds "score", and "artery" and
/// "arteries" find each other.
fn singular(word: &str) -> &str {
    if word.chars().count() < 5 || word.ends_with("ss") || word.ends_with("us") {
        return word;
    }
    word.strip_suffix("ies")
        .or_else(|| word.strip_suffix('y'))
        .filter(|stem| stem.len() >= 4)
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(word)
}

/// What somebody looks for: all of a few words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<SearchWord>);

impl SearchWords {
    /// The words in what was typed. Anything but letters and digits separates them, so that nothing that means
    /// something to a database is left.
    pub fn parse(typed: &str) -> Self {
        let typed: String = typed.chars().take(MOST_CHARS).collect();
        let all: Vec<String> = words(&typed);
        let is_telling = |word: &&String| !IN_EVERY_TEXT.contains(&word.as_str());
        let telling: Vec<&String> = all.iter().filter(is_telling).collect();
        let chosen = if telling.is_empty() {
            all.iter().collect()
        } else {
            telling
        };
        let mut found: Vec<SearchWord> = Vec::new();
        for word in chosen.into_iter().map(|word| SearchWord::of(word)) {
            if found.len() < MOST_WORDS && !found.contains(&word) {
                found.push(word);
            }
        }
        Self(found)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words, in the order in which they were typed.
    pub fn iter(&self) -> impl Iterator<Item = &SearchWord> {
        self.0.iter()
    }

    /// Whether all of them stand in a text.
    pub fn are_all_in(&self, text: &str) -> bool {
        let found = words(text);
        self.0
            .iter()
            .all(|word| found.iter().any(|found| word.finds(found)))
    }

    /// A text with the words that are looked for marked.
    pub fn marked(&self, text: &str) -> Vec<Piece> {
        self.pieces(text, &self.places(text))
    }

    /// The part of a text, of about `longest` bytes, in which most of the words stand, with the words marked.
    pub fn excerpt(&self, text: &str, longest: usize) -> Vec<Piece> {
        if text.len() <= longest {
            return self.marked(text);
        }
        let places = self.places(text);
        let before = longest / 4;
        let start = best_start(&places, longest - before).saturating_sub(before);
        let start = word_start(text, start);
        let end = match word_end(text, start.saturating_add(longest)) {
            end if end > start => end,
            // One word fills the whole part.
            _ => text.floor_char_boundary(start.saturating_add(longest)),
        };
        let inside: Vec<Place> = places
            .into_iter()
            .filter(|place| place.range.start >= start && place.range.end <= end)
            .map(|place| Place {
                range: place.range.start - start..place.range.end - start,
                ..place
            })
            .collect();
        let mut pieces = self.pieces(&text[start..end], &inside);
        if start > 0 {
            pieces.insert(0, Piece::plain("… "));
        }
        if end < text.len() {
            pieces.push(Piece::plain(" …"));
        }
        pieces
    }

    fn pieces(&self, text: &str, places: &[Place]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for place in places {
            if place.range.start > done {
                pieces.push(Piece::plain(&text[done..place.range.start]));
            }
            pieces.push(Piece {
                text: text[place.range.clone()].to_owned(),
                is_marked: true,
            });
            done = place.range.end;
        }
        if done < text.len() {
            pieces.push(Piece::plain(&text[done..]));
        }
        pieces
    }

    /// Where the words stand, in order.
    fn places(&self, text: &str) -> Vec<Place> {
        let mut places = Vec::new();
        for range in word_ranges(text) {
            let found = words(&text[range.clone()]);
            let which = (0..)
                .zip(&self.0)
                .find(|(_, word)| found.iter().any(|found| word.finds(found)));
            if let Some((which, _)) = which {
                // Quotation marks look like apostrophes: those around a word stay outside.
                let word = &text[range.clone()];
                let start = range.end - word.trim_start_matches(is_apostrophe).len();
                let end = range.start + word.trim_end_matches(is_apostrophe).len();
                let range = start..end;
                places.push(Place { range, which });
            }
        }
        places
    }
}

/// A stretch of a text, for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, not escaped.
    pub text: String,
    /// Whether it was looked for.
    pub is_marked: bool,
}

impl Piece {
    fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_marked: false,
        }
    }
}

/// Where one of the words stands, and which.
struct Place {
    range: Range<usize>,
    which: usize,
}

/// The place from which on `length` bytes hold most of the words; the first of several.
fn best_start(places: &[Place], length: usize) -> usize {
    let mut best = (0, 0);
    for (number, first) in places.iter().enumerate() {
        let near = places[number..]
            .iter()
            .take_while(|place| place.range.end <= first.range.start + length);
        let different = near.fold(0_u64, |seen, place| seen | 1 << place.which);
        if different.count_ones() > best.0 {
            best = (different.count_ones(), first.range.start);
        }
    }
    best.1
}

/// The nearest beginning of a word at or after a place.
fn word_start(text: &str, place: usize) -> usize {
    if place == 0 {
        return 0;
    }
    let place = text.ceil_char_boundary(place);
    text[place..]
        .find(char::is_whitespace)
        .map_or(place, |space| {
            let after = &text[place + space..];
            place + space + (after.len() - after.trim_start().len())
        })
}

/// The nearest end of a word at or before a place.
fn word_end(text: &str, place: usize) -> usize {
    if place >= text.len() {
        return text.len();
    }
    let place = text.floor_char_boundary(place);
    text[..place]
        .rfind(char::is_whitespace)
        .map_or(place, |space| text[..space].trim_end().len())
}

/// Where the words of a text stand, with the marks and apostrophes that belong to them.
fn word_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (start, c) in text.char_indices() {
        let belongs =
            c.is_alphanumeric() || is_combining_mark(c) || is_apostrophe(c) || is_invisible(c);
        if !belongs {
            continue;
        }
        let end = start + c.len_utf8();
        match ranges.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}

/// The words of a text as they are compared: letters and digits only, with a space between.
pub fn index_words(text: &str) -> String {
    words(text).join(" ")
}

fn words(text: &str) -> Vec<String> {
    search_key(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(typed: &str) -> Vec<String> {
        SearchWords::parse(typed)
            .iter()
            .map(|word| word.key.clone())
            .collect()
    }

    fn with_brackets(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| match piece.is_marked {
                true => format!("[{}]", piece.text),
                false => piece.text.clone(),
            })
            .collect()
    }

    #[test]
    fn only_letters_and_digits_are_left_of_what_is_typed() {
        assert_eq!(keys("Calcium scor"), ["calcium", "scor"]);
        assert_eq!(
            keys("\"Māngere\" AND (heart* NEAR/2 -low):^🫀'"),
            ["mangere", "heart", "near", "2", "low"]
        );
        assert_eq!(
            keys("O’Brien's arteries, scores & stress"),
            ["obrien", "arter", "score", "stress"]
        );
        assert_eq!(keys("the"), ["the"], "where nothing else is asked for");
        for nothing in ["", "   ", "\"", "'", "* - : 🫀", "\0"] {
            assert!(SearchWords::parse(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_looked_for_is_bounded() {
        let many: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
        assert_eq!(keys(&many.join(" ")).len(), MOST_WORDS);
        assert_eq!(keys(&"w".repeat(5_000))[0].len(), LONGEST_WORD);
    }

    #[test]
    fn words_are_marked_whatever_their_macrons_and_endings() {
        let words = SearchWords::parse("mangere score 40");
        assert_eq!(
            with_brackets(&words.marked("In Māngere: scores (40, not 400) and <scoring>.")),
            "In [Māngere]: [scores] ([40], not 400) and <scoring>."
        );
        assert_eq!(
            with_brackets(&words.marked("Ma\u{304}ngere")),
            "[Ma\u{304}ngere]"
        );
    }

    #[test]
    fn quotation_marks_stay_outside() {
        let words = SearchWords::parse("‘obrien’");
        assert_eq!(
            with_brackets(&words.marked("‘O’Brien’s’ ''")),
            "‘[O’Brien’s]’ ''"
        );
    }

    #[test]
    fn an_excerpt_shows_the_part_with_most_of_the_words() {
        let text = format!(
            "{}calcium {}the calcium score{}",
            "āb ".repeat(90),
            "āb ".repeat(90),
            " āb".repeat(90)
        );
        let words = SearchWords::parse("calcium score");
        let shown = with_brackets(&words.excerpt(&text, 120));
        assert!(shown.contains("the [calcium] [score]"), "{shown}");
        assert!(shown.starts_with("… ") && shown.ends_with(" …"), "{shown}");
        assert!(shown.len() < 150, "{shown}");
        assert_eq!(with_brackets(&words.excerpt("short", 120)), "short");
        let unbroken = "ā".repeat(500);
        assert!(with_brackets(&words.excerpt(&unbroken, 121)).len() < 150);
    }
}
