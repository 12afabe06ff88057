//! Who may be written to at this moment.

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::subscriber::{SubscriberStatus, may_receive};
use crate::store::deliveries::Claimed;
use crate::store::{Db, StoreError, signup_requests};

use super::{staff, symposium};

/// Why a message is not to be sent to this person now, if so.
pub(super) fn objection(
    db: &mut Db,
    row: &Claimed,
    now: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    if row.kind.is_to_staff() {
        return staff::objection(db, row, now);
    }
    let status = match row.kind {
        DeliveryKind::Test => return Ok(None),
        _ => row.status.unwrap_or(SubscriberStatus::Erased),
    };
    let why = match row.kind {
        DeliveryKind::Bulletin | DeliveryKind::ImportNotice | DeliveryKind::Welcome => {
            let pause = if row.kind == DeliveryKind::Bulletin {
                row.paused_until
            } else {
                None
            };
            may_receive(status, pause, now).err()
        }
        DeliveryKind::Confirmation => {
            let request = row
                .reference_id
                .map(|id| signup_requests::get(db, id))
                .transpose();
            match request {
                Ok(Some(request)) if request.used_at.is_some() => Some("has confirmed meanwhile"),
                Ok(Some(request)) if request.expires_at <= now => Some("the link has expired"),
                Ok(Some(_)) => None,
                Ok(None) | Err(StoreError::NotFound) => Some("the sign-up is gone"),
                Err(error) => return Err(error),
            }
        }
        _ if status == SubscriberStatus::Erased => Some("has been erased"),
        kind if kind.is_about_a_registration() => symposium::objection(db, row, now)?,
        _ => None,
    };
    Ok(why)
}
