//! What belongs to the installation itself: its secrets, its name for itself, the first owner's code.

use diesel::prelude::*;

use super::schema::{instance_value, secret_key};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;

/// The value kept under a name.
pub fn value(db: &mut Db, name: &str) -> Result<Option<String>, StoreError> {
    Ok(instance_value::table
        .find(name)
        .select(instance_value::value)
        .first(db)
        .optional()?)
}

/// Keeps a value under a name, in place of any before.
pub fn set_value(db: &mut Db, name: &str, value: &str) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(instance_value::table)
        .values((instance_value::name.eq(name), instance_value::value.eq(value)))
        .on_conflict(instance_value::name)
        .do_update()
        .set(instance_value::value.eq(value))
        .execute(c))?;
    Ok(())
}

/// Keeps a value under a name unless there is one; returns the one that is there.
pub fn value_or_set(db: &mut Db, name: &str, new: &str) -> Result<String, StoreError> {
    each!(db, c => diesel::insert_into(instance_value::table)
        .values((instance_value::name.eq(name), instance_value::value.eq(new)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(instance_value::table
        .find(name)
        .select(instance_value::value)
        .first(db)?)
}

/// Keeps a value under a name in the place of this old one. Returns whether it was still there: of two who want to, one does.
pub fn replace_value(db: &mut Db, name: &str, old: &str, new: &str) -> Result<bool, StoreError> {
    let kept = instance_value::table
        .find(name)
        .filter(instance_value::value.eq(old));
    Ok(diesel::update(kept)
        .set(instance_value::value.eq(new))
        .execute(db)?
        == 1)
}

/// Takes a value away. Returns whether there was one.
pub fn delete_value(db: &mut Db, name: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(instance_value::table.find(name)).execute(db)? > 0)
}

/// The secrets for a purpose (`link` or `erasure`), the oldest first, and when each was made.
pub fn secrets(db: &mut Db, purpose: &str) -> Result<Vec<(Vec<u8>, Timestamp)>, StoreError> {
    Ok(secret_key::table
        .filter(secret_key::purpose.eq(purpose))
        .order(secret_key::id.asc())
        .select((secret_key::secret, secret_key::created_at))
        .load(db)?)
}

/// Adds a secret.
pub fn insert_secret(
    db: &mut Db,
    purpose: &str,
    secret: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(secret_key::table)
        .values((
            secret_key::purpose.eq(purpose),
            secret_key::secret.eq(secret),
            secret_key::created_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}
