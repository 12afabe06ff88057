//! A person on the list: who they are to the clinic, and whether they may be written to.

use crate::clock::Timestamp;
use crate::domain::named::{entity_id, named};
use crate::domain::search_key::search_key;

entity_id!(
    /// The key of a subscriber.
    SubscriberId
);

named! {
    /// Whether a subscriber may be written to.
    SubscriberStatus, "status" {
        /// Signed up, and has not confirmed yet.
        Pending = "pending", "Not confirmed yet";
        /// Receives bulletins.
        Active = "active", "Active";
        /// Left by their own choice.
        Unsubscribed = "unsubscribed", "Unsubscribed";
        /// Not written to until somebody lifts it: the address fails, or staff decided so.
        Suspended = "suspended", "Suspended";
        /// Asked to be erased; nothing about the person is left.
        Erased = "erased", "Erased";
    }
}

named! {
    /// What the subscriber does (asked on the form; never checked against a register).
    Role, "role" {
        /// General practitioner.
        Gp = "gp", "GP";
        /// Doctor in training for general practice.
        GpRegistrar = "gp-registrar", "GP registrar";
        /// Nurse practitioner.
        NursePractitioner = "nurse-practitioner", "Nurse practitioner";
        /// Practice nurse.
        PracticeNurse = "practice-nurse", "Practice nurse";
        /// Practice manager.
        PracticeManager = "practice-manager", "Practice manager";
        /// Specialist doctor.
        Specialist = "specialist", "Specialist";
        /// Anybody else.
        Other = "other", "Other";
    }
}

named! {
    /// The health region (the four regions of Health New Zealand | Te Whatu Ora).
    Region, "region" {
        /// Northland, Auckland and the north.
        Northern = "northern", "Northern";
        /// Waikato, Bay of Plenty, Taranaki, Lakes and Tairāwhiti.
        TeManawaTaki = "te-manawa-taki", "Te Manawa Taki";
        /// The lower North Island.
        Central = "central", "Central";
        /// The South Island.
        TeWaipounamu = "te-waipounamu", "Te Waipounamu";
    }
}

impl Region {
    /// The region of a former district health board, by its name without regard to macrons and case; older lists have those.
    pub fn of_district(name: &str) -> Option<Self> {
        let key = search_key(name).replace(" & ", " and ");
        let district = key.strip_suffix(" dhb").unwrap_or(&key);
        Some(match district {
            "northland" | "waitemata" | "auckland" | "counties manukau" => Self::Northern,
            "waikato" | "bay of plenty" | "lakes" | "tairawhiti" | "taranaki" => Self::TeManawaTaki,
            "hawkes bay" | "midcentral" | "whanganui" | "wairarapa" | "hutt valley"
            | "capital and coast" => Self::Central,
            "nelson marlborough" | "west coast" | "canterbury" | "south canterbury"
            | "southern" => Self::TeWaipounamu,
            _ => return None,
        })
    }
}

/// Whether a bulletin may be sent now to a subscriber in this state.
/// This is asked again when the message is claimed, so that leaving counts at once,
/// mail already queued included (Unsolicited Electronic Messages Act 2007, s 11).
pub fn may_receive(
    status: SubscriberStatus,
    paused_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), &'static str> {
    match status {
        SubscriberStatus::Active if paused_until.is_some_and(|until| until > now) => {
            Err("has paused bulletins")
        }
        SubscriberStatus::Active => Ok(()),
        SubscriberStatus::Pending => Err("has not confirmed"),
        SubscriberStatus::Unsubscribed => Err("has unsubscribed"),
        SubscriberStatus::Suspended => Err("is suspended"),
        SubscriberStatus::Erased => Err("has been erased"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_active_and_unpaused_may_receive() {
        let now = Timestamp::from_millis(1_000);
        let later = Some(Timestamp::from_millis(2_000));
        let earlier = Some(Timestamp::from_millis(500));
        for &status in SubscriberStatus::ALL {
            let may = may_receive(status, None, now).is_ok();
            assert_eq!(may, status == SubscriberStatus::Active, "{status}");
        }
        assert!(may_receive(SubscriberStatus::Active, later, now).is_err());
        assert!(may_receive(SubscriberStatus::Active, earlier, now).is_ok());
    }
}
