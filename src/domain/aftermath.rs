//! What can come of a message after a server has accepted it.

use super::named::named;

named! {
    /// What came of a message afterwards.
    Aftermath, "what came of a message" {
        /// A report came back that it was not delivered after all.
        Bounced = "bounced", "Bounced later";
        /// The reader called it unwanted.
        Complained = "complained", "Complained";
        /// A program answered.
        Replied = "replied", "Answered automatically";
        /// The reader left by its link, its button or an answer to it, and has not come back since.
        Left = "left", "Left because of it";
    }
}
