//! A change to many, done and taken back in pieces: a transaction each, with a person's turn before theirs is touched.

use std::time::Duration;

use crate::app::keep_subscribers::{Reinstated, reinstate_one, suspend_one};
use crate::app::subscribe::may_come_back;
use crate::app::unsubscribe::{leave, present};
use crate::app::{App, AppError, background};
use crate::clock::Timestamp;
use crate::domain::background_job::BackgroundJob;
use crate::domain::bulk_change::{BulkAction, BulkOutcome, UndoOutcome};
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::subscriber::{SubscriberId, SubscriberStatus};
use crate::domain::topic::TopicId;
use crate::store::bulk_changes::{self, BulkChange};
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::subscribers::{self, Subscriber};
use crate::store::topics;
use crate::store::{Db, StoreError};

/// So many are changed in one transaction, so that sign-ups need not wait.
const PIECE: i64 = 100;

/// After a fault the next piece is tried again so many times.
const TRIES: u32 = 5;

/// Does it in the background, and tells the workers when there may be messages to send.
pub(super) fn go_on(app: &App, id: i64) {
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
