//! Staff do one thing to many people. Who they are is settled when it is asked for, and shown; after a yes it is done in
//! pieces, and goes on after a restart where it was. Nobody has it done twice.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::background_job::BackgroundJob;
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::grouped::grouped;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::bulk_changes::{self, BulkChange, Members};
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::subscribers::{self, Subscriber};
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError, audit_events};

use super::keep_subscribers::{Reinstated, reinstate_one, suspend_one};
use super::subscribe::may_come_back;
use super::unsubscribe::{leave, present};
use super::{App, AppError, background};

/// So many people at once, and no more.
pub const MOST: i64 = 50_000;

/// So many are changed in one transaction, so that sign-ups need not wait.
const PIECE: i64 = 100;

/// How long a change can be taken back.
const UNDO_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long what was asked for waits for a yes.
pub(super) const WAITS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// So many are listed.
const RECENT: i64 = 50;

/// After a fault the next piece is tried again so many times.
const TRIES: u32 = 5;

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

fn go_on(app: &App, id: i64) {
    let app = app.clone();
    tokio::spawn(async move {
        let mut tries = 0;
        while tries < TRIES {
            match piece(&app, id).await {
                Ok(is_done) => {
                    tries = 0;
                    background::works(&app, BackgroundJob::BulkChange, id).await;
                    if is_done {
                        return app.wake.notify_one();
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        id,
                        "a change to many halted"
                    );
                    let words = background::in_words(&error);
                    background::failed(&app, BackgroundJob::BulkChange, id, &words).await;
                    tries += 1;
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
    });
}

/// Does it for the next few. Returns whether it is done for all.
async fn piece(app: &App, id: i64) -> Result<bool, AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            bulk_changes::take_turn(db, id)?;
            let change = bulk_changes::get(db, id)?;
            if change.finished_at.is_none() {
                let people = bulk_changes::next(db, id, PIECE)?;
                for person in &people {
                    let outcome = match turn(db, *person)? {
                        Some(subscriber) => one(db, &change, &subscriber, now)?,
                        None => BulkOutcome::Gone,
                    };
                    bulk_changes::note(db, id, *person, outcome, now)?;
                }
                if people.is_empty() {
                    bulk_changes::finish(db, id, now)?;
                }
                return Ok(people.is_empty());
            }
            if change.undone_at.is_none() || change.undo_finished_at.is_some() {
                return Ok(true);
            }
            let people = bulk_changes::next_to_undo(db, id, PIECE)?;
            for (person, done_at) in &people {
                let undone = match turn(db, *person)? {
                    Some(subscriber) => bring_back(db, &change, &subscriber, *done_at, now)?,
                    None => false,
                };
                let outcome = if undone {
                    UndoOutcome::Undone
                } else {
                    UndoOutcome::ChangedSince
                };
                bulk_changes::note_undo(db, id, *person, outcome)?;
            }
            if people.is_empty() {
                bulk_changes::finish_undo(db, id, now)?;
            }
            Ok(people.is_empty())
        })
        .await
}

/// The person, whom nobody else changes until the transaction ends; none who is gone.
fn turn(db: &mut Db, person: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
    subscribers::take_turn(db, person)?;
    present(db, person)
}

fn one(
    db: &mut Db,
    change: &BulkChange,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<BulkOutcome, AppError> {
    let by = change.asked_by;
    let is_done = match change.action {
        BulkAction::AddTopic | BulkAction::RemoveTopic => {
            return topic(db, change, subscriber, now);
        }
        BulkAction::Suspend => suspend_one(db, by, subscriber, &change.reason, now)?,
        BulkAction::Unsubscribe => leave(db, subscriber, Channel::Staff, Some(by), now)?,
        BulkAction::Reinstate => match reinstate_one(db, by, subscriber, now)? {
            Some(Reinstated::AskedToConfirm) => return Ok(BulkOutcome::Asked),
            Some(Reinstated::AtOnce) => true,
            None => false,
        },
    };
    Ok(if is_done {
        BulkOutcome::Done
    } else {
        BulkOutcome::Unchanged
    })
}

/// Adds or takes away a topic. Who gets no bulletins has none added: to come back takes a consent of their own.
fn topic(
    db: &mut Db,
    change: &BulkChange,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<BulkOutcome, AppError> {
    let Some(topic) = change.topic_id else {
        return Ok(BulkOutcome::Unchanged);
    };
    let adds = change.action == BulkAction::AddTopic;
    let mut chosen = topics::chosen_by(db, subscriber.id)?;
    let has = chosen.iter().any(|one| one.id == topic);
    if has == adds {
        return Ok(BulkOutcome::Unchanged);
    }
    if adds {
        match subscriber.status {
            SubscriberStatus::Active => {}
            SubscriberStatus::Suspended => return Ok(BulkOutcome::Suspended),
            SubscriberStatus::Unsubscribed => return Ok(BulkOutcome::Unsubscribed),
            SubscriberStatus::Pending => return Ok(BulkOutcome::Pending),
            SubscriberStatus::Erased => return Ok(BulkOutcome::Gone),
        }
    }
    if adds {
        chosen.extend(topics::all(db)?.into_iter().find(|one| one.id == topic));
    } else if chosen.len() == 1 {
        return Ok(BulkOutcome::OnlyTopic);
    } else {
        chosen.retain(|one| one.id != topic);
    }
    let ids: Vec<TopicId> = chosen.iter().map(|one| one.id).collect();
    let slugs: Vec<&str> = chosen.iter().map(|one| one.slug.as_str()).collect();
    topics::set_chosen(db, subscriber.id, &ids)?;
    let event = NewConsentEvent {
        topics: Some(&slugs.join(",")),
        detail: Some(change.reason.as_str()).filter(|reason| !reason.is_empty()),
        staff: Some(change.asked_by),
        ..NewConsentEvent::new(subscriber.id, ConsentKind::TopicsChanged, Channel::Staff)
    };
    consent_events::append(db, &event, now)?;
    Ok(BulkOutcome::Done)
}

/// Takes a suspension or an unsubscription back, where it is the last that happened to the person. Returns whether it is.
fn bring_back(
    db: &mut Db,
    change: &BulkChange,
    subscriber: &Subscriber,
    done_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let id = subscriber.id;
    let (was, becomes, detail) = match change.action {
        BulkAction::Suspend => (
            ConsentKind::Suspended,
            ConsentKind::Reinstated,
            "Taken back: suspended by staff together with others",
        ),
        _ => (
            ConsentKind::Unsubscribed,
            ConsentKind::Resubscribed,
            "Taken back: unsubscribed by staff together with others",
        ),
    };
    let newest = consent_events::newest(db, id)?;
    let is_last = newest.is_some_and(|(kind, channel, at)| {
        kind == was && channel == Channel::Staff && Some(at) == done_at
    });
    if !is_last {
        return Ok(false);
    }
    let is_to_change = match change.action {
        // An address that has failed since stays suspended.
        BulkAction::Suspend
            if subscriber.status != SubscriberStatus::Suspended || may_come_back(subscriber) =>
        {
            return Ok(false);
        }
        BulkAction::Suspend => true,
        // Who was suspended meanwhile or before stays so: only the leaving is taken back.
        _ => subscriber.status == SubscriberStatus::Unsubscribed,
    };
    if is_to_change {
        // Only who was active or to be confirmed could be suspended, or leave so: this is what they were.
        let status = if consent_events::has_consented(db, id)? {
            SubscriberStatus::Active
        } else {
            SubscriberStatus::Pending
        };
        subscribers::set_status(db, id, status, None, now)?;
        if change.action == BulkAction::Suspend {
            subscribers::set_pause(db, id, subscriber.paused_until, now)?;
        }
    }
    let event = NewConsentEvent {
        detail: Some(detail),
        staff: change.undone_by,
        ..NewConsentEvent::new(id, becomes, Channel::Staff)
    };
    consent_events::append(db, &event, now)?;
    Ok(true)
}
