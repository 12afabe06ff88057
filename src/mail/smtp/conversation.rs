//! Messages over an open connection: an envelope, its content, and behind the content's full stop the next envelope.
//!
//! Where the server offers PIPELINING (RFC 2920), `MAIL`, `RCPT` and `DATA` go in one group, and the group of the next
//! message in the same write as the content before it: one round trip a message. The content itself waits until its
//! sender asks for it, so that nothing is handed over before it is settled what became of the message before.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::failure::{explain, is_unreadable, reply_in, verb};
use super::{SmtpConnection, Transaction};
use crate::domain::email_address::EmailAddress;
use crate::mail::message::OutgoingMessage;
use crate::mail::outcome::{SendResult, ServerReply, Stage, classify};

/// From whom, to whom.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// For `MAIL FROM`.
    pub from: &'a EmailAddress,
    /// For `RCPT TO`.
    pub to: &'a EmailAddress,
}

impl<'a> Envelope<'a> {
    /// A message's.
    #[must_use]
    pub fn of(message: &'a OutgoingMessage) -> Self {
        Self {
            from: message.envelope_from(),
            to: message.envelope_to(),
        }
    }

    fn line(self, stage: Stage) -> String {
        match stage {
            Stage::Mail => format!("MAIL FROM:<{}>\r\n", self.from.as_str()),
            Stage::Recipient => format!("RCPT TO:<{}>\r\n", self.to.as_str()),
            _ => "DATA\r\n".to_owned(),
        }
    }
}

/// The commands of an envelope, in order.
const ENVELOPE: [Stage; 3] = [Stage::Mail, Stage::Recipient, Stage::Data];

/// Clears a transaction that is half begun.
const RESET: &str = "RSET\r\n";

/// An answer that was read, or why none was.
type Answer = Result<ServerReply, Unanswered>;

struct Unanswered {
    why: String,
    /// Something came that is no reply, and the connection still stands.
    unreadable: bool,
}

impl SmtpConnection {
    /// True if the connection can carry another message.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.transaction, Transaction::None | Transaction::HalfBegun)
    }

    /// Whether the next envelope may go behind the content of the message before it.
    #[must_use]
    pub fn can_pipeline(&self) -> bool {
        self.capabilities.pipelining
    }

    /// Hands over one message by itself. Afterwards [`is_open`](Self::is_open) tells whether the connection can carry
    /// another: a refusal of one recipient leaves it open.
    ///
    /// Dropping the future before it is ready leaves the message in doubt and the connection closed.
    pub async fn send(&mut self, message: &OutgoingMessage) -> SendResult {
        match self.begin(Envelope::of(message)).await {
            Ok(()) => self.content(message.clone(), None).await,
            Err(result) => result,
        }
    }

    /// Begins a message: after this the server waits for its content. Of an envelope that went behind the content before
    /// it, this reads the answers.
    ///
    /// # Errors
    /// What the server said against it, or the trouble with it; never [`SendResult::Accepted`] or
    /// [`SendResult::InDoubt`].
    pub async fn begin(&mut self, envelope: Envelope<'_>) -> Result<(), SendResult> {
        let reset = match self.leave() {
            Transaction::None => false,
            Transaction::HalfBegun => true,
            Transaction::Asked => return self.read_envelope(false, None).await,
            Transaction::Open | Transaction::Lost => return Err(SendResult::no_connection()),
        };
        if self.can_pipeline() {
            let group = group(reset, envelope);
            let first = self.command(self.timeouts.command, &group).await;
            return self.read_envelope(reset, Some(first)).await;
        }
        if reset {
            let answer = self.command(self.timeouts.command, RESET).await;
            self.has_reset(answer)?;
        }
        for stage in ENVELOPE {
            let answer = self
                .command(self.timeouts.command, &envelope.line(stage))
                .await;
            self.take(stage, answer)?;
        }
        self.transaction = Transaction::Open;
        Ok(())
    }

    /// Hands over the content of the message that was begun. The envelope of the next one goes behind it where the server
    /// allows that; either way [`begin`](Self::begin) has to be called for it next.
    pub async fn content(
        &mut self,
        message: OutgoingMessage,
        next: Option<Envelope<'_>>,
    ) -> SendResult {
        if self.leave() != Transaction::Open {
            return SendResult::no_connection();
        }
        let behind = next.filter(|_| self.can_pipeline());
        let text = message.into_text();
        let mut rest = ".\r\n".to_owned();
        let whole = text.len() + rest.len();
        if let Some(envelope) = behind {
            rest.push_str(&group(false, envelope));
        }
        self.watch.put_ahead(text.into_bytes());
        let answer = self.command(self.timeouts.content, &rest).await;
        let result = self.understand(Stage::Content, answer, whole);
        self.transaction = match (&result, behind) {
            (SendResult::ServerTrouble { .. } | SendResult::InDoubt { .. }, _) => Transaction::Lost,
            (_, Some(_)) => Transaction::Asked,
            (_, None) => Transaction::None,
        };
        result
    }

    /// Takes the state, and leaves "lost" until the command that follows is done with.
    fn leave(&mut self) -> Transaction {
        std::mem::replace(&mut self.transaction, Transaction::Lost)
    }

    /// Reads the answers to a group, all of them: those that follow a refusal too, so that the next command gets its own.
    async fn read_envelope(
        &mut self,
        reset: bool,
        mut first: Option<Answer>,
    ) -> Result<(), SendResult> {
        if reset {
            let answer = self.answer(&mut first).await;
            self.has_reset(answer)?;
        }
        let mut refusal = None;
        let mut has_recipient = false;
        for stage in ENVELOPE {
            let answer = self.answer(&mut first).await;
            match refusal {
                None => match self.take(stage, answer) {
                    Ok(()) => {}
                    Err(result) if self.transaction == Transaction::HalfBegun => {
                        self.transaction = Transaction::Lost;
                        refusal = Some(result);
                    }
                    Err(result) => return Err(result),
                },
                Some(result) => match answer {
                    // RFC 2920, section 3.1: who gets 354 without a recipient ends the content at once. With one (of a
                    // server that took it without a sender) that would hand over an empty message.
                    Ok(reply) if reply.code == 354 && (has_recipient || stage != Stage::Data) => {
                        return Err(result);
                    }
                    Ok(reply) if reply.code == 354 => {
                        let ended = self.command(self.timeouts.command, ".\r\n").await;
                        if matches!(ended, Ok(reply) if reply.code != 421) {
                            self.transaction = Transaction::HalfBegun;
                        }
                        return Err(result);
                    }
                    Ok(reply) if reply.code != 421 => {
                        has_recipient |= stage == Stage::Recipient && reply.code / 100 == 2;
                        refusal = Some(result);
                    }
                    _ => return Err(result),
                },
            }
        }
        match refusal {
            None => {
                self.transaction = Transaction::Open;
                Ok(())
            }
            Some(result) => {
                self.transaction = Transaction::HalfBegun;
                Err(result)
            }
        }
    }

    async fn answer(&mut self, first: &mut Option<Answer>) -> Answer {
        match first.take() {
            Some(answer) => answer,
            None => self.read(self.timeouts.command).await,
        }
    }

    fn has_reset(&mut self, answer: Answer) -> Result<(), SendResult> {
        match answer {
            Ok(reply) if reply.code / 100 == 2 => Ok(()),
            Ok(reply) => Err(trouble(
                Stage::Mail,
                format!("the mail server answered {reply} to RSET"),
                Some(reply),
            )),
            Err(Unanswered { why, .. }) => Err(trouble(Stage::Mail, why, None)),
        }
    }

    /// Takes the answer to a command of the envelope. After a refusal the transaction is half begun; after trouble the
    /// connection is lost.
    fn take(&mut self, stage: Stage, answer: Answer) -> Result<(), SendResult> {
        let result = self.understand(stage, answer, 0);
        // After a reply that could not be read (code 0) we no longer know which answer belongs to what.
        let readable = !matches!(&result, SendResult::Deferred { reply, .. } if reply.code == 0);
        match result {
            SendResult::Accepted(_) => Ok(()),
            SendResult::Refused { .. }
            | SendResult::Deferred { .. }
            | SendResult::PolicyRefusal { .. } => {
                if readable {
                    self.transaction = Transaction::HalfBegun;
                }
                Err(result)
            }
            SendResult::ServerTrouble { .. } | SendResult::InDoubt { .. } => Err(result),
        }
    }

    /// What an answer at a stage means. `whole` is how many bytes make the content with its full stop.
    fn understand(&self, stage: Stage, answer: Answer, whole: usize) -> SendResult {
        let Unanswered { why, unreadable } = match answer {
            Ok(reply) => return classify(stage, reply),
            Err(unanswered) => unanswered,
        };
        match stage {
            // All of it, with the full stop, was handed to the network: what the server did with it is not known.
            Stage::Content if self.watch.written() >= whole => SendResult::InDoubt {
                why: format!("the message was sent, but its receipt was not confirmed: {why}"),
            },
            // One recipient whose server answers gibberish must not hold up everybody: it counts as this one's deferral.
            Stage::Recipient | Stage::Data if unreadable => SendResult::Deferred {
                stage,
                reply: ServerReply::new(0, &why),
            },
            _ => trouble(stage, format!("at {}: {why}", verb(stage)), None),
        }
    }

    /// Writes a text in one write, and reads one reply.
    async fn command(&mut self, limit: Duration, text: &str) -> Answer {
        self.watch.begin();
        let answer = timeout(limit, self.smtp.0.command(text)).await;
        self.unpack(limit, answer)
    }

    async fn read(&mut self, limit: Duration) -> Answer {
        let answer = timeout(limit, self.smtp.0.read_response()).await;
        self.unpack(limit, answer)
    }

    fn unpack(
        &self,
        limit: Duration,
        answer: Result<Result<Response, SmtpError>, tokio::time::error::Elapsed>,
    ) -> Answer {
        match answer {
            Ok(Ok(response)) => {
                let words = response.message().collect::<Vec<_>>().join(" ");
                Ok(ServerReply::new(response.code().into(), &words))
            }
            Ok(Err(error)) => match reply_in(&error) {
                Some(reply) => Ok(reply),
                None => Err(Unanswered {
                    why: explain(&error),
                    unreadable: is_unreadable(&error) && !self.watch.saw_end(),
                }),
            },
            Err(_) => Err(Unanswered {
                why: format!("no answer within {} seconds", limit.as_secs()),
                unreadable: false,
            }),
        }
    }
}

fn group(reset: bool, envelope: Envelope<'_>) -> String {
    let [mail, recipient, data] = ENVELOPE.map(|stage| envelope.line(stage));
    let reset = if reset { RESET } else { "" };
    [reset, &mail, &recipient, &data].concat()
}

fn trouble(stage: Stage, why: impl fmt::Display, reply: Option<ServerReply>) -> SendResult {
    SendResult::ServerTrouble {
        stage,
        why: why.to_string(),
        reply,
    }
}
