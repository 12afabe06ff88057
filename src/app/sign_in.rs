//! Staff sign in and out. A session is a row, found by the hash of an opaque cookie: it can be
//! listed and ended.

pub mod by_mail;
pub mod code;

use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::Purpose;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{SessionId, StaffId};
use crate::store::staff_members::{self, Session, StaffMember};
use crate::store::{Db, audit_events, second_factors, staff_links, staff_sign_ins};

use super::first_owner::check_password;
use super::instance::{hex, random};
use super::{Actor, App, AppError, passwords, second_factor};

/// A session ends by itself after this long.
pub const SESSION_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// And when it was not used for this long: a computer in a clinic is left alone often.
pub const IDLE_FOR: Duration = Duration::from_secs(2 * 60 * 60);

/// What changes accounts asks for the password when it was last given longer ago than this.
pub const RECENT_FOR: Duration = Duration::from_secs(30 * 60);

/// After the password, the code is waited for this long.
pub const CODE_FOR: Duration = Duration::from_secs(10 * 60);

/// The time of the last use is noted to this precision, so that not every page is a write.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// A browser counts as known this long after somebody signed in there.
pub const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// A session that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The value of its cookie.
    pub token: String,
    /// Whose it is.
    pub staff: StaffId,
}

/// What a right password leads to.
#[derive(Debug)]
pub enum FirstStep {
    /// A session.
    SignedIn(Begun),
    /// The question for the code, with the value of its cookie.
    CodeNeeded(String),
}

/// The value of the cookie of a browser in which somebody has signed in. Whoever has it is limited apart from all others who
/// try a password for their account, so that no stranger keeps them out.
pub fn known_browser(app: &App, staff: StaffId) -> String {
    let until = app.now().plus(KNOWN_FOR);
    let keys = &app.instance.link_keys;
    keys.sign(Purpose::KnownBrowser, staff.0, Some(until))
}

/// Who has signed in before in the browser with this cookie.
pub fn who_is_known(app: &App, token: &str) -> Option<StaffId> {
    app.read_link(Purpose::KnownBrowser, token)
        .ok()
        .map(StaffId)
}

/// Signs somebody in by their password.
///
/// # Errors
/// [`AppError::Refused`], in the same words whether the address or the password is wrong.
pub async fn sign_in(
    app: &App,
    email: &str,
    password: SecretString,
    device: &str,
) -> Result<FirstStep, AppError> {
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
    let checked = member.ok_or_else(wrong)?;
    let token = new_token()?;
    let device = device_text(device);
    let now = app.now();
    app.store
        .write(move |db| {
            // While the password was looked at, another may have been set.
            let member = staff_members::get(db, checked.id)?;
            if !member.active || member.password_hash != checked.password_hash {
                return Err(wrong());
            }
            first_step(db, member.id, token, &device, true, now)
        })
        .await
}

/// Who it is has been shown once: begins a session, or waits for the code of who has a second factor.
fn first_step(
    db: &mut Db,
    staff: StaffId,
    token: String,
    device: &str,
    by_password: bool,
    now: Timestamp,
) -> Result<FirstStep, AppError> {
    staff_members::delete_expired_sessions(db, now.minus(IDLE_FOR), now)?;
    staff_sign_ins::remove_expired(db, now)?;
    if second_factors::is_in_use(db, staff)? {
        let until = now.plus(CODE_FOR);
        staff_sign_ins::insert(db, staff, &hash_of(&token), device, by_password, now, until)?;
        return Ok(FirstStep::CodeNeeded(token));
    }
    begin_session(db, staff, &token, device, by_password, now)?;
    Ok(FirstStep::SignedIn(Begun { token, staff }))
}

/// Begins a session. One that began without the password asks for it before accounts are changed.
fn begin_session(
    db: &mut Db,
    staff: StaffId,
    token: &str,
    device: &str,
    by_password: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    let confirmed_at = if by_password {
        now
    } else {
        Timestamp::from_millis(0)
    };
    let until = now.plus(SESSION_FOR);
    staff_members::insert_session(db, staff, &hash_of(token), device, confirmed_at, now, until)?;
    note(db, staff, "staff.sign-in", now)
}

fn new_token() -> Result<String, AppError> {
    Ok(hex(&random::<32>()?))
}

fn device_text(device: &str) -> String {
    device
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
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
        .read(move |db| {
            let idle_since = now.minus(IDLE_FOR);
            let found = staff_members::session_by_token(db, &hash, idle_since, now)?;
            let Some((session, member)) = found else {
                return Ok(None);
            };
            let is_missing = second_factor::is_missing(db, member.id, member.role)?;
            Ok::<_, AppError>(Some((session, member, is_missing)))
        })
        .await?;
    let Some((session, member, is_missing)) = found else {
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
        is_recent: now.since(session.confirmed_at) < RECENT_FOR,
        must_set_up: is_missing,
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
        .read(move |db| {
            Ok(staff_members::sessions_of(
                db,
                staff,
                now.minus(IDLE_FOR),
                now,
            )?)
        })
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
    let member = check_own_password(app, actor, current, "current_password").await?;
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
            end_all(db, staff, Some(session), now)?;
            staff_members::confirm_session(db, session, now)?;
            note(db, staff, "staff.change-password", now)
        })
        .await
}

/// Gives the password again, before what changes accounts.
///
/// # Errors
/// [`AppError::Invalid`] when it is wrong.
pub async fn confirm_password(
    app: &App,
    actor: &Actor,
    password: SecretString,
) -> Result<(), AppError> {
    check_own_password(app, actor, password, "password").await?;
    let session = actor.session;
    let now = app.now();
    app.store
        .write(move |db| Ok(staff_members::confirm_session(db, session, now)?))
        .await
}

/// Whether a password is that of whoever asks; `field` is where it was typed.
pub(super) async fn check_own_password(
    app: &App,
    actor: &Actor,
    password: SecretString,
    field: &'static str,
) -> Result<StaffMember, AppError> {
    let staff = actor.id;
    let member = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_members::get(db, staff)?))
        .await?;
    if !passwords::verify(password, Some(member.password_hash.clone())).await? {
        let problem = "That is not your present password.".to_owned();
        return Err(AppError::Invalid(vec![(field, problem)]));
    }
    Ok(member)
}

/// Ends everything by which somebody is signed in or is about to be, but for one session: their account has changed.
pub(super) fn end_all(
    db: &mut Db,
    staff: StaffId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<(), AppError> {
    staff_members::end_sessions(db, staff, except)?;
    staff_sign_ins::remove_of(db, staff)?;
    staff_links::use_up_all(db, staff, now)?;
    Ok(())
}

fn note(db: &mut Db, staff: StaffId, action: &str, now: Timestamp) -> Result<(), AppError> {
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
