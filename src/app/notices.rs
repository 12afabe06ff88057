//! Queues the messages that follow from what people do. Mail is always a row before it is sent, in
//! the transaction of what it follows from.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::store::deliveries::{self, NewNotice};
use crate::store::{Db, StoreError};

/// In this time …
const CAP_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// … at most so many messages of one kind go to one address, whoever asks for them: nobody's inbox
/// can be filled by somebody who types their address.
const CAP: i64 = 3;

/// Queues a notice unless the address has had enough of its kind. Returns whether it was queued.
pub(super) fn queue(
    db: &mut Db,
    notice: &NewNotice<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let since = now.minus(CAP_WINDOW);
    if is_asked_for_by_anybody(notice.kind)
        && deliveries::count_notices_since(db, notice.recipient, notice.kind, since)? >= CAP
    {
        return Ok(false);
    }
    deliveries::insert_notice(db, notice, now)?;
    Ok(true)
}

/// Whether a form that anybody can fill in leads to it.
fn is_asked_for_by_anybody(kind: DeliveryKind) -> bool {
    matches!(
        kind,
        DeliveryKind::Confirmation
            | DeliveryKind::AlreadySubscribed
            | DeliveryKind::AskTheClinic
            | DeliveryKind::ManageLink
            | DeliveryKind::SymposiumLink
            | DeliveryKind::StaffSignInLink
            | DeliveryKind::StaffPasswordLink
    )
}
