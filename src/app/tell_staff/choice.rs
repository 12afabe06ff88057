//! Members of staff choose what they are told by mail.

use crate::app::{Actor, App, AppError};
use crate::domain::staff_mail::StaffMailKind;
use crate::store::{audit_events, staff_mails};

/// What a member can be told by their role, and whether they want to be.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choices(app: &App, actor: &Actor) -> Result<Vec<(StaffMailKind, bool)>, AppError> {
    let (id, role) = (actor.id, actor.role);
    let off = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_mails::switched_off(db, id)?))
        .await?;
    let kinds = StaffMailKind::ALL.iter().copied();
    let theirs = kinds.filter(|kind| role.includes(kind.least_role()));
    Ok(theirs.map(|kind| (kind, !off.contains(&kind))).collect())
}

/// Notes of which of the things that they can be told by their role a member wants to be told. What another role is told
/// stays as it was.
///
/// # Errors
/// [`AppError::Store`].
pub async fn choose(app: &App, actor: &Actor, wanted: Vec<StaffMailKind>) -> Result<(), AppError> {
    let (id, role, now) = (actor.id, actor.role, app.now());
    app.store
        .write(move |db| {
            for kind in StaffMailKind::ALL {
                if role.includes(kind.least_role()) {
                    staff_mails::switch(db, id, *kind, wanted.contains(kind))?;
                }
            }
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, Some(id), "staff.choose-mails", entity, None, now)?;
            Ok(())
        })
        .await
}
