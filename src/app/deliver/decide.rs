//! What the answer of a mail server means for a row: a table, and nothing else.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::delivery::{DeliveryState, GIVE_UP_AFTER, retry_delay};
use crate::mail::outcome::{
    AddressConsequence, SendResult, ServerReply, Stage, consequence_for_address,
};
use crate::store::deliveries::Finished;

use super::{Job, Outcome};

/// After so many tries a policy's refusal is the last word for this recipient.
const POLICY_TRIES: i32 = 3;

/// Between tries that a policy refused.
const POLICY_DELAY: Duration = Duration::from_secs(60 * 60);

/// A row is not given up before so many tries, however long it lay.
const LEAST_TRIES: i32 = 5;

/// What is to be done with a row after a try.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Write the outcome.
    Record(Outcome),
    /// Write the outcome; the refusal is about us, and several in a row need a person.
    RecordPolicy(Outcome),
    /// Write the outcome, and leave the server alone for a while.
    RecordAndWait(Outcome, String),
    /// Give the row back untried, and leave the server alone for a while.
    Wait(String),
}

/// Decides by what the server said. `jitter` gives from 0 to 1 where there is something to be tried again.
pub fn decide(
    job: &Job,
    result: SendResult,
    now: Timestamp,
    jitter: impl FnOnce() -> f64,
) -> Decision {
    let row = &job.row;
    let tries = row.tries + 1;
    let is_old = now.since(row.created_at) > GIVE_UP_AFTER && tries >= LEAST_TRIES;
    let outcome = |state: DeliveryState, stage: Option<Stage>, reply: &ServerReply| Outcome {
        finished: Finished {
            id: row.id,
            state,
            due_at: now,
            counts: true,
            stage: stage.map(Stage::name),
            reply_code: Some(i32::from(reply.code)),
            reply: reply.to_string(),
        },
        bulletin: row.bulletin_id,
        subscriber: row.subscriber_id,
        strikes: row.strikes.unwrap_or(0),
        consequence: AddressConsequence::None,
    };
    match result {
        SendResult::Accepted(reply) => Decision::Record(outcome(
            DeliveryState::Accepted,
            Some(Stage::Content),
            &reply,
        )),
        SendResult::Refused { stage, reply } => Decision::Record(Outcome {
            consequence: consequence_for_address(stage, &reply),
            ..outcome(DeliveryState::Refused, Some(stage), &reply)
        }),
        SendResult::Deferred { stage, reply } if is_old => Decision::Record(Outcome {
            consequence: consequence_for_address(stage, &reply),
            ..outcome(DeliveryState::Failed, Some(stage), &reply)
        }),
        SendResult::Deferred { stage, reply } => {
            let delay = retry_delay(u32::try_from(tries).unwrap_or(1), jitter());
            Decision::Record(later(
                outcome(DeliveryState::Deferred, Some(stage), &reply),
                delay,
                now,
            ))
        }
        SendResult::PolicyRefusal { stage, reply } if tries >= POLICY_TRIES => {
            Decision::RecordPolicy(outcome(DeliveryState::Refused, Some(stage), &reply))
        }
        SendResult::PolicyRefusal { stage, reply } => Decision::RecordPolicy(later(
            outcome(DeliveryState::Deferred, Some(stage), &reply),
            POLICY_DELAY,
            now,
        )),
        SendResult::ServerTrouble { stage, why, reply } => {
            // What goes wrong again and again with this very message must not hold up all others
            // for ever; a server that cannot be reached never uses up anybody's tries.
            let about_message = matches!(
                stage,
                Stage::Mail | Stage::Recipient | Stage::Data | Stage::Content
            );
            if about_message && now.since(row.created_at) > GIVE_UP_AFTER {
                let reply = reply.unwrap_or_else(|| ServerReply::new(0, &why));
                Decision::RecordAndWait(outcome(DeliveryState::Failed, Some(stage), &reply), why)
            } else {
                Decision::Wait(why)
            }
        }
        SendResult::InDoubt { why } => {
            let said = format!("{why}; it is sent again with the same Message-ID");
            let mut again = outcome(
                DeliveryState::Deferred,
                Some(Stage::Content),
                &ServerReply::new(0, &said),
            );
            again.finished.counts = false;
            again.finished.reply_code = None;
            again.finished.reply = said;
            Decision::RecordAndWait(later(again, retry_delay(1, jitter()), now), why)
        }
    }
}

fn later(mut outcome: Outcome, delay: Duration, now: Timestamp) -> Outcome {
    outcome.finished.due_at = now.plus(delay);
    outcome
}
