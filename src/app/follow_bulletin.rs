//! How far the sending of a bulletin is, and what happened to each person.

pub(super) mod pace;

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::domain::bounce::Category;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::consent::Channel;
use crate::domain::delivery::{DeliveryId, DeliveryState};
use crate::store::bulletin_reports::{self, Noted};
use crate::store::bulletin_waves::{self, Wave};
use crate::store::bulletins::{self, Bulletin};
use crate::store::delivery_reports::{self, AttemptReport, Page, RecipientFilter, RecipientReport};
use crate::store::{Db, StoreError};

use super::{App, AppError};

/// How far the sending is.
#[derive(Debug)]
pub struct Progress {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// How many rows are in each state; every state is there.
    pub counts: Vec<(DeliveryState, i64)>,
    /// How it is divided, where it is.
    pub wave: Option<Wave>,
    /// How many messages are finished in a second at present, where that is known.
    pub per_second: Option<f64>,
    /// The moment for which this stands.
    pub at: Timestamp,
}

impl Progress {
    /// How many rows are finished.
    pub fn finished(&self) -> i64 {
        self.counts
            .iter()
            .filter(|(state, _)| !state.is_open())
            .map(|(_, count)| count)
            .sum()
    }

    /// How many rows there are. While sending, and after, this is the audience.
    pub fn total(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// When the second wave goes out, and to how many; nothing where none waits.
    pub fn second_wave(&self) -> Option<(Timestamp, i64)> {
        let is_on = matches!(
            self.bulletin.state,
            BulletinState::Sending | BulletinState::Paused
        );
        let wave = self.wave.filter(|_| is_on)?;
        let rest = self.bulletin.audience_count - wave.first_count;
        Some((wave.waits_until()?, rest))
    }
}

/// How far the sending is. Of a large bulletin that is being sent, as of a moment ago.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn progress(app: &App, id: BulletinId) -> Result<Progress, AppError> {
    let (bulletin, wave) = app
        .store
        .read(move |db| {
            let wave = bulletin_waves::get(db, id)?;
            Ok::<_, AppError>((bulletins::get(db, id)?, wave))
        })
        .await?;
    // What came to its end is counted after that.
    let key = (id, bulletin.state, bulletin.finished_at);
    let store = app.store.clone();
    let count = move || async move {
        let found = store.read(move |db| delivery_reports::count_by_state(db, id));
        Ok(found.await?)
    };
    let found = app.delivery_counts.get(key, count).await?;
    let count = |state| {
        let found = found.iter().find(|(other, _)| *other == state);
        found.map_or(0, |(_, number)| *number)
    };
    let counts = DeliveryState::ALL.iter();
    let counts = counts.map(|&state| (state, count(state))).collect();
    let at = app.now();
    let mut progress = Progress {
        bulletin,
        counts,
        wave,
        per_second: None,
        at,
    };
    match progress.bulletin.state {
        BulletinState::Sending => {
            progress.per_second = app.paces.seen(id, progress.finished(), at);
        }
        _ => app.paces.stands_still(id),
    }
    Ok(progress)
}

/// So many people are on a page of the report.
pub const PAGE_SIZE: i64 = 100;

/// A page of what happened to each person, and whether there is more before and after it.
#[derive(Debug)]
pub struct Recipients {
    /// The rows, in the order in which they were queued.
    pub rows: Vec<RecipientReport>,
    /// Whether there are rows before these.
    pub has_before: bool,
    /// Whether there are rows after these.
    pub has_after: bool,
    /// What came of them afterwards, where that was asked for: when, and in words.
    pub notes: Notes,
}

/// What happened to each person.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn recipients(
    app: &App,
    id: BulletinId,
    filter: RecipientFilter,
    page: Page,
) -> Result<Recipients, AppError> {
    app.store
        .read(move |db| {
            bulletins::get(db, id)?;
            let (rows, notes) = list(db, id, &filter, page, PAGE_SIZE)?;
            let mut any = |page| list(db, id, &filter, page, 1).map(|(rows, _)| !rows.is_empty());
            let has_before = match rows.first().and_then(|row| row.subscriber_id) {
                Some(first) => any(Page::Before(first))?,
                None => false,
            };
            let has_after = match rows.last().and_then(|row| row.subscriber_id) {
                Some(last) => any(Page::After(last))?,
                None => false,
            };
            Ok(Recipients {
                rows,
                has_before,
                has_after,
                notes,
            })
        })
        .await
}

/// What came of messages afterwards: when, and in words.
type Notes = HashMap<DeliveryId, (Timestamp, String)>;

/// The rows of a list, and what is noted of them.
pub(super) fn list(
    db: &mut Db,
    id: BulletinId,
    filter: &RecipientFilter,
    page: Page,
    limit: i64,
) -> Result<(Vec<RecipientReport>, Notes), StoreError> {
    let Some(of) = filter.aftermath else {
        let rows = delivery_reports::recipients(db, id, filter, page, limit)?;
        return Ok((rows, HashMap::new()));
    };
    let noted = bulletin_reports::noted(db, id, of, page, limit)?;
    let ids: Vec<DeliveryId> = noted.iter().map(|note| note.id).collect();
    let rows = delivery_reports::recipients_by_id(db, &ids)?;
    let notes = noted.into_iter().map(|note| {
        let words = in_words(&note);
        (note.id, (note.at, words))
    });
    Ok((rows, notes.collect()))
}

/// "No such mailbox (5.1.1)", or "One-click unsubscribe".
fn in_words(note: &Noted) -> String {
    let category = note.what.parse::<Category>().map(Category::label);
    let channel = || note.what.parse::<Channel>().map(Channel::label);
    let what = category.or_else(|_| channel()).unwrap_or_default();
    match &note.code {
        Some(code) => format!("{what} ({code})"),
        None => what.to_owned(),
    }
}

/// What happened to one person, and what the server said at every try, the oldest first.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn recipient(
    app: &App,
    id: BulletinId,
    row: DeliveryId,
) -> Result<(RecipientReport, Vec<AttemptReport>), AppError> {
    app.store
        .read(move |db| {
            let report = delivery_reports::recipient(db, id, row)?;
            let mut attempts = delivery_reports::attempts(db, row)?;
            if report.state == DeliveryState::Accepted {
                attempts.push(AttemptReport {
                    at: report.finished_at.unwrap_or(report.due_at),
                    outcome: report.state,
                    stage: report.stage.clone(),
                    reply: report.reply.clone(),
                });
            }
            Ok((report, attempts))
        })
        .await
}
