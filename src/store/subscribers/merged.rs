//! Records that were merged into others. The one that goes is emptied and points to the one that stays; what hung on it
//! moves there, as far as both may have it.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::clock::Timestamp;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::store::composed::Composed;
use crate::store::schema::{merged_address, subscriber};
use crate::store::{Db, StoreError, each};

/// Waits for the turn of this person, or of the one into whose record theirs was merged. Returns who it is.
pub fn take_turn_of_survivor(db: &mut Db, id: SubscriberId) -> Result<SubscriberId, StoreError> {
    super::take_turn(db, id)?;
    let survivor = survivor(db, id)?;
    if survivor != id {
        super::take_turn(db, survivor)?;
    }
    Ok(survivor)
}

/// The person whose record this is now.
pub fn survivor(db: &mut Db, id: SubscriberId) -> Result<SubscriberId, StoreError> {
    let into: Option<Option<SubscriberId>> = subscriber::table
        .find(id.0)
        .select(subscriber::merged_into)
        .first(db)
        .optional()?;
    Ok(into.flatten().unwrap_or(id))
}

/// The records that were merged into this one, and itself.
pub fn with_merged(db: &mut Db, id: SubscriberId) -> Result<Vec<i64>, StoreError> {
    let mut ids: Vec<i64> = subscriber::table
        .filter(subscriber::merged_into.eq(id.0))
        .select(subscriber::id)
        .order(subscriber::id.asc())
        .load(db)?;
    ids.insert(0, id.0);
    Ok(ids)
}

/// Points an emptied record, and those that were merged into it before, to the one that stays.
pub fn point_to(db: &mut Db, gone: SubscriberId, stays: SubscriberId) -> Result<(), StoreError> {
    diesel::update(
        subscriber::table.filter(
            subscriber::id
                .eq(gone.0)
                .or(subscriber::merged_into.eq(gone.0)),
        ),
    )
    .set(subscriber::merged_into.eq(stays.0))
    .execute(db)?;
    diesel::update(merged_address::table.filter(merged_address::subscriber_id.eq(gone.0)))
        .set(merged_address::subscriber_id.eq(stays.0))
        .execute(db)?;
    Ok(())
}

/// Remembers the keyed hash of an address that is no longer used, and whose it is.
pub fn remember_address(
    db: &mut Db,
    hash: &str,
    of: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    forget_address(db, hash)?;
    each!(db, c => diesel::insert_into(merged_address::table)
        .values((
            merged_address::address_hash.eq(hash),
            merged_address::subscriber_id.eq(of.0),
            merged_address::merged_at.eq(now.as_millis()),
        ))
        .execute(c))?;
    Ok(())
}

/// Forgets such an address: it is in use again.
pub fn forget_address(db: &mut Db, hash: &str) -> Result<(), StoreError> {
    diesel::delete(merged_address::table.find(hash)).execute(db)?;
    Ok(())
}

/// Whose record an address was merged into.
pub fn by_merged_address(db: &mut Db, hash: &str) -> Result<Option<SubscriberId>, StoreError> {
    Ok(merged_address::table
        .find(hash)
        .select(merged_address::subscriber_id)
        .first(db)
        .optional()?)
}

/// Those of these keyed hashes whose addresses belong to records that were merged into others.
pub fn merged_among(db: &mut Db, hashes: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(merged_address::table
        .filter(merged_address::address_hash.eq_any(hashes))
        .select(merged_address::address_hash)
        .load(db)?)
}

/// Takes the hashes of a person's former addresses out, and returns them: when they are erased.
pub fn take_addresses(db: &mut Db, of: SubscriberId) -> Result<Vec<String>, StoreError> {
    let theirs = || merged_address::table.filter(merged_address::subscriber_id.eq(of.0));
    let hashes = theirs().select(merged_address::address_hash).load(db)?;
    diesel::delete(theirs()).execute(db)?;
    Ok(hashes)
}

#[derive(QueryableByName)]
struct Both {
    #[diesel(sql_type = BigInt)]
    gone_id: i64,
    #[diesel(sql_type = BigInt)]
    stays_id: i64,
    #[diesel(sql_type = Text)]
    gone_state: String,
    #[diesel(sql_type = Text)]
    stays_state: String,
}

/// Moves the messages of one record to another. A bulletin that both were to get stays noted for both; it is the accepted
/// message that the one who stays is shown with, and who has it does not get it once more.
pub fn move_deliveries(
    db: &mut Db,
    gone: SubscriberId,
    stays: SubscriberId,
    email: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    const WHY: &str = "the same person gets it by another record";
    let mut both = Composed::new(
        "SELECT g.id AS gone_id, k.id AS stays_id, g.state AS gone_state, k.state AS stays_state \
         FROM delivery g JOIN delivery k ON k.bulletin_id = g.bulletin_id \
         WHERE g.subscriber_id = ? AND k.subscriber_id = ?",
    );
    both.number(gone.0).number(stays.0);
    let both: Vec<Both> = both.load(db)?;
    for one in both {
        let swaps = one.gone_state == "accepted" && one.stays_state != "accepted";
        // What a worker holds at this moment is on the wire and stays its.
        skip(db, if swaps { one.stays_id } else { one.gone_id }, WHY, now)?;
        if swaps {
            let mut free = Composed::new("UPDATE delivery SET subscriber_id = NULL WHERE id = ?");
            free.number(one.stays_id).execute(db)?;
            for (id, person) in [(one.gone_id, stays), (one.stays_id, gone)] {
                let mut set = Composed::new("UPDATE delivery SET subscriber_id = ? WHERE id = ?");
                set.number(person.0).number(id).execute(db)?;
            }
        }
    }
    // Notices that wait are about an address or a request that is no more.
    let mut notices = Composed::new(
        "SELECT id AS number FROM delivery WHERE subscriber_id = ? AND bulletin_id IS NULL AND finished_at IS NULL",
    );
    let notices: Vec<Key> = notices.number(gone.0).load(db)?;
    for notice in notices {
        skip(db, notice.number, "the record was merged into another", now)?;
    }
    let mut rest = Composed::new(
        "UPDATE delivery SET subscriber_id = ? WHERE subscriber_id = ? AND NOT EXISTS \
         (SELECT 1 FROM delivery k WHERE k.bulletin_id = delivery.bulletin_id AND k.subscriber_id = ?)",
    );
    rest.number(stays.0)
        .number(gone.0)
        .number(stays.0)
        .execute(db)?;
    crate::store::deliveries::readdress_open(db, stays, email)
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn skip(db: &mut Db, delivery: i64, why: &str, now: Timestamp) -> Result<(), StoreError> {
    let mut skip = Composed::new(
        "UPDATE delivery SET state = 'skipped', reply = ?, finished_at = ? \
         WHERE id = ? AND finished_at IS NULL AND state <> 'claimed'",
    );
    skip.text(why)
        .number(now.as_millis())
        .number(delivery)
        .execute(db)?;
    Ok(())
}

/// Moves everything else that hangs on a record: registrations (none of which may be open for both), and what came back.
pub fn move_rest(
    db: &mut Db,
    gone: SubscriberId,
    stays: SubscriberId,
    with_strikes: bool,
) -> Result<(), StoreError> {
    let strikes = if with_strikes { Some("strike") } else { None };
    let tables = ["registration", "inbound_event", "inbound_message"];
    for table in tables.into_iter().chain(strikes) {
        let mut query = Composed::new(&format!(
            "UPDATE {table} SET subscriber_id = ? WHERE subscriber_id = ?"
        ));
        query.number(stays.0).number(gone.0).execute(db)?;
    }
    Ok(())
}

/// Sets how often the address has failed, beside the strikes themselves.
pub fn set_strikes(db: &mut Db, id: SubscriberId, strikes: i32) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set(subscriber::strikes.eq(strikes))
        .execute(db)?;
    Ok(())
}

/// Sets the status, and leaves strikes and pause to the caller.
pub fn keep_status(
    db: &mut Db,
    id: SubscriberId,
    status: SubscriberStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(subscriber::table.find(id.0))
        .set((
            subscriber::status.eq(status.as_str()),
            subscriber::status_reason.eq(reason),
            subscriber::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}
