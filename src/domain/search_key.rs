//! Search without regard to macrons, case and apostrophes: "Mangere" finds "Māngere", "obrien" finds "O’Brien".

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which both the stored text and the words looked for are compared. Applying it twice changes nothing.
pub fn search_key(text: &str) -> String {
    let folded: String = text
        .chars()
        // Before decomposition, which would turn the acute accent of "O´Brien" into a space.
        .filter(|c| !is_apostrophe(*c) && !is_invisible(*c))
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        // Character by character: as a word, "Σ" would become "σ" or "ς" by its place, and a prefix would not match.
        .flat_map(char::to_lowercase)
        .filter(|c| !is_apostrophe(*c) && !is_combining_mark(*c))
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything that is typed for an apostrophe or for the ʻokina.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '‘' | '’' | '‛' | 'ʻ' | 'ʼ' | 'ʽ' | 'ʾ' | 'ʿ' | 'ˈ' | '′' | '＇'
    )
}

/// Characters of no width that come along with pasted text.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macrons_case_and_apostrophes_make_no_difference() {
        for (text, key) in [
            ("Māngere", "mangere"),
            ("Ma\u{304}ngere", "mangere"),
            ("MĀNGERE", "mangere"),
            ("O’Brien", "obrien"),
            ("O'Brien", "obrien"),
            ("O´Brien", "obrien"),
            ("Sione ʻAkauʻola", "sione akauola"),
            ("Nguyễn", "nguyen"),
            ("İzmir", "izmir"),
            ("  Te\u{a0} Whatu \n Ora ", "te whatu ora"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("Ｋａｕｒｉ №1", "kauri no1"),
            ("", ""),
        ] {
            assert_eq!(search_key(text), key, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_of_a_word_is_a_prefix_of_its_key() {
        assert!(search_key("ΟΔΥΣΣΕΥΣ ΑΒ").starts_with(&search_key("ΟΔΥΣ")));
    }

    #[test]
    fn a_key_is_its_own_key() {
        for text in ["Māngere", "O´Brien", "½ ﬁ Å ΐ ß", "´ˈ΄", "İ", "ŉ"] {
            let key = search_key(text);
            assert_eq!(search_key(&key), key, "{text:?}");
        }
    }
}
