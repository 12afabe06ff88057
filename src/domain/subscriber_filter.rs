//! Which people of the list staff want to see, and in which order.

use crate::clock::Timestamp;

use super::bulletin::BulletinId;
use super::named::named;
use super::search_words::index_words;
use super::subscriber::{Region, Role, SubscriberStatus};
use super::symposium::SymposiumId;
use super::topic::TopicId;

named! {
    /// What is wrong with an address.
    Trouble, "trouble" {
        /// Failures count against it now.
        Strikes = "strikes", "Failures that count now";
        /// Something came back from it that says it does not work.
        Bounced = "bounced", "Mail has come back";
    }
}

/// What is asked for. All that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SubscriberFilter {
    /// Beginnings of words in name, address or practice, without regard to case and macrons.
    pub search: String,
    /// Only this status.
    pub status: Option<SubscriberStatus>,
    /// Only those who chose this topic.
    pub topic: Option<TopicId>,
    /// Only this region.
    pub region: Option<Region>,
    /// Only this role.
    pub role: Option<Role>,
    /// On the list since then or later.
    pub joined_from: Option<Timestamp>,
    /// On the list since before then.
    pub joined_before: Option<Timestamp>,
    /// Only those whose record comes from there.
    pub source: Option<String>,
    /// Only those whose address has this trouble.
    pub trouble: Option<Trouble>,
    /// Only those who were at this symposium.
    pub attended: Option<SymposiumId>,
    /// Only those for whom this bulletin was accepted.
    pub received: Option<BulletinId>,
    /// Only those for whom this bulletin was not.
    pub not_received: Option<BulletinId>,
}

/// So many words are looked for; what is typed beyond them is not.
const MOST_WORDS: usize = 6;

/// So much of a word is compared, in bytes.
const LONGEST_WORD: usize = 60;

impl SubscriberFilter {
    /// The words that are looked for, each the beginning of one that the person has.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in words_of(&self.search) {
            if words.len() < MOST_WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

/// The words of a text, as they are kept and compared.
pub fn words_of(text: &str) -> Vec<String> {
    index_words(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| word[..word.floor_char_boundary(LONGEST_WORD)].to_owned())
        .collect()
}

named! {
    /// By what the list is in order.
    SortBy, "order" {
        /// When they came on the list.
        Joined = "joined", "Since";
        /// Their name.
        Name = "name", "Name";
        /// Their address.
        Email = "email", "Address";
    }
}

/// The order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListOrder {
    /// By what.
    pub by: SortBy,
    /// Whether the last comes first.
    pub is_backwards: bool,
}

impl Default for ListOrder {
    /// The newest first.
    fn default() -> Self {
        Self {
            by: SortBy::Joined,
            is_backwards: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(search: &str) -> Vec<String> {
        let search = search.to_owned();
        SubscriberFilter {
            search,
            ..SubscriberFilter::default()
        }
        .words()
    }

    #[test]
    fn an_address_is_looked_for_by_its_words() {
        assert_eq!(
            words("Hēmi@Tepūkenga.ac.nz"),
            ["hemi", "tepukenga", "ac", "nz"]
        );
        assert_eq!(words("  100% %_ "), ["100"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn what_is_looked_for_is_bounded() {
        let many: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
        assert_eq!(words(&many.join(" ")).len(), MOST_WORDS);
        assert_eq!(words(&"ā".repeat(500))[0].len(), LONGEST_WORD);
    }
}
