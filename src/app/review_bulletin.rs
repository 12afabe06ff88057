//! A bulletin's way from its editor to an approved, frozen mail.

use crate::domain::article::may_approve;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::local_time;
use crate::domain::staff_mail::About;
use crate::domain::staff_member::StaffId;
use crate::mail::message::{CompiledMessage, Kind};
use crate::store::bulletins::{self, Bulletin, Frozen};
use crate::store::{Db, audit_events, bulletin_overrides, staff_members};

use super::compose_bulletin::compose;
use super::remark_on_article::checked;
use super::write_bulletin::problems;
use super::{App, AppError, check_links, tell_staff};

/// Asks for a review.
///
/// # Errors
/// [`AppError::Refused`] when something is missing, or it is no draft.
pub async fn submit(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    let (composing, now) = (app.clone(), app.now());
    change(
        app,
        Some(by),
        id,
        BulletinAction::Submit,
        move |db, bulletin| {
            complete(&composing, db, bulletin)?;
            tell_staff::handed_in(db, About::Bulletin(id), by, now)?;
            // What was asked for is answered by this.
            bulletins::set_waiting_for(db, id, None)?;
            check_links::want_soon(&composing, db, bulletin, now)
        },
    )
    .await
}

/// Approves it, as a second person; the mail is frozen as it is now.
///
/// # Errors
/// [`AppError::Refused`] by the second-person rule, or when something is missing;
/// [`AppError::Conflict`] when it was changed since `version` was read.
pub async fn approve(app: &App, by: StaffId, id: BulletinId, version: i32) -> Result<(), AppError> {
    let composing = app.clone();
    let now = app.now();
    change(
        app,
        Some(by),
        id,
        BulletinAction::Approve,
        move |db, bulletin| {
            let writers = bulletins::writers(db, id)?;
            may_approve(bulletin.state == BulletinState::InReview, &writers, by)
                .map_err(|refusal| AppError::refused(refusal.to_string()))?;
            if bulletin.version != version {
                return Err(AppError::Conflict);
            }
            let frozen = complete(&composing, db, bulletin)?;
            bulletins::set_approval(db, id, Some((by, now, &frozen)))?;
            tell_staff::approved(db, About::Bulletin(id), by, now)?;
            check_links::want_soon(&composing, db, bulletin, now)
        },
    )
    .await
}

/// Gives a bulletin that waits for approval back to its author, and says what is to be changed in it. That stands on its
/// page until it is submitted again, and in the audit.
///
/// # Errors
/// [`AppError::Invalid`] for the field `words`; [`AppError::Refused`] when it does not wait for approval;
/// [`AppError::Conflict`] when `version` is not the text that waits.
pub async fn ask_for_changes(
    app: &App,
    by: StaffId,
    id: BulletinId,
    version: i32,
    words: &str,
) -> Result<(), AppError> {
    let words = checked(words)?;
    let now = app.now();
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let (from, to) = (BulletinState::InReview, BulletinState::Draft);
            if bulletin.state != from {
                return Err(AppError::refused(
                    "Changes are asked for in a bulletin that waits for approval.",
                ));
            }
            let writers = bulletins::writers(db, id)?;
            may_approve(true, &writers, by)
                .map_err(|refusal| AppError::refused(refusal.to_string()))?;
            if bulletin.version != version || !bulletins::set_state(db, id, from, to)? {
                return Err(AppError::Conflict);
            }
            bulletin_overrides::clear(db, id)?;
            let name = staff_members::get(db, by)?.name;
            let at = local_time::display(now);
            let asked = format!("{name} asked for changes on {at}:\n{words}");
            bulletins::set_waiting_for(db, id, Some(&asked))?;
            let detail = format!("version {version}: {words}");
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.changes", entity, Some(&detail), now)?;
            tell_staff::changes_asked(db, id, by, now)?;
            Ok(())
        })
        .await
}

/// Takes it back to draft; an approval is gone, and what was let pass.
///
/// # Errors
/// [`AppError::Refused`] when it is being sent, or was.
pub async fn withdraw(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    change(app, Some(by), id, BulletinAction::Withdraw, move |db, _| {
        bulletin_overrides::clear(db, id)?;
        bulletins::set_waiting_for(db, id, None)?;
        Ok(bulletins::set_approval(db, id, None)?)
    })
    .await
}

/// The mail, if nothing is missing and it fits.
fn complete(app: &App, db: &mut Db, bulletin: &Bulletin) -> Result<Frozen, AppError> {
    let problems = problems(db, bulletin)?;
    if !problems.is_empty() {
        return Err(AppError::Refused(problems.join(" ")));
    }
    let content = compose(app, db, bulletin)?;
    CompiledMessage::new(&content, &app.sender(), Kind::Bulletin)
        .map_err(|error| AppError::Refused(format!("It cannot be sent so: {error}.")))?;
    Ok(Frozen {
        html: content.html,
        text: content.text,
    })
}

/// Takes a bulletin one step further, if the step is possible and `also` agrees, and notes it.
pub(super) async fn change<T, F>(
    app: &App,
    by: Option<StaffId>,
    id: BulletinId,
    action: BulletinAction,
    also: F,
) -> Result<T, AppError>
where
    T: Send + 'static,
    F: FnOnce(&mut Db, &Bulletin) -> Result<T, AppError> + Send + 'static,
{
    let now = app.now();
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let impossible = || {
                let state = bulletin.state.label().to_lowercase();
                AppError::Refused(format!(
                    "“{}” is not possible: the bulletin is {state}.",
                    action.label()
                ))
            };
            let to = bulletin.state.after(action).ok_or_else(impossible)?;
            let value = also(db, &bulletin)?;
            if !bulletins::set_state(db, id, bulletin.state, to)? {
                return Err(AppError::Conflict);
            }
            let name = format!("bulletin.{}", action.as_str());
            let detail = format!("version {}", bulletin.version);
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, by, &name, entity, Some(&detail), now)?;
            Ok(value)
        })
        .await
}
