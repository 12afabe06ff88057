//! The pages of the staff: each needs a sign-in, as the table of routes says.

pub(super) mod account;
pub(super) mod articles;
pub(super) mod audiences;
pub(super) mod audit;
pub(super) mod bulletins;
mod choice;
mod comparison;
pub(super) mod confirm_password;
pub(super) mod first_owner;
pub(super) mod images;
pub(super) mod inbound;
pub(super) mod invitations;
pub(super) mod mail_choice;
pub(super) mod mailbox;
pub(super) mod members;
pub(super) mod overview;
pub(super) mod second_factor;
pub(super) mod settings;
pub(super) mod sign_in;
pub(super) mod sign_in_code;
pub(super) mod sign_in_link;
pub(super) mod subscribers;
pub(super) mod symposia;
pub(super) mod working_copy;
