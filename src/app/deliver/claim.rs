//! Leases on rows: taken, lengthened, given back.

use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinState;
use crate::domain::delivery::DeliveryId;
use crate::store::bulletins;
use crate::store::deliveries::{self, Lane};

use super::objection::objection;
use super::settle::{finish_bulletins, record_all};
use super::{Job, LEASE, Outcome, wave};

/// Which rows are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lanes {
    /// Notices, and then the bulletins that are being sent.
    All,
    /// Notices alone: people wait for them.
    Notices,
}

/// Claims what is due, at most `limit` rows. Who has left meanwhile is skipped at once.
///
/// # Errors
/// [`AppError::Store`].
pub async fn claim(
    app: &App,
    worker: &str,
    lanes: Lanes,
    limit: usize,
) -> Result<Vec<Job>, AppError> {
    let worker = worker.to_owned();
    let now = app.now();
    let rule = app.settings.inbound.strikes;
    app.store
        .write(move |db| {
            let mut rows = Vec::new();
            let mut room = i64::try_from(limit).unwrap_or(i64::MAX);
            let until = now.plus(LEASE);
            let sending = match lanes {
                Lanes::All => {
                    wave::judge_due(db, now)?;
                    bulletins::ids_in_state(db, BulletinState::Sending)?
                }
                Lanes::Notices => Vec::new(),
            };
            let bulletins = sending.iter().map(|id| Lane::Bulletin(*id));
            for lane in std::iter::once(Lane::Notices).chain(bulletins) {
                if room > 0 {
                    let claimed = deliveries::claim(db, lane, &worker, now, until, room)?;
                    room -= i64::try_from(claimed.len()).unwrap_or(room);
                    rows.extend(claimed);
                }
            }
            let mut jobs = Vec::with_capacity(rows.len());
            let mut skipped = Vec::new();
            for row in rows {
                match objection(db, &row, now)? {
                    None => jobs.push(Job { row }),
                    Some(why) => skipped.push(Outcome::skipped(&row, why, now)),
                }
            }
            record_all(db, &worker, skipped.iter(), rule, now)?;
            // One without any open row, because the last was skipped here or by others, ends here as well.
            let idle = sending
                .into_iter()
                .filter(|id| jobs.iter().all(|job| job.row.bulletin_id != Some(*id)));
            finish_bulletins(db, idle, now)?;
            Ok(jobs)
        })
        .await
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
