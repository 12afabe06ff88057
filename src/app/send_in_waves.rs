//! A bulletin goes out in two waves where staff choose so: the first people, a wait, and then the rest.

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::grouped::grouped;
use crate::domain::staff_member::StaffId;
use crate::domain::wave::{LONGEST_WAIT, MOST_FIRST, wait_in_words};
use crate::store::bulletin_waves::{self, Wave};
use crate::store::bulletins::{self, Bulletin};
use crate::store::{Db, audiences, audit_events, staff_members};

use super::{App, AppError};

/// So many people first, and so many minutes later the rest. Or, with `None`, all at once.
pub type Division = Option<(i64, i64)>;

/// How somebody who sends a bulletin, or sets its time, wants it to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As it was saved; all at once where nothing was.
    AsSaved,
    /// So, whatever was saved.
    Chosen(Division),
    /// The first, by somebody who saw the second saved: what a colleague has saved since is not written over.
    ChosenOver(Division, Division),
}

/// How a bulletin is divided; none goes out all at once.
///
/// # Errors
/// [`AppError::Store`].
pub async fn show(app: &App, id: BulletinId) -> Result<Option<Wave>, AppError> {
    app.store
        .read(move |db| Ok(bulletin_waves::get(db, id)?))
        .await
}

/// Who had the rest go before its time, and when; nothing where nobody did.
///
/// # Errors
/// [`AppError::Store`].
pub async fn released(app: &App, id: BulletinId) -> Result<Option<(String, Timestamp)>, AppError> {
    app.store
        .read(move |db| {
            let by = audit_events::last_by(db, &["bulletin.release"], ("bulletin", id.0))?;
            let at = bulletin_waves::get(db, id)?.and_then(|wave| wave.judged_at);
            match by.zip(at) {
                Some((by, at)) => Ok(Some((staff_members::get(db, by)?.name, at))),
                None => Ok(None),
            }
        })
        .await
}

/// Divides a bulletin that is not being sent yet: so many people first, and so many minutes later the rest. Or, with
/// `None`, not.
///
/// # Errors
/// [`AppError::Invalid`] when a number is too small or too large; [`AppError::Refused`] when its sending has begun.
pub async fn divide(
    app: &App,
    by: StaffId,
    id: BulletinId,
    waves: Option<(i64, i64)>,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            settle(db, by, &bulletin, Way::Chosen(waves), now)
        })
        .await
}

/// Settles how a bulletin goes out, in the transaction that saves, schedules or sends it, and notes what changes by that.
pub(super) fn settle(
    db: &mut Db,
    by: StaffId,
    bulletin: &Bulletin,
    way: Way,
    now: Timestamp,
) -> Result<(), AppError> {
    let (waves, seen) = match way {
        Way::AsSaved => return Ok(()),
        Way::Chosen(waves) => (waves, None),
        Way::ChosenOver(waves, seen) => (waves, Some(seen)),
    };
    let id = bulletin.id;
    if bulletin.started_at.is_some() || bulletin.state == BulletinState::Cancelled {
        return Err(AppError::refused(
            "How it goes out is settled when its sending begins, and cannot be changed after that.",
        ));
    }
    if let Some((first, minutes)) = waves {
        let (whom, narrowing) = audiences::of_bulletin(db, id)?;
        let audience = audiences::count(db, &whom, &narrowing, now)?;
        let problems = problems(first, minutes, audience);
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
    }
    let saved = bulletin_waves::get(db, id)?;
    let saved = saved.map(|wave| (wave.first_count, wave.wait_minutes));
    if saved == waves {
        return Ok(());
    }
    if seen.is_some_and(|seen| seen != saved) {
        return Err(AppError::refused(
            "Somebody has changed meanwhile how it goes out, so nothing was done. Open the bulletin again, and look.",
        ));
    }
    bulletin_waves::set(db, id, waves)?;
    let detail = match waves {
        None => "all at once".to_owned(),
        Some((first, minutes)) => {
            format!("first {first}, the rest {} later", wait_in_words(minutes))
        }
    };
    let entity = ("bulletin", Some(id.0));
    audit_events::append(db, Some(by), "bulletin.waves", entity, Some(&detail), now)?;
    Ok(())
}

/// What speaks against two waves of an audience. Of nobody nothing is said: a draft may have no topics yet, and to nobody
/// nothing is sent.
fn problems(first: i64, minutes: i64, audience: i64) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    if !(1..=MOST_FIRST).contains(&first) {
        let problem = "Please give how many people are in the first wave, as a number from 1 on.";
        problems.push(("first", problem.to_owned()));
    } else if audience == 1 {
        let problem = "Only 1 person gets it: choose “all at once”.";
        problems.push(("first", problem.to_owned()));
    } else if audience > 1 && first >= audience {
        let problem = format!(
            "Only {} people get it: choose at most {}.",
            grouped(audience),
            grouped(audience - 1)
        );
        problems.push(("first", problem));
    }
    if !(1..=LONGEST_WAIT).contains(&minutes) {
        let problem = "Please give a wait from 1 minute to 7 days.";
        problems.push(("wait", problem.to_owned()));
    }
    problems
}

/// Has the rest go now instead of at its time; of a bulletin that is held, as soon as it goes on.
///
/// # Errors
/// [`AppError::Refused`] when no second wave waits.
pub async fn release(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let nothing = || AppError::refused("No second wave waits.");
            let bulletin = bulletins::get(db, id)?;
            let wave = bulletin_waves::get(db, id)?.ok_or_else(nothing)?;
            let is_on = matches!(
                bulletin.state,
                BulletinState::Sending | BulletinState::Paused
            );
            if !is_on || wave.waits_until().is_none() || !bulletin_waves::judge(db, id, now)? {
                return Err(nothing());
            }
            bulletin_waves::release(db, &wave, now)?;
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.release", entity, None, now)?;
            Ok(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}
