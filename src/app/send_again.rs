//! A bulletin that was sent goes out again to those whose messages failed: who gave up an address for a while, or whose mail
//! server was away. Only rows that failed are touched, and only of people who can get it now.

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId};
use crate::domain::delivery::DeliveryState;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
use crate::store::bulletins::{self, Bulletin};
use crate::store::deliveries;
use crate::store::{Db, audit_events};

use super::{App, AppError};

/// Whose messages failed, and who of them can get it now.
#[derive(Debug)]
pub struct Failed {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// When it was finished: what the confirmation is about.
    pub finished_at: Timestamp,
    /// How many that were given up can get it now.
    pub given_up: i64,
    /// How many that were refused can get it now.
    pub refused: i64,
    /// Who is left out: why, and how many.
    pub left_out: Vec<(LeftOut, i64)>,
}

/// Why somebody is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Their address does not work, or staff suspended them.
    Suspended,
    /// They have left.
    Unsubscribed,
    /// They have been erased.
    Erased,
    /// They have not confirmed.
    Pending,
    /// They get no bulletins for a while.
    Paused,
    /// They have chosen other topics.
    OtherTopics,
}

/// Whose messages of a bulletin failed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is not sent, or nobody's failed.
pub async fn look(app: &App, id: BulletinId) -> Result<Failed, AppError> {
    let now = app.now();
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let failed = failed(db, bulletin, now)?;
            if failed.given_up + failed.refused == 0 && failed.left_out.is_empty() {
                return Err(AppError::refused(
                    "No message of this bulletin was refused or given up, so there is nobody to send it to again.",
                ));
            }
            Ok(failed)
        })
        .await
}

fn failed(db: &mut Db, bulletin: Bulletin, now: Timestamp) -> Result<Failed, AppError> {
    let is_possible = bulletin.state.after(BulletinAction::SendAgain).is_some();
    let (true, Some(finished_at)) = (is_possible, bulletin.finished_at) else {
        let state = bulletin.state.label().to_lowercase();
        return Err(AppError::Refused(format!(
            "A bulletin can be sent again to some when it is sent. This one is {state}."
        )));
    };
    let mut failed = Failed {
        finished_at,
        given_up: 0,
        refused: 0,
        left_out: Vec::new(),
        bulletin,
    };
    for row in deliveries::count_failed(db, failed.bulletin.id, now)? {
        let why = match row.standing.as_str() {
            "paused" => LeftOut::Paused,
            "other-topics" => LeftOut::OtherTopics,
            status => match status.parse() {
                Ok(SubscriberStatus::Active) => {
                    match row.state {
                        DeliveryState::Failed => failed.given_up += row.count,
                        _ => failed.refused += row.count,
                    }
                    continue;
                }
                Ok(SubscriberStatus::Unsubscribed) => LeftOut::Unsubscribed,
                Ok(SubscriberStatus::Erased) => LeftOut::Erased,
                Ok(SubscriberStatus::Pending) => LeftOut::Pending,
                Ok(SubscriberStatus::Suspended) | Err(_) => LeftOut::Suspended,
            },
        };
        match failed.left_out.iter_mut().find(|(other, _)| *other == why) {
            Some((_, count)) => *count += row.count,
            None => failed.left_out.push((why, row.count)),
        }
    }
    failed.left_out.sort_unstable();
    Ok(failed)
}

/// Which messages are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// Those that were given up.
    pub given_up: bool,
    /// Those that a server refused.
    pub refused: bool,
}

/// Sends a bulletin again to those whose messages failed. `finished_at` is when it had been finished when this was decided:
/// asked for twice, it is done once. Returns to how many it goes.
///
/// # Errors
/// [`AppError::Refused`] when nobody can get it, or it is not sent; [`AppError::Conflict`] when it has gone out again since.
pub async fn send_again(
    app: &App,
    by: StaffId,
    id: BulletinId,
    finished_at: Timestamp,
    which: Which,
) -> Result<usize, AppError> {
    let now = app.now();
    let count = app
        .store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            if bulletin.state.after(BulletinAction::SendAgain).is_none() {
                // Says why.
                failed(db, bulletin, now)?;
                return Err(AppError::Conflict);
            }
            // First, so that of two who ask at once the second one waits here and is told.
            if !bulletins::set_unfinished(db, id, finished_at)? {
                return Err(AppError::Conflict);
            }
            let mut count = 0;
            for (is_chosen, state) in [
                (which.given_up, DeliveryState::Failed),
                (which.refused, DeliveryState::Refused),
            ] {
                if is_chosen {
                    count += deliveries::queue_again(db, id, state, now)?;
                }
            }
            if count == 0 {
                return Err(AppError::refused(
                    "None of them can get it now, so nothing is sent.",
                ));
            }
            let detail = format!("to {count}");
            let entity = ("bulletin", Some(id.0));
            let action = "bulletin.send-again";
            audit_events::append(db, Some(by), action, entity, Some(&detail), now)?;
            Ok(count)
        })
        .await?;
    app.wake.notify_one();
    Ok(count)
}
