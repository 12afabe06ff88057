//! Finds what may tell who somebody is and yet may be meant: phone numbers, exact dates, words in quotation marks. It
//! earns a warning with its place; only NHI numbers, which never belong in a text, [block](super::nhi) publication.

/// What was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it stands in the text.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
    /// The place in the line of its first character, from 1.
    pub column: usize,
}

/// Calls `length_at` at every place of every line, and collects what it finds there.
fn find(text: &str, length_at: impl Fn(&[char], usize) -> Option<usize>) -> Vec<Found> {
    let mut found = Vec::new();
    for (line_index, line) in text.lines().enumerate() {
        let line: Vec<char> = line.chars().collect();
        let mut start = 0;
        while start < line.len() {
            match length_at(&line, start) {
                Some(length) => {
                    found.push(Found {
                        text: line[start..start + length].iter().collect(),
                        line: line_index + 1,
                        column: start + 1,
                    });
                    start += length.max(1);
                }
                None => start += 1,
            }
        }
    }
    found
}

/// New Zealand's phone numbers, with or without spaces: `09 623 1020`, `021 555 0123`, `0800 555 012`, `+64 9 623 1020`.
pub fn phone_numbers(text: &str) -> Vec<Found> {
    find(text, phone_at)
}

fn phone_at(line: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|at| line.get(at));
    // A part of a longer number, of a DOI or of an address is no phone number.
    if before.is_some_and(|c| c.is_alphanumeric() || "./-_+=:".contains(*c)) {
        return None;
    }
    let mut digits = String::new();
    let mut length = 0;
    for (offset, &c) in line[start..].iter().enumerate().take(24) {
        match c {
            '0'..='9' => {
                digits.push(c);
                length = offset + 1;
            }
            '+' | '(' if offset == 0 => {}
            ' ' | '-' | ')' | '\u{a0}' | '\u{2011}' => {
                let next = line.get(start + offset + 1);
                if !next.is_some_and(|c| c.is_ascii_digit() || *c == ' ') {
                    break;
                }
            }
            _ => break,
        }
    }
    let after = line.get(start + length);
    if after.is_some_and(|c| c.is_alphanumeric() || *c == '/') {
        return None;
    }
    let national = match line[start] {
        '+' => format!("0{}", digits.strip_prefix("64")?.trim_start_matches('0')),
        '(' | '0' => digits,
        _ => return None,
    };
    let is_number = match national.as_bytes() {
        [b'0', b'2', b'0'..=b'9', ..] => (9..=11).contains(&national.len()),
        [b'0', b'8' | b'5', b'0', b'0' | b'8', ..] => (9..=11).contains(&national.len()),
        [b'0', b'3' | b'4' | b'6' | b'7' | b'9', b'2'..=b'9', ..] => national.len() == 9,
        _ => false,
    };
    is_number.then_some(length)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whole dates with day, month and year: `12 March 1957`, `March 12, 1957`, `12/03/1957`, `12.3.57`, `1957-03-12`. Each
/// with whether it is said to be somebody's day of birth.
pub fn exact_dates(text: &str) -> Vec<(Found, bool)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_birth = |found: &Found| {
        let line = lines.get(found.line - 1).copied().unwrap_or_default();
        let before: String = line.chars().take(found.column - 1).collect();
        let near = before.chars().count().saturating_sub(30);
        let near = before.chars().skip(near).collect::<String>().to_lowercase();
        let mut words = near.split(|c: char| !c.is_alphanumeric());
        words.any(|word| matches!(word, "born" | "birth" | "dob" | "birthday" | "birthdate"))
    };
    let dates = find(text, date_at).into_iter();
    dates
        .map(|found| {
            let birth = is_birth(&found);
            (found, birth)
        })
        .collect()
}

fn date_at(line: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|at| line.get(at));
    if before.is_some_and(|c| c.is_alphanumeric() || "./-".contains(*c)) {
        return None;
    }
    let rest = &line[start..];
    [day_first_in_words, month_first_in_words, in_digits]
        .iter()
        .find_map(|form| form(rest))
        .filter(|length| !rest.get(*length).is_some_and(|c| c.is_alphanumeric()))
}

/// The number at the beginning, and its length in digits.
fn number(text: &[char], most: usize) -> Option<(u32, usize)> {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let written: String = text.iter().take(length).collect();
    (1..=most)
        .contains(&length)
        .then(|| written.parse().ok())?
        .map(|value| (value, length))
}

fn spaces(text: &[char]) -> usize {
    text.iter()
        .take_while(|c| c.is_whitespace() || **c == ',' || **c == '.')
        .count()
}

fn month_name(text: &[char]) -> Option<usize> {
    let length = text.iter().take_while(|c| c.is_alphabetic()).count();
    let word: String = text.iter().take(length.min(10)).collect();
    let word = word.to_lowercase();
    let is_month = |month: &str| word == month || word == month[..3] || word == "sept";
    MONTHS.iter().copied().any(is_month).then_some(length)
}

fn year(text: &[char]) -> Option<usize> {
    number(text, 4)
        .filter(|(year, length)| *length == 4 && (1900..2100).contains(year))
        .map(|(_, length)| length)
}

fn day(text: &[char]) -> Option<usize> {
    let (_, mut length) = number(text, 2).filter(|(day, _)| (1..=31).contains(day))?;
    let ending: String = text.iter().skip(length).take(2).collect();
    if matches!(ending.as_str(), "st" | "nd" | "rd" | "th") {
        length += 2;
    }
    Some(length)
}

/// The length of a part of a date that a text begins with.
type Part = fn(&[char]) -> Option<usize>;

/// Adds up the parts that stand one after the other, with spaces between them.
fn in_words(text: &[char], parts: [Part; 3]) -> Option<usize> {
    let mut length = 0;
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            let between = spaces(&text[length..]);
            if between == 0 {
                return None;
            }
            length += between;
        }
        length += part(&text[length..])?;
    }
    Some(length)
}

fn day_first_in_words(text: &[char]) -> Option<usize> {
    in_words(text, [day, month_name, year])
}

fn month_first_in_words(text: &[char]) -> Option<usize> {
    in_words(text, [month_name, day, year])
}

fn in_digits(text: &[char]) -> Option<usize> {
    let (first, a) = number(text, 4)?;
    let separator = *text.get(a).filter(|c| "/.-".contains(**c))?;
    let (second, b) = number(text.get(a + 1..)?, 2)?;
    if text.get(a + 1 + b) != Some(&separator) {
        return None;
    }
    let (third, c) = number(text.get(a + b + 2..)?, 4)?;
    let (day, month) = if a == 4 {
        (third, second)
    } else {
        (first, second)
    };
    let is_date = (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && ((a == 4 && c <= 2) || (a <= 2 && (c == 4 || c == 2)));
    is_date.then_some(a + b + c + 2)
}

/// Words in quotation marks, from this many on: a shorter piece is a term, not something that somebody said.
const FEWEST_WORDS: usize = 4;

/// Passages in quotation marks, or set off as a quotation.
pub fn quotations(text: &str) -> Vec<Found> {
    find(text, |line, start| {
        let closing = match line[start] {
            '“' => '”',
            '"' => '"',
            '>' if start == 0 => return Some(line.len()).filter(|_| words(&line[1..]) > 0),
            _ => return None,
        };
        let length = line[start + 1..].iter().position(|c| *c == closing)?;
        (words(&line[start + 1..start + 1 + length]) >= FEWEST_WORDS).then_some(length + 2)
    })
}

fn words(text: &[char]) -> usize {
    text.iter().collect::<String>().split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: Vec<Found>) -> Vec<String> {
        found.into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn phone_numbers_are_found_as_people_write_them() {
        for number in [
            "09 623 1020",
            "(09) 623 1020",
            "09-623-1020",
            "096231020",
            "021 555 0123",
            "0275550123",
            "0800 555 012",
            "+64 9 623 1020",
            "+64 21 555 0123",
        ] {
            let text = format!("ring {number}.");
            assert_eq!(texts(phone_numbers(&text)), [number], "{number}");
        }
    }

    #[test]
    fn other_numbers_are_no_phone_numbers() {
        for text in [
            "10.1016/j.hlc.2017.05.130",
            "PMID 28663138",
            "BP 132/78, troponin 014 ng/L",
            "doi:10.5694/mja16.01134",
            "0.5 to 0.75",
            "1054 people, 100 400 of them",
            "2026-11-23",
            "09 623",
        ] {
            assert_eq!(texts(phone_numbers(text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn whole_dates_are_found_and_a_year_alone_is_none() {
        for date in [
            "12 March 1957",
            "12th March, 1957",
            "March 12, 1957",
            "3 Mar 2020",
            "12/03/1957",
            "12.3.57",
            "1957-03-12",
        ] {
            let found = exact_dates(&format!("seen {date}, well"));
            assert_eq!(found.len(), 1, "{date}");
            assert_eq!((found[0].0.text.as_str(), found[0].1), (date, false));
        }
        for text in [
            "March 2017",
            "in 1957",
            "1/2 of them",
            "132/78/60",
            "10.1016/j.hlc.2017.05.130",
            "12 marched 1957",
            "1.5.2 of 3",
        ] {
            assert_eq!(exact_dates(text), [], "{text}");
        }
    }

    #[test]
    fn a_day_of_birth_is_known_by_the_words_before_it() {
        for text in [
            "born on 12 March 1957",
            "DOB: 12/03/1957",
            "date of birth 1957-03-12",
        ] {
            assert!(exact_dates(text)[0].1, "{text}");
        }
    }

    #[test]
    fn what_somebody_said_is_found_and_a_term_is_not() {
        let text = "The “score” was nil.\nShe said “I would rather know than guess”.\n\n> They were wonderful.";
        let found = quotations(text);
        assert_eq!(
            found.iter().map(|f| (f.line, f.column)).collect::<Vec<_>>(),
            [(2, 10), (4, 1)]
        );
    }
}
