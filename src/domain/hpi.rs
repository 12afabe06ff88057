//! Identifiers of the Health Provider Index: the person number (CPN), facilities and organisations.
//!
//! A check digit that does not fit earns a warning and never a refusal: the rules were derived from published
//! samples, and nobody is kept from a newsletter by an identifier.

/// What can be said about an identifier without asking the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HpiCheck {
    /// Of the right form, and the check digit fits.
    Valid,
    /// Of the right form, but mistyped somewhere.
    WrongCheckDigit,
    /// Not of the right form.
    Malformed,
}

/// What can be said about a person number.
pub type CpnCheck = HpiCheck;

/// Check characters of facilities and organisations, by remainder, beginning with 1.
const CHECK_LETTERS: &[u8; 10] = b"ABCDEFGHJK";

/// Checks an HPI person number (CPN), `NNXXXX`: two digits, then four letters or digits. The second character is the
/// check digit. Case and spaces around it make no difference.
pub fn check_person_number(text: &str) -> CpnCheck {
    let Some([c1, check, c3, c4, c5, c6]) = characters(text) else {
        return HpiCheck::Malformed;
    };
    if !c1.is_ascii_digit() || !check.is_ascii_digit() {
        return HpiCheck::Malformed;
    }
    let Some(sum) = weighted_sum(&[(c1, 6), (c3, 5), (c4, 4), (c5, 3), (c6, 2)]) else {
        return HpiCheck::Malformed;
    };
    let expected = match sum % 11 {
        0 => return HpiCheck::WrongCheckDigit,
        remainder => (11 - remainder) % 10,
    };
    verdict(u32::from(check - b'0') == expected)
}

/// Checks an HPI facility identifier, `FXXNNN-C`. The hyphen may be left out.
pub fn check_facility(text: &str) -> HpiCheck {
    check_place(b'F', text)
}

/// Checks an HPI organisation identifier, `GXXNNN-C`. The hyphen may be left out.
pub fn check_organisation(text: &str) -> HpiCheck {
    check_place(b'G', text)
}

fn check_place(kind: u8, text: &str) -> HpiCheck {
    let place = match characters::<8>(text) {
        Some([a, b, c, d, e, f, b'-', check]) => Some([a, b, c, d, e, f, check]),
        Some(_) => None,
        None => characters::<7>(text),
    };
    let Some([c1, c2, c3, c4, c5, c6, check]) = place else {
        return HpiCheck::Malformed;
    };
    let has_form =
        c1 == kind && [c4, c5, c6].iter().all(u8::is_ascii_digit) && CHECK_LETTERS.contains(&check);
    let sum = weighted_sum(&[(c1, 7), (c2, 6), (c3, 5), (c4, 4), (c5, 3), (c6, 2)]);
    match sum {
        Some(sum) if has_form => verdict(match sum % 11 {
            0 => false,
            remainder => CHECK_LETTERS[remainder as usize - 1] == check,
        }),
        _ => HpiCheck::Malformed,
    }
}

fn verdict(fits: bool) -> HpiCheck {
    if fits {
        HpiCheck::Valid
    } else {
        HpiCheck::WrongCheckDigit
    }
}

/// The characters in capitals, if there are exactly `N` and all are ASCII.
fn characters<const N: usize>(text: &str) -> Option<[u8; N]> {
    text.trim_matches([' ', '\t'])
        .to_ascii_uppercase()
        .into_bytes()
        .try_into()
        .ok()
}

/// The sum of values times weights; `None` when a character has no value.
pub(super) fn weighted_sum(characters: &[(u8, u32)]) -> Option<u32> {
    characters
        .iter()
        .map(|(character, weight)| Some(character_value(*character)? * weight))
        .sum()
}

/// The value of a capital letter (A = 1 to Z = 24, with I and O left out) or of a digit (its own).
pub(super) fn character_value(character: u8) -> Option<u32> {
    let value = match character {
        b'0'..=b'9' => character - b'0',
        b'A'..=b'H' => character - b'A' + 1,
        b'J'..=b'N' => character - b'J' + 9,
        b'P'..=b'Z' => character - b'P' + 14,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn letters_count_from_a_to_z_without_i_and_o() {
        let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
        for (place, letter) in letters.iter().enumerate() {
            assert_eq!(character_value(*letter), u32::try_from(place + 1).ok());
        }
        for other in [b'I', b'O', b'a', b'-', 0, 255] {
            assert_eq!(character_value(other), None);
        }
        assert_eq!(character_value(b'7'), Some(7));
    }

    #[test]
    fn published_person_numbers_are_valid() {
        for number in ["91ZABY", "98ZZQJ", " 91zaby "] {
            assert_eq!(check_person_number(number), HpiCheck::Valid, "{number}");
        }
    }

    #[test]
    fn every_other_check_digit_of_a_person_number_is_wrong() {
        for digit in (0..10).filter(|digit| *digit != 1) {
            assert_eq!(
                check_person_number(&format!("9{digit}ZABY")),
                HpiCheck::WrongCheckDigit
            );
        }
    }

    #[test]
    fn a_remainder_of_nought_has_no_valid_person_number() {
        // 1·6 + 1·5 with noughts after it is 11.
        for digit in 0..10 {
            assert_eq!(
                check_person_number(&format!("1{digit}1000")),
                HpiCheck::WrongCheckDigit
            );
        }
    }

    #[test]
    fn a_check_digit_of_ten_is_written_nought() {
        // 2·6 is 12, whose remainder 1 gives 10.
        assert_eq!(check_person_number("200000"), HpiCheck::Valid);
    }

    #[test]
    fn other_forms_of_person_numbers_are_malformed() {
        for number in [
            "", "91ZAB", "91ZABYY", "9AZABY", "A1ZABY", "91OABY", "91ZAB-", "91 ABY", "9１ZA",
        ] {
            assert_eq!(
                check_person_number(number),
                HpiCheck::Malformed,
                "{number:?}"
            );
        }
    }

    #[test]
    fn published_facilities_and_organisations_are_valid() {
        for facility in ["FB9964-G", "FZZ999-B", "fzz999b"] {
            assert_eq!(check_facility(facility), HpiCheck::Valid, "{facility}");
        }
        assert_eq!(check_organisation("G05533-K"), HpiCheck::Valid);
    }

    #[test]
    fn every_other_check_letter_is_wrong() {
        for letter in CHECK_LETTERS.iter().filter(|letter| **letter != b'G') {
            let facility = format!("FB9964-{}", char::from(*letter));
            assert_eq!(
                check_facility(&facility),
                HpiCheck::WrongCheckDigit,
                "{facility}"
            );
        }
    }

    #[test]
    fn a_place_of_the_other_kind_or_form_is_malformed() {
        assert_eq!(check_facility("G05533-K"), HpiCheck::Malformed);
        assert_eq!(check_organisation("FZZ999-B"), HpiCheck::Malformed);
        for facility in [
            "",
            "FZZ999",
            "FZZ99A-B",
            "FZZ999-Z",
            "FZZ999_B",
            "FIZ999-B",
            "FZZ999--B",
        ] {
            assert_eq!(
                check_facility(facility),
                HpiCheck::Malformed,
                "{facility:?}"
            );
        }
    }
}
