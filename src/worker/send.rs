//! One connection: takes a row, sends its message, has the outcome recorded, takes the next.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::app::AppError;
use crate::app::deliver::{self, ComposeError, Decision, FRESH_FOR, Job, Outcome, decide};
use crate::domain::delivery::DeliveryState;
use crate::domain::local_time;
use crate::mail::outcome::AddressConsequence;
use crate::store::deliveries::Finished;

use super::Shared;
use super::channel::Channel;
use super::recorder::Recording;

/// Runs until there are no more rows to come.
pub async fn run(
    shared: Arc<Shared>,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    results: mpsc::Sender<Recording>,
) {
    let mut channel = shared.transport.open();
    loop {
        let job = queue.lock().await.recv().await;
        let Some(job) = job else { break };
        if let Err(error) = handle(&shared, &mut channel, &job, &results).await {
            // The row stays claimed until its lease ends, and is due again then.
            tracing::warn!(
                delivery = job.row.id.0,
                error = &error as &dyn std::error::Error,
                "a row could not be worked on"
            );
        }
        shared.in_hand.put_down(job.row.id);
    }
    channel.close().await;
}

async fn handle(
    shared: &Shared,
    channel: &mut Channel,
    job: &Job,
    results: &mpsc::Sender<Recording>,
) -> Result<(), AppError> {
    let app = &shared.app;
    if shared.stop.is_cancelled() || shared.gate.opens_at().is_some() {
        return give_back(shared, job).await;
    }
    if let Some(rate) = &shared.rate {
        tokio::select! {
            () = rate.until_ready() => {}
            () = shared.stop.cancelled() => return give_back(shared, job).await,
        }
    }
    let is_fresh = job.claimed_at.elapsed() <= FRESH_FOR && !shared.gate.doubts(job.claimed_at);
    if !is_fresh && !deliver::is_still_wanted(app, &shared.name, job).await? {
        return Ok(());
    }
    let message = match shared.composer.message(job).await {
        Ok(message) => message,
        Err(ComposeError::App(error)) => return Err(error),
        Err(error) => {
            let outcome = cannot_be_made(job, &error, shared);
            return record(results, outcome).await;
        }
    };
    let result = channel.send(&message).await;
    let now = app.now();
    match decide(job, result, now, jitter()) {
        Decision::Record(outcome) => {
            record(results, outcome).await?;
            if shared.gate.works() {
                deliver::say_waiting(app, None).await?;
            }
        }
        Decision::RecordPolicy(outcome) => {
            let said = outcome.finished.reply.clone();
            record(results, outcome).await?;
            if let (true, Some(bulletin)) = (shared.gate.policy_refusal(), job.row.bulletin_id) {
                let why = format!(
                    "The mail server refuses messages from us by its policy: {said}. \
                     Please have this looked at, then resume."
                );
                deliver::pause_for_trouble(app, bulletin, why).await?;
            }
        }
        Decision::RecordAndWait(outcome, why) => {
            record(results, outcome).await?;
            wait(shared, &why).await?;
        }
        Decision::Wait(why) => {
            wait(shared, &why).await?;
            give_back(shared, job).await?;
        }
    }
    Ok(())
}

/// Leaves the server alone for a while, and says so on the pages.
async fn wait(shared: &Shared, why: &str) -> Result<(), AppError> {
    let pause = shared.gate.trouble();
    let now = shared.app.now();
    tracing::warn!(
        why,
        seconds = pause.as_secs(),
        "the mail server is left alone for a while"
    );
    let said = format!(
        "The mail server is in trouble since {}: {why}. Sending goes on by itself as soon as it \
         answers; nobody is missed.",
        local_time::display(now)
    );
    // The page keeps the first time and reason of a trouble, and is not rewritten every second.
    if shared.gate.is_news() {
        deliver::say_waiting(&shared.app, Some(said)).await?;
    }
    Ok(())
}

async fn give_back(shared: &Shared, job: &Job) -> Result<(), AppError> {
    let now = shared.app.now();
    let due_at = match shared.gate.opens_at() {
        Some(at) => now.plus(at.saturating_duration_since(tokio::time::Instant::now())),
        None => now,
    };
    deliver::release(&shared.app, &shared.name, vec![job.row.id], due_at).await
}

async fn record(results: &mpsc::Sender<Recording>, outcome: Outcome) -> Result<(), AppError> {
    let (told, kept) = oneshot::channel();
    results
        .send((outcome, told))
        .await
        .map_err(AppError::internal)?;
    kept.await.map_err(AppError::internal)
}

/// A message that cannot be made is a fault of ours; the row says which, and nobody waits for it.
fn cannot_be_made(job: &Job, error: &ComposeError, shared: &Shared) -> Outcome {
    tracing::error!(delivery = job.row.id.0, %error, "a message cannot be made");
    Outcome {
        finished: Finished {
            id: job.row.id,
            state: DeliveryState::Failed,
            due_at: shared.app.now(),
            counts: true,
            stage: None,
            reply_code: None,
            reply: format!("the message could not be made: {error}"),
        },
        bulletin: job.row.bulletin_id,
        subscriber: job.row.subscriber_id,
        consequence: AddressConsequence::None,
    }
}

/// From 0 to 1, so that retries do not come in one wave.
fn jitter() -> f64 {
    let mut byte = [128];
    // Without the system's random numbers all wait equally long: no harm.
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
