//! One message to one recipient: its states, and when it is tried again.

use std::time::Duration;

use crate::domain::named::{entity_id, named};

entity_id!(
    /// The key of a delivery.
    DeliveryId
);

named! {
    /// What the message is.
    DeliveryKind, "kind of message" {
        /// A bulletin, to a subscriber.
        Bulletin = "bulletin", "Bulletin";
        /// A bulletin on trial, to staff.
        Test = "test", "Test";
        /// Asks a new subscriber to confirm.
        Confirmation = "confirmation", "Confirmation";
        /// Greets a confirmed subscriber.
        Welcome = "welcome", "Welcome";
        /// Tells a subscriber that they are one already.
        AlreadySubscribed = "already-subscribed", "Already subscribed";
        /// Tells somebody who cannot come back by the form whom to ask.
        AskTheClinic = "ask-the-clinic", "Ask the clinic";
        /// A short-lived link to the subscriber's own page.
        ManageLink = "manage-link", "Link to preferences";
        /// Tells a person whose details came from elsewhere (Privacy Act 2020, IPP 3A).
        ImportNotice = "import-notice", "Notice of import";
        /// A short-lived link with which a subscriber registers for a symposium.
        SymposiumLink = "symposium-link", "Link to register";
        /// Tells somebody that they have a place.
        SymposiumRegistered = "symposium-registered", "Registered for a symposium";
        /// Tells somebody that they are on the waiting list.
        SymposiumWaiting = "symposium-waiting", "Waiting for a place";
        /// Tells somebody who waited that they have a place now.
        SymposiumMovedUp = "symposium-moved-up", "Moved up to a place";
        /// Tells that the time or the place of a symposium has changed.
        SymposiumChanged = "symposium-changed", "Symposium changed";
        /// Tells that a symposium does not take place.
        SymposiumCancelled = "symposium-cancelled", "Symposium cancelled";
        /// Reminds of a symposium before its day.
        SymposiumReminder = "symposium-reminder", "Reminder of a symposium";
        /// Tells somebody who gave up their place that this is done.
        SymposiumGivenUp = "symposium-given-up", "Place given up";
        /// Tells somebody who left the waiting list that this is done.
        SymposiumWaitEnded = "symposium-wait-ended", "Left the waiting list";
        /// Tells somebody that the clinic cancelled their place.
        SymposiumPlaceCancelled = "symposium-place-cancelled", "Place cancelled by the clinic";
        /// Tells somebody that the clinic took them off the waiting list.
        SymposiumWaitCancelled = "symposium-wait-cancelled", "Taken off the waiting list";
        /// Asks somebody to join the staff.
        StaffInvitation = "staff-invitation", "Invitation to the staff";
        /// A short-lived link with which a member of staff signs in.
        StaffSignInLink = "staff-sign-in-link", "Link to sign in";
        /// A short-lived link with which a member of staff chooses a new password.
        StaffPasswordLink = "staff-password-link", "Link for a new password";
        /// Tells a member of staff that their second factor was taken off.
        StaffSecondFactorOff = "staff-second-factor-off", "Second factor taken off";
        /// Tells a member of staff what waits for them, or what became of what they wrote or sent.
        StaffMail = "staff-mail", "Mail to staff";
    }
}

impl DeliveryKind {
    /// Whether it goes to a member of staff, or to somebody who is to be one.
    pub fn is_to_staff(self) -> bool {
        matches!(
            self,
            Self::StaffInvitation
                | Self::StaffSignInLink
                | Self::StaffPasswordLink
                | Self::StaffSecondFactorOff
                | Self::StaffMail
        )
    }

    /// Whether it is about somebody's registration for a symposium, which it then refers to. These go to whoever
    /// registered, also when they have left the newsletter: it is the event that they asked for.
    pub fn is_about_a_registration(self) -> bool {
        matches!(
            self,
            Self::SymposiumRegistered
                | Self::SymposiumWaiting
                | Self::SymposiumMovedUp
                | Self::SymposiumChanged
                | Self::SymposiumCancelled
                | Self::SymposiumReminder
        ) || self.ends_a_registration()
    }

    /// Whether it tells that a registration is cancelled, while the event takes place.
    pub fn ends_a_registration(self) -> bool {
        matches!(
            self,
            Self::SymposiumGivenUp
                | Self::SymposiumWaitEnded
                | Self::SymposiumPlaceCancelled
                | Self::SymposiumWaitCancelled
        )
    }
}

named! {
    /// Where a delivery is.
    DeliveryState, "state" {
        /// Waits for its turn.
        Queued = "queued", "Waiting";
        /// A worker holds it until its lease ends.
        Claimed = "claimed", "Being sent";
        /// The server took it.
        Accepted = "accepted", "Accepted";
        /// The server asked to try again later.
        Deferred = "deferred", "To be tried again";
        /// The server refused this recipient for good.
        Refused = "refused", "Refused";
        /// Not sent: the recipient has left or may not be written to, or the bulletin was cancelled.
        Skipped = "skipped", "Skipped";
        /// Given up after the last try.
        Failed = "failed", "Given up";
    }
}

impl DeliveryState {
    /// Whether something is still going to happen with it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Claimed | Self::Deferred)
    }
}

/// A deferred message is given up this long after it was queued.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How long to wait before the next try, after `tries` of them: from a minute, doubling, to four
/// hours, spread by `jitter` (0 to 1) over ±20 % so that retries do not come in one wave.
pub fn retry_delay(tries: u32, jitter: f64) -> Duration {
    const FIRST: f64 = 60.0;
    const LONGEST: f64 = 4.0 * 60.0 * 60.0;
    let doublings = i32::try_from(tries.saturating_sub(1).min(16)).unwrap_or(16);
    let seconds = (FIRST * 2f64.powi(doublings)).min(LONGEST);
    Duration::from_secs_f64(seconds * (0.8 + 0.4 * jitter.clamp(0.0, 1.0)))
}

/// How long work waits while the server itself is in trouble, after `failures` in a row: from a
/// second to a minute. Nobody's tries are used up meanwhile.
pub fn server_pause(failures: u32) -> Duration {
    Duration::from_secs(1u64 << failures.saturating_sub(1).min(6)).min(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_come_later_and_later_up_to_four_hours() {
        assert_eq!(retry_delay(1, 0.5), Duration::from_secs(60));
        assert_eq!(retry_delay(2, 0.5), Duration::from_secs(120));
        assert_eq!(retry_delay(30, 0.5), Duration::from_secs(4 * 60 * 60));
        assert!(retry_delay(1, 0.0) < retry_delay(1, 1.0));
    }

    #[test]
    fn a_server_in_trouble_is_asked_again_within_a_minute() {
        assert_eq!(server_pause(1), Duration::from_secs(1));
        assert_eq!(server_pause(0), Duration::from_secs(1));
        assert_eq!(server_pause(99), Duration::from_secs(60));
    }
}
