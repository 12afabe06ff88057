//! The worker's side of the ledger: claims what is due, and records what became of it.
//!
//! The promise: nobody is missed, nobody is mailed twice beyond what SMTP itself cannot rule out. A
//! row is claimed with a lease in a small transaction; sending happens outside any; the result is
//! written only by the holder of the lease. Whether a person may be written to is asked in the
//! claim, and again before sending when the claim is no longer fresh.

mod decide;
mod message;

use std::time::{Duration, Instant};

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::subscriber::{STRIKES_TO_SUSPEND, SubscriberId, SubscriberStatus, may_receive};
use crate::mail::outcome::AddressConsequence;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::{self, Claimed, Finished, Lane};
use crate::store::{Db, StoreError, audit_events, bulletins, signup_requests, subscribers};

pub use decide::{Decision, decide};
pub use message::{ComposeError, Composer};

use super::{App, AppError};

/// A claim lasts this long unless it is renewed: so soon is a row sent by another when its holder
/// was killed.
pub const LEASE: Duration = Duration::from_secs(60);

/// A claim older than this is asked about again before its message is sent.
pub const FRESH_FOR: Duration = Duration::from_secs(1);

/// So much of a lease has to be left when a message goes on the wire.
const LEAST_LEFT: Duration = Duration::from_secs(10);

/// A row that this worker holds.
#[derive(Debug, Clone)]
pub struct Job {
    /// The row.
    pub row: Claimed,
    /// When it was claimed.
    pub claimed_at: Instant,
}

/// What became of a row, to be recorded.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is written to the row.
    pub finished: Finished,
    /// The bulletin it belongs to.
    pub bulletin: Option<BulletinId>,
    /// The subscriber it went to.
    pub subscriber: Option<SubscriberId>,
    /// What it says about their address.
    pub consequence: AddressConsequence,
}

/// Claims what is due: notices first, then the bulletins that are being sent. Who has left meanwhile
/// is skipped at once.
///
/// # Errors
/// [`AppError::Store`].
pub async fn claim(app: &App, worker: &str, limit: usize) -> Result<Vec<Job>, AppError> {
    let worker = worker.to_owned();
    let now = app.now();
    app.store
        .write(move |db| {
            let mut rows = Vec::new();
            let mut room = i64::try_from(limit).unwrap_or(i64::MAX);
            let until = now.plus(LEASE);
            let mut lanes = vec![Lane::Notices];
            let sending = bulletins::in_state(db, BulletinState::Sending)?;
            lanes.extend(sending.iter().map(|bulletin| Lane::Bulletin(bulletin.id)));
            for lane in lanes {
                if room > 0 {
                    let claimed = deliveries::claim(db, lane, &worker, now, until, room)?;
                    room -= i64::try_from(claimed.len()).unwrap_or(room);
                    rows.extend(claimed);
                }
            }
            let mut jobs = Vec::with_capacity(rows.len());
            let mut touched = Vec::new();
            for row in rows {
                match objection(db, &row, now)? {
                    None => jobs.push(Job {
                        row,
                        claimed_at: Instant::now(),
                    }),
                    Some(why) => {
                        touched.extend(row.bulletin_id);
                        deliveries::record(db, &worker, &skipped(row.id, why, now), now)?;
                    }
                }
            }
            finish_bulletins(db, touched, now)?;
            // One without any open row, because the last was skipped by others, ends here as well.
            for bulletin in sending {
                if jobs
                    .iter()
                    .all(|job| job.row.bulletin_id != Some(bulletin.id))
                {
                    bulletins::finish_if_done(db, bulletin.id, now)?;
                }
            }
            Ok(jobs)
        })
        .await
}

/// Whether a job may still be sent: this worker holds it, and its person may be written to. What may
/// not be sent is skipped here.
///
/// # Errors
/// [`AppError::Store`].
pub async fn is_still_wanted(app: &App, worker: &str, job: &Job) -> Result<bool, AppError> {
    let (worker, row, now) = (worker.to_owned(), job.row.clone(), app.now());
    app.store
        .write(move |db| {
            let mut row = row;
            // The database may have been away for longer than the lease; somebody else has it then.
            if !deliveries::holds(db, &worker, row.id, now.plus(LEAST_LEFT))? {
                return Ok(false);
            }
            if let Some(id) = row.subscriber_id {
                let subscriber = subscribers::get(db, id)?;
                row.status = Some(subscriber.status);
                row.paused_until = subscriber.paused_until;
            }
            if let Some(id) = row.bulletin_id {
                match bulletins::get(db, id)?.state {
                    BulletinState::Sending => {}
                    BulletinState::Cancelled => {
                        let why = "the bulletin was cancelled";
                        deliveries::record(db, &worker, &skipped(row.id, why, now), now)?;
                        return Ok(false);
                    }
                    _ => {
                        deliveries::release(db, &worker, &[row.id], now)?;
                        return Ok(false);
                    }
                }
            }
            match objection(db, &row, now)? {
                None => Ok(true),
                Some(why) => {
                    deliveries::record(db, &worker, &skipped(row.id, why, now), now)?;
                    finish_bulletins(db, row.bulletin_id, now)?;
                    Ok(false)
                }
            }
        })
        .await
}

fn skipped(id: DeliveryId, why: &str, now: Timestamp) -> Finished {
    Finished {
        id,
        state: DeliveryState::Skipped,
        due_at: now,
        counts: false,
        stage: None,
        reply_code: None,
        reply: why.to_owned(),
    }
}

/// Why a message is not to be sent to this person now, if so.
fn objection(
    db: &mut Db,
    row: &Claimed,
    now: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
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
        _ => None,
    };
    Ok(why)
}

/// Lengthens the leases of the rows that a worker has in hand. Only of these: a row that it claimed
/// and lost sight of (the database failed in between) has to fall due again.
///
/// # Errors
/// [`AppError::Store`].
pub async fn renew(app: &App, worker: &str, in_hand: Vec<DeliveryId>) -> Result<(), AppError> {
    let worker = worker.to_owned();
    let until = app.now().plus(LEASE);
    app.store
        .write(move |db| {
            deliveries::renew(db, &worker, &in_hand, until)?;
            Ok(())
        })
        .await
}

/// Gives rows back, to be claimed again from `due_at` on. Nobody's tries are used up.
///
/// # Errors
/// [`AppError::Store`].
pub async fn release(
    app: &App,
    worker: &str,
    ids: Vec<DeliveryId>,
    due_at: Timestamp,
) -> Result<(), AppError> {
    let worker = worker.to_owned();
    app.store
        .write(move |db| {
            deliveries::release(db, &worker, &ids, due_at)?;
            Ok(())
        })
        .await
}

/// Records outcomes in one transaction, with what they mean for the addresses, and marks the
/// bulletins as sent that have nothing left.
///
/// # Errors
/// [`AppError::Store`]; nothing is recorded then.
pub async fn record(app: &App, worker: &str, outcomes: Vec<Outcome>) -> Result<(), AppError> {
    let worker = worker.to_owned();
    let now = app.now();
    app.store
        .write(move |db| {
            let mut touched = Vec::new();
            let mut working = Vec::new();
            for outcome in &outcomes {
                if !deliveries::record(db, &worker, &outcome.finished, now)? {
                    tracing::warn!(
                        delivery = outcome.finished.id.0,
                        "a result came after its lease had ended and was taken over"
                    );
                    continue;
                }
                touched.extend(outcome.bulletin);
                match (outcome.subscriber, outcome.finished.state) {
                    (Some(id), DeliveryState::Accepted) => working.push(id),
                    (Some(id), _) => apply(db, id, outcome, now)?,
                    (None, _) => {}
                }
            }
            if !working.is_empty() {
                subscribers::clear_strikes(db, &working)?;
            }
            finish_bulletins(db, touched, now)
        })
        .await
}

fn finish_bulletins(
    db: &mut Db,
    touched: impl IntoIterator<Item = BulletinId>,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut touched: Vec<BulletinId> = touched.into_iter().collect();
    touched.sort_unstable();
    touched.dedup();
    for bulletin in touched {
        if bulletins::finish_if_done(db, bulletin, now)? {
            let entity = ("bulletin", Some(bulletin.0));
            audit_events::append(db, None, "bulletin.sent", entity, None, now)?;
        }
    }
    Ok(())
}

/// Suspends or strikes an address by what the server said of it (DOMAIN: 5.1.x suspends, full
/// mailboxes and failures that never passed strike, three strikes in a row suspend).
fn apply(db: &mut Db, id: SubscriberId, outcome: &Outcome, now: Timestamp) -> Result<(), AppError> {
    let suspend = match outcome.consequence {
        AddressConsequence::None => false,
        AddressConsequence::Suspend => true,
        AddressConsequence::Strike => subscribers::add_strike(db, id)? >= STRIKES_TO_SUSPEND,
    };
    let subscriber = subscribers::get(db, id)?;
    let is_written_to = matches!(
        subscriber.status,
        SubscriberStatus::Active | SubscriberStatus::Pending
    );
    if !suspend || !is_written_to {
        return Ok(());
    }
    // The server's words often repeat the address, which must not get into the consent ledger.
    let code = outcome.finished.reply_code.unwrap_or_default();
    let why = format!("the mail server does not accept the address (code {code})");
    subscribers::set_status(db, id, SubscriberStatus::Suspended, Some(&why), now)?;
    let event = NewConsentEvent {
        detail: Some(&why),
        ..NewConsentEvent::new(id, ConsentKind::Suspended, Channel::Delivery)
    };
    Ok(consent_events::append(db, &event, now)?)
}

/// Says on the pages of all bulletins that are being sent what holds them up, or that nothing does.
///
/// # Errors
/// [`AppError::Store`].
pub async fn say_waiting(app: &App, why: Option<String>) -> Result<(), AppError> {
    app.store
        .write(move |db| {
            for bulletin in bulletins::in_state(db, BulletinState::Sending)? {
                bulletins::set_waiting_for(db, bulletin.id, why.as_deref())?;
            }
            Ok(())
        })
        .await
}

/// Holds a bulletin because of trouble that needs a person, and says which.
///
/// # Errors
/// [`AppError::Store`].
pub async fn pause_for_trouble(app: &App, id: BulletinId, why: String) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            if bulletins::set_state(db, id, BulletinState::Sending, BulletinState::Paused)? {
                bulletins::set_waiting_for(db, id, Some(&why))?;
                let action = format!("bulletin.{}", BulletinAction::Pause.as_str());
                let entity = ("bulletin", Some(id.0));
                audit_events::append(db, None, &action, entity, Some("by the program"), now)?;
            }
            Ok(())
        })
        .await
}

/// Skips what is left of cancelled bulletins: what was in hand when they were cancelled and came
/// back, or was held by a worker that is gone.
///
/// # Errors
/// [`AppError::Store`].
pub async fn skip_cancelled(app: &App) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            deliveries::skip_cancelled(db, "the bulletin was cancelled", now)?;
            Ok(())
        })
        .await
}

/// When there is next something to do: a row that falls due, or a bulletin's time.
///
/// # Errors
/// [`AppError::Store`].
pub async fn next_due(app: &App) -> Result<Option<Timestamp>, AppError> {
    app.store
        .read(|db| {
            let row = deliveries::next_due(db)?;
            let scheduled = bulletins::in_state(db, BulletinState::Scheduled)?
                .into_iter()
                .filter_map(|bulletin| bulletin.scheduled_for)
                .min();
            Ok([row, scheduled].into_iter().flatten().min())
        })
        .await
}
