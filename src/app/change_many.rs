//! Staff do one thing to many people. Who they are is settled when it is asked for, and shown; after a yes it is done in
//! pieces, and goes on after a restart where it was. Nobody has it done twice.

mod pieces;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::grouped::grouped;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberId;
use crate::domain::topic::TopicId;
use crate::store::audit_events;
use crate::store::bulk_changes::{self, BulkChange, Members};
use crate::store::topics::{self, Topic};

use self::pieces::go_on;
use super::{App, AppError};

/// So many people at once, and no more.
pub const MOST: i64 = 50_000;

/// How long a change can be taken back.
const UNDO_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long what was asked for waits for a yes.
pub(super) const WAITS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// So many are listed.
const RECENT: i64 = 50;

/// Settles who the people are. Nothing is changed by that. Returns its key.
///
/// # Errors
/// [`AppError::Invalid`] where they are nobody, or too many.
pub async fn ask(
    app: &App,
    by: StaffId,
    action: BulkAction,
    members: Members,
) -> Result<i64, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let invalid = |problem: String| AppError::Invalid(vec![("bulk", problem)]);
            let (id, count) = bulk_changes::ask(db, action, &members, by, now)?;
            if count == 0 {
                return Err(invalid("Nobody is ticked or found.".to_owned()));
            }
            if count > MOST {
                return Err(invalid(format!(
                    "These are {} people. At most {} can be changed at once: please filter further.",
                    grouped(count),
                    grouped(MOST)
                )));
            }
            Ok(id)
        })
        .await
}

/// A change, and how it stands.
#[derive(Debug)]
pub struct View {
    /// The change.
    pub change: BulkChange,
    /// Some of the people, each with name and address.
    pub some: Vec<(SubscriberId, String, String)>,
    /// The topic that is added or taken away, once it is begun.
    pub topic: Option<Topic>,
    /// The topics to choose from before it is begun: to add, those that are offered; to take away, all.
    pub topics: Vec<Topic>,
    /// For how many it came to what; `None`: still to be done.
    pub outcomes: Vec<(Option<BulkOutcome>, i64)>,
    /// For how many taking it back came to what.
    pub undone: Vec<(Option<UndoOutcome>, i64)>,
    /// Whether it can be taken back now.
    pub may_undo: bool,
}

/// A change, and how it stands.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: i64) -> Result<View, AppError> {
    const SOME: i64 = 8;
    let now = app.now();
    app.store
        .read(move |db| {
            let change = bulk_changes::get(db, id)?;
            let topics = topics::all(db)?;
            let outcomes = bulk_changes::outcomes(db, id)?;
            let is_done = |(outcome, count): &(Option<BulkOutcome>, i64)| {
                *outcome == Some(BulkOutcome::Done) && *count > 0
            };
            Ok(View {
                may_undo: may_undo(&change, now) && outcomes.iter().any(is_done),
                some: bulk_changes::first_members(db, id, SOME)?,
                topic: topics
                    .iter()
                    .find(|topic| Some(topic.id) == change.topic_id)
                    .cloned(),
                topics: match change.action {
                    BulkAction::AddTopic => topics::offered(db)?,
                    _ => topics,
                },
                outcomes,
                undone: match change.undone_at {
                    Some(_) => bulk_changes::undo_outcomes(db, id)?,
                    None => Vec::new(),
                },
                change,
            })
        })
        .await
}

/// Those that were begun last, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn recent(app: &App) -> Result<Vec<BulkChange>, AppError> {
    app.store
        .read(|db| Ok(bulk_changes::recent(db, RECENT)?))
        .await
}

fn may_undo(change: &BulkChange, now: Timestamp) -> bool {
    change.action.can_be_undone()
        && change.undone_at.is_none()
        && change
            .finished_at
            .is_some_and(|finished| now.since(finished) <= UNDO_FOR)
}

/// Begins it, in the background.
///
/// # Errors
/// [`AppError::Refused`] when it was begun already, or the topic to be added is retired; [`AppError::NotFound`].
pub async fn start(
    app: &App,
    by: StaffId,
    id: i64,
    topic: Option<TopicId>,
    reason: String,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let change = bulk_changes::get(db, id)?;
            if change.action == BulkAction::AddTopic
                && !topics::offered(db)?.iter().any(|one| Some(one.id) == topic)
            {
                return Err(AppError::refused(
                    "This topic is retired, and cannot be added to anybody.",
                ));
            }
            if !bulk_changes::start(db, id, by, topic, &reason, now)? {
                return Err(AppError::refused("This was begun already."));
            }
            let detail = format!(
                "{}: {} people",
                change.action.label(),
                grouped(change.member_count)
            );
            let entity = ("bulk", Some(id));
            Ok(audit_events::append(
                db,
                Some(by),
                "subscribers.change-many",
                entity,
                Some(&detail),
                now,
            )?)
        })
        .await?;
    go_on(app, id);
    Ok(())
}

/// Takes it back, in the background, for those to whom nothing else has happened since.
///
/// # Errors
/// [`AppError::Refused`] when it cannot be taken back; [`AppError::NotFound`].
pub async fn undo(app: &App, by: StaffId, id: i64) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let change = bulk_changes::get(db, id)?;
            if !may_undo(&change, now) || !bulk_changes::start_undo(db, id, by, now)? {
                return Err(AppError::refused("This cannot be taken back any more."));
            }
            let detail = change.action.label();
            let entity = ("bulk", Some(id));
            Ok(audit_events::append(
                db,
                Some(by),
                "subscribers.change-many-undo",
                entity,
                Some(detail),
                now,
            )?)
        })
        .await?;
    go_on(app, id);
    Ok(())
}

/// Goes on with what was begun and is not done: the program ended meanwhile.
///
/// # Errors
/// [`AppError::Store`].
pub async fn resume(app: &App) -> Result<(), AppError> {
    let unfinished = app.store.read(bulk_changes::unfinished).await?;
    for id in unfinished {
        go_on(app, id);
    }
    Ok(())
}
