//! The pages for staff.

pub(super) mod articles;
pub(super) mod bulletins;
mod choice;
pub(super) mod mailbox;
