//! Claims rows and puts them in the queue of the connections; sleeps until the next one is due.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::app::AppError;
use crate::app::deliver::{self, Lanes};
use crate::app::send_bulletin;
use crate::domain::delivery::DeliveryId;

use super::Shared;
use super::in_hand::Held;
use super::recorder::Recorder;
use super::send::Sender;

/// Rows in hand for each connection at first: few, so that several workers share a small bulletin.
const ROWS_PER_CONNECTION: usize = 4;

/// The most rows in one claim: more of them at once make none of them cheaper.
const MOST: usize = 512;

/// Rows that are gone so soon were too few: the next claim takes twice as many. What lasts longer than twice this was
/// too many.
const SHOULD_LAST: Duration = Duration::from_millis(250);

/// Work that another process queued is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After a failure of the database, look again in this time.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Leases are renewed three times in their life.
const RENEW_EVERY: Duration = Duration::from_secs(deliver::LEASE.as_secs() / 3);

/// How many rows are claimed at a time.
struct Portion {
    rows: usize,
    least: usize,
    claimed_at: Option<Instant>,
}

/// Runs until the worker is stopped.
pub async fn run(shared: Arc<Shared>) {
    let recorder = Recorder::new(&shared.app, &shared.name);
    let tasks = TaskTracker::new();
    let mut connections = 0;
    for (place, route) in shared.routes.iter().enumerate() {
        connections += route.connections;
        for _ in 0..route.connections {
            let sender = Sender {
                shared: shared.clone(),
                route: place,
                recorder: recorder.clone(),
            };
            tasks.spawn(sender.run());
        }
    }
    let renewing = tokio::spawn(renew(shared.clone()));
    tasks.close();

    // What an earlier run said of the mail server may no longer be so.
    if let Err(error) = shared.board.begin(&shared.app).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the pages may show old trouble"
        );
    }
    let mut portion = Portion::new(connections * ROWS_PER_CONNECTION);
    let mut woken = false;
    while !shared.stop.is_cancelled() {
        let nap = match look(&shared, &mut portion, woken).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the queue cannot be read"
                );
                AFTER_FAILURE
            }
        };
        woken = tokio::select! {
            () = shared.stop.cancelled() => break,
            () = shared.app.wake.notified(), if nap > Duration::ZERO => true,
            () = shared.queue.low(), if nap > Duration::ZERO => false,
            () = tokio::time::sleep(nap) => false,
        };
    }
    shared.queue.close();
    give_back(&shared, shared.queue.drain()).await;
    tasks.wait().await;
    // What the connections put back.
    give_back(&shared, shared.queue.drain()).await;
    recorder.finish().await;
    renewing.abort();
}

/// Starts what is due and claims as much as there is room for. Returns how long there is nothing to do.
async fn look(shared: &Shared, portion: &mut Portion, woken: bool) -> Result<Duration, AppError> {
    shared.board.refresh(&shared.app).await?;
    if let Some(at) = shared.opens_at() {
        // Nobody takes from the queue meanwhile; another worker may get through.
        give_back(shared, shared.queue.drain()).await;
        let nap = at.saturating_duration_since(Instant::now());
        return Ok(nap.clamp(Duration::from_millis(5), LOOK_EVERY));
    }
    send_bulletin::start_due(&shared.app).await?;
    let waiting = shared.queue.len();
    let (lanes, limit) = if waiting * 2 < portion.rows {
        (Lanes::All, portion.next() - waiting.min(portion.rows))
    } else if woken {
        (Lanes::Notices, portion.least)
    } else {
        return Ok(LOOK_EVERY);
    };
    let claimed = deliver::claim(&shared.app, &shared.name, lanes, limit).await?;
    let is_all = claimed.len() < limit;
    let held = claimed.into_iter().map(|job| shared.in_hand.take(job));
    // Where there was no more, none is asked for before some falls due.
    let full = if is_all { 0 } else { portion.rows };
    shared.queue.push(held.collect(), full);
    if !is_all || lanes == Lanes::Notices {
        return Ok(LOOK_EVERY);
    }
    deliver::skip_cancelled(&shared.app).await?;
    let now = shared.app.now();
    let next = deliver::next_due(&shared.app).await?;
    Ok(next
        .map_or(LOOK_EVERY, |at| at.since(now))
        .clamp(Duration::from_millis(5), LOOK_EVERY))
}

/// Gives rows back that nobody has begun. Those that cannot be given back fall due when their leases end.
async fn give_back(shared: &Shared, rows: Vec<Held>) {
    if rows.is_empty() {
        return;
    }
    let ids: Vec<DeliveryId> = rows.iter().map(|held| held.row().id).collect();
    let now = shared.app.now();
    let due_at = match shared.opens_at() {
        Some(at) => now.plus(at.saturating_duration_since(Instant::now())),
        None => now,
    };
    if let Err(error) = deliver::release(&shared.app, &shared.name, ids, due_at).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "rows cannot be given back; they are due again when their leases end"
        );
    }
}

impl Portion {
    fn new(least: usize) -> Self {
        let least = least.clamp(1, MOST);
        Self {
            rows: least,
            least,
            claimed_at: None,
        }
    }

    /// How many rows are to be in hand, by how soon the last ones were gone.
    fn next(&mut self) -> usize {
        let now = Instant::now();
        if let Some(at) = self.claimed_at.replace(now) {
            let lasted = now.saturating_duration_since(at);
            if lasted < SHOULD_LAST {
                self.rows = (self.rows * 2).min(MOST.max(self.least));
            } else if lasted > 2 * SHOULD_LAST {
                self.rows = (self.rows / 2).max(self.least);
            }
        }
        self.rows
    }
}

async fn renew(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        if let Err(error) = deliver::renew(&shared.app, &shared.name, shared.in_hand.all()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "leases cannot be renewed"
            );
        }
    }
}
