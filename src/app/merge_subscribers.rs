//! Staff make one record of two that are of the same person.

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::email_address::EmailAddress;
use crate::domain::merging::{Standing, merged_status};
use crate::domain::registration::RegistrationState;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::subscriber_filter::{ListOrder, SortBy, SubscriberFilter};
use crate::domain::topic::TopicId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::registrations::{self, Registration};
use crate::store::subscribers::{self, Details, Position, Subscriber};
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError, signup_requests, strikes, symposia};

use super::keep_subscribers::{audit, present};
use super::subscribe::may_come_back;
use super::{App, AppError, places};

/// So many candidates are shown.
const CANDIDATES: i64 = 20;

/// Other records that may be of the same person: found by words, or, where none are given, by the name.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn candidates(
    app: &App,
    id: SubscriberId,
    words: String,
) -> Result<(Subscriber, Vec<Subscriber>), AppError> {
    app.store
        .read(move |db| {
            let person = subscribers::get(db, id)?;
            if person.status == SubscriberStatus::Erased {
                return Err(AppError::NotFound);
            }
            let search = if words.trim().is_empty() {
                person.name.clone()
            } else {
                words
            };
            if search.is_empty() {
                return Ok((person, Vec::new()));
            }
            let filter = SubscriberFilter {
                search,
                ..SubscriberFilter::default()
            };
            let order = ListOrder {
                by: SortBy::Name,
                is_backwards: false,
            };
            let found = subscribers::page(db, &filter, order, Position::First, CANDIDATES + 1)?;
            let others = found.rows.into_iter().filter(|row| row.id != id);
            Ok((person, others.collect()))
        })
        .await
}

/// The record that stayed, of one that was merged into it; otherwise the same.
///
/// # Errors
/// [`AppError::Store`].
pub async fn survivor(app: &App, id: SubscriberId) -> Result<SubscriberId, AppError> {
    app.store
        .read(move |db| Ok(subscribers::survivor(db, id)?))
        .await
}

/// Two records, side by side.
#[derive(Debug)]
pub struct Pair {
    /// The two, each with its topics.
    pub records: [(Subscriber, Vec<Topic>); 2],
    /// The status of the one record, by whose address is kept.
    pub status_by_address: [SubscriberStatus; 2],
}

/// Two records, side by side.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn compare(app: &App, ids: [SubscriberId; 2]) -> Result<Pair, AppError> {
    if ids[0] == ids[1] {
        return Err(AppError::refused("This is one and the same record."));
    }
    app.store
        .read(move |db| {
            let one = subscribers::get(db, ids[0])?;
            let other = subscribers::get(db, ids[1])?;
            if [&one, &other]
                .iter()
                .any(|s| s.status == SubscriberStatus::Erased)
            {
                return Err(AppError::NotFound);
            }
            let standings = [standing(db, &one)?, standing(db, &other)?];
            let topics = [
                topics::chosen_by(db, one.id)?,
                topics::chosen_by(db, other.id)?,
            ];
            let [of_one, of_other] = topics;
            Ok(Pair {
                records: [(one, of_one), (other, of_other)],
                status_by_address: [
                    merged_status(standings[0], standings[1]),
                    merged_status(standings[1], standings[0]),
                ],
            })
        })
        .await
}

fn standing(db: &mut Db, subscriber: &Subscriber) -> Result<Standing, StoreError> {
    Ok(Standing {
        status: subscriber.status,
        has_left: consent_events::has_left(db, subscriber.id)?,
        is_held_by_staff: !may_come_back(subscriber),
    })
}

/// Makes one record of two: `stays` is kept, with the address of `address_of`, one of the two. It cannot be taken back.
///
/// # Errors
/// [`AppError::NotFound`] when one of them is gone; [`AppError::Refused`] when they are one.
pub async fn merge(
    app: &App,
    by: StaffId,
    stays: SubscriberId,
    goes: SubscriberId,
    address_of: SubscriberId,
) -> Result<(), AppError> {
    if stays == goes || (address_of != stays && address_of != goes) {
        return Err(AppError::refused("These are not two records."));
    }
    let now = app.now();
    let instance = app.instance.clone();
    app.store
        .write(move |db| {
            // In one order, so that two mergers at once do not wait for each other.
            subscribers::take_turn(db, SubscriberId(stays.0.min(goes.0)))?;
            subscribers::take_turn(db, SubscriberId(stays.0.max(goes.0)))?;
            let kept = present(db, stays)?;
            let gone = present(db, goes)?;
            let (address, other) = if address_of == stays {
                (&kept, &gone)
            } else {
                (&gone, &kept)
            };
            let (of_address, of_other) = (standing(db, address)?, standing(db, other)?);
            let status = merged_status(of_address, of_other);
            let chosen = topics_of_both(db, &kept, &gone, address, status)?;

            one_registration_each(db, stays, goes, now)?;
            let keeps_own_address = address_of == stays;
            if !keeps_own_address {
                strikes::clear(db, stays)?;
            }
            let email = EmailAddress::parse(&address.email).map_err(AppError::internal)?;
            subscribers::move_deliveries(db, goes, stays, email.as_str(), now)?;
            subscribers::move_rest(db, goes, stays, !keeps_own_address)?;
            strikes::clear(db, goes)?;
            signup_requests::delete_of(db, goes)?;
            if !keeps_own_address {
                signup_requests::end_older(db, stays, None, now)?;
            }

            // The record that goes is emptied first: its address becomes free.
            let hash = instance.address_hash(&gone.email_key);
            topics::set_chosen(db, goes, &[])?;
            subscribers::erase(db, goes, &hash, now)?;
            subscribers::point_to(db, goes, stays)?;
            let former = instance.address_hash(&other.email_key);
            subscribers::remember_address(db, &former, stays, now)?;
            subscribers::forget_address(db, &instance.address_hash(&address.email_key))?;
            if !keeps_own_address {
                subscribers::set_email(db, stays, &email)?;
            }
            subscribers::set_details(db, stays, email.as_str(), &details(&kept, &gone), now)?;
            let event = NewConsentEvent {
                detail: Some(&detail(goes, gone.status)),
                staff: Some(by),
                ..NewConsentEvent::new(stays, ConsentKind::Merged, Channel::Staff)
            };
            consent_events::append(db, &event, now)?;
            set_status(db, by, &kept, [address, other], status, now)?;
            topics::set_chosen(db, stays, &chosen)?;
            audit(
                db,
                by,
                "subscriber.merge",
                stays,
                Some(&format!("record {goes}")),
                now,
            )
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// What is noted with a merging: which record went, and how it stood.
fn detail(goes: SubscriberId, status: SubscriberStatus) -> String {
    format!("record {goes}: {}", status.label())
}

/// Whether the record that went was on the list, by what was noted with the merging.
pub(super) fn was_active(detail: &str) -> bool {
    let status = detail.rsplit_once(": ").map(|(_, status)| status);
    status == Some(SubscriberStatus::Active.label())
}

/// What the person is told by both records; of two values the kept record's.
fn details(kept: &Subscriber, gone: &Subscriber) -> Details {
    let name = if kept.name.is_empty() { gone } else { kept };
    Details {
        name: name.name.clone(),
        practice: kept.practice.clone().or_else(|| gone.practice.clone()),
        region: kept.region.or(gone.region),
        role: kept.role.or(gone.role),
        mcnz_number: kept
            .mcnz_number
            .clone()
            .or_else(|| gone.mcnz_number.clone()),
    }
}

/// The topics for which consent stands: of both where both receive bulletins, else of the one who does; where nobody does,
/// they stay as they were.
fn topics_of_both(
    db: &mut Db,
    kept: &Subscriber,
    gone: &Subscriber,
    address: &Subscriber,
    status: SubscriberStatus,
) -> Result<Vec<TopicId>, StoreError> {
    let is_active = |one: &Subscriber| one.status == SubscriberStatus::Active;
    let of = match (
        status == SubscriberStatus::Active,
        is_active(kept),
        is_active(gone),
    ) {
        (true, true, true) => vec![kept.id, gone.id],
        (true, _, _) => vec![address.id],
        (false, _, _) => vec![kept.id],
    };
    let mut ids: Vec<TopicId> = Vec::new();
    for id in of {
        ids.extend(topics::chosen_by(db, id)?.iter().map(|topic| topic.id));
    }
    let all = topics::all(db)?;
    Ok(all
        .into_iter()
        .map(|topic| topic.id)
        .filter(|id| ids.contains(id))
        .collect())
}

fn set_status(
    db: &mut Db,
    by: StaffId,
    kept: &Subscriber,
    [address, other]: [&Subscriber; 2],
    status: SubscriberStatus,
    now: Timestamp,
) -> Result<(), AppError> {
    let id = kept.id;
    let has_left = consent_events::has_left(db, id)?;
    let anybody_left = status == SubscriberStatus::Unsubscribed
        || consent_events::has_left(db, address.id)?
        || consent_events::has_left(db, other.id)?;
    if anybody_left && !has_left {
        // The ledger of the record that stays says it itself, for when a suspension is lifted.
        let event = NewConsentEvent {
            detail: Some("had left by the record that was merged"),
            staff: Some(by),
            ..NewConsentEvent::new(id, ConsentKind::Unsubscribed, Channel::Staff)
        };
        consent_events::append(db, &event, now)?;
    }
    let reason = match status {
        SubscriberStatus::Suspended => [address, other]
            .into_iter()
            .filter(|one| one.status == SubscriberStatus::Suspended)
            .max_by_key(|one| !may_come_back(one))
            .and_then(|one| one.status_reason.clone()),
        _ => None,
    };
    let strikes = address.strikes;
    let paused_until = kept.paused_until.max(if address.id == kept.id {
        other.paused_until
    } else {
        address.paused_until
    });
    subscribers::keep_status(db, id, status, reason.as_deref(), now)?;
    subscribers::set_strikes(db, id, strikes)?;
    subscribers::set_pause(db, id, paused_until, now)?;
    Ok(())
}

/// Of two places at one symposium one is given up, the one on the waiting list first; others move up.
fn one_registration_each(
    db: &mut Db,
    stays: SubscriberId,
    goes: SubscriberId,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut theirs = registrations::of_subscriber(db, goes)?;
    theirs.sort_unstable_by_key(|registration| registration.symposium_id);
    for one in theirs.iter().filter(|one| one.is_open()) {
        symposia::take_turn(db, one.symposium_id)?;
        let Some(other) = registrations::open_of(db, one.symposium_id, stays)? else {
            continue;
        };
        let worth = |one: &Registration| {
            let has_place = one.state == RegistrationState::Registered;
            (one.attended == Some(true), has_place, -one.id.0)
        };
        let less = if worth(one) > worth(&other) {
            other.id
        } else {
            one.id
        };
        places::give_up(db, less, now)?;
    }
    Ok(())
}
