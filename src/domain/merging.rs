//! Two records of one person become one: whether that person is written to then.

use super::subscriber::SubscriberStatus;

/// How a record stands before it is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: SubscriberStatus,
    /// Whether leaving is what the person decided last by it.
    pub has_left: bool,
    /// Whether staff suspended it, rather than that its address failed.
    pub is_held_by_staff: bool,
}

impl Standing {
    fn is_left(self) -> bool {
        self.has_left || self.status == SubscriberStatus::Unsubscribed
    }
}

/// The status of the one record. Who has left by either has left (Unsolicited Electronic Messages Act 2007, s 9), and whom
/// staff suspended stays so. Otherwise it is that of the record whose address is kept: that the other one fails, or was
/// never confirmed, says nothing of this one.
pub fn merged_status(address: Standing, other: Standing) -> SubscriberStatus {
    if address.is_held_by_staff || other.is_held_by_staff {
        SubscriberStatus::Suspended
    } else if address.is_left() || other.is_left() {
        SubscriberStatus::Unsubscribed
    } else {
        address.status
    }
}

#[cfg(test)]
mod tests {
    use SubscriberStatus::{Active, Pending, Suspended, Unsubscribed};

    use super::*;

    fn plain(status: SubscriberStatus) -> Standing {
        Standing {
            status,
            has_left: status == Unsubscribed,
            is_held_by_staff: false,
        }
    }

    #[test]
    fn the_stricter_status_wins_whichever_record_stays() {
        let held = Standing {
            is_held_by_staff: true,
            ..plain(Suspended)
        };
        let left_while_failing = Standing {
            has_left: true,
            ..plain(Suspended)
        };
        for (one, other, expected) in [
            (plain(Active), plain(Unsubscribed), Unsubscribed),
            (plain(Pending), plain(Unsubscribed), Unsubscribed),
            (plain(Active), held, Suspended),
            (plain(Unsubscribed), held, Suspended),
            (plain(Active), left_while_failing, Unsubscribed),
            (plain(Active), plain(Active), Active),
        ] {
            assert_eq!(merged_status(one, other), expected, "{one:?} {other:?}");
            assert_eq!(merged_status(other, one), expected, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_failing_address_that_is_not_kept_suspends_nobody() {
        assert_eq!(merged_status(plain(Active), plain(Suspended)), Active);
        assert_eq!(merged_status(plain(Suspended), plain(Active)), Suspended);
        assert_eq!(merged_status(plain(Pending), plain(Active)), Pending);
    }
}
