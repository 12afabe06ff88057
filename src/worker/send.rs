//! One connection: hands over a message, begins the next one behind it, has both settled, goes on.
//!
//! A message ends, and so is handed over, when two things are in the ledger: what became of the message before it on this
//! connection, and that this one may still go. Its text is on the way meanwhile: without its full stop it is no message.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::app::AppError;
use crate::app::deliver::{self, ComposeError, Decision, Job, Outcome, decide};
use crate::mail::message::OutgoingMessage;
use crate::mail::outcome::SendResult;
use crate::mail::smtp::Envelope;

use super::Shared;
use super::in_hand::Held;
use super::line::Line;
use super::recorder::{Recorder, Settlement};
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

/// A message whose content the server waits for.
struct Ready {
    held: Held,
    message: OutgoingMessage,
    /// What says whether it may go, where that is not known yet.
    settling: Option<Settling>,
}

/// What became of a message is on its way into the ledger. The row stays in hand until it is there.
struct Settling {
    settlement: Settlement,
    answered: Option<bool>,
    _held: Held,
}

impl Settling {
    /// Returns when it is kept: whether the next message may go.
    async fn answer(&mut self) -> Result<bool, AppError> {
        if let Some(answer) = self.answered {
            return Ok(answer);
        }
        let answer = self.settlement.answer().await?;
        self.answered = Some(answer);
        Ok(answer)
    }
}

/// A connection that stands after a message.
struct Standing {
    /// What says whether the next message, if one was asked about, may go over it.
    settling: Settling,
    /// What the server said to the next message's envelope; none if there was no next, or this was not waited for.
    begun: Option<Result<(), SendResult>>,
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
        if let Some(Ready { held, settling, .. }) = begun {
            // The server waits for its content in vain.
            line.abandon();
            self.put_back_if_it_may_go(held, settling).await;
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
            Ok(()) => Ok(Some(Ready {
                held,
                message,
                settling: None,
            })),
            Err(result) => {
                self.conclude_alone(line, held, result).await?;
                Ok(None)
            }
        }
    }

    /// Hands over the content, and begins the next message if one waits and may go. Returns none if there is none, or
    /// nothing came of it.
    async fn hand_over(&self, line: &mut Line, ready: Ready) -> Result<Option<Ready>, AppError> {
        let Ready {
            held,
            message,
            mut settling,
        } = ready;
        let mut is_late = false;
        let may_end = async {
            let Some(settling) = &mut settling else {
                return Ok(true);
            };
            match timeout(CONTENT_WITHIN, settling.answer()).await {
                Ok(answer) => answer,
                Err(_) => {
                    is_late = true;
                    Ok(false)
                }
            }
        };
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
            match line.content(message, None, may_end).await? {
                Some(result) => self.conclude_alone(line, held, result).await?,
                None => self.give_up(line, held, settling, is_late).await,
            }
            return Ok(None);
        };
        let envelope = Envelope {
            from: &from,
            to: &to,
        };
        // The next message is made while the server works on this one.
        let (result, made) = tokio::join!(
            line.content(message, Some(envelope), may_end),
            self.message(next.job())
        );
        let result = match result {
            Ok(Some(result)) => result,
            Ok(None) => {
                self.shared.queue.put_back(next);
                self.give_up(line, held, settling, is_late).await;
                return Ok(None);
            }
            Err(error) => {
                self.shared.queue.put_back(next);
                return Err(error);
            }
        };
        match self
            .conclude(line, held, result, Some((&next, envelope)))
            .await?
        {
            Some(Standing {
                settling,
                begun: Some(begun),
            }) => self.go_on(line, next, made, settling, begun).await,
            Some(Standing { begun: None, .. }) | None => {
                self.shared.queue.put_back(next);
                Ok(None)
            }
        }
    }

    /// What comes of the next message, when the server has answered to its envelope.
    async fn go_on(
        &self,
        line: &mut Line,
        next: Held,
        made: Result<Result<OutgoingMessage, Outcome>, AppError>,
        mut settling: Settling,
        begun: Result<(), SendResult>,
    ) -> Result<Option<Ready>, AppError> {
        match (begun, made) {
            (Ok(()), Ok(Ok(message))) => {
                return Ok(Some(Ready {
                    held: next,
                    message,
                    settling: Some(settling),
                }));
            }
            // The server waits for a content that could not be made.
            (Ok(()), made) => {
                line.abandon();
                let may_go = settling.answer().await?;
                if let (Err(outcome), true) = (made?, may_go) {
                    self.recorder.settle(Some(outcome), None).await?;
                }
            }
            (Err(result), _) => match (settling.answer().await?, result) {
                // It was skipped or given back meanwhile: whatever the server says of it is of no interest any more.
                (false, SendResult::ServerTrouble { .. }) => line.abandon(),
                (false, _) => {}
                (true, result) => self.conclude_alone(line, next, result).await?,
            },
        }
        Ok(None)
    }

    /// A message is not ended: its person has left, or the bulletin is held; or the ledger took too long to say, and the
    /// server may have given it up.
    async fn give_up(
        &self,
        line: &mut Line,
        held: Held,
        settling: Option<Settling>,
        is_late: bool,
    ) {
        line.abandon();
        if is_late {
            self.put_back_if_it_may_go(held, settling).await;
        }
    }

    /// Puts a row back whose message was begun and not handed over. One that may not go any more was settled.
    async fn put_back_if_it_may_go(&self, held: Held, settling: Option<Settling>) {
        let may_go = match settling {
            Some(mut settling) => settling.answer().await.unwrap_or(false),
            None => true,
        };
        if may_go {
            self.shared.queue.put_back(held);
        }
    }

    /// Concludes a message behind which there is none, and returns when it is settled.
    async fn conclude_alone(
        &self,
        line: &mut Line,
        held: Held,
        result: SendResult,
    ) -> Result<(), AppError> {
        if let Some(Standing { mut settling, .. }) = self.conclude(line, held, result, None).await?
        {
            settling.answer().await?;
        }
        Ok(())
    }

    /// Has it settled what became of a message, and whether the next one may go, without waiting for that; reads what the
    /// server says to the next one's envelope. Draws the consequences for the server. A row whose message was not handed
    /// over is put back. Returns none when the connection is gone, or not to be used.
    async fn conclude(
        &self,
        line: &mut Line,
        held: Held,
        result: SendResult,
        next: Option<(&Held, Envelope<'_>)>,
    ) -> Result<Option<Standing>, AppError> {
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
                return Ok(None);
            }
            Decision::Wait(why) => {
                self.put_back_untried(line, held, reached, &why).await?;
                return Ok(None);
            }
        };
        let said = is_policy.then(|| outcome.finished.reply.clone());
        let bulletin = held.row().bulletin_id;
        let row = next.map(|(held, _)| held.row());
        let mut settling = Settling {
            settlement: self.recorder.ask(Some(outcome), row),
            answered: None,
            _held: held,
        };
        let begun = match next {
            Some((_, envelope)) => tokio::select! {
                begun = line.begin_next(envelope) => Some(begun),
                () = shared.stop.cancelled() => None,
            },
            None => None,
        };
        if begun.is_none() && next.is_some() {
            line.abandon();
            settling.answer().await?;
        }
        let Some(said) = said else {
            self.route().gate.works();
            shared.policy_refusals.none();
            shared.board.works(&shared.app, self.route).await?;
            return Ok(Some(Standing { settling, begun }));
        };
        if let (true, Some(bulletin)) = (shared.policy_refusals.another(), bulletin) {
            let why = format!(
                "The mail server refuses messages from us by its policy: {said}. Please have this looked at, then resume."
            );
            settling.answer().await?;
            deliver::pause_for_trouble(&shared.app, bulletin, why).await?;
            // The bulletin is held since the next one was asked about.
            line.abandon();
            return Ok(None);
        }
        Ok(Some(Standing { settling, begun }))
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
