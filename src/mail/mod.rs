//! Mail: what a message looks like, how it travels, and what the server's answer means.

pub mod content;
mod encoding;
mod header;
pub mod mailbox;
pub mod message;
pub mod outcome;
pub mod sender;
pub mod smtp;
