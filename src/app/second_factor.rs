//! The second factor of a member of staff: one-time codes of an authenticator app, and recovery codes on paper for who has
//! lost it.

mod seal;

use secrecy::SecretString;

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::one_time_code::{SECRET_LENGTH, Secret};
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::typed_code::{code_hash, typed_code};
use crate::store::deliveries::NewNotice;
use crate::store::{Db, StoreError, audit_events, second_factors, staff_members};

use super::instance::random;
use super::sign_in::{check_own_password, end_all};
use super::{Actor, App, AppError, Instance, notices};

/// So many recovery codes are made at a time.
pub const RECOVERY_CODES: usize = 10;

/// Letters of a recovery code: 80 bits, so that a hash of it can be kept as it is.
const RECOVERY_LENGTH: usize = 16;

/// Under this name it is kept whose sign-in needs a second factor.
const REQUIRED: &str = "second_factor_required";

/// What app and page call the account.
const ISSUER: &str = "Practice Points";

/// How somebody's stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Since when it is in use.
    pub since: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// How that of whoever asks stands.
///
/// # Errors
/// [`AppError::Store`].
pub async fn standing(app: &App, actor: &Actor) -> Result<Standing, AppError> {
    let staff = actor.id;
    app.store
        .read(move |db| {
            Ok(Standing {
                since: second_factors::get(db, staff)?.and_then(|factor| factor.confirmed_at),
                recovery_codes: second_factors::recovery_codes_left(db, staff)?,
            })
        })
        .await
}

/// Who of the staff has one in use.
///
/// # Errors
/// [`AppError::Store`].
pub async fn holders(app: &App) -> Result<Vec<StaffId>, AppError> {
    app.store.read(|db| Ok(second_factors::holders(db)?)).await
}

/// What an authenticator app has to be told.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The secret, to be typed.
    pub typed: String,
    /// All of it, for a picture.
    pub uri: String,
}

/// Makes a secret, which is in use once a first code of it is given.
///
/// # Errors
/// [`AppError::Refused`] when a second factor is in use already.
pub async fn begin(app: &App, actor: &Actor) -> Result<(), AppError> {
    let staff = actor.id;
    let secret = Secret::new(random::<SECRET_LENGTH>()?);
    let sealed = seal::seal(&app.instance, staff, &secret)?;
    let now = app.now();
    app.store
        .write(move |db| match second_factors::begin(db, staff, &sealed, now) {
            Err(StoreError::Exists) => Err(AppError::refused(
                "Your second factor is in use already. To set up another, take this one off first.",
            )),
            other => Ok(other?),
        })
        .await
}

/// What the app has to be told, while it is being set up.
///
/// # Errors
/// [`AppError::Store`].
pub async fn setup(app: &App, actor: &Actor) -> Result<Option<Setup>, AppError> {
    let staff = actor.id;
    let found = app
        .store
        .read(move |db| {
            let member = staff_members::get(db, staff)?;
            Ok::<_, AppError>((second_factors::get(db, staff)?, member.email))
        })
        .await?;
    let (Some(factor), email) = found else {
        return Ok(None);
    };
    if factor.confirmed_at.is_some() {
        return Ok(None);
    }
    let secret = seal::open(&app.instance, staff, &factor.secret)?;
    Ok(Some(Setup {
        typed: secret.typed(),
        uri: secret.uri(ISSUER, email.as_str()),
    }))
}

/// Takes it into use by a first code; all other sessions end, since they came without one. Returns the recovery codes,
/// which are shown this once.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong code; [`AppError::Refused`] when nothing is being set up.
pub async fn confirm(app: &App, actor: &Actor, typed: String) -> Result<Vec<String>, AppError> {
    let (staff, session) = (actor.id, actor.session);
    let (codes, hashes) = new_codes()?;
    let instance = app.instance.clone();
    let now = app.now();
    app.store
        .write(move |db| {
            let factor = second_factors::get(db, staff)?.filter(|f| f.confirmed_at.is_none());
            let Some(factor) = factor else {
                return Err(AppError::refused(
                    "There is no second factor being set up. Please begin anew.",
                ));
            };
            let secret = seal::open(&instance, staff, &factor.secret)?;
            let Some(step) = secret.step_of(&typed, now) else {
                return Err(wrong_code());
            };
            second_factors::use_step(db, staff, step)?;
            second_factors::confirm(db, staff, now)?;
            second_factors::replace_recovery_codes(db, staff, &hashes)?;
            end_all(db, staff, Some(session), now)?;
            note(db, Some(staff), "staff.second-factor", staff, now)
        })
        .await?;
    Ok(codes)
}

/// Makes new recovery codes; the old ones are worth nothing then.
///
/// # Errors
/// [`AppError::Refused`] without a second factor.
pub async fn new_recovery_codes(app: &App, actor: &Actor) -> Result<Vec<String>, AppError> {
    let staff = actor.id;
    let (codes, hashes) = new_codes()?;
    let now = app.now();
    app.store
        .write(move |db| {
            if !second_factors::is_in_use(db, staff)? {
                return Err(AppError::refused("Please set up a second factor first."));
            }
            second_factors::replace_recovery_codes(db, staff, &hashes)?;
            note(db, Some(staff), "staff.recovery-codes", staff, now)
        })
        .await?;
    Ok(codes)
}

/// Takes one's own off, by password and code; all other sessions end.
///
/// # Errors
/// [`AppError::Invalid`] with the field that is wrong.
pub async fn remove(
    app: &App,
    actor: &Actor,
    password: SecretString,
    typed: String,
) -> Result<(), AppError> {
    check_own_password(app, actor, password, "password").await?;
    let (staff, session) = (actor.id, actor.session);
    let instance = app.instance.clone();
    let now = app.now();
    let removed = app
        .store
        .write(move |db| {
            if accepts(&instance, db, staff, &typed, now)?.is_none() {
                return Ok(false);
            }
            second_factors::remove(db, staff)?;
            end_all(db, staff, Some(session), now)?;
            tell(db, staff, now)?;
            note(db, Some(staff), "staff.second-factor-off", staff, now)?;
            Ok::<_, AppError>(true)
        })
        .await?;
    app.wake.notify_one();
    removed.then_some(()).ok_or_else(wrong_code)
}

/// Takes somebody's off who has lost both app and recovery codes. Their sessions end, and they are told. `by` is `None` for
/// the command line.
///
/// # Errors
/// [`AppError::Refused`] when they have none; [`AppError::NotFound`].
pub async fn reset(app: &App, by: Option<StaffId>, staff: StaffId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let member = staff_members::get(db, staff)?;
            if !second_factors::remove(db, staff)? {
                let why = format!("{} has no second factor.", member.name);
                return Err(AppError::refused(why));
            }
            end_all(db, staff, None, now)?;
            tell(db, staff, now)?;
            note(db, by, "staff.second-factor-reset", staff, now)
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// Whether every publisher and owner needs a second factor.
///
/// # Errors
/// [`AppError::Store`].
pub async fn is_required(app: &App) -> Result<bool, AppError> {
    app.store.read(|db| Ok(required(db)?)).await
}

/// Says whether every publisher and owner needs one. Who has none is led to set it up, whatever they want to do.
///
/// # Errors
/// [`AppError::Store`].
pub async fn require(app: &App, by: StaffId, required: bool) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let action = if required {
                crate::store::instance::set_value(db, REQUIRED, StaffRole::Publisher.as_str())?;
                "staff.require-second-factor"
            } else {
                crate::store::instance::delete_value(db, REQUIRED)?;
                "staff.waive-second-factor"
            };
            audit_events::append(db, Some(by), action, ("staff", None), None, now)?;
            Ok(())
        })
        .await
}

fn required(db: &mut Db) -> Result<bool, StoreError> {
    Ok(crate::store::instance::value(db, REQUIRED)?.is_some())
}

/// Whether somebody has to set one up before anything else.
pub(super) fn is_missing(db: &mut Db, staff: StaffId, role: StaffRole) -> Result<bool, StoreError> {
    Ok(role.includes(StaffRole::Publisher)
        && required(db)?
        && !second_factors::is_in_use(db, staff)?)
}

/// By what somebody was let in.
pub(super) enum Proof {
    /// A code of the app.
    Code,
    /// A recovery code; so many are left.
    Recovery(i64),
}

/// Whether a code is one of somebody's now, of the app or on paper. It is used up.
pub(super) fn accepts(
    instance: &Instance,
    db: &mut Db,
    staff: StaffId,
    typed: &str,
    now: Timestamp,
) -> Result<Option<Proof>, AppError> {
    let factor = second_factors::get(db, staff)?.filter(|factor| factor.confirmed_at.is_some());
    let Some(factor) = factor else {
        return Ok(None);
    };
    if typed.chars().filter(char::is_ascii_alphanumeric).count() == RECOVERY_LENGTH {
        if !second_factors::use_recovery_code(db, staff, &code_hash(typed), now)? {
            return Ok(None);
        }
        let left = second_factors::recovery_codes_left(db, staff)?;
        return Ok(Some(Proof::Recovery(left)));
    }
    let step = seal::open(instance, staff, &factor.secret)?.step_of(typed, now);
    match step {
        Some(step) if second_factors::use_step(db, staff, step)? => Ok(Some(Proof::Code)),
        _ => Ok(None),
    }
}

fn wrong_code() -> AppError {
    let problem = "That is not the code that your app shows now. Each code works once; if you have just used this \
                   one, wait for the next. Is the time on your phone right?";
    AppError::Invalid(vec![("code", problem.to_owned())])
}

fn new_codes() -> Result<(Vec<String>, Vec<String>), AppError> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        codes.push(typed_code(&random::<RECOVERY_LENGTH>()?));
    }
    let hashes = codes.iter().map(|code| code_hash(code)).collect();
    Ok((codes, hashes))
}

/// Tells somebody by mail that their account is without a second factor now: if they know nothing of it, somebody else
/// was at it.
fn tell(db: &mut Db, staff: StaffId, now: Timestamp) -> Result<(), AppError> {
    let member = staff_members::get(db, staff)?;
    let notice = NewNotice {
        kind: DeliveryKind::StaffSecondFactorOff,
        subscriber: None,
        reference: Some(staff.0),
        recipient: member.email.as_str(),
    };
    notices::queue(db, &notice, now)?;
    Ok(())
}

fn note(
    db: &mut Db,
    by: Option<StaffId>,
    action: &str,
    staff: StaffId,
    now: Timestamp,
) -> Result<(), AppError> {
    let entity = ("staff member", Some(staff.0));
    Ok(audit_events::append(db, by, action, entity, None, now)?)
}
