//! An owner asks people to join the staff, by mail; they choose their password themselves.

use secrecy::SecretString;

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::Purpose;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{InvitationId, StaffId, StaffRole};
use crate::store::deliveries::NewNotice;
use crate::store::staff_invitations::{self, Invitation};
use crate::store::{Db, StoreError, audit_events, staff_members};

use super::first_owner::check_password;
use super::links::{BadLink, JOIN_FOR, Link};
use super::{App, AppError, notices, passwords};

/// The invitations that are open, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn open(app: &App) -> Result<Vec<Invitation>, AppError> {
    app.store.read(|db| Ok(staff_invitations::open(db)?)).await
}

/// Asks somebody to join.
///
/// # Errors
/// [`AppError::Invalid`] when they are on the staff or invited already.
pub async fn invite(
    app: &App,
    by: StaffId,
    email: EmailAddress,
    name: PersonName,
    role: StaffRole,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            if staff_members::by_email(db, &email)?.is_some() {
                let problem = "Somebody with this address is on the staff already.".to_owned();
                return Err(AppError::Invalid(vec![("email", problem)]));
            }
            send(db, &email, name.as_str(), role, by, now)?;
            note(db, by, "staff.invite", role, &name, now)
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// Sends another invitation in the place of one; the link in the first does nothing any more.
///
/// # Errors
/// [`AppError::Refused`] when it was taken up or withdrawn meanwhile.
pub async fn send_again(app: &App, by: StaffId, id: InvitationId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let invitation = end(db, id, now)?;
            let name = PersonName::parse(&invitation.name).map_err(AppError::internal)?;
            send(
                db,
                &invitation.email,
                name.as_str(),
                invitation.role,
                by,
                now,
            )?;
            note(db, by, "staff.invite-again", invitation.role, &name, now)
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// Withdraws an invitation.
///
/// # Errors
/// [`AppError::Refused`] when it was taken up or withdrawn meanwhile.
pub async fn withdraw(app: &App, by: StaffId, id: InvitationId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let invitation = end(db, id, now)?;
            let name = PersonName::parse(&invitation.name).map_err(AppError::internal)?;
            note(
                db,
                by,
                "staff.withdraw-invitation",
                invitation.role,
                &name,
                now,
            )
        })
        .await
}

fn end(db: &mut Db, id: InvitationId, now: Timestamp) -> Result<Invitation, AppError> {
    let invitation = staff_invitations::get(db, id)?;
    if !staff_invitations::end(db, id, now)? {
        let why = "This invitation was taken up or withdrawn meanwhile.";
        return Err(AppError::refused(why));
    }
    Ok(invitation)
}

fn send(
    db: &mut Db,
    email: &EmailAddress,
    name: &str,
    role: StaffRole,
    by: StaffId,
    now: Timestamp,
) -> Result<(), AppError> {
    let sent = staff_invitations::insert(db, email, name, role, by, now, now.plus(JOIN_FOR));
    let id = match sent {
        Err(StoreError::Exists) => {
            let problem = "This address has an invitation already: send that one again.".to_owned();
            return Err(AppError::Invalid(vec![("email", problem)]));
        }
        other => other?,
    };
    let notice = NewNotice {
        kind: DeliveryKind::StaffInvitation,
        subscriber: None,
        reference: Some(id.0),
        recipient: email.as_str(),
    };
    notices::queue(db, &notice, now)?;
    Ok(())
}

fn note(
    db: &mut Db,
    by: StaffId,
    action: &str,
    role: StaffRole,
    name: &PersonName,
    now: Timestamp,
) -> Result<(), AppError> {
    let entity = ("staff member", None);
    let detail = format!("{}, {}", name.as_str(), role.as_str());
    Ok(audit_events::append(
        db,
        Some(by),
        action,
        entity,
        Some(&detail),
        now,
    )?)
}

/// What an invitation's link is about. Changes nothing: mail scanners open every link.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look(app: &App, token: &str) -> Result<Link<Invitation>, AppError> {
    let id = match app.read_link(Purpose::StaffInvitation, token) {
        Ok(id) => InvitationId(id),
        Err(bad) => return Ok(Err(bad)),
    };
    let now = app.now();
    app.store.read(move |db| usable(db, id, now)).await
}

/// An invitation that can be taken up: it is open, and who sent it is still an owner.
fn usable(db: &mut Db, id: InvitationId, now: Timestamp) -> Result<Link<Invitation>, AppError> {
    let invitation = match staff_invitations::get(db, id) {
        Ok(invitation) => invitation,
        Err(StoreError::NotFound) => return Ok(Err(BadLink::Unknown)),
        Err(error) => return Err(error.into()),
    };
    if invitation.ended_at.is_some() {
        return Ok(Err(BadLink::Used));
    }
    if invitation.expires_at <= now {
        return Ok(Err(BadLink::Expired));
    }
    let inviter = staff_members::get(db, invitation.invited_by_id)?;
    if !inviter.active || inviter.role != StaffRole::Owner {
        return Ok(Err(BadLink::Used));
    }
    Ok(Ok(invitation))
}

/// Joins the staff with a password of one's own.
///
/// # Errors
/// [`AppError::Invalid`] when the password is no good.
pub async fn join(app: &App, token: &str, password: SecretString) -> Result<Link<()>, AppError> {
    let id = match look(app, token).await? {
        Ok(invitation) => {
            let name = PersonName::parse(&invitation.name).map_err(AppError::internal)?;
            check_password(&password, &invitation.email, &name)?;
            invitation.id
        }
        Err(bad) => return Ok(Err(bad)),
    };
    let hash = passwords::hash(password).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::take_turn(db)?;
            let invitation = match usable(db, id, now)? {
                Ok(invitation) => invitation,
                Err(bad) => return Ok(Err(bad)),
            };
            if !staff_invitations::end(db, id, now)? {
                return Ok(Err(BadLink::Used));
            }
            let (email, role) = (&invitation.email, invitation.role);
            // Added on the command line meanwhile.
            if staff_members::by_email(db, email)?.is_some() {
                return Ok(Err(BadLink::Used));
            }
            let member = staff_members::insert(db, email, &invitation.name, role, &hash, now)?;
            let entity = ("staff member", Some(member.0));
            let detail = Some(role.as_str());
            audit_events::append(db, Some(member), "staff.join", entity, detail, now)?;
            Ok::<_, AppError>(Ok(()))
        })
        .await
}
