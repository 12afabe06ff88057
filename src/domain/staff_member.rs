//! The clinic's people who write, approve and send, and what each role may do.

use crate::domain::named::{entity_id, named};

entity_id!(
    /// The key of a member of staff.
    StaffId
);

entity_id!(
    /// The key of a session: one browser in which somebody is signed in.
    SessionId
);

entity_id!(
    /// The key of an invitation to join the staff.
    InvitationId
);

entity_id!(
    /// The key of a link by mail with which a member of staff signs in, or chooses a new password.
    StaffLinkId
);

named! {
    /// What a member of staff may do; each role may do what the ones before it may.
    StaffRole, "role" {
        /// Writes articles and bulletins.
        Author = "author", "Author";
        /// Approves what others wrote.
        Reviewer = "reviewer", "Reviewer";
        /// Publishes, sends, and keeps the list of subscribers.
        Publisher = "publisher", "Publisher";
        /// Keeps the staff.
        Owner = "owner", "Owner";
    }
}

impl StaffRole {
    /// Whether this role includes what `needed` may do.
    pub fn includes(self, needed: StaffRole) -> bool {
        self as u8 >= needed as u8
    }
}

/// A password has at least this many characters (NIST SP 800-63B-4 asks for 15 where it stands
/// alone; 12 is the least that we accept beside the throttle).
pub const MIN_PASSWORD_CHARS: usize = 12;

/// And at most this many bytes, so that hashing stays bounded.
pub const MAX_PASSWORD_BYTES: usize = 200;

/// Why a password cannot be taken, for the person who chose it; `None` if it can.
pub fn password_problem(password: &str, email: &str, name: &str) -> Option<&'static str> {
    let lower = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    if password.chars().count() < MIN_PASSWORD_CHARS {
        Some("Please choose a password of at least 12 characters; a few words in a row do well.")
    } else if password.len() > MAX_PASSWORD_BYTES {
        Some("Please choose a password of at most 200 characters.")
    } else if lower == email.to_lowercase()
        || lower == name.to_lowercase()
        || (local.len() >= 4 && lower.contains(&local))
    {
        Some("Please choose a password that does not contain your name or address.")
    } else if lower.chars().all(|c| lower.starts_with(c)) {
        Some("Please choose a password that is harder to guess.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_includes_the_ones_before_it() {
        assert!(StaffRole::Owner.includes(StaffRole::Author));
        assert!(StaffRole::Reviewer.includes(StaffRole::Reviewer));
        assert!(!StaffRole::Author.includes(StaffRole::Reviewer));
        assert!(!StaffRole::Publisher.includes(StaffRole::Owner));
    }

    #[test]
    fn short_and_guessable_passwords_are_refused() {
        for bad in [
            "short",
            "aaaaaaaaaaaaaa",
            "hine@clinic.example",
            "my-hine-password",
        ] {
            assert!(
                password_problem(bad, "hine@clinic.example", "Hine").is_some(),
                "{bad}"
            );
        }
        assert_eq!(
            password_problem("korimako sings at dawn", "hine@clinic.example", "Hine"),
            None
        );
    }
}
