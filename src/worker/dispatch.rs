//! Claims rows and hands them to the connections; sleeps until the next one is due.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::app::AppError;
use crate::app::deliver;
use crate::app::send_bulletin;

use super::Shared;
use super::recorder;
use super::send;

/// Rows in hand for each connection: enough that none waits for the database, few enough that what
/// is in hand is fresh.
const ROWS_PER_CONNECTION: usize = 4;

/// Work that another process queued is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After a failure of the database, look again in this time.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Leases are renewed three times in their life.
const RENEW_EVERY: Duration = Duration::from_secs(deliver::LEASE.as_secs() / 3);

/// Runs until the worker is stopped.
pub async fn run(shared: Arc<Shared>) {
    let connections = usize::from(shared.app.settings.delivery.connections);
    let (jobs, queue) = async_channel(connections);
    let (results, recorded) = recorder::channel();
    let tasks = TaskTracker::new();
    for _ in 0..connections {
        tasks.spawn(send::run(shared.clone(), queue.clone(), results.clone()));
    }
    drop((queue, results));
    let recording = tokio::spawn(recorder::run(shared.clone(), recorded));
    let renewing = tokio::spawn(renew(shared.clone()));
    tasks.close();

    // What an earlier run said of the mail server may no longer be so.
    if let Err(error) = deliver::say_waiting(&shared.app, None).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the pages may show old trouble"
        );
    }
    loop {
        let nap = match look(&shared, &jobs, connections).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the queue cannot be read"
                );
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => break,
            () = shared.app.wake.notified(), if nap > Duration::ZERO => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
    drop(jobs);
    tasks.wait().await;
    let _ = recording.await;
    renewing.abort();
}

/// Starts what is due and claims as much as there is room for. Returns how long there is nothing to do.
async fn look(
    shared: &Shared,
    jobs: &mpsc::Sender<deliver::Job>,
    connections: usize,
) -> Result<Duration, AppError> {
    if let Some(at) = shared.gate.opens_at() {
        return Ok(at
            .saturating_duration_since(tokio::time::Instant::now())
            .min(LOOK_EVERY));
    }
    send_bulletin::start_due(&shared.app).await?;
    let room = jobs.capacity();
    if room < connections {
        // The connections take from the channel; wait until there is room for some more.
        let _ = tokio::time::timeout(LOOK_EVERY, jobs.reserve_many(connections)).await;
        return Ok(Duration::ZERO);
    }
    let claimed = deliver::claim(&shared.app, &shared.name, room).await?;
    let is_all = claimed.len() < room;
    for job in claimed {
        let id = job.row.id;
        shared.in_hand.take(id);
        // There is room for all of them: nobody else puts anything in.
        if let Err(error) = jobs.try_send(job) {
            shared.in_hand.put_down(id);
            tracing::error!(%error, "a claimed row found no room; it is due again after its lease");
        }
    }
    if !is_all {
        return Ok(Duration::ZERO);
    }
    deliver::skip_cancelled(&shared.app).await?;
    let now = shared.app.now();
    let next = deliver::next_due(&shared.app).await?;
    Ok(next
        .map_or(LOOK_EVERY, |at| at.since(now))
        .clamp(Duration::from_millis(5), LOOK_EVERY))
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

/// The rows in hand. Every connection takes from the same end.
fn async_channel(
    connections: usize,
) -> (
    mpsc::Sender<deliver::Job>,
    Arc<tokio::sync::Mutex<mpsc::Receiver<deliver::Job>>>,
) {
    let (jobs, queue) = mpsc::channel(connections * ROWS_PER_CONNECTION);
    (jobs, Arc::new(tokio::sync::Mutex::new(queue)))
}
