//! What belongs to the installation itself: made once, on the first start, and kept in the database
//! so that every host has the same.

use crate::clock::Timestamp;
use crate::domain::consent::CURRENT_WORDING;
use crate::domain::link_token::{LinkKeys, keyed_hash};
use crate::store::{Db, consent_events, instance, topics};

use super::{AppError, index_site};

/// The secrets of the installation, and its name for itself.
pub struct Instance {
    /// Sign the links in messages.
    pub link_keys: LinkKeys,
    /// Part of every Message-ID, so that a new installation never repeats one.
    pub id: String,
    erasure_key: [u8; 32],
}

impl Instance {
    /// What is kept of an erased address.
    pub fn address_hash(&self, email_key: &str) -> String {
        keyed_hash(&self.erasure_key, email_key)
    }
}

/// Makes sure that everything is there with which an installation starts.
pub(super) fn prepare(db: &mut Db, now: Timestamp) -> Result<Instance, AppError> {
    topics::ensure_built_in(db)?;
    consent_events::ensure_wording(db, CURRENT_WORDING, now)?;
    index_site::prepare(db)?;
    let id = instance::value_or_set(db, "instance_id", &random_hex::<6>()?)?;
    let mut link_keys = Vec::new();
    for (number, secret, since) in secrets(db, "link", now)? {
        let number = u8::try_from(number).map_err(AppError::internal)?;
        link_keys.push((number, secret, since));
    }
    let erasure_key = secrets(db, "erasure", now)?
        .into_iter()
        .next()
        .map(|(_, secret, _)| secret)
        .ok_or_else(|| AppError::refused("The key for erased addresses is missing."))?;
    Ok(Instance {
        link_keys: LinkKeys::since(link_keys).map_err(AppError::internal)?,
        id,
        erasure_key,
    })
}

/// The secrets for a purpose, numbered within it from 1; the first is made when there is none.
fn secrets(
    db: &mut Db,
    purpose: &str,
    now: Timestamp,
) -> Result<Vec<(i64, [u8; 32], Timestamp)>, AppError> {
    if instance::secrets(db, purpose)?.is_empty() {
        instance::insert_secret(db, purpose, &random::<32>()?, now)?;
    }
    instance::secrets(db, purpose)?
        .into_iter()
        .zip(1..)
        .map(|((secret, since), number)| {
            let secret = <[u8; 32]>::try_from(secret.as_slice()).map_err(AppError::internal)?;
            Ok((number, secret, since))
        })
        .collect()
}

/// Random bytes from the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(AppError::internal)?;
    Ok(bytes)
}

/// Random bytes in hexadecimal.
pub(super) fn random_hex<const N: usize>() -> Result<String, AppError> {
    Ok(hex(&random::<N>()?))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
