//! Finds National Health Index numbers, which name **patients** and have no place in anything that is published.
//!
//! Two forms are in use (HISO 10046): three letters and four digits, whose last digit is a check by 11; and, issued
//! from 2026, three letters, two digits and two letters, whose last letter is a check by 23. The first published
//! version of the new form checked by 24, and systems and samples built from it are about, so that is reported too.
//!
//! Only numbers whose check fits are reported, and what a heart clinic writes every day is not: years after an
//! abbreviation ("AHA 2017"), scores ("CAC 1254"), times, DOIs and phone numbers.

use super::hpi::{character_value, weighted_sum};

/// The length of both forms, without a separator.
const LENGTH: usize = 7;

/// A number that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NhiFound {
    /// As it stands in the text, separator included.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
    /// The place in the line of its first letter, in characters, from 1.
    pub column: usize,
}

/// Every valid-looking NHI number in a text, in order: in capitals or not, in one piece or with a space or hyphen
/// after the three letters.
pub fn find_nhis(text: &str) -> Vec<NhiFound> {
    let mut found = Vec::new();
    for (line_index, line) in text.lines().enumerate() {
        let line: Vec<char> = line.chars().collect();
        let mut start = 0;
        while start < line.len() {
            match nhi_at(&line, start) {
                Some(length) => {
                    found.push(NhiFound {
                        text: line[start..start + length].iter().collect(),
                        line: line_index + 1,
                        column: start + 1,
                    });
                    start += length;
                }
                None => start += 1,
            }
        }
    }
    found
}

/// The length, in characters, of the number that begins at this place.
fn nhi_at(line: &[char], start: usize) -> Option<usize> {
    if start > 0 && line[start - 1].is_alphanumeric() {
        return None;
    }
    let rest = &line[start..];
    let separated = rest.get(3).copied().is_some_and(is_separator);
    let length = LENGTH + usize::from(separated);
    let written = rest.get(..length)?;
    if rest.get(length).is_some_and(|next| next.is_alphanumeric()) {
        return None;
    }
    let mut number = [0_u8; LENGTH];
    let characters = written[..3].iter().chain(&written[length - 4..]);
    for (place, character) in number.iter_mut().zip(characters) {
        *place = u8::try_from(*character).ok()?;
    }
    let capitals = number.map(|byte| byte.to_ascii_uppercase());
    if !is_valid(&capitals) || is_in_doi(line, start) {
        return None;
    }
    // In two pieces, a number is easily something else, unless it is introduced as what it is.
    if separated
        && !is_labelled(&line[..start])
        && (number != capitals || is_everyday(&capitals) || continues(&rest[length..]))
    {
        return None;
    }
    Some(length)
}

fn is_valid(number: &[u8; LENGTH]) -> bool {
    let [a, b, c, d, e, f, check] = *number;
    let letters_first = [a, b, c].iter().all(u8::is_ascii_uppercase);
    if !letters_first || !d.is_ascii_digit() || !e.is_ascii_digit() {
        return false;
    }
    let Some(sum) = weighted_sum(&[(a, 7), (b, 6), (c, 5), (d, 4), (e, 3), (f, 2)]) else {
        return false;
    };
    let Some(check_value) = character_value(check) else {
        return false;
    };
    match (f.is_ascii_digit(), check.is_ascii_digit()) {
        (true, true) => sum % 11 != 0 && check_value == (11 - sum % 11) % 10,
        // A remainder of nought gives 23, the letter Y.
        (false, false) => check_value == 23 - sum % 23 || check_value == 24 - sum % 24,
        _ => false,
    }
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}'
    )
}

/// Whether the word "NHI" stands shortly before.
fn is_labelled(before: &[char]) -> bool {
    let near: String = before[before.len().saturating_sub(16)..].iter().collect();
    near.to_ascii_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "nhi")
}

/// Abbreviations that stand before a number of four digits, or before a time, in what the clinic writes.
const EVERYDAY: &[&[u8; 3]] = &[
    b"ABS", b"ACC", b"ACE", b"AGE", b"AHA", b"AND", b"APR", b"AUG", b"BMJ", b"BNP", b"CAC", b"CCS",
    b"CTA", b"CTC", b"CVD", b"DEC", b"DLP", b"ECG", b"ESC", b"EXT", b"FAX", b"FEB", b"GFR", b"HDL",
    b"JAN", b"JUL", b"JUN", b"LAD", b"LDL", b"MAR", b"MAY", b"MJA", b"NZD", b"NZS", b"PAD", b"PBS",
    b"PET", b"RCA", b"REF", b"SEP", b"TAX", b"TEL", b"THE", b"USD", b"VAT",
];

fn is_everyday(capitals: &[u8; LENGTH]) -> bool {
    let [a, b, c, number @ ..] = *capitals;
    let year = number.iter().all(u8::is_ascii_digit)
        && (number.starts_with(b"19") || number.starts_with(b"20"));
    let time_or_ordinal = [b"AM", b"PM", b"ST", b"ND", b"RD", b"TH"]
        .iter()
        .any(|ending| number.ends_with(*ending));
    year || time_or_ordinal || EVERYDAY.contains(&&[a, b, c])
}

/// Whether further digits follow after a space or hyphen, as in a phone number.
fn continues(after: &[char]) -> bool {
    matches!(after, [separator, next, ..] if is_separator(*separator) && next.is_ascii_digit())
}

/// How far back from a place the beginning of its DOI is looked for, so that no text takes long to read.
const LONGEST_DOI: usize = 128;

/// Whether the place is inside a DOI, such as `10.1016/j.hlc.2017.05.130`, whose parts may look like anything.
fn is_in_doi(line: &[char], start: usize) -> bool {
    let near = &line[start.saturating_sub(LONGEST_DOI)..start];
    let word = near
        .rsplit(|c| c.is_whitespace())
        .next()
        .unwrap_or_default();
    (0..word.len()).any(|at| {
        let is_start = at == 0 || !word[at - 1].is_alphanumeric();
        let digits = word[at..].strip_prefix(&['1', '0', '.']).map_or(0, |rest| {
            rest.iter().take_while(|c| c.is_ascii_digit()).count()
        });
        is_start && digits >= 4 && word.get(at + 3 + digits) == Some(&'/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        find_nhis(text).into_iter().map(|nhi| nhi.text).collect()
    }

    #[test]
    fn published_samples_of_both_forms_are_found() {
        for nhi in [
            "ZAC5361", "ZZZ0016", "ZZZ0024", "ZAA0105", "ZAA0130", "ZBN77VL", "ZVB97XQ", "ZSC21TN",
            "ZZZ00AC", "ABC12AY",
        ] {
            assert_eq!(found(nhi), [nhi]);
            assert_eq!(found(&nhi.to_lowercase()), [nhi.to_lowercase()]);
            assert_eq!(found(&format!("(NHI:{nhi}).")), [nhi]);
        }
    }

    #[test]
    fn samples_of_the_new_form_s_first_version_are_found_too() {
        for nhi in ["ZZZ00AX", "ALU18KZ", "ADH48ZJ", "ZGT56KB"] {
            assert_eq!(found(nhi), [nhi]);
        }
    }

    #[test]
    fn a_wrong_check_is_no_nhi() {
        for text in [
            "ZAC5362", "ZZZ0044", "DAB8233", "ZZZ0017", "ZBN77VM", "ZZZ00AA", "DBO1234", "ZIC5361",
            "AAA00AB", "ZAC536L", "ZAC53L1", "ZZZ00Z1",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn no_number_whose_remainder_is_nought_is_valid_in_the_old_form() {
        for digit in 0..10 {
            assert_eq!(found(&format!("ZZZ004{digit}")), [""; 0]);
        }
    }

    #[test]
    fn one_separator_after_the_letters_does_not_hide_it() {
        for text in [
            "ZAC 5361",
            "ZAC-5361",
            "ZAC\u{a0}5361",
            "ZAC\u{2011}5361",
            "ZBN 77VL",
        ] {
            assert_eq!(found(&format!("Seen today: {text}, well")), [text]);
        }
        assert_eq!(found("ZAC  5361"), [""; 0]);
    }

    #[test]
    fn the_place_is_given_in_lines_and_characters() {
        let text = "Māori patient\r\nTāne, ZAC5361, and\n\n zbn77vl";
        assert_eq!(
            find_nhis(text),
            [
                NhiFound {
                    text: "ZAC5361".to_owned(),
                    line: 2,
                    column: 7
                },
                NhiFound {
                    text: "zbn77vl".to_owned(),
                    line: 4,
                    column: 2
                },
            ]
        );
    }

    #[test]
    fn it_is_not_found_inside_a_longer_word() {
        for text in [
            "XZAC5361",
            "ZAC53611",
            "1ZAC5361",
            "ZAC5361a",
            "āZAC5361",
            "ZAC5361ā",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn it_is_found_in_file_names_links_and_markup() {
        for text in [
            "scan_ZAC5361.png",
            "https://host.example/p/ZAC5361",
            "**ZAC5361**",
            "[x](/ZAC5361)",
            "\"ZAC5361\"",
            "ZAC5361's",
            "ZAC5361/ZAC5361",
        ] {
            assert_eq!(
                found(text).first().map(String::as_str),
                Some("ZAC5361"),
                "{text}"
            );
        }
        assert_eq!(
            found("ZAC5361 ZZZ0016,ZBN77VL"),
            ["ZAC5361", "ZZZ0016", "ZBN77VL"]
        );
    }

    #[test]
    fn years_scores_and_times_after_an_abbreviation_are_no_nhis() {
        // All of these have a check that fits.
        for text in [
            "AHA 2017",
            "MAY 2023",
            "May 2023",
            "CAC 1254",
            "ACC-2015",
            "the 1502 patients",
            "THE 1502",
        ] {
            let joined: Vec<char> = text
                .chars()
                .filter(|c| !" -".contains(*c))
                .take(7)
                .collect();
            let capitals: Vec<u8> = joined
                .iter()
                .map(|c| c.to_ascii_uppercase() as u8)
                .collect();
            assert!(
                capitals.try_into().is_ok_and(|number| is_valid(&number)),
                "{text}"
            );
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn letters_before_a_longer_group_of_digits_are_no_nhi() {
        for text in ["ZAC 5361 020", "ZAC-5361-020"] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert_eq!(found("ZAC 5361, 020"), ["ZAC 5361"]);
    }

    #[test]
    fn the_label_outweighs_every_doubt() {
        for (text, nhi) in [
            ("NHI AHA 2017", "AHA 2017"),
            ("NHI: zac 5361", "zac 5361"),
            ("nhi number zac-5361", "zac-5361"),
        ] {
            assert_eq!(found(text), [nhi]);
        }
        assert_eq!(found("Delphi zac 5361"), [""; 0]);
    }

    #[test]
    fn ordinary_texts_hold_none() {
        for text in [
            "CSANZ 2017 (doi 10.1016/j.hlc.2017.05.130, 10.5694/mja16.01134), bands 1–100, 101–400 and over 400.",
            "ACC/AHA 2018: 10.1161/CIR.0000000000000625; ESC 2019, 2021 and 2024; PMID 28663138.",
            "https://doi.org/10.1000/zac5361 and doi:10.12345/abc.ZAC5361",
            "Phone 09 623 1020 or 021 555 0123, fax 09 623 1021, 0800 555 012, TEL 5361 020, Greenlane 1051.",
            "PO Box 17264, Greenlane, Auckland 1546; Level 3, 90 Greenlane East.",
            "HbA1c 48 mmol/mol, LDL 1.8 mmol/L, BP 132/78, eGFR 90, troponin 14 ng/L, HP 6747, 5 mSv.",
            "From 23 November 2026, 9:05 am to SAT 10AM; 130 ml; 120 kV; COVID19; SARS2; B12; CT64.",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_doi_before_it_does_not_hide_the_next_word() {
        assert_eq!(found("10.1016/j.hlc.2017.05.130 ZAC5361"), ["ZAC5361"]);
        assert_eq!(found("10.1/ZAC5361"), ["ZAC5361"]);
    }

    #[test]
    fn a_long_line_is_read_in_reasonable_time() {
        let text = "ZAC5361/".repeat(20_000);
        assert_eq!(found(&text).len(), 20_000);
    }
}
