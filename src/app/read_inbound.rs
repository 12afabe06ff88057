//! Staff look at what came back.

use crate::domain::bounce::Category;
use crate::domain::bulletin::BulletinId;
use crate::domain::inbound::InboundId;
use crate::domain::staff_member::StaffId;
use crate::store::Db;
use crate::store::audit_events;
use crate::store::inbound_events::{self, EventFilter, EventReport};
use crate::store::inbound_messages::{self, MessageEntry};

use super::take_in::LONGEST_KEPT;
use super::{App, AppError};

/// So much is on a page.
pub const PAGE_SIZE: i64 = 50;

/// The newest messages that are kept, and whether there are older ones.
///
/// # Errors
/// [`AppError::Store`].
pub async fn messages(
    app: &App,
    only_open: bool,
    before: Option<InboundId>,
) -> Result<(Vec<MessageEntry>, bool), AppError> {
    app.store
        .read(move |db| {
            let found = inbound_messages::list(db, only_open, before, PAGE_SIZE + 1)?;
            Ok(page(found))
        })
        .await
}

/// The newest of what was understood, and whether there is more.
///
/// # Errors
/// [`AppError::Store`].
pub async fn events(app: &App, filter: EventFilter) -> Result<(Vec<EventReport>, bool), AppError> {
    app.store
        .read(move |db| Ok(page(inbound_events::list(db, filter, PAGE_SIZE + 1)?)))
        .await
}

fn page<T>(mut found: Vec<T>) -> (Vec<T>, bool) {
    let most = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    (found, has_more)
}

/// A message as it came.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: InboundId) -> Result<(MessageEntry, Vec<u8>), AppError> {
    app.store
        .read(move |db| Ok(inbound_messages::get(db, id)?))
        .await
}

/// Notes that somebody has dealt with a message.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn set_handled(app: &App, by: StaffId, id: InboundId) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            inbound_messages::get(db, id)?;
            if inbound_messages::set_handled(db, id, by, now)? {
                let entity = ("inbound", Some(id.0));
                audit_events::append(db, Some(by), "inbound.handled", entity, None, now)?;
            }
            Ok(())
        })
        .await
}

/// How much of the room for messages that are kept is taken, in hundredths.
///
/// # Errors
/// [`AppError::Store`].
pub(super) fn percent_full(db: &mut Db, room: u64) -> Result<u64, AppError> {
    let longest = i64::try_from(LONGEST_KEPT).unwrap_or(i64::MAX);
    let size = u64::try_from(inbound_messages::size(db, longest)?).unwrap_or_default();
    Ok(size.saturating_mul(100) / room.max(1))
}

/// How much of each category came back of a bulletin, the most first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_bulletin(app: &App, id: BulletinId) -> Result<Vec<(Category, i64)>, AppError> {
    let mut counts = app
        .store
        .read(move |db| inbound_events::count_by_category(db, id))
        .await?;
    counts.sort_by_key(|(category, count)| (-count, category.as_str()));
    Ok(counts)
}
