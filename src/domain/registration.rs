//! Who comes to a symposium: a place, or one on the waiting list.

use crate::domain::named::{entity_id, named};
use crate::domain::short_text::{ShortText, ShortTextError};

entity_id!(
    /// The key of a registration.
    RegistrationId
);

named! {
    /// How a registration stands.
    RegistrationState, "state" {
        /// Has a place.
        Registered = "registered", "Registered";
        /// Waits for one.
        Waiting = "waiting", "On the waiting list";
        /// Does not come.
        Cancelled = "cancelled", "Cancelled";
    }
}

/// The longest need that can be told, in characters.
pub const MAX_NEED_CHARS: usize = 300;

/// What somebody needs at the event. Only the staff see it, and it is let go of after the event.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// What they do not eat.
    pub dietary: Option<String>,
    /// What helps them to take part.
    pub access: Option<String>,
}

/// Tells whether there are any, and never what they are: such things do not belong in logs.
impl std::fmt::Debug for Needs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Needs")
            .field("dietary", &self.dietary.is_some())
            .field("access", &self.access.is_some())
            .finish()
    }
}

/// A need as it was typed, on one line; `None` for nothing.
///
/// # Errors
/// A text that is too long, or with a character that no line may hold.
pub fn need(input: &str) -> Result<Option<String>, ShortTextError> {
    let line = input.split(['\r', '\n']).collect::<Vec<_>>().join(" ");
    Ok(ShortText::optional(&line, MAX_NEED_CHARS)?.map(String::from))
}

/// Whether the next person who asks gets a place: one has to be free, and nobody may be waiting for it.
pub fn gets_a_place(places_left: Option<i64>, waiting: i64) -> bool {
    places_left.is_none_or(|left| left > 0) && waiting == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn whoever_waits_comes_before_whoever_asks() {
        assert!(gets_a_place(None, 0));
        assert!(gets_a_place(Some(1), 0));
        assert!(!gets_a_place(Some(1), 1));
        assert!(!gets_a_place(Some(0), 0));
    }

    #[test]
    fn a_need_is_one_bounded_line() {
        assert_eq!(need(" \r\n ").unwrap(), None);
        assert_eq!(
            need("no nuts\r\nno fish").unwrap().as_deref(),
            Some("no nuts no fish")
        );
        assert!(need(&"x".repeat(MAX_NEED_CHARS + 1)).is_err());
        assert!(need("a\u{0}b").is_err());
    }

    #[test]
    fn needs_are_not_printed() {
        let needs = Needs {
            dietary: Some("coeliac".to_owned()),
            access: None,
        };
        assert!(!format!("{needs:?}").contains("coeliac"));
    }
}
