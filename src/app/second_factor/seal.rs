//! Seals the secrets of one-time codes: who sees a row of the table, or puts one person's row in another's place, has
//! nothing from it. The key is the installation's own and lies in the same database: a stolen backup holds both, so
//! backups are kept as safely as passwords.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::app::instance::random;
use crate::app::{AppError, Instance};
use crate::domain::link_token::KeyId;
use crate::domain::one_time_code::{SECRET_LENGTH, Secret};
use crate::domain::staff_member::StaffId;

fn damaged() -> AppError {
    AppError::refused(
        "The second factor in the database cannot be read. An owner, or the command line, can take it off.",
    )
}

fn aead(instance: &Instance, id: Option<KeyId>) -> Result<(KeyId, LessSafeKey), AppError> {
    let (id, key) = instance.link_keys.sealing_key(id).ok_or_else(damaged)?;
    let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| damaged())?;
    Ok((id, LessSafeKey::new(key)))
}

/// The number of the key, a random nonce (AES-GCM with 96 bits: NIST SP 800-38D), the secret with its tag.
pub(super) fn seal(
    instance: &Instance,
    staff: StaffId,
    secret: &Secret,
) -> Result<Vec<u8>, AppError> {
    let (id, key) = aead(instance, None)?;
    let nonce = random::<NONCE_LEN>()?;
    let mut sealed = secret.octets().to_vec();
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(staff.0.to_be_bytes()),
        &mut sealed,
    )
    .map_err(|_| damaged())?;
    let mut kept = vec![id.0];
    kept.extend_from_slice(&nonce);
    kept.append(&mut sealed);
    Ok(kept)
}

/// The secret that was sealed for this person.
pub(super) fn open(instance: &Instance, staff: StaffId, kept: &[u8]) -> Result<Secret, AppError> {
    let (&id, rest) = kept.split_first().ok_or_else(damaged)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
    let (_, key) = aead(instance, Some(KeyId(id)))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
    let mut sealed = sealed.to_vec();
    let secret = key
        .open_in_place(nonce, Aad::from(staff.0.to_be_bytes()), &mut sealed)
        .map_err(|_| damaged())?;
    <[u8; SECRET_LENGTH]>::try_from(&*secret)
        .map(Secret::new)
        .map_err(|_| damaged())
}
