//! Registrations: who has a place at a symposium, and who waits for one. Their keys give the order of asking.

use diesel::prelude::*;

use super::schema::{registration, subscriber, symposium};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::registration::{Needs, RegistrationId, RegistrationState};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::symposium::{SymposiumId, SymposiumState};

/// A registration, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Registration {
    /// Key.
    pub id: RegistrationId,
    /// For what.
    pub symposium_id: SymposiumId,
    /// Whose.
    pub subscriber_id: SubscriberId,
    /// How it stands.
    pub state: RegistrationState,
    /// What they do not eat.
    dietary: Option<String>,
    /// What helps them to take part.
    access: Option<String>,
    /// When they asked for a place.
    pub asked_at: Timestamp,
    /// When they got one after waiting.
    pub moved_up_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When they were reminded.
    pub reminded_at: Option<Timestamp>,
    /// Whether they came, where it was noted.
    pub attended: Option<bool>,
}

impl Registration {
    /// What they need at the event.
    pub fn needs(&self) -> Needs {
        Needs {
            dietary: self.dietary.clone(),
            access: self.access.clone(),
        }
    }

    /// Whether they have a place or wait for one.
    pub fn is_open(&self) -> bool {
        self.state != RegistrationState::Cancelled
    }
}

/// A registration, with who it is.
#[derive(Debug, Clone, Queryable)]
pub struct Participant {
    /// The registration.
    pub registration: Registration,
    /// Name.
    pub name: String,
    /// Address; empty once erased.
    pub email: String,
    /// Practice.
    pub practice: Option<String>,
    /// Whether they receive bulletins.
    pub status: SubscriberStatus,
}

#[diesel::dsl::auto_type]
fn is_open() -> _ {
    let cancelled: &'static str = RegistrationState::Cancelled.as_str();
    registration::state.ne(cancelled)
}

/// Adds a registration. `None` where this person has one already.
pub fn insert(
    db: &mut Db,
    symposium: SymposiumId,
    subscriber: SubscriberId,
    state: RegistrationState,
    needs: &Needs,
    now: Timestamp,
) -> Result<Option<RegistrationId>, StoreError> {
    let values = (
        registration::symposium_id.eq(symposium.0),
        registration::subscriber_id.eq(subscriber.0),
        registration::state.eq(state.as_str()),
        registration::dietary.eq(&needs.dietary),
        registration::access.eq(&needs.access),
        registration::asked_at.eq(now.as_millis()),
    );
    let id: Option<i64> = each!(db, c => diesel::insert_into(registration::table)
        .values(values)
        .on_conflict_do_nothing()
        .returning(registration::id)
        .get_result(c)
        .optional())?;
    Ok(id.map(RegistrationId))
}

/// The registration with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: RegistrationId) -> Result<Registration, StoreError> {
    Ok(registration::table
        .find(id.0)
        .select(registration::all_columns)
        .first(db)?)
}

/// The place, or the one on the waiting list, that a person has at a symposium.
pub fn open_of(
    db: &mut Db,
    symposium: SymposiumId,
    subscriber: SubscriberId,
) -> Result<Option<Registration>, StoreError> {
    Ok(registration::table
        .filter(registration::symposium_id.eq(symposium.0))
        .filter(registration::subscriber_id.eq(subscriber.0))
        .filter(is_open())
        .select(registration::all_columns)
        .first(db)
        .optional()?)
}

/// All registrations of a person, the newest first.
pub fn of_subscriber(
    db: &mut Db,
    subscriber: SubscriberId,
) -> Result<Vec<Registration>, StoreError> {
    Ok(registration::table
        .filter(registration::subscriber_id.eq(subscriber.0))
        .select(registration::all_columns)
        .order(registration::id.desc())
        .load(db)?)
}

/// How many people have a place, and how many wait for one.
pub fn count(db: &mut Db, symposium: SymposiumId) -> Result<(i64, i64), StoreError> {
    let of = |state: RegistrationState| {
        registration::table
            .filter(registration::symposium_id.eq(symposium.0))
            .filter(registration::state.eq(state.as_str()))
            .count()
    };
    Ok((
        of(RegistrationState::Registered).get_result(db)?,
        of(RegistrationState::Waiting).get_result(db)?,
    ))
}

/// The place on the waiting list, from 1, of somebody who waits.
pub fn position(db: &mut Db, waiting: &Registration) -> Result<i64, StoreError> {
    Ok(registration::table
        .filter(registration::symposium_id.eq(waiting.symposium_id.0))
        .filter(registration::state.eq(RegistrationState::Waiting.as_str()))
        .filter(registration::id.le(waiting.id.0))
        .count()
        .get_result(db)?)
}

/// How many registrations the same person had there before this one; each was cancelled.
pub fn earlier(db: &mut Db, one: &Registration) -> Result<i64, StoreError> {
    Ok(registration::table
        .filter(registration::symposium_id.eq(one.symposium_id.0))
        .filter(registration::subscriber_id.eq(one.subscriber_id.0))
        .filter(registration::id.lt(one.id.0))
        .count()
        .get_result(db)?)
}

/// The first on the waiting list, at most so many, in the order of asking.
pub fn first_waiting(
    db: &mut Db,
    symposium: SymposiumId,
    limit: i64,
) -> Result<Vec<Registration>, StoreError> {
    Ok(registration::table
        .filter(registration::symposium_id.eq(symposium.0))
        .filter(registration::state.eq(RegistrationState::Waiting.as_str()))
        .select(registration::all_columns)
        .order(registration::id.asc())
        .limit(limit)
        .load(db)?)
}

/// Gives somebody who waits a place.
pub fn move_up(db: &mut Db, id: RegistrationId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(registration::table.find(id.0))
        .set((
            registration::state.eq(RegistrationState::Registered.as_str()),
            registration::moved_up_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(())
}

/// Cancels a registration; what they need is not needed any more. Returns whether it was open.
pub fn cancel(db: &mut Db, id: RegistrationId, now: Timestamp) -> Result<bool, StoreError> {
    let cancelled = diesel::update(registration::table.find(id.0).filter(is_open()))
        .set((
            registration::state.eq(RegistrationState::Cancelled.as_str()),
            registration::dietary.eq(None::<String>),
            registration::access.eq(None::<String>),
            registration::cancelled_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    Ok(cancelled == 1)
}

/// Changes what somebody needs.
pub fn set_needs(db: &mut Db, id: RegistrationId, needs: &Needs) -> Result<(), StoreError> {
    diesel::update(registration::table.find(id.0).filter(is_open()))
        .set((
            registration::dietary.eq(&needs.dietary),
            registration::access.eq(&needs.access),
        ))
        .execute(db)?;
    Ok(())
}

/// Notes who of those with a place came. Of everybody else who has one it is noted that they did not.
pub fn set_attended(
    db: &mut Db,
    symposium: SymposiumId,
    attended: &[RegistrationId],
) -> Result<(), StoreError> {
    let with_a_place = || {
        registration::table
            .filter(registration::symposium_id.eq(symposium.0))
            .filter(registration::state.eq(RegistrationState::Registered.as_str()))
    };
    diesel::update(with_a_place())
        .set(registration::attended.eq(Some(false)))
        .execute(db)?;
    // In pieces: SQLite takes only so many values at a time.
    for ids in attended.chunks(500) {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        diesel::update(with_a_place().filter(registration::id.eq_any(ids)))
            .set(registration::attended.eq(Some(true)))
            .execute(db)?;
    }
    Ok(())
}

/// Everybody who asked for a place, in the order of asking.
pub fn participants(db: &mut Db, symposium: SymposiumId) -> Result<Vec<Participant>, StoreError> {
    Ok(registration::table
        .inner_join(subscriber::table)
        .filter(registration::symposium_id.eq(symposium.0))
        .select((
            registration::all_columns,
            subscriber::name,
            subscriber::email,
            subscriber::practice,
            subscriber::status,
        ))
        .order(registration::id.asc())
        .load(db)?)
}

/// Has those who are still to come reminded anew: the event has moved to another day.
pub fn forget_reminders(db: &mut Db, symposium: SymposiumId) -> Result<(), StoreError> {
    diesel::update(registration::table.filter(registration::symposium_id.eq(symposium.0)))
        .set(registration::reminded_at.eq(None::<i64>))
        .execute(db)?;
    Ok(())
}

/// People with a place at events that begin after `now` and no later than `until`, and who were not reminded: at most
/// `limit` of them. Who registered after `registered_before` has just been told.
pub fn to_be_reminded(
    db: &mut Db,
    now: Timestamp,
    until: Timestamp,
    registered_before: Timestamp,
    limit: i64,
) -> Result<Vec<Registration>, StoreError> {
    Ok(registration::table
        .inner_join(symposium::table)
        .filter(registration::state.eq(RegistrationState::Registered.as_str()))
        .filter(registration::reminded_at.is_null())
        .filter(registration::asked_at.lt(registered_before.as_millis()))
        .filter(symposium::state.eq(SymposiumState::Published.as_str()))
        .filter(symposium::starts_at.gt(now.as_millis()))
        .filter(symposium::starts_at.le(until.as_millis()))
        .select(registration::all_columns)
        .order(registration::id.asc())
        .limit(limit)
        .load(db)?)
}

/// Notes that somebody is reminded. Returns whether that is new: of two workers that see it due, one notes it.
pub fn set_reminded(db: &mut Db, id: RegistrationId, now: Timestamp) -> Result<bool, StoreError> {
    let noted = diesel::update(
        registration::table
            .find(id.0)
            .filter(registration::state.eq(RegistrationState::Registered.as_str()))
            .filter(registration::reminded_at.is_null()),
    )
    .set(registration::reminded_at.eq(now.as_millis()))
    .execute(db)?;
    Ok(noted == 1)
}

/// Takes out what people need at events that ended before then.
pub fn forget_needs(db: &mut Db, ended_before: Timestamp) -> Result<usize, StoreError> {
    let over = symposium::table
        .filter(symposium::ends_at.lt(ended_before.as_millis()))
        .select(symposium::id);
    Ok(diesel::update(
        registration::table
            .filter(registration::symposium_id.eq_any(over))
            .filter(
                registration::dietary
                    .is_not_null()
                    .or(registration::access.is_not_null()),
            ),
    )
    .set((
        registration::dietary.eq(None::<String>),
        registration::access.eq(None::<String>),
    ))
    .execute(db)?)
}

/// Takes out what a person needs, wherever they told it.
pub fn forget_needs_of(db: &mut Db, subscriber: SubscriberId) -> Result<(), StoreError> {
    diesel::update(registration::table.filter(registration::subscriber_id.eq(subscriber.0)))
        .set((
            registration::dietary.eq(None::<String>),
            registration::access.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(())
}
