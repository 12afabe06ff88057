//! The first visit on a new installation makes the owner, with a one-time code from the console.

use secrecy::SecretString;
use subtle::ConstantTimeEq;

use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::{StaffRole, password_problem};
use crate::domain::typed_code::{code_hash, typed_code};
use crate::store::{audit_events, instance as store_instance, staff_members};

use super::instance::random;
use super::{App, AppError, passwords, shipped_content};

/// Under this name the code's hash is kept.
const CODE: &str = "first_owner_code";

/// Makes a new code if there is nobody on the staff yet, in place of any before. It is shown on the
/// console only, and kept as a hash.
///
/// # Errors
/// [`AppError::Store`].
pub async fn issue_code(app: &App) -> Result<Option<String>, AppError> {
    // Twelve letters: 60 bits.
    let code = typed_code(&random::<12>()?);
    let hash = code_hash(&code);
    let issued = app
        .store
        .write(move |db| {
            if staff_members::any(db)? {
                return Ok::<_, AppError>(false);
            }
            store_instance::set_value(db, CODE, &hash)?;
            Ok(true)
        })
        .await?;
    Ok(issued.then_some(code))
}

/// Whether there is nobody on the staff yet.
///
/// # Errors
/// [`AppError::Store`].
pub async fn is_needed(app: &App) -> Result<bool, AppError> {
    app.store.read(|db| Ok(!staff_members::any(db)?)).await
}

/// Makes the first owner. The code is used up.
///
/// # Errors
/// [`AppError::Invalid`] with the field that is wrong; [`AppError::Refused`] when there is an owner
/// already.
pub async fn make(
    app: &App,
    code: &str,
    email: EmailAddress,
    name: PersonName,
    password: SecretString,
) -> Result<(), AppError> {
    check_password(&password, &email, &name)?;
    let given = code_hash(code);
    let hash = passwords::hash(password).await?;
    let now = app.now();
    app.store
        .write(move |db| {
            staff_members::take_turn(db)?;
            if staff_members::any(db)? {
                return Err(AppError::refused(
                    "There is an owner already. Please sign in.",
                ));
            }
            let kept = store_instance::value(db, CODE)?.unwrap_or_default();
            if !bool::from(kept.as_bytes().ct_eq(given.as_bytes())) {
                let problem =
                    "That is not the code from the console. It changes with every start; \
                               please take the newest."
                        .to_owned();
                return Err(AppError::Invalid(vec![("code", problem)]));
            }
            let id =
                staff_members::insert(db, &email, name.as_str(), StaffRole::Owner, &hash, now)?;
            store_instance::delete_value(db, CODE)?;
            shipped_content::add_drafts(db, id, now)?;
            let entity = ("staff member", Some(id.0));
            audit_events::append(db, Some(id), "staff.first-owner", entity, None, now)?;
            Ok(())
        })
        .await
}

pub(super) fn check_password(
    password: &SecretString,
    email: &EmailAddress,
    name: &PersonName,
) -> Result<(), AppError> {
    use secrecy::ExposeSecret;
    match password_problem(password.expose_secret(), email.as_str(), name.as_str()) {
        Some(problem) => Err(AppError::Invalid(vec![("password", problem.to_owned())])),
        None => Ok(()),
    }
}
