//! For whom a text waits. The overview, the mails to staff and what is allowed agree, because they ask here.

use super::article::may_approve;
use super::staff_member::{StaffId, StaffRole};

/// Whether a text that waits for approval waits for this person: they may approve what others wrote, and have written
/// nothing of it.
pub fn may_review(role: StaffRole, writers: &[StaffId], who: StaffId) -> bool {
    role.includes(StaffRole::Reviewer) && may_approve(true, writers, who).is_ok()
}

/// Whether what is approved waits for this person, to be put on the site or sent; and what is held, to be looked at.
pub fn may_publish(role: StaffRole) -> bool {
    role.includes(StaffRole::Publisher)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_waits_for_those_who_may_approve_it_and_did_not_write_it() {
        let (writer, other) = (StaffId(1), StaffId(2));
        assert!(may_review(StaffRole::Reviewer, &[writer], other));
        assert!(may_review(StaffRole::Owner, &[writer], other));
        assert!(!may_review(StaffRole::Owner, &[writer], writer));
        assert!(!may_review(StaffRole::Author, &[writer], other));
        assert!(!may_publish(StaffRole::Reviewer));
    }
}
