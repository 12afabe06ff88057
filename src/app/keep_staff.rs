//! An owner keeps the staff; so does the command line.

use secrecy::SecretString;

use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::search_key::search_key;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{StoreError, audit_events, publications};

use super::first_owner::check_password;
use super::sign_in::end_all;
use super::{App, AppError, passwords, shipped_content};

/// All members of staff, by name.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all(app: &App) -> Result<Vec<StaffMember>, AppError> {
    app.store.read(|db| Ok(staff_members::all(db)?)).await
}

/// Adds a member of staff. `by` is `None` for the command line.
///
/// # Errors
/// [`AppError::Invalid`] with the field that is wrong.
pub async fn add(
    app: &App,
    by: Option<StaffId>,
    email: EmailAddress,
    name: PersonName,
    role: StaffRole,
    password: SecretString,
) -> Result<StaffId, AppError> {
    check_password(&password, &email, &name)?;
    let hash = passwords::hash(password).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            let added = staff_members::insert(db, &email, name.as_str(), role, &hash, now);
            let id = match added {
                Err(StoreError::Exists) => {
                    let problem = "Somebody with this address is on the staff already.".to_owned();
                    return Err(AppError::Invalid(vec![("email", problem)]));
                }
                other => other?,
            };
            // Whoever is the first owner, by whichever way, finds the content that comes with the program.
            if role == StaffRole::Owner && staff_members::count_owners(db)? == 1 {
                shipped_content::add_drafts(db, id, now)?;
            }
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, by, "staff.add", entity, Some(role.as_str()), now)?;
            Ok(id)
        })
        .await
}

/// Changes what a member may do, and whether they may sign in at all; their sessions end.
///
/// # Errors
/// [`AppError::Refused`] for the last owner; [`AppError::NotFound`].
pub async fn change(
    app: &App,
    by: StaffId,
    id: StaffId,
    role: StaffRole,
    active: bool,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::take_turn(db)?;
            let member = staff_members::get(db, id)?;
            let is_owner = member.role == StaffRole::Owner && member.active;
            let stays_owner = role == StaffRole::Owner && active;
            if is_owner && !stays_owner && staff_members::count_owners(db)? <= 1 {
                let why = "This is the only owner. Please make somebody else an owner first.";
                return Err(AppError::refused(why));
            }
            staff_members::set_role(db, id, role, active, now)?;
            end_all(db, id, None, now)?;
            let detail = format!(
                "{}{}",
                role.as_str(),
                if active { "" } else { ", may not sign in" }
            );
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, Some(by), "staff.change", entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}

/// Corrects the name of a member, their own or another's. What they approved and is on the site goes on to show the old one.
///
/// # Errors
/// [`AppError::Refused`] where a colleague has it; [`AppError::NotFound`].
pub async fn rename(app: &App, by: StaffId, id: StaffId, name: PersonName) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::take_turn(db)?;
            let member = staff_members::get(db, id)?;
            if member.name == name.as_str() {
                return Ok(());
            }
            let key = search_key(name.as_str());
            let mut others = staff_members::all(db)?.into_iter();
            if others.any(|other| other.id != id && search_key(&other.name) == key) {
                return Err(AppError::refused(
                    "A colleague has this name. Please add something that tells you apart.",
                ));
            }
            publications::keep_reviewer_name(db, id, &member.name)?;
            staff_members::set_name(db, id, name.as_str(), now)?;
            let detail = format!("{}, now {}", member.name, name.as_str());
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, Some(by), "staff.rename", entity, Some(&detail), now)?;
            Ok(())
        })
        .await
}

/// Sets a new password for somebody who has forgotten theirs; their sessions end.
///
/// # Errors
/// [`AppError::Invalid`] when the password is no good; [`AppError::NotFound`].
pub async fn set_password(
    app: &App,
    by: StaffId,
    id: StaffId,
    password: SecretString,
) -> Result<(), AppError> {
    let member = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_members::get(db, id)?))
        .await?;
    let name = PersonName::parse(&member.name).map_err(AppError::internal)?;
    check_password(&password, &member.email, &name)?;
    let hash = passwords::hash(password).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::set_password(db, id, &hash, now)?;
            end_all(db, id, None, now)?;
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, Some(by), "staff.set-password", entity, None, now)?;
            Ok(())
        })
        .await
}
