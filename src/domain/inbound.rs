//! What comes back, as a thing of its own: its key, and the way it took.

use std::time::Duration;

use crate::domain::named::{entity_id, named};

entity_id!(
    /// The key of a message that came back and is kept.
    InboundId
);

named! {
    /// By which way something came back.
    Way, "way" {
        /// A mail server's alias, piped into the program.
        Pipe = "pipe", "Pipe";
        /// The listener for LMTP.
        Lmtp = "lmtp", "LMTP";
        /// A mailbox that is looked into.
        Mailbox = "mailbox", "Mailbox";
        /// A mail provider's notification over HTTP.
        Webhook = "webhook", "Webhook";
    }
}

/// How many failures within what time suspend an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrikeRule {
    /// So many.
    pub strikes: u16,
    /// Within so long.
    pub within: Duration,
}
