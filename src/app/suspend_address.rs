//! An address that fails is suspended, at once or after several failures, whoever told of them.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryId;
use crate::domain::inbound::StrikeRule;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::{Db, StoreError, strikes, subscribers};

/// Which failure counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    /// Of which message.
    pub(super) delivery: DeliveryId,
    /// Whether the server said so while we spoke to it.
    pub(super) in_dialogue: bool,
}

/// Counts a failure against an address. Returns whether there are enough of them to suspend it.
pub(super) fn strike(
    db: &mut Db,
    id: SubscriberId,
    failed: Failed,
    rule: StrikeRule,
    now: Timestamp,
) -> Result<bool, StoreError> {
    strikes::add(db, id, failed.delivery, failed.in_dialogue, now)?;
    let count = strikes::count_since(db, id, now.minus(rule.within))?;
    Ok(count >= i64::from(rule.strikes))
}

/// Suspends an address, and notes why: words that must not repeat it, because the ledger outlives erasure. Returns whether
/// it was written to until now.
pub(super) fn suspend(
    db: &mut Db,
    id: SubscriberId,
    why: &str,
    channel: Channel,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let subscriber = subscribers::get(db, id)?;
    if !matches!(
        subscriber.status,
        SubscriberStatus::Active | SubscriberStatus::Pending
    ) {
        return Ok(false);
    }
    subscribers::set_status(db, id, SubscriberStatus::Suspended, Some(why), now)?;
    let event = NewConsentEvent {
        detail: Some(why),
        ..NewConsentEvent::new(id, ConsentKind::Suspended, channel)
    };
    consent_events::append(db, &event, now)?;
    Ok(true)
}
