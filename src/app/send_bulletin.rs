//! An approved bulletin goes out: now or at its time, held and gone on with, or given up. And the
//! way to try it out before.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::delivery::DeliveryKind;
use crate::domain::local_time;
use crate::domain::readiness::in_words;
use crate::domain::staff_mail::HeldBecause;
use crate::domain::staff_member::StaffId;
use crate::domain::wave;
use crate::store::bulletins::{self, Bulletin};
use crate::store::deliveries::{self, NewNotice};
use crate::store::{Db, audit_events, bulletin_waves, staff_members};

use super::review_bulletin::change;
use super::send_in_waves::{self, Way};
use super::{App, AppError, check_bulletin, correct_bulletin, count_links, index_site, tell_staff};

/// Starts sending, as it was saved how it goes out. Returns to how many.
///
/// # Errors
/// Those of [`send_now_so`].
pub async fn send_now(app: &App, by: StaffId, id: BulletinId) -> Result<i64, AppError> {
    send_now_so(app, by, id, Way::AsSaved).await
}

/// Starts sending: how it goes out is settled, and the audience is frozen, a row for each person, in one transaction.
/// Returns how many.
///
/// # Errors
/// [`AppError::Refused`] when it is not approved, something found before sending was not let pass, or nobody would receive
/// it; [`AppError::Invalid`] when it cannot go out in such waves.
pub async fn send_now_so(
    app: &App,
    by: StaffId,
    id: BulletinId,
    way: Way,
) -> Result<i64, AppError> {
    let (own, now) = (app.clone(), app.now());
    let audience = change(
        app,
        Some(by),
        id,
        BulletinAction::Send,
        move |db, bulletin| {
            send_in_waves::settle(db, by, bulletin, way, now)?;
            correct_bulletin::must_have_ended(db, bulletin)?;
            check_bulletin::demand(&own, db, bulletin)?;
            bulletins::set_waiting_for(db, id, None)?;
            let audience = freeze_audience(&own, db, id, now)?;
            if audience == 0 {
                return Err(AppError::refused(nobody(bulletin)));
            }
            Ok(audience)
        },
    )
    .await?;
    app.wake.notify_one();
    Ok(audience)
}

fn nobody(bulletin: &Bulletin) -> &'static str {
    if bulletin.corrects_id.is_some() {
        "Nobody who received the bulletin that it corrects can be reached, so nobody would receive it."
    } else if !bulletin.narrowing.is_empty() {
        "Nobody meets all that was chosen, so nobody would receive it."
    } else if bulletin.symposium_id.is_some() {
        "Nobody with a place at this symposium is subscribed, so nobody would receive it."
    } else {
        "Nobody has chosen these topics, so nobody would receive it."
    }
}

fn freeze_audience(
    app: &App,
    db: &mut Db,
    id: BulletinId,
    now: Timestamp,
) -> Result<i64, AppError> {
    let audience = deliveries::insert_audience(db, id, now)?;
    count_links::give_codes(app, db, id)?;
    if let Some(wave) = bulletin_waves::get(db, id)? {
        bulletin_waves::begin(db, &wave, now.plus(wave::wait(wave.wait_minutes)))?;
    }
    bulletins::set_started(db, id, audience, now)?;
    index_site::bulletin(db, id)?;
    Ok(audience)
}

/// Sets the time at which it goes out by itself, as it was saved how: a local time in Auckland, `YYYY-MM-DDTHH:MM`.
///
/// # Errors
/// Those of [`schedule_so`].
pub async fn schedule(
    app: &App,
    by: StaffId,
    id: BulletinId,
    local: &str,
) -> Result<Timestamp, AppError> {
    schedule_so(app, by, id, local, Way::AsSaved).await
}

/// Sets the time at which it goes out by itself, and settles how.
///
/// # Errors
/// [`AppError::Invalid`] when there is no such time, it is past, or it cannot go out in such waves; [`AppError::Refused`]
/// when it is not approved, or something found before sending was not let pass.
pub async fn schedule_so(
    app: &App,
    by: StaffId,
    id: BulletinId,
    local: &str,
    way: Way,
) -> Result<Timestamp, AppError> {
    let invalid = |problem: String| AppError::Invalid(vec![("scheduled_for", problem)]);
    let at = local_time::parse_local(local).map_err(|error| invalid(error.to_string()))?;
    if at <= app.now() {
        return Err(invalid(
            "This time is past. Please choose one to come.".to_owned(),
        ));
    }
    let (own, now) = (app.clone(), app.now());
    change(
        app,
        Some(by),
        id,
        BulletinAction::Schedule,
        move |db, bulletin| {
            send_in_waves::settle(db, by, bulletin, way, now)?;
            correct_bulletin::must_have_ended(db, bulletin)?;
            check_bulletin::demand(&own, db, bulletin)?;
            bulletins::set_waiting_for(db, id, None)?;
            Ok(bulletins::set_schedule(db, id, Some(at))?)
        },
    )
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

/// Starts every scheduled bulletin whose time has come, unless something has come up that holds it. Returns how many.
///
/// # Errors
/// [`AppError::Store`].
pub async fn start_due(app: &App) -> Result<usize, AppError> {
    let (own, now) = (app.clone(), app.now());
    let started = app
        .store
        .write(move |db| {
            let mut started = 0;
            for bulletin in bulletins::in_state(db, BulletinState::Scheduled)? {
                let is_due = bulletin.scheduled_for.is_some_and(|at| at <= now);
                if is_due && !hold(&own, db, &bulletin, now)? && start(&own, db, &bulletin, now)? {
                    started += 1;
                }
            }
            Ok::<_, AppError>(started)
        })
        .await?;
    Ok(started)
}

/// Holds a bulletin whose time has come when by now something speaks against it that nobody has let pass. What is only
/// being looked at does not: it was well when the time was set. Returns whether it is held.
fn hold(app: &App, db: &mut Db, bulletin: &Bulletin, now: Timestamp) -> Result<bool, AppError> {
    let readiness = check_bulletin::readiness(app, db, bulletin)?;
    let why = match correct_bulletin::must_have_ended(db, bulletin) {
        Err(AppError::Refused(why)) => why,
        Err(error) => return Err(error),
        Ok(()) => in_words(readiness.blockers()),
    };
    if why.is_empty() {
        return Ok(false);
    }
    let (id, from, to) = (
        bulletin.id,
        BulletinState::Scheduled,
        BulletinState::Approved,
    );
    if bulletins::set_state(db, id, from, to)? {
        let planned = local_time::display(bulletin.scheduled_for.unwrap_or(now));
        let words = format!("It did not go out on {planned} as planned. {why}");
        bulletins::set_schedule(db, id, None)?;
        bulletins::set_waiting_for(db, id, Some(&words))?;
        let entity = ("bulletin", Some(id.0));
        audit_events::append(db, None, "bulletin.hold", entity, Some(&why), now)?;
        tell_staff::held(db, id, HeldBecause::NotReady, now)?;
    }
    Ok(true)
}

fn start(app: &App, db: &mut Db, bulletin: &Bulletin, now: Timestamp) -> Result<bool, AppError> {
    // Of two workers that see it due, one moves it.
    if !bulletins::set_state(
        db,
        bulletin.id,
        BulletinState::Scheduled,
        BulletinState::Sending,
    )? {
        return Ok(false);
    }
    let audience = freeze_audience(app, db, bulletin.id, now)?;
    let is_done = bulletins::finish_if_done(db, bulletin.id, now)?;
    let detail = format!("by its schedule, to {audience}");
    let entity = ("bulletin", Some(bulletin.id.0));
    audit_events::append(db, None, "bulletin.send", entity, Some(&detail), now)?;
    if is_done {
        tell_staff::sent(db, bulletin.id, now)?;
    }
    Ok(true)
}

/// So many tests come to one member of staff within [`TESTS_WITHIN`]: nobody's inbox is filled by a button.
const MOST_TESTS: i64 = 20;
const TESTS_WITHIN: Duration = Duration::from_secs(60 * 60);

/// Sends it on trial to members of staff. Returns to how many.
///
/// # Errors
/// [`AppError::Refused`] when none of them is on the staff, one has had many already, or it cannot be sent so.
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
                    let address = member.email.as_str();
                    let hour_ago = now.minus(TESTS_WITHIN);
                    let had = deliveries::count_notices_since(db, address, DeliveryKind::Test, hour_ago)?;
                    if had >= MOST_TESTS {
                        return Err(AppError::Refused(format!(
                            "{} has had {MOST_TESTS} tests within an hour. Please look at those first.",
                            member.name
                        )));
                    }
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
