//! An approved bulletin goes out: now or at its time, held and gone on with, or given up. And the
//! way to try it out before.

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::delivery::{DeliveryId, DeliveryKind, DeliveryState};
use crate::domain::local_time;
use crate::domain::staff_member::StaffId;
use crate::store::bulletins::{self, Bulletin};
use crate::store::deliveries::{self, NewNotice};
use crate::store::delivery_reports::{self, AttemptReport, Page, RecipientFilter, RecipientReport};
use crate::store::{Db, audit_events, staff_members};

use super::review_bulletin::change;
use super::{App, AppError};

/// Starts sending: the audience is frozen, a row for each person, in one transaction.
/// Returns how many.
///
/// # Errors
/// [`AppError::Refused`] when it is not approved, or nobody would receive it.
pub async fn send_now(app: &App, by: StaffId, id: BulletinId) -> Result<i64, AppError> {
    let now = app.now();
    let audience = change(app, Some(by), id, BulletinAction::Send, move |db, _| {
        let audience = freeze_audience(db, id, now)?;
        if audience == 0 {
            return Err(AppError::refused(
                "Nobody has chosen these topics, so nobody would receive it.",
            ));
        }
        Ok(audience)
    })
    .await?;
    app.wake.notify_one();
    Ok(audience)
}

fn freeze_audience(db: &mut Db, id: BulletinId, now: Timestamp) -> Result<i64, AppError> {
    let audience = deliveries::insert_audience(db, id, now)?;
    bulletins::set_started(db, id, audience, now)?;
    Ok(audience)
}

/// Sets the time at which it goes out by itself: a local time in Auckland, `YYYY-MM-DDTHH:MM`.
///
/// # Errors
/// [`AppError::Invalid`] when there is no such time, or it is past; [`AppError::Refused`] when it is
/// not approved.
pub async fn schedule(
    app: &App,
    by: StaffId,
    id: BulletinId,
    local: &str,
) -> Result<Timestamp, AppError> {
    let invalid = |problem: String| AppError::Invalid(vec![("scheduled_for", problem)]);
    let at = local_time::parse_local(local).map_err(|error| invalid(error.to_string()))?;
    if at <= app.now() {
        return Err(invalid(
            "This time is past. Please choose one to come.".to_owned(),
        ));
    }
    change(app, Some(by), id, BulletinAction::Schedule, move |db, _| {
        Ok(bulletins::set_schedule(db, id, Some(at))?)
    })
    .await?;
    app.wake.notify_one();
    Ok(at)
}

/// Takes it off the schedule; it stays approved.
///
/// # Errors
/// [`AppError::Refused`] when it is not scheduled.
pub async fn unschedule(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    change(
        app,
        Some(by),
        id,
        BulletinAction::Unschedule,
        move |db, _| Ok(bulletins::set_schedule(db, id, None)?),
    )
    .await
}

/// Holds it. What is on the wire at this moment still goes.
///
/// # Errors
/// [`AppError::Refused`] when it is not being sent.
pub async fn pause(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    change(app, Some(by), id, BulletinAction::Pause, |_, _| Ok(())).await
}

/// Goes on.
///
/// # Errors
/// [`AppError::Refused`] when it is not held.
pub async fn resume(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    change(app, Some(by), id, BulletinAction::Resume, move |db, _| {
        bulletins::set_waiting_for(db, id, None)?;
        Ok(())
    })
    .await?;
    app.wake.notify_one();
    Ok(())
}

/// Gives it up: who has not had it does not get it.
///
/// # Errors
/// [`AppError::Refused`] when it was sent or cancelled.
pub async fn cancel(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    let now = app.now();
    change(app, Some(by), id, BulletinAction::Cancel, move |db, _| {
        deliveries::skip_open(db, id, "the bulletin was cancelled", now)?;
        bulletins::set_waiting_for(db, id, None)?;
        Ok(())
    })
    .await
}

/// Starts every scheduled bulletin whose time has come. Returns how many.
///
/// # Errors
/// [`AppError::Store`].
pub async fn start_due(app: &App) -> Result<usize, AppError> {
    let now = app.now();
    let started = app
        .store
        .write(move |db| {
            let mut started = 0;
            for bulletin in bulletins::in_state(db, BulletinState::Scheduled)? {
                if bulletin.scheduled_for.is_some_and(|at| at <= now) && start(db, &bulletin, now)?
                {
                    started += 1;
                }
            }
            Ok::<_, AppError>(started)
        })
        .await?;
    Ok(started)
}

fn start(db: &mut Db, bulletin: &Bulletin, now: Timestamp) -> Result<bool, AppError> {
    // Of two workers that see it due, one moves it.
    if !bulletins::set_state(
        db,
        bulletin.id,
        BulletinState::Scheduled,
        BulletinState::Sending,
    )? {
        return Ok(false);
    }
    let audience = freeze_audience(db, bulletin.id, now)?;
    bulletins::finish_if_done(db, bulletin.id, now)?;
    let detail = format!("by its schedule, to {audience}");
    let entity = ("bulletin", Some(bulletin.id.0));
    audit_events::append(db, None, "bulletin.send", entity, Some(&detail), now)?;
    Ok(true)
}

/// Sends it on trial to members of staff. Returns to how many.
///
/// # Errors
/// [`AppError::Refused`] when none of them is on the staff, or it cannot be sent so.
pub async fn send_test(
    app: &App,
    by: StaffId,
    id: BulletinId,
    to: Vec<StaffId>,
) -> Result<usize, AppError> {
    let composing = app.clone();
    let now = app.now();
    let count = app
        .store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            super::compose_bulletin::compose(&composing, db, &bulletin)?;
            let mut count = 0;
            for member in staff_members::all(db)? {
                if member.active && to.contains(&member.id) {
                    let notice = NewNotice {
                        kind: DeliveryKind::Test,
                        subscriber: None,
                        reference: Some(id.0),
                        recipient: member.email.as_str(),
                    };
                    deliveries::insert_notice(db, &notice, now)?;
                    count += 1;
                }
            }
            if count == 0 {
                return Err(AppError::refused("Please choose somebody on the staff."));
            }
            let detail = format!("to {count}");
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.test", entity, Some(&detail), now)?;
            Ok(count)
        })
        .await?;
    app.wake.notify_one();
    Ok(count)
}

/// How far the sending is.
#[derive(Debug)]
pub struct Progress {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// How many rows are in each state; every state is there.
    pub counts: Vec<(DeliveryState, i64)>,
}

impl Progress {
    /// How many rows are finished.
    pub fn finished(&self) -> i64 {
        self.counts
            .iter()
            .filter(|(state, _)| !state.is_open())
            .map(|(_, count)| count)
            .sum()
    }

    /// How many rows there are. While sending, and after, this is the audience.
    pub fn total(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// How far the sending is.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn progress(app: &App, id: BulletinId) -> Result<Progress, AppError> {
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let found = delivery_reports::count_by_state(db, id)?;
            let count = |state| {
                found
                    .iter()
                    .find(|(s, _)| *s == state)
                    .map_or(0, |(_, n)| *n)
            };
            let counts = DeliveryState::ALL
                .iter()
                .map(|&state| (state, count(state)))
                .collect();
            Ok(Progress { bulletin, counts })
        })
        .await
}

/// So many people are on a page of the report.
pub const PAGE_SIZE: i64 = 100;

/// A page of what happened to each person, and whether there is more before and after it.
#[derive(Debug)]
pub struct Recipients {
    /// The rows, in the order in which they were queued.
    pub rows: Vec<RecipientReport>,
    /// Whether there are rows before these.
    pub has_before: bool,
    /// Whether there are rows after these.
    pub has_after: bool,
}

/// What happened to each person.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn recipients(
    app: &App,
    id: BulletinId,
    filter: RecipientFilter,
    page: Page,
) -> Result<Recipients, AppError> {
    app.store
        .read(move |db| {
            bulletins::get(db, id)?;
            let rows = delivery_reports::recipients(db, id, &filter, page, PAGE_SIZE)?;
            let mut any = |page| {
                delivery_reports::recipients(db, id, &filter, page, 1).map(|rows| !rows.is_empty())
            };
            let has_before = match rows.first().and_then(|row| row.subscriber_id) {
                Some(first) => any(Page::Before(first))?,
                None => false,
            };
            let has_after = match rows.last().and_then(|row| row.subscriber_id) {
                Some(last) => any(Page::After(last))?,
                None => false,
            };
            Ok(Recipients {
                rows,
                has_before,
                has_after,
            })
        })
        .await
}

/// What happened to one person, and what the server said at every try, the oldest first.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn recipient(
    app: &App,
    id: BulletinId,
    row: DeliveryId,
) -> Result<(RecipientReport, Vec<AttemptReport>), AppError> {
    app.store
        .read(move |db| {
            let report = delivery_reports::recipient(db, id, row)?;
            let mut attempts = delivery_reports::attempts(db, row)?;
            if report.state == DeliveryState::Accepted {
                attempts.push(AttemptReport {
                    at: report.finished_at.unwrap_or(report.due_at),
                    outcome: report.state,
                    stage: report.stage.clone(),
                    reply: report.reply.clone(),
                });
            }
            Ok((report, attempts))
        })
        .await
}
