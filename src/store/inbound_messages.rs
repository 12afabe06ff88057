//! What came back and is kept as it came, for a person to look at.

use diesel::prelude::*;

use super::schema::{inbound_message, staff_member, subscriber};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::bounce::Category;
use crate::domain::inbound::{InboundId, Way};
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;

/// A message to be kept.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// By which way it came.
    pub way: Way,
    /// A hash of its content.
    pub digest: &'a str,
    /// What it seems to be.
    pub category: Category,
    /// Who wrote it, as it says.
    pub sender: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// Whom it may be about.
    pub subscriber: Option<SubscriberId>,
    /// How large it was.
    pub byte_count: i64,
    /// Its content, or the beginning of it.
    pub content: &'a [u8],
    /// Whether a person has to look at it.
    pub wants_attention: bool,
}

/// Keeps a message, unless the same is kept already. Returns its key if it was new.
pub fn keep(
    db: &mut Db,
    message: &NewMessage<'_>,
    now: Timestamp,
) -> Result<Option<InboundId>, StoreError> {
    let values = (
        inbound_message::received_at.eq(now.as_millis()),
        inbound_message::way.eq(message.way.as_str()),
        inbound_message::digest.eq(message.digest),
        inbound_message::category.eq(message.category.as_str()),
        inbound_message::sender.eq(message.sender),
        inbound_message::subject.eq(message.subject),
        inbound_message::subscriber_id.eq(message.subscriber.map(|id| id.0)),
        inbound_message::byte_count.eq(message.byte_count),
        inbound_message::content.eq(message.content),
        inbound_message::wants_attention.eq(message.wants_attention),
    );
    let added = each!(db, c => diesel::insert_into(inbound_message::table)
        .values(values)
        .on_conflict_do_nothing()
        .returning(inbound_message::id)
        .get_result::<i64>(c)
        .optional())?;
    Ok(added.map(InboundId))
}

/// A kept message, without its content.
#[derive(Debug, Clone, Queryable)]
pub struct MessageEntry {
    /// Key.
    pub id: InboundId,
    /// When it came.
    pub received_at: Timestamp,
    /// By which way.
    pub way: Way,
    /// What it seems to be.
    pub category: Category,
    /// Who wrote it, as it says.
    pub sender: String,
    /// Its subject.
    pub subject: String,
    /// Whom it may be about.
    pub subscriber_id: Option<SubscriberId>,
    /// Their address; empty once erased.
    pub email: Option<String>,
    /// How large it was.
    pub byte_count: i64,
    /// Whether a person has to look at it.
    pub wants_attention: bool,
    /// When one did.
    pub handled_at: Option<Timestamp>,
    /// Who.
    pub handled_by: Option<String>,
}

type EntryColumns = (
    inbound_message::id,
    inbound_message::received_at,
    inbound_message::way,
    inbound_message::category,
    inbound_message::sender,
    inbound_message::subject,
    inbound_message::subscriber_id,
    diesel::dsl::Nullable<subscriber::email>,
    inbound_message::byte_count,
    inbound_message::wants_attention,
    inbound_message::handled_at,
    diesel::dsl::Nullable<staff_member::name>,
);

fn entry_columns() -> EntryColumns {
    (
        inbound_message::id,
        inbound_message::received_at,
        inbound_message::way,
        inbound_message::category,
        inbound_message::sender,
        inbound_message::subject,
        inbound_message::subscriber_id,
        subscriber::email.nullable(),
        inbound_message::byte_count,
        inbound_message::wants_attention,
        inbound_message::handled_at,
        staff_member::name.nullable(),
    )
}

/// A message takes at least so much room, in octets, however short it is.
const LEAST: i64 = 4 * 1024;

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    size: i64,
}

/// How much room what is kept takes, in octets, when of each message at most `longest` are kept.
pub fn size(db: &mut Db, longest: i64) -> Result<i64, StoreError> {
    // Both databases have these words and no shorter ones in common.
    let query = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN byte_count > {longest} THEN {longest} \
         WHEN byte_count < {LEAST} THEN {LEAST} ELSE byte_count END), 0) AS BIGINT) AS size FROM inbound_message"
    );
    Ok(diesel::sql_query(query).get_result::<Size>(db)?.size)
}

/// Lets go of up to `limit` messages, the oldest first, that a person has dealt with or that need none. Returns how many
/// there were.
pub fn forget_done(db: &mut Db, before: InboundId, limit: i64) -> Result<usize, StoreError> {
    let done: Vec<i64> = inbound_message::table
        .filter(inbound_message::id.lt(before.0))
        .filter(
            inbound_message::handled_at
                .is_not_null()
                .or(inbound_message::wants_attention.eq(false)),
        )
        .order(inbound_message::id.asc())
        .select(inbound_message::id)
        .limit(limit)
        .load(db)?;
    let gone = inbound_message::table.filter(inbound_message::id.eq_any(done));
    Ok(diesel::delete(gone).execute(db)?)
}

/// The newest messages, or those before the message `before`; only what still wants attention, if so asked.
pub fn list(
    db: &mut Db,
    only_open: bool,
    before: Option<InboundId>,
    limit: i64,
) -> Result<Vec<MessageEntry>, StoreError> {
    let mut query = inbound_message::table
        .left_join(subscriber::table)
        .left_join(staff_member::table)
        .filter(inbound_message::id.lt(before.map_or(i64::MAX, |id| id.0)))
        .select(entry_columns())
        .order(inbound_message::id.desc())
        .limit(limit)
        .into_boxed();
    if only_open {
        query = query
            .filter(inbound_message::wants_attention.eq(true))
            .filter(inbound_message::handled_at.is_null());
    }
    Ok(query.load(db)?)
}

/// What was kept of a person, or may be about them, the newest first.
pub fn of(db: &mut Db, person: SubscriberId, limit: i64) -> Result<Vec<MessageEntry>, StoreError> {
    Ok(inbound_message::table
        .left_join(subscriber::table)
        .left_join(staff_member::table)
        .filter(inbound_message::subscriber_id.eq(person.0))
        .select(entry_columns())
        .order(inbound_message::id.desc())
        .limit(limit)
        .load(db)?)
}

/// A message and its content.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: InboundId) -> Result<(MessageEntry, Vec<u8>), StoreError> {
    Ok(inbound_message::table
        .left_join(subscriber::table)
        .left_join(staff_member::table)
        .filter(inbound_message::id.eq(id.0))
        .select((entry_columns(), inbound_message::content))
        .first(db)?)
}

/// How many messages still want attention.
pub fn count_open(db: &mut Db) -> Result<i64, StoreError> {
    Ok(inbound_message::table
        .filter(inbound_message::wants_attention.eq(true))
        .filter(inbound_message::handled_at.is_null())
        .count()
        .get_result(db)?)
}

/// Notes that a person has dealt with a message. Returns whether nobody had.
pub fn set_handled(
    db: &mut Db,
    id: InboundId,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        inbound_message::table
            .find(id.0)
            .filter(inbound_message::handled_at.is_null()),
    )
    .set((
        inbound_message::handled_at.eq(now.as_millis()),
        inbound_message::handled_by.eq(by.0),
    ))
    .execute(db)?;
    Ok(changed == 1)
}

/// Lets go of what came before then.
pub fn forget_before(db: &mut Db, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        inbound_message::table.filter(inbound_message::received_at.lt(before.as_millis())),
    )
    .execute(db)?)
}

/// Takes out what is kept about an erased person.
pub fn forget(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    diesel::delete(inbound_message::table.filter(inbound_message::subscriber_id.eq(subscriber.0)))
        .execute(db)?;
    Ok(())
}
