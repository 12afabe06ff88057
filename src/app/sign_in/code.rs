//! The second step of signing in: the code. What waits for it opens nothing.

use crate::app::second_factor::{self, Proof};
use crate::app::{App, AppError};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{audit_events, staff_sign_ins};

use super::{Begun, begin_session, hash_of, new_token};

/// Codes that are tried for one sign-in; then the password is asked for again.
const MOST_TRIES: i32 = 5;

/// What became of a code.
#[derive(Debug)]
pub enum Finished {
    /// It is right. The session, and how many recovery codes are left if one was used.
    SignedIn(Begun, Option<i64>),
    /// It is wrong, and may be tried again.
    Wrong,
    /// The sign-in has ended meanwhile, or too much was tried: it begins anew.
    Over,
}

/// Whose code is waited for.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(app: &App, token: &str) -> Result<Option<StaffMember>, AppError> {
    let hash = hash_of(token);
    let now = app.now();
    app.store
        .read(move |db| {
            let Some(waiting) = staff_sign_ins::by_token(db, &hash, now)? else {
                return Ok(None);
            };
            Ok(Some(staff_members::get(db, waiting.staff_id)?))
        })
        .await
}

/// Signs somebody in whose password was right, by a code of their app or on their paper.
///
/// # Errors
/// [`AppError::Store`].
pub async fn finish(app: &App, token: &str, typed: String) -> Result<Finished, AppError> {
    let hash = hash_of(token);
    let token = new_token()?;
    let instance = app.instance.clone();
    let now = app.now();
    app.store
        .write(move |db| {
            let Some(waiting) = staff_sign_ins::by_token(db, &hash, now)? else {
                return Ok(Finished::Over);
            };
            let staff = waiting.staff_id;
            let entity = ("staff member", Some(staff.0));
            if !staff_sign_ins::count_try(db, waiting.id, MOST_TRIES)? {
                staff_sign_ins::remove(db, waiting.id)?;
                audit_events::append(db, Some(staff), "staff.wrong-codes", entity, None, now)?;
                return Ok(Finished::Over);
            }
            let Some(proof) = second_factor::accepts(&instance, db, staff, &typed, now)? else {
                return Ok(Finished::Wrong);
            };
            let is_active = staff_members::get(db, staff)?.active;
            if !is_active || !staff_sign_ins::remove(db, waiting.id)? {
                return Ok(Finished::Over);
            }
            let left = match proof {
                Proof::Code => None,
                Proof::Recovery(left) => {
                    audit_events::append(
                        db,
                        Some(staff),
                        "staff.recovery-code",
                        entity,
                        None,
                        now,
                    )?;
                    Some(left)
                }
            };
            begin_session(db, staff, &token, &waiting.device, waiting.by_password, now)?;
            let begun = Begun { token, staff };
            Ok::<_, AppError>(Finished::SignedIn(begun, left))
        })
        .await
}
