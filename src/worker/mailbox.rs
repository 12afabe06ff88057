//! Looks into the mailbox of what comes back: when its server tells that something came, or else again and again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::take_in::{self, Arrival, LONGEST_KEPT};
use crate::app::{AppError, background};
use crate::domain::background_job::BackgroundJob;
use crate::domain::inbound::Way;
use crate::mail::inbound::mailbox::{Listed, MailboxError, MailboxServer, OpenMailbox};

use super::Shared;

/// After trouble with the server it is left alone at least for so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(60);

/// While there is no room for what has to be kept, what waits there is not fetched again all the time.
const WHILE_FULL: Duration = Duration::from_secs(10 * 60);

/// A server that tells is asked all the same after so long: it may have fallen silent (RFC 2177 wants less than 29 minutes).
const TOLD_WITHIN: Duration = Duration::from_secs(9 * 60);

/// Where deleted messages go only at the end of a conversation, one is about so many: what breaks off is not all begun anew.
const MOST_AT_ONCE: usize = 100;

/// Why a round ended early, or what went wrong in it.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    #[error(transparent)]
    App(#[from] AppError),
}

/// What is remembered from one round to the next, by the messages' keys.
#[derive(Default)]
struct Memory {
    /// They are taken in, and stay there for people.
    left: HashSet<String>,
    /// With these something went wrong: others go first.
    last: HashSet<String>,
}

/// Runs until the worker is stopped.
pub(super) async fn run(shared: Arc<Shared>, server: MailboxServer, every: Duration) {
    let mut memory = Memory::default();
    loop {
        let round = tokio::select! {
            // What was fetched and not yet taken in stays in the mailbox.
            () = shared.stop.cancelled() => return,
            round = round(&shared, &server, &mut memory) => round,
        };
        let pause = match round {
            Ok(()) => every,
            Err(error) => {
                let pause = match &error {
                    RoundError::App(AppError::Full) => every.max(WHILE_FULL),
                    _ => every.max(AFTER_TROUBLE),
                };
                let words = format!("{}: {}", server.place(), background::in_words(&error));
                background::failed(&shared.app, BackgroundJob::Mailbox, 0, &words).await;
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    place = server.place(),
                    "the mailbox is looked into later"
                );
                pause
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes in all that is there, and what comes as long as the server tells of it.
async fn round(
    shared: &Shared,
    server: &MailboxServer,
    memory: &mut Memory,
) -> Result<(), RoundError> {
    let mut tried = HashSet::new();
    loop {
        let mut mailbox = server.open().await?;
        loop {
            let looked = look(shared, server, &mut mailbox, memory, &mut tried).await;
            match looked {
                Ok(Looked::HasMore) => {
                    mailbox.close().await?;
                    break;
                }
                Ok(Looked::Done) => {
                    background::works(&shared.app, BackgroundJob::Mailbox, 0).await;
                }
                Err(error) => {
                    // What is marked as deleted is in the database, and may go.
                    if matches!(&error, RoundError::App(_))
                        || matches!(&error, RoundError::Mailbox(error) if error.is_refusal())
                    {
                        mailbox.close().await?;
                    }
                    return Err(error);
                }
            }
            match mailbox.wait(TOLD_WITHIN).await? {
                Some(again) => mailbox = again,
                None => return Ok(()),
            }
        }
    }
}

/// How a look into the mailbox ended.
enum Looked {
    /// Everything was looked at.
    Done,
    /// There is more, for the next conversation.
    HasMore,
}

/// Takes in what is there. A message goes out of the mailbox when it is in the database, and not before. What cannot be
/// done with one does not stop the next; it is told at the end.
async fn look(
    shared: &Shared,
    server: &MailboxServer,
    mailbox: &mut OpenMailbox,
    memory: &mut Memory,
    tried: &mut HashSet<String>,
) -> Result<Looked, RoundError> {
    let mut messages = mailbox.messages().await?;
    memory.keep_those_of(&messages);
    let is_in = |set: &HashSet<String>, message: &Listed| {
        message.key.as_ref().is_some_and(|key| set.contains(key))
    };
    messages.retain(|message| !is_in(&memory.left, message) && !is_in(&*tried, message));
    messages.sort_by_key(|message| is_in(&memory.last, message));
    let mut trouble = None;
    let at_once = if mailbox.deletes_at_the_end() {
        MOST_AT_ONCE
    } else {
        usize::MAX
    };
    // Those without a key cannot be told again: they are looked at in one conversation.
    let has_more = messages.len() > at_once && messages.iter().all(|message| message.key.is_some());
    let count = if has_more { at_once } else { messages.len() };
    for message in messages.iter().take(count) {
        if mailbox.deletes_at_the_end() {
            tried.extend(message.key.clone());
        }
        match take_in_one(shared, server, mailbox, message).await {
            Ok(Became::Gone) => {}
            Ok(Became::Left) => memory.left.extend(message.key.clone()),
            Err(RoundError::Mailbox(error)) if error.is_refusal() => {
                memory.last.extend(message.key.clone());
                trouble = Some(RoundError::Mailbox(error));
            }
            Err(error @ RoundError::App(AppError::Full)) => {
                memory.last.extend(message.key.clone());
                trouble = Some(error);
            }
            Err(error) => {
                if matches!(error, RoundError::Mailbox(_)) {
                    memory.last.extend(message.key.clone());
                }
                return Err(error);
            }
        }
    }
    match trouble {
        Some(error) => Err(error),
        None if has_more => Ok(Looked::HasMore),
        None => Ok(Looked::Done),
    }
}

/// What became of a message.
enum Became {
    Gone,
    Left,
}

async fn take_in_one(
    shared: &Shared,
    server: &MailboxServer,
    mailbox: &mut OpenMailbox,
    message: &Listed,
) -> Result<Became, RoundError> {
    let Some(fetched) = mailbox.fetch(message).await? else {
        return Ok(Became::Gone);
    };
    let is_long = usize::try_from(fetched.byte_count).unwrap_or(usize::MAX) > LONGEST_KEPT;
    let arrival = Arrival {
        way: Way::Mailbox,
        envelope_to: None,
        content: fetched.content,
        byte_count: fetched.byte_count,
    };
    let taken = take_in::take_in(&shared.app, arrival).await?;
    // A person will want the rest of it, and it is nowhere else.
    if taken.is_kept && is_long && !server.is_moved() {
        mailbox.leave(message).await?;
        return Ok(Became::Left);
    }
    mailbox.done(message).await?;
    Ok(Became::Gone)
}

impl Memory {
    /// Forgets what is not there any more.
    fn keep_those_of(&mut self, messages: &[Listed]) {
        let there: HashSet<&String> = messages.iter().filter_map(|m| m.key.as_ref()).collect();
        self.left.retain(|key| there.contains(key));
        self.last.retain(|key| there.contains(key));
    }
}
