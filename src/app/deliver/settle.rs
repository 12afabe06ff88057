//! Outcomes are written, and in the same transaction it is asked whether the next messages may go.

use std::collections::HashSet;
use std::sync::Arc;

use crate::app::{App, AppError, suspend_address, tell_staff};
use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::consent::Channel;
use crate::domain::delivery::{DeliveryId, DeliveryState};
use crate::domain::inbound::StrikeRule;
use crate::domain::subscriber::SubscriberId;
use crate::mail::outcome::AddressConsequence;
use crate::store::deliveries::{self, Claimed, Standing};
use crate::store::{Db, audit_events, bulletins, strikes, subscribers};

use super::objection::objection;
use super::{LEAST_LEFT, Outcome};

/// What goes into one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// What became of messages.
    pub outcomes: Vec<Outcome>,
    /// Rows in hand whose messages are about to go.
    pub next: Vec<Claimed>,
}

/// Records outcomes, with what they mean for the addresses, and marks the bulletins as sent that have nothing left.
/// Returns which of the next rows may go at this moment: this worker holds them, their people may be written to, and their
/// bulletins are not held. Of the others, those of people who have left are skipped, and the rest is given back.
///
/// `take` is called when the transaction has begun, so that what came until then goes into it.
///
/// # Errors
/// [`AppError::Store`]; nothing is recorded then.
pub async fn settle(
    app: &App,
    worker: &str,
    take: impl FnOnce() -> Arc<Batch> + Send + 'static,
) -> Result<HashSet<DeliveryId>, AppError> {
    let (worker, clock) = (worker.to_owned(), app.clock.clone());
    let rule = app.settings.inbound.strikes;
    app.store
        .write(move |db| {
            let (batch, now) = (take(), clock.now());
            record_all(db, &worker, batch.outcomes.iter(), rule, now)?;
            let (wanted, skipped) = judge(db, &worker, &batch.next, now)?;
            record_all(db, &worker, skipped.iter(), rule, now)?;
            // A bulletin with a row that is about to go is not done.
            let going = |bulletin: BulletinId| {
                let is_next = |row: &Claimed| row.bulletin_id == Some(bulletin);
                batch
                    .next
                    .iter()
                    .any(|row| is_next(row) && wanted.contains(&row.id))
            };
            let touched = batch.outcomes.iter().chain(&skipped);
            let touched = touched.filter_map(|outcome| outcome.bulletin);
            finish_bulletins(db, touched.filter(|id| !going(*id)), now)?;
            Ok(wanted)
        })
        .await
}

/// Which of these rows may go, and the outcomes of those that never will. What may go later is given back here.
fn judge(
    db: &mut Db,
    worker: &str,
    next: &[Claimed],
    now: Timestamp,
) -> Result<(HashSet<DeliveryId>, Vec<Outcome>), AppError> {
    let mut wanted = HashSet::with_capacity(next.len());
    let mut skipped = Vec::new();
    if next.is_empty() {
        return Ok((wanted, skipped));
    }
    let ids: Vec<DeliveryId> = next.iter().map(|row| row.id).collect();
    // The database may have been away for longer than the lease; somebody else has the row then.
    let standing = deliveries::standing(db, worker, &ids, now.plus(LEAST_LEFT))?;
    let mut later = Vec::new();
    for Standing {
        id,
        recipient,
        status,
        paused_until,
        bulletin_state,
    } in standing
    {
        let Some(row) = next.iter().find(|row| row.id == id) else {
            continue;
        };
        let mut row = row.clone();
        (row.status, row.paused_until) = (status, paused_until);
        match bulletin_state {
            None | Some(BulletinState::Sending) => match objection(db, &row, now)? {
                Some(why) => skipped.push(Outcome::skipped(&row, why, now)),
                None if recipient == row.recipient => {
                    wanted.insert(id);
                }
                // They have another address by now: it is claimed anew with it.
                None => later.push(id),
            },
            Some(BulletinState::Cancelled) => {
                skipped.push(Outcome::skipped(&row, "the bulletin was cancelled", now));
            }
            Some(_) => later.push(id),
        }
    }
    if !later.is_empty() {
        deliveries::release(db, worker, &later, now)?;
    }
    Ok((wanted, skipped))
}

/// Writes outcomes and what they mean for the addresses.
pub(super) fn record_all<'a>(
    db: &mut Db,
    worker: &str,
    outcomes: impl Iterator<Item = &'a Outcome> + Clone,
    rule: StrikeRule,
    now: Timestamp,
) -> Result<(), AppError> {
    let results: Vec<_> = outcomes.clone().map(|outcome| &outcome.finished).collect();
    let kept = deliveries::record(db, worker, &results, now)?;
    let mut working = Vec::new();
    for outcome in outcomes {
        if !kept.contains(&outcome.id()) {
            tracing::warn!(
                delivery = outcome.id().0,
                "a result came after its lease had ended and was taken over"
            );
            continue;
        }
        match (outcome.subscriber, outcome.finished.state) {
            (Some(id), DeliveryState::Accepted) if outcome.strikes > 0 => working.push(id),
            (_, DeliveryState::Accepted) | (None, _) => {}
            (Some(id), _) => apply(db, id, outcome, rule, now)?,
        }
    }
    if !working.is_empty() {
        subscribers::clear_strikes(db, &working)?;
        strikes::clear_of_dialogue(db, &working)?;
    }
    Ok(())
}

/// Marks those of these bulletins as sent that have nothing left.
pub(super) fn finish_bulletins(
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
            tell_staff::sent(db, bulletin, now)?;
        }
    }
    Ok(())
}

/// Suspends or strikes an address by what the server said of it, like any other report of a failure.
fn apply(
    db: &mut Db,
    id: SubscriberId,
    outcome: &Outcome,
    rule: StrikeRule,
    now: Timestamp,
) -> Result<(), AppError> {
    let suspend = match outcome.consequence {
        AddressConsequence::None => false,
        AddressConsequence::Suspend => true,
        AddressConsequence::Strike => {
            subscribers::add_strike(db, id)?;
            let failed = suspend_address::Failed {
                delivery: outcome.id(),
                in_dialogue: true,
            };
            suspend_address::strike(db, id, failed, rule, now)?
        }
    };
    if suspend {
        // The server's words often repeat the address, which must not get into the consent ledger.
        let code = outcome.finished.reply_code.unwrap_or_default();
        let why = format!("the mail server does not accept the address (code {code})");
        suspend_address::suspend(db, id, &why, Channel::Delivery, now)?;
    }
    Ok(())
}
