//! What stands in the DNS, compared with the record that is to stand there.
//!
//! Whoever keeps the domain has to hear three things: it is there, it is there and is not as it has to be, or it is not there
//! yet. What can only be known by asking somebody else (whose address is that?) is said, and not guessed.

mod dkim;
mod dmarc;
mod spf;

use serde::{Deserialize, Serialize};

pub use dkim::dkim;
pub use dmarc::{dmarc, parents, without_dmarc};
pub use spf::spf;

/// So many records are shown of what was found.
const MOST_SEEN: usize = 4;

/// So many characters are shown of each.
const LONGEST_SEEN: usize = 300;

/// Whether a record is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// What stands there does what the record does.
    Found,
    /// Something else stands there, or more than may.
    Differs,
    /// Nothing of its kind stands there.
    Missing,
    /// Nobody could tell.
    Unasked,
}

impl Outcome {
    /// In a word or two, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Found => "Found",
            Self::Differs => "Different",
            Self::Missing => "Not found yet",
            Self::Unasked => "Could not be asked",
        }
    }
}

/// What a look into the DNS says of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Whether it is published.
    pub outcome: Outcome,
    /// In a sentence or two.
    pub words: String,
    /// What stands there, where that is not what was to be published; bounded, and without characters that are not seen.
    pub seen: Vec<String>,
}

impl Published {
    /// Whether somebody could tell, and receivers do not find it as it has to be.
    pub fn is_lacking(&self) -> bool {
        matches!(self.outcome, Outcome::Missing | Outcome::Differs)
    }

    fn new(outcome: Outcome, words: impl Into<String>) -> Self {
        Self {
            outcome,
            words: words.into(),
            seen: Vec::new(),
        }
    }

    fn found(words: impl Into<String>) -> Self {
        Self::new(Outcome::Found, words)
    }

    fn differs(words: impl Into<String>) -> Self {
        Self::new(Outcome::Differs, words)
    }

    /// It is not there.
    pub fn missing(words: impl Into<String>) -> Self {
        Self::new(Outcome::Missing, words)
    }

    /// It could not be asked, and why.
    pub fn unasked(words: impl Into<String>) -> Self {
        Self::new(Outcome::Unasked, words)
    }

    fn with<T: AsRef<str>>(mut self, seen: &[T]) -> Self {
        let seen = seen.iter().take(MOST_SEEN);
        self.seen = seen.map(|text| visible(text.as_ref())).collect();
        self
    }
}

/// Whether there is a server that takes the mail of a domain (RFC 5321, section 5.1): its MX records as preference and
/// host, and whether the domain has an address itself, which counts where it has none.
pub fn mail_exchange(domain: &str, servers: &[(u16, String)], has_address: bool) -> Published {
    let is_null = |host: &str| host.trim_end_matches('.').is_empty();
    if servers.is_empty() {
        return if has_address {
            Published::found(format!(
                "There is no MX record; mail goes to the server at {domain} itself."
            ))
        } else {
            Published::missing(
                "No server takes its mail: what comes back is lost, and receivers may refuse what is sent.",
            )
        };
    }
    let mut sorted = servers.to_vec();
    sorted.sort();
    let list: Vec<String> = sorted
        .iter()
        .map(|(preference, host)| format!("{preference} {host}"))
        .collect();
    // RFC 7505.
    if sorted.iter().any(|(_, host)| is_null(host)) {
        return Published::differs(
            "It says that the domain takes no mail: what comes back is lost.",
        )
        .with(&list);
    }
    Published::found("A server takes its mail.").with(&list)
}

/// A text as it may be shown: a piece of it, with marks for what is not seen or would do something on a console.
fn visible(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST_SEEN {
            shown.push('…');
            break;
        }
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Control characters, and those that have no width or turn the direction of what follows.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The tags of a list such as `v=DKIM1; k=rsa; p=…`, in order (RFC 6376, section 3.2); none where it is no such list, or has
/// one tag twice.
fn tags(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for part in text.trim().trim_end_matches(';').split(';') {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let is_known = tags.iter().any(|(known, _)| *known == name);
        if name.is_empty() || is_known {
            return None;
        }
        tags.push((name, value));
    }
    Some(tags)
}

fn tag<'a>(tags: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    let mut tags = tags.iter();
    Some(tags.find(|(known, _)| *known == name)?.1)
}

/// Whether somebody typed the quotation marks of a zone file into a form that puts its own around.
fn has_typed_quotes(text: &str) -> bool {
    text.trim_start().starts_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_bounded_and_can_be_seen() {
        assert_eq!(
            visible("v=spf1 \u{1b}[31m\u{202e}x\n"),
            "v=spf1 \\u{1b}[31m\\u{202e}x\\u{a}"
        );
        assert_eq!(visible(&"ā".repeat(400)).chars().count(), LONGEST_SEEN + 1);
        let many = vec!["x"; 100];
        assert_eq!(Published::found("").with(&many).seen.len(), MOST_SEEN);
    }

    #[test]
    fn tags_may_stand_with_space_and_in_any_order_and_never_twice() {
        assert_eq!(
            tags(" p = a b ;v=x; "),
            Some(vec![("p", "a b"), ("v", "x")])
        );
        assert_eq!(tags("v=x; v=y"), None);
        assert_eq!(tags("v=x; hello"), None);
        assert_eq!(tags(""), None);
    }

    #[test]
    fn a_domain_takes_mail_by_its_mx_or_by_its_own_address_and_not_with_a_null_mx() {
        let outcome =
            |servers: &[(u16, String)], has| mail_exchange("clinic.example", servers, has).outcome;
        assert_eq!(outcome(&[], false), Outcome::Missing);
        assert_eq!(outcome(&[], true), Outcome::Found);
        assert_eq!(outcome(&[(0, String::new())], true), Outcome::Differs);
        let two = [(20, "b.example".to_owned()), (10, "a.example".to_owned())];
        assert_eq!(
            mail_exchange("clinic.example", &two, false).seen,
            ["10 a.example", "20 b.example"]
        );
    }
}
