//! Passwords: hashed with Argon2id, away from the threads that serve pages.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use super::AppError;

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Result<Argon2<'static>, AppError> {
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|e| AppError::refused(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password into a PHC string.
pub(super) async fn hash(password: SecretString) -> Result<String, AppError> {
    blocking(move || {
        let hash = argon2()?
            .hash_password(password.expose_secret().as_bytes())
            .map_err(|e| AppError::refused(e.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one that was hashed. Without a hash (there is no such member) the same
/// work is done, so that the time does not tell.
pub(super) async fn verify(password: SecretString, hash: Option<String>) -> Result<bool, AppError> {
    blocking(move || {
        let argon2 = argon2()?;
        let password = password.expose_secret().as_bytes();
        match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Ok(argon2.verify_password(password, &hash).is_ok()),
            Some(Err(error)) => {
                tracing::error!(%error, "a stored password hash cannot be read");
                Ok(false)
            }
            None => {
                let _ = argon2.hash_password(password);
                Ok(false)
            }
        }
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(AppError::internal)?
}
