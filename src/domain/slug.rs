//! Names in addresses, made from titles.

use crate::domain::search_key::search_key;

/// The longest name, in characters.
const LONGEST: usize = 60;

/// The name for a title: lowercase ASCII letters, digits and single hyphens, at most 60 characters,
/// cut at a word. A title without any letter of the alphabet gets `fallback`.
pub fn slug(title: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for word in search_key(title).split(|c: char| !c.is_ascii_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let longer = slug.len() + usize::from(!slug.is_empty()) + word.len();
        if longer > LONGEST {
            if slug.is_empty() {
                slug.push_str(&word[..LONGEST]);
            }
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        fallback.to_owned()
    } else {
        slug
    }
}

/// The first of `base`, `base-2`, `base-3` … that is not taken.
pub fn free(base: &str, taken: &[String]) -> String {
    let is_free = |candidate: &String| !taken.contains(candidate);
    std::iter::once(base.to_owned())
        .chain((2u32..).map(|number| format!("{base}-{number}")))
        .find(is_free)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macrons_and_marks_become_plain_letters() {
        assert_eq!(
            slug("Māori & Pacific hearts: what’s new?", "x"),
            "maori-pacific-hearts-whats-new"
        );
        assert_eq!(slug("???", "article"), "article");
        assert!(slug(&"word ".repeat(50), "x").len() <= LONGEST);
        assert_eq!(slug(&"w".repeat(80), "x").len(), LONGEST);
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let taken = ["news".to_owned(), "news-2".to_owned()];
        assert_eq!(free("news", &taken), "news-3");
        assert_eq!(free("other", &taken), "other");
    }
}
