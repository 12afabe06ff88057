//! What people agreed to. Each event is written once and never changed: the sender has to prove
//! consent (Unsolicited Electronic Messages Act 2007, s 9(3)).

use crate::domain::named::named;

named! {
    /// What happened to a consent.
    ConsentKind, "consent event" {
        /// The form was sent; nothing is agreed until it is confirmed.
        SignedUp = "signed-up", "Signed up";
        /// The link in the confirmation message was followed and its button pressed.
        Confirmed = "confirmed", "Confirmed";
        /// Taken over from elsewhere, with the basis that was stated.
        Imported = "imported", "Imported";
        /// Entered by staff, with the basis that was stated.
        AddedByStaff = "added-by-staff", "Added by staff";
        /// Chose other topics.
        TopicsChanged = "topics-changed", "Changed topics";
        /// Asked for a pause.
        Paused = "paused", "Paused";
        /// Ended the pause.
        Resumed = "resumed", "Resumed";
        /// Left.
        Unsubscribed = "unsubscribed", "Unsubscribed";
        /// Undid the leaving.
        Resubscribed = "resubscribed", "Came back";
        /// Was suspended, by staff or because the address fails.
        Suspended = "suspended", "Suspended";
        /// The suspension was lifted.
        Reinstated = "reinstated", "Reinstated";
        /// Another record of the same person became part of this one.
        Merged = "merged", "Merged with another record";
        /// Asked to be erased.
        Erased = "erased", "Erased";
    }
}

/// Which way an event turns: onto the list of those who are written to, or off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Onto it.
    On,
    /// Off it.
    Off,
}

impl ConsentKind {
    /// Which way it turns; none where it leaves that as it was.
    pub fn turn(self) -> Option<Turn> {
        match self {
            Self::Confirmed
            | Self::Imported
            | Self::AddedByStaff
            | Self::Resubscribed
            | Self::Reinstated => Some(Turn::On),
            Self::Unsubscribed | Self::Suspended | Self::Erased => Some(Turn::Off),
            Self::SignedUp | Self::TopicsChanged | Self::Paused | Self::Resumed | Self::Merged => {
                None
            }
        }
    }
}

named! {
    /// The way in which it came.
    Channel, "channel" {
        /// The form on the site.
        WebForm = "web-form", "Web form";
        /// A link in a message, and the button behind it.
        MailedLink = "mailed-link", "Mailed link";
        /// The mail program's own unsubscribe button (RFC 8058).
        OneClick = "one-click", "One-click unsubscribe";
        /// A member of staff.
        Staff = "staff", "Staff";
        /// A file.
        Import = "import", "Import";
        /// The delivery of mail: what the receiving server said.
        Delivery = "delivery", "Mail delivery";
        /// A report that came back by mail: a bounce.
        Report = "report", "Delivery report";
        /// A report that the reader called a message unwanted (RFC 5965).
        Complaint = "complaint", "Complaint";
        /// A message that the person wrote.
        Reply = "reply", "Reply by e-mail";
    }
}

named! {
    /// On what ground somebody was added by staff or from a file
    /// (Unsolicited Electronic Messages Act 2007, s 4: express or inferred consent).
    ConsentBasis, "basis of consent" {
        /// They asked for it, on paper or by word.
        Express = "express", "Express: they asked for it";
        /// It follows from how they deal with the clinic.
        Inferred = "inferred", "Inferred from their dealings with the clinic";
    }
}

/// A wording of consent, and the version under which it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentWording {
    /// The version: the date from which the wording has been used.
    pub version: &'static str,
    /// The wording, as it stands beside the box that is ticked.
    pub text: &'static str,
}

/// The wording on the form. A change of the text takes a new version.
pub const CURRENT_WORDING: ConsentWording = ConsentWording {
    version: "2026-11-23",
    text: "Yes, e-mail me GP Practice Points on the topics I have chosen. I can unsubscribe at any \
           time by the link in every message.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_wording_needs_a_new_version() {
        let known = "Yes, e-mail me GP Practice Points on the topics I have chosen. I can unsubscribe at \
                     any time by the link in every message.";
        assert_eq!(
            CURRENT_WORDING,
            ConsentWording {
                version: "2026-11-23",
                text: known
            }
        );
    }
}
