//! What members of staff are told by mail, each of which they can switch off.

use std::time::Duration;

use super::article::ArticleId;
use super::bulletin::BulletinId;
use super::named::{entity_id, named};
use super::staff_member::StaffRole;

entity_id!(
    /// The key of a message to a member of staff about what waits for them or became of what they did.
    StaffMailId
);

named! {
    /// What such a message tells.
    StaffMailKind, "kind of mail to staff" {
        /// An article was handed in.
        ToReview = "to-review", "An article waits for a review that you may give";
        /// A bulletin was handed in.
        ToApprove = "to-approve", "A bulletin waits for an approval that you may give";
        /// Something is approved.
        ToPublish = "to-publish", "An article or bulletin is approved, and waits to be published or sent";
        /// A colleague said something of an article, or gave an article or a bulletin back.
        Remarks = "remarks", "A colleague asks for changes in your article or bulletin, or says something of it";
        /// A second person has approved what one wrote.
        Approved = "approved", "An article or bulletin of yours was approved";
        /// The program holds a bulletin.
        Held = "held", "A bulletin is held because of trouble, or did not go out as planned";
        /// A bulletin that one sent has gone to everybody.
        Sent = "sent", "A bulletin that you sent has gone out, with how many got it";
        /// What is to be looked at again.
        ReviewDates = "review-dates", "On Mondays, what you wrote or reviewed that is to be looked at again";
    }
}

/// So long a message about a text waits for what else happens to it, so that five remarks in a row are one message; and
/// what is over before that need not be told.
const GATHERS_FOR: Duration = Duration::from_secs(10 * 60);

impl StaffMailKind {
    /// The least role that is ever told.
    pub fn least_role(self) -> StaffRole {
        match self {
            Self::ToReview | Self::ToApprove => StaffRole::Reviewer,
            Self::ToPublish | Self::Held | Self::Sent => StaffRole::Publisher,
            Self::Remarks | Self::Approved | Self::ReviewDates => StaffRole::Author,
        }
    }

    /// How long a message waits for what else happens to the same text.
    pub fn gathers_for(self) -> Duration {
        match self {
            Self::ToReview | Self::ToApprove | Self::ToPublish | Self::Remarks | Self::Approved => {
                GATHERS_FOR
            }
            // Each of these happens once, until somebody does something about it.
            Self::Held | Self::Sent | Self::ReviewDates => Duration::ZERO,
        }
    }
}

named! {
    /// Why the program holds a bulletin. The mail server's own words stay on the pages: they may name a subscriber.
    HeldBecause, "reason for holding a bulletin" {
        /// Too much of its first wave was refused.
        FirstWave = "first-wave", "Too many messages of its first wave were refused or given up, so the second one waits.";
        /// The mail server refuses what we send.
        Policy = "policy", "The mail server refuses messages from us by its policy, again and again.";
        /// Something found before sending speaks against it.
        NotReady = "not-ready", "Its time had come, but something speaks against sending it that nobody has let pass.";
    }
}

/// The text that a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// An article.
    Article(ArticleId),
    /// A bulletin.
    Bulletin(BulletinId),
}

impl About {
    /// As it is stored: what it is, and its key.
    pub fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Article(id) => ("article", id.0),
            Self::Bulletin(id) => ("bulletin", id.0),
        }
    }

    /// From what is stored.
    pub fn of(entity: &str, id: i64) -> Option<Self> {
        match entity {
            "article" => Some(Self::Article(ArticleId(id))),
            "bulletin" => Some(Self::Bulletin(BulletinId(id))),
            _ => None,
        }
    }

    /// The path of its page.
    pub fn path(self) -> String {
        let (entity, id) = self.parts();
        format!("/staff/{entity}s/{id}")
    }
}
