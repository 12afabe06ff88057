//! The consent ledger: rows are added, and never changed or taken away (a trigger sees to it).

use diesel::prelude::*;

use super::schema::{consent_event, consent_wording, erased_address, staff_member};
use super::{Db, StoreError, each, subscribers};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::consent::{Channel, ConsentKind, ConsentWording};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;

/// An event to be noted. It holds nothing that tells who the person is: it outlives erasure.
#[derive(Debug, Clone)]
pub struct NewConsentEvent<'a> {
    /// Whose consent.
    pub subscriber: SubscriberId,
    /// What happened.
    pub kind: ConsentKind,
    /// By which way.
    pub channel: Channel,
    /// The wording that was agreed to.
    pub wording_version: Option<&'a str>,
    /// Slugs of the topics, separated by commas.
    pub topics: Option<&'a str>,
    /// Source, basis or reason.
    pub detail: Option<&'a str>,
    /// Who did it, where it was staff.
    pub staff: Option<StaffId>,
    /// The bulletin by whose link they left.
    pub bulletin: Option<BulletinId>,
}

impl<'a> NewConsentEvent<'a> {
    /// An event with nothing but what, whose and how.
    pub fn new(subscriber: SubscriberId, kind: ConsentKind, channel: Channel) -> Self {
        Self {
            subscriber,
            kind,
            channel,
            wording_version: None,
            topics: None,
            detail: None,
            staff: None,
            bulletin: None,
        }
    }
}

/// An event, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct ConsentEvent {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: ConsentKind,
    /// By which way.
    pub channel: Channel,
    /// The wording that was agreed to.
    pub wording_version: Option<String>,
    /// Slugs of the topics, separated by commas.
    pub topics: Option<String>,
    /// Source, basis or reason.
    pub detail: Option<String>,
    /// Name of the member of staff who did it.
    pub staff_name: Option<String>,
}

/// Notes an event.
pub fn append(db: &mut Db, event: &NewConsentEvent<'_>, now: Timestamp) -> Result<(), StoreError> {
    diesel::insert_into(consent_event::table)
        .values((
            consent_event::subscriber_id.eq(event.subscriber.0),
            consent_event::at.eq(now.as_millis()),
            consent_event::kind.eq(event.kind.as_str()),
            consent_event::channel.eq(event.channel.as_str()),
            consent_event::wording_version.eq(event.wording_version),
            consent_event::topics.eq(event.topics),
            consent_event::detail.eq(event.detail),
            consent_event::staff_id.eq(event.staff.map(|id| id.0)),
            consent_event::bulletin_id.eq(event.bulletin.map(|id| id.0)),
        ))
        .execute(db)?;
    Ok(())
}

/// The history of a person, the oldest first: with that of records that were merged into theirs, which is never moved.
pub fn of(db: &mut Db, subscriber: SubscriberId) -> Result<Vec<ConsentEvent>, StoreError> {
    let theirs = subscribers::with_merged(db, subscriber)?;
    Ok(consent_event::table
        .left_join(staff_member::table)
        .filter(consent_event::subscriber_id.eq_any(theirs))
        .order(consent_event::id.asc())
        .select((
            consent_event::at,
            consent_event::kind,
            consent_event::channel,
            consent_event::wording_version,
            consent_event::topics,
            consent_event::detail,
            staff_member::name.nullable(),
        ))
        .load(db)?)
}

/// Whether a person has ever agreed: confirmed a sign-up, or been added on a stated ground.
pub fn has_consented(db: &mut Db, subscriber: SubscriberId) -> Result<bool, StoreError> {
    let grants = [
        ConsentKind::Confirmed.as_str(),
        ConsentKind::Imported.as_str(),
        ConsentKind::AddedByStaff.as_str(),
    ];
    let theirs = subscribers::with_merged(db, subscriber)?;
    let granted = consent_event::table
        .filter(consent_event::subscriber_id.eq_any(theirs))
        .filter(consent_event::kind.eq_any(grants))
        .select(consent_event::id);
    Ok(diesel::select(diesel::dsl::exists(granted)).get_result(db)?)
}

/// What a person decided last, or was decided for them: that they are written to, or not. When, and by
/// which way.
pub fn last_decision(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Option<(ConsentKind, Channel, Timestamp)>, StoreError> {
    let decisions = [
        ConsentKind::Confirmed.as_str(),
        ConsentKind::Imported.as_str(),
        ConsentKind::AddedByStaff.as_str(),
        ConsentKind::Resubscribed.as_str(),
        ConsentKind::Unsubscribed.as_str(),
    ];
    Ok(consent_event::table
        .filter(consent_event::subscriber_id.eq(subscriber.0))
        .filter(consent_event::kind.eq_any(decisions))
        .order(consent_event::id.desc())
        .select((
            consent_event::kind,
            consent_event::channel,
            consent_event::at,
        ))
        .first(db)
        .optional()?)
}

/// The newest event of a person, whatever it was.
pub fn newest(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Option<(ConsentKind, Channel, Timestamp)>, StoreError> {
    Ok(consent_event::table
        .filter(consent_event::subscriber_id.eq(subscriber.0))
        .order(consent_event::id.desc())
        .select((
            consent_event::kind,
            consent_event::channel,
            consent_event::at,
        ))
        .first(db)
        .optional()?)
}

/// Whether leaving is what a person decided last.
pub fn has_left(db: &mut Db, subscriber: SubscriberId) -> Result<bool, StoreError> {
    let last = last_decision(db, subscriber)?;
    Ok(last.is_some_and(|(kind, ..)| kind == ConsentKind::Unsubscribed))
}

/// Keeps a wording under its version, so that what was agreed to can be shown years later.
pub fn ensure_wording(
    db: &mut Db,
    wording: ConsentWording,
    now: Timestamp,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(consent_wording::table)
        .values((
            consent_wording::version.eq(wording.version),
            consent_wording::wording.eq(wording.text),
            consent_wording::first_used_at.eq(now.as_millis()),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Adds a wording under a new version.
///
/// # Errors
/// [`StoreError::Exists`] when there is one of this version.
pub fn insert_wording(
    db: &mut Db,
    version: &str,
    text: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(consent_wording::table)
        .values((
            consent_wording::version.eq(version),
            consent_wording::wording.eq(text),
            consent_wording::first_used_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// All wordings that were ever used, the newest first: version, words, since when.
pub fn wordings(db: &mut Db) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    Ok(consent_wording::table
        .order((
            consent_wording::first_used_at.desc(),
            consent_wording::version.desc(),
        ))
        .select((
            consent_wording::version,
            consent_wording::wording,
            consent_wording::first_used_at,
        ))
        .load(db)?)
}

/// Whether there is a wording of this version.
pub fn has_wording(db: &mut Db, version: &str) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(consent_wording::table.find(version))).get_result(db)?)
}

/// The wording of a version.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn wording(db: &mut Db, version: &str) -> Result<String, StoreError> {
    Ok(consent_wording::table
        .find(version)
        .select(consent_wording::wording)
        .first(db)?)
}

/// Remembers the keyed hash of an erased address.
pub fn remember_erased(db: &mut Db, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(erased_address::table)
        .values((erased_address::address_hash.eq(hash), erased_address::erased_at.eq(now.as_millis())))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Whether an address with this keyed hash was erased.
pub fn was_erased(db: &mut Db, hash: &str) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(erased_address::table.find(hash))).get_result(db)?)
}

/// Those of these keyed hashes whose addresses were erased.
pub fn erased_among(db: &mut Db, hashes: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(erased_address::table
        .filter(erased_address::address_hash.eq_any(hashes))
        .select(erased_address::address_hash)
        .load(db)?)
}

/// Forgets that an address was erased: its owner has signed up anew and confirmed.
pub fn forget_erased(db: &mut Db, hash: &str) -> Result<(), StoreError> {
    diesel::delete(erased_address::table.find(hash)).execute(db)?;
    Ok(())
}
