//! Staff sign in and out. A session is a row, found by the hash of an opaque cookie: it can be
//! listed and ended.

use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{SessionId, StaffId};
use crate::store::audit_events;
use crate::store::staff_members::{self, Session};

use super::first_owner::check_password;
use super::instance::{hex, random};
use super::{Actor, App, AppError, passwords};

/// A session ends by itself after this long.
pub const SESSION_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// The time of the last use is noted to this precision, so that not every page is a write.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Signs somebody in. Returns the cookie's value.
///
/// # Errors
/// [`AppError::Refused`], in the same words whether the address or the password is wrong.
pub async fn sign_in(
    app: &App,
    email: &str,
    password: SecretString,
    device: &str,
) -> Result<String, AppError> {
    let wrong = || AppError::refused("The address and the password do not belong together.");
    let email = EmailAddress::parse(email);
    let member = match email {
        Ok(email) => {
            app.store
                .read(move |db| staff_members::by_email(db, &email))
                .await?
        }
        Err(_) => None,
    };
    let member = member.filter(|member| member.active);
    let hash = member.as_ref().map(|member| member.password_hash.clone());
    if !passwords::verify(password, hash).await? {
        return Err(wrong());
    }
    let member = member.ok_or_else(wrong)?;
    let token = hex(&random::<32>()?);
    let hash = hash_of(&token);
    let device: String = device
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::delete_expired_sessions(db, now)?;
            staff_members::insert_session(
                db,
                member.id,
                &hash,
                &device,
                now,
                now.plus(SESSION_FOR),
            )?;
            let entity = ("staff member", Some(member.id.0));
            audit_events::append(db, Some(member.id), "staff.sign-in", entity, None, now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(token)
}

/// Who holds this cookie, if anybody.
///
/// # Errors
/// [`AppError::Store`].
pub async fn who_is(app: &App, token: &str) -> Result<Option<Actor>, AppError> {
    let hash = hash_of(token);
    let now = app.now();
    let found = app
        .store
        .read(move |db| staff_members::session_by_token(db, &hash, now))
        .await?;
    let Some((session, member)) = found else {
        return Ok(None);
    };
    if now.since(session.last_seen_at) >= NOTED_EVERY {
        app.store
            .write(move |db| staff_members::touch_session(db, session.id, now))
            .await?;
    }
    Ok(Some(Actor {
        id: member.id,
        name: member.name,
        role: member.role,
        session: session.id,
    }))
}

/// Ends the session of whoever asks.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sign_out(app: &App, actor: &Actor) -> Result<(), AppError> {
    end_session(app, actor, actor.session).await
}

/// The sessions of whoever asks, the last used first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sessions(app: &App, actor: &Actor) -> Result<Vec<Session>, AppError> {
    let (staff, now) = (actor.id, app.now());
    app.store
        .read(move |db| Ok(staff_members::sessions_of(db, staff, now)?))
        .await
}

/// Ends one of their own sessions.
///
/// # Errors
/// [`AppError::NotFound`] when it is none of theirs.
pub async fn end_session(app: &App, actor: &Actor, session: SessionId) -> Result<(), AppError> {
    let (staff, now) = (actor.id, app.now());
    app.store
        .write(move |db| {
            if !staff_members::end_session(db, staff, session)? {
                return Err(AppError::NotFound);
            }
            note(db, staff, "staff.end-session", now)
        })
        .await
}

/// Sets a new password; all other sessions end.
///
/// # Errors
/// [`AppError::Invalid`] with the field that is wrong.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    current: SecretString,
    new: SecretString,
) -> Result<(), AppError> {
    let (staff, session) = (actor.id, actor.session);
    let member = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_members::get(db, staff)?))
        .await?;
    if !passwords::verify(current, Some(member.password_hash)).await? {
        let problem = "That is not your present password.".to_owned();
        return Err(AppError::Invalid(vec![("current_password", problem)]));
    }
    let name = PersonName::parse(&member.name).map_err(AppError::internal)?;
    check_password(&new, &member.email, &name).map_err(|error| match error {
        AppError::Invalid(problems) => AppError::Invalid(
            problems
                .into_iter()
                .map(|(_, problem)| ("new_password", problem))
                .collect(),
        ),
        other => other,
    })?;
    let hash = passwords::hash(new).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::set_password(db, staff, &hash, now)?;
            staff_members::end_sessions(db, staff, Some(session))?;
            note(db, staff, "staff.change-password", now)
        })
        .await
}

fn note(
    db: &mut crate::store::Db,
    staff: StaffId,
    action: &str,
    now: crate::clock::Timestamp,
) -> Result<(), AppError> {
    let entity = ("staff member", Some(staff.0));
    Ok(audit_events::append(
        db,
        Some(staff),
        action,
        entity,
        None,
        now,
    )?)
}

fn hash_of(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
