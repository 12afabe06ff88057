//! One connection: hands over a message, begins the next one behind it, has both settled, goes on.
//!
//! A message's content is handed over when two things are in the ledger: what became of the message before it on this
//! connection, and that this one may still go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::AppError;
use crate::app::deliver::{self, ComposeError, Decision, Job, Outcome, decide};
use crate::domain::local_time;
use crate::domain::staff_mail::HeldBecause;
use crate::mail::message::OutgoingMessage;
use crate::mail::outcome::{SendResult, Stage};
use crate::mail::smtp::Envelope;

use super::Shared;
use super::in_hand::Held;
use super::line::Line;
use super::recorder::Recorder;
use super::route::Route;

/// A connection without work is closed after this time; servers end idle ones after some minutes by themselves.
const IDLE_FOR: Duration = Duration::from_secs(20);

/// A server that waits for a content longer than this (the database was away) may have given it up.
const CONTENT_WITHIN: Duration = Duration::from_secs(30);

/// After a row could not be worked on: the database is away.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// One task and what it works with.
pub struct Sender {
    pub shared: Arc<Shared>,
    /// Which way out, by its place among them.
    pub route: usize,
    pub recorder: Recorder,
}

/// A message whose content the server waits for, settled so that it may go.
struct Ready {
    held: Held,
    message: OutgoingMessage,
}

/// What remains of a connection after a message.
enum Concluded {
    /// It stands.
    Standing {
        /// Whether the next message, if one was asked about, may go over it.
        next_may_go: bool,
        /// What the server said to the next message's envelope; none if there was no next, or this was not waited for.
        begun: Option<Result<(), SendResult>>,
    },
    /// It is gone, or not to be used.
    Lost,
}

impl Sender {
    /// Runs until there are no more rows to come.
    pub async fn run(self) {
        let mut line = Line::new(self.route().clone());
        let mut begun = None;
        while !self.shared.stop.is_cancelled() {
            let step = match begun.take() {
                Some(ready) => self.hand_over(&mut line, ready).await,
                None => self.begin(&mut line).await,
            };
            match step {
                Ok(ready) => begun = ready,
                Err(error) => {
                    // The row stays claimed until its lease ends, and is due again then.
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a row could not be worked on"
                    );
                    line.abandon();
                    tokio::select! {
                        () = tokio::time::sleep(AFTER_FAILURE) => {}
                        () = self.shared.stop.cancelled() => {}
                    }
                }
            }
        }
        if let Some(Ready { held, .. }) = begun {
            // The server waits for its content in vain.
            line.abandon();
            self.shared.queue.put_back(held);
        }
        line.close().await;
    }

    pub(super) fn route(&self) -> &Arc<Route> {
        &self.shared.routes[self.route]
    }

    /// Waits for a row and begins its message. Returns none if it came to nothing, whatever the reason: the row is done
    /// with or given back then.
    async fn begin(&self, line: &mut Line) -> Result<Option<Ready>, AppError> {
        let shared = &self.shared;
        if !self.has_turn(line).await {
            return Ok(None);
        }
        let held = tokio::select! {
            held = shared.queue.pop() => match held {
                Some(held) => held,
                None => return Ok(None),
            },
            () = shared.stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(IDLE_FOR), if line.is_open() => {
                line.close().await;
                return Ok(None);
            }
        };
        let Some(held) = self.when_limits_allow(held).await? else {
            return Ok(None);
        };
        if !self.recorder.settle(None, Some(held.row())).await? {
            return Ok(None);
        }
        let message = match self.message(held.job()).await? {
            Ok(message) => message,
            Err(outcome) => {
                self.recorder.settle(Some(outcome), None).await?;
                return Ok(None);
            }
        };
        self.route().take();
        match line.begin(Envelope::of(&message)).await {
            Ok(()) => Ok(Some(Ready { held, message })),
            Err(result) => {
                self.conclude(line, held, result, None).await?;
                Ok(None)
            }
        }
    }

    /// Hands over the content, and begins the next message if one waits and may go. Returns none if there is none, or
    /// nothing came of it.
    async fn hand_over(&self, line: &mut Line, ready: Ready) -> Result<Option<Ready>, AppError> {
        let Ready { held, message } = ready;
        let next = self.next(line).and_then(|next| {
            match self.shared.composer.addresses(next.row()) {
                Ok(addresses) => Some((next, addresses)),
                Err(_) => {
                    // What is wrong with it is told when it is next by itself.
                    self.shared.queue.put_back(next);
                    None
                }
            }
        });
        let Some((next, (from, to))) = next else {
            let result = line.content(message, None).await;
            self.conclude(line, held, result, None).await?;
            return Ok(None);
        };
        let envelope = Envelope {
            from: &from,
            to: &to,
        };
        // The next message is made while the server works on this one.
        let (result, made) = tokio::join!(
            line.content(message, Some(envelope)),
            self.message(next.job())
        );
        let start = Instant::now();
        let (next_may_go, begun) = match self
            .conclude(line, held, result, Some((&next, envelope)))
            .await?
        {
            Concluded::Standing {
                next_may_go,
                begun: Some(begun),
            } => (next_may_go, begun),
            Concluded::Standing { begun: None, .. } | Concluded::Lost => {
                self.shared.queue.put_back(next);
                return Ok(None);
            }
        };
        match begun {
            Ok(()) if next_may_go && start.elapsed() < CONTENT_WITHIN => match made? {
                Ok(message) => {
                    return Ok(Some(Ready {
                        held: next,
                        message,
                    }));
                }
                Err(outcome) => {
                    line.abandon();
                    self.recorder.settle(Some(outcome), None).await?;
                }
            },
            // The server waits for the content in vain: its person has left, the bulletin is held, or it took too long.
            Ok(()) => {
                line.abandon();
                if next_may_go {
                    self.shared.queue.put_back(next);
                }
            }
            // It was skipped or given back meanwhile: whatever the server says of it is of no interest any more.
            Err(SendResult::ServerTrouble { .. }) if !next_may_go => line.abandon(),
            Err(_) if !next_may_go => {}
            Err(result) => {
                self.conclude(line, next, result, None).await?;
            }
        }
        Ok(None)
    }

    /// Has it settled what became of a message, and whether the next one may go; meanwhile reads what the server says to
    /// the next one's envelope. Draws the consequences for the server. A row whose message was not handed over is put
    /// back.
    async fn conclude(
        &self,
        line: &mut Line,
        held: Held,
        result: SendResult,
        next: Option<(&Held, Envelope<'_>)>,
    ) -> Result<Concluded, AppError> {
        let shared = &self.shared;
        let reached = match &result {
            SendResult::ServerTrouble { stage, .. } => Some(*stage),
            _ => None,
        };
        let (outcome, is_policy) = match decide(held.job(), result, shared.app.now(), jitter) {
            Decision::Record(outcome) => (outcome, false),
            Decision::RecordPolicy(outcome) => (outcome, true),
            Decision::RecordAndWait(outcome, why) => {
                self.recorder.settle(Some(outcome), None).await?;
                line.abandon();
                self.leave_alone(&why).await?;
                return Ok(Concluded::Lost);
            }
            Decision::Wait(why) => {
                self.put_back_untried(line, held, reached, &why).await?;
                return Ok(Concluded::Lost);
            }
        };
        let said = is_policy.then(|| outcome.finished.reply.clone());
        let row = next.map(|(held, _)| held.row());
        let (settled, begun) = tokio::join!(self.recorder.settle(Some(outcome), row), async {
            let (_, envelope) = next?;
            tokio::select! {
                begun = line.begin_next(envelope) => Some(begun),
                () = shared.stop.cancelled() => None,
            }
        });
        let next_may_go = settled?;
        if begun.is_none() && next.is_some() {
            line.abandon();
        }
        let Some(said) = said else {
            self.route().gate.works();
            shared.policy_refusals.none();
            shared.board.works(&shared.app, self.route).await?;
            return Ok(Concluded::Standing { next_may_go, begun });
        };
        if let (true, Some(bulletin)) = (shared.policy_refusals.another(), held.row().bulletin_id) {
            let why = format!(
                "The mail server refuses messages from us by its policy: {said}. Please have this looked at, then resume."
            );
            deliver::pause_for_trouble(&shared.app, bulletin, HeldBecause::Policy, why).await?;
            // The bulletin is held since the next one was asked about.
            line.abandon();
            return Ok(Concluded::Lost);
        }
        Ok(Concluded::Standing { next_may_go, begun })
    }

    /// Puts a row back that could not be tried, and leaves the server alone if it is in trouble.
    async fn put_back_untried(
        &self,
        line: &mut Line,
        held: Held,
        reached: Option<Stage>,
        why: &str,
    ) -> Result<(), AppError> {
        let carried = line.carried();
        self.shared.limits.give_back(&held.row().recipient);
        self.shared.queue.put_back(held);
        if carried > 0 {
            // It has worked until now: a fresh connection tells whether it is more than a rule of the server's.
            line.has_ended(carried);
            return Ok(());
        }
        line.abandon();
        if reached == Some(Stage::Hello) && self.route().takes_no_more() {
            return Ok(());
        }
        self.leave_alone(why).await
    }

    /// Leaves the server alone for a while, and says so on the pages.
    async fn leave_alone(&self, why: &str) -> Result<(), AppError> {
        let shared = &self.shared;
        let pause = self.route().gate.trouble();
        tracing::warn!(
            why,
            seconds = pause.as_secs(),
            "the mail server is left alone for a while"
        );
        let words = format!(
            "The mail server is in trouble since {}: {why}. Sending goes on by itself as soon as it answers; nobody is \
             missed.",
            local_time::display(shared.app.now())
        );
        shared.board.trouble(&shared.app, self.route, words).await
    }

    /// Makes a message, or the outcome that says why it cannot be made.
    async fn message(&self, job: &Job) -> Result<Result<OutgoingMessage, Outcome>, AppError> {
        match self.shared.composer.message(job).await {
            Ok(message) => Ok(Ok(message)),
            Err(ComposeError::App(error)) => Err(error),
            Err(error) => {
                tracing::error!(delivery = job.row.id.0, %error, "a message cannot be made");
                Ok(Err(Outcome::not_made(
                    &job.row,
                    &error,
                    self.shared.app.now(),
                )))
            }
        }
    }
}

/// From 0 to 1, so that retries do not come in one wave.
fn jitter() -> f64 {
    let mut byte = [128];
    // Without the system's random numbers all wait equally long: no harm.
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
