//! Bulletins and their states: `draft → in review → approved → scheduled → sending ⇄ paused → sent`,
//! or `cancelled`. Once approved, the text is frozen.

use crate::domain::named::{entity_id, named};

/// So many letters of a subject a phone's list of messages shows, about.
pub const PHONE_SUBJECT: usize = 40;

/// So many a computer's list shows, about.
pub const COMPUTER_SUBJECT: usize = 60;

entity_id!(
    /// The key of a bulletin.
    BulletinId
);

named! {
    /// Where a bulletin is on its way.
    BulletinState, "state" {
        /// Being assembled.
        Draft = "draft", "Draft";
        /// Waits for a second person.
        InReview = "in-review", "In review";
        /// A second person has approved it; its text is frozen.
        Approved = "approved", "Approved";
        /// Goes out by itself at its time.
        Scheduled = "scheduled", "Scheduled";
        /// Its messages are being sent.
        Sending = "sending", "Sending";
        /// Held by staff, or by the program because of trouble that needs a person.
        Paused = "paused", "Paused";
        /// Everything that could be sent has been.
        Sent = "sent", "Sent";
        /// Given up; what was not sent is not going to be.
        Cancelled = "cancelled", "Cancelled";
    }
}

named! {
    /// What staff can do with a bulletin besides writing it.
    BulletinAction, "action" {
        /// Ask for approval.
        Submit = "submit", "Submit for review";
        /// Approve, as a second person.
        Approve = "approve", "Approve";
        /// Back to draft; an approval is gone.
        Withdraw = "withdraw", "Back to draft";
        /// Send at a later time.
        Schedule = "schedule", "Schedule";
        /// Not at that time after all.
        Unschedule = "unschedule", "Take off the schedule";
        /// Start sending.
        Send = "send", "Send now";
        /// Hold.
        Pause = "pause", "Pause";
        /// Go on.
        Resume = "resume", "Resume";
        /// Give up what is not sent.
        Cancel = "cancel", "Cancel";
        /// Send again to those whose messages failed.
        SendAgain = "send-again", "Send again";
    }
}

impl BulletinState {
    /// The state after `action`, or `None` where it is not possible.
    pub fn after(self, action: BulletinAction) -> Option<BulletinState> {
        use BulletinAction as A;
        use BulletinState as S;
        match (self, action) {
            (S::Draft, A::Submit) => Some(S::InReview),
            (S::InReview, A::Approve) => Some(S::Approved),
            (S::InReview | S::Approved, A::Withdraw) => Some(S::Draft),
            (S::Approved, A::Schedule) => Some(S::Scheduled),
            (S::Scheduled, A::Unschedule) => Some(S::Approved),
            (S::Approved | S::Scheduled, A::Send) => Some(S::Sending),
            (S::Sending, A::Pause) => Some(S::Paused),
            (S::Paused, A::Resume) | (S::Sent, A::SendAgain) => Some(S::Sending),
            (
                S::Draft | S::InReview | S::Approved | S::Scheduled | S::Sending | S::Paused,
                A::Cancel,
            ) => Some(S::Cancelled),
            _ => None,
        }
    }

    /// Whether the text may be changed.
    pub fn is_open(self) -> bool {
        self == Self::Draft
    }

    /// Whether it has an audience: its rows are in the ledger.
    pub fn has_started(self) -> bool {
        matches!(self, Self::Sending | Self::Paused | Self::Sent)
    }
}

named! {
    /// How an article stands in a bulletin.
    ArticleForm, "form" {
        /// With its whole text.
        Whole = "whole", "Whole";
        /// Title, summary and practice points, with a link to the rest.
        Teaser = "teaser", "Teaser";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cancelled_stays_so_and_what_is_sent_is_sent_on_only() {
        for &action in BulletinAction::ALL {
            let again = action == BulletinAction::SendAgain;
            let sending = again.then_some(BulletinState::Sending);
            assert_eq!(BulletinState::Sent.after(action), sending);
            assert_eq!(BulletinState::Cancelled.after(action), None);
        }
    }

    #[test]
    fn nothing_is_sent_without_approval() {
        for &state in BulletinState::ALL {
            let sends = state.after(BulletinAction::Send) == Some(BulletinState::Sending);
            let approved = matches!(state, BulletinState::Approved | BulletinState::Scheduled);
            assert_eq!(sends, approved, "{state}");
        }
    }
}
