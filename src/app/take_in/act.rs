//! What is done about a message that came back, within one transaction.

use crate::app::AppError;
use crate::app::links::LeavingLink;
use crate::app::suspend_address::{self, Failed};
use crate::app::unsubscribe::{leave_by, present, whose};
use crate::clock::Timestamp;
use crate::domain::bounce::{Category, Remedy};
use crate::domain::consent::Channel;
use crate::domain::email_address::EmailAddress;
use crate::domain::inbound::{InboundId, StrikeRule, Way};
use crate::domain::subscriber::SubscriberId;
use crate::mail::inbound::{Notice, Received};
use crate::store::inbound_events::{self, NewEvent, Sent};
use crate::store::inbound_messages::{self, NewMessage};
use crate::store::subscribers;
use crate::store::{Db, StoreError};

use super::decide::{Person, Recognised, remedy, wants_attention, weightiest};
use super::{Arrival, LONGEST_KEPT, Rules, Taken, code_of, digest, hash};

/// Acts on a message.
pub(super) fn act(
    db: &mut Db,
    arrival: &Arrival,
    received: &Received,
    recognised: Recognised,
    rules: Rules,
    now: Timestamp,
) -> Result<Taken, AppError> {
    let digest = digest(received, &arrival.content);
    let told = Told {
        way: arrival.way,
        digest: &digest,
        is_certain: recognised.is_certain(rules.has_return_path),
    };
    let sent = match recognised.delivery {
        Some(id) => inbound_events::sent(db, id)?,
        None => None,
    };
    let mut taken = Taken {
        acts: Vec::new(),
        was_known: true,
        is_kept: false,
    };
    if let Some(leaving) = recognised.leaving {
        let notice = Notice::new(Category::Unsubscribe, &received.subject);
        let sent = match leaving {
            LeavingLink::Message(id) => inbound_events::sent(db, id)?,
            LeavingLink::Person(_) => None,
        };
        let acted = match whose(db, leaving)? {
            Some((id, _)) => unsubscribe(db, told, sent.as_ref(), id, &notice, now)?,
            None => false,
        };
        taken.was_known = !acted;
        taken
            .acts
            .push((Category::Unsubscribe, Remedy::Unsubscribe));
        return Ok(taken);
    }
    if let Some(sent) = &sent {
        for notice in &received.notices {
            // A person's own words are for a person.
            if notice.category.remedy() == Remedy::Keep {
                continue;
            }
            let (done, is_new) = act_on(db, told, sent, notice, rules.strikes, now)?;
            taken.acts.push((notice.category, done));
            taken.was_known &= !is_new;
        }
    }
    if taken.acts.is_empty() {
        taken.is_kept = true;
        let room = rules.room;
        taken.was_known = !keep(db, arrival, received, &digest, sent.as_ref(), room, now)?;
        let category = weightiest(&received.notices).category;
        taken.acts.push((category, Remedy::Keep));
    }
    Ok(taken)
}

/// How something was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// By which way.
    pub(super) way: Way,
    /// What tells the message that told it.
    pub(super) digest: &'a str,
    /// Whether it proves itself so well that an address may be suspended for it.
    pub(super) is_certain: bool,
}

/// Acts on what is said of one of our messages. Returns what was done, and whether this was not known already.
pub(super) fn act_on(
    db: &mut Db,
    told: Told<'_>,
    sent: &Sent,
    notice: &Notice,
    rule: StrikeRule,
    now: Timestamp,
) -> Result<(Remedy, bool), AppError> {
    let subscriber = match sent.subscriber_id {
        Some(id) => {
            subscribers::take_turn(db, id)?;
            present(db, id)?
        }
        None => None,
    };
    if let (Category::Unsubscribe, Some(person)) = (notice.category, &subscriber) {
        let is_new = unsubscribe(db, told, Some(sent), person.id, notice, now)?;
        return Ok((Remedy::Unsubscribe, is_new));
    }
    let person = match &subscriber {
        Some(subscriber) => Some(Person {
            email: subscriber.email.clone(),
            brought_back: inbound_events::last_brought_back(db, subscriber.id)?,
        }),
        None => None,
    };
    let remedy = remedy(notice, sent, person.as_ref(), told.is_certain);
    let remedy = match (remedy, &subscriber) {
        (Remedy::Unsubscribe, None) => Remedy::Note,
        (remedy, _) => remedy,
    };
    let id = sent.id.0.to_be_bytes();
    let meaning = hash([&id[..], notice.category.as_str().as_bytes()]);
    let event = NewEvent {
        way: told.way,
        meaning: &meaning,
        sent: Some(sent),
        subscriber: subscriber.as_ref().map(|subscriber| subscriber.id),
        category: notice.category,
        code: code_of(notice.code),
        // Of an erased person nothing is kept that may repeat their address.
        words: if sent.recipient.is_empty() {
            ""
        } else {
            &notice.words
        },
        remedy,
    };
    if !inbound_events::note(db, &event, now)? {
        return Ok((remedy, false));
    }
    if let Some(subscriber) = &subscriber {
        follow(db, subscriber, sent, notice, remedy, rule, now)?;
    }
    Ok((remedy, true))
}

/// What follows for the person.
fn follow(
    db: &mut Db,
    subscriber: &subscribers::Subscriber,
    sent: &Sent,
    notice: &Notice,
    remedy: Remedy,
    rule: StrikeRule,
    now: Timestamp,
) -> Result<(), AppError> {
    let id = subscriber.id;
    // Never the words of the report: they repeat the address, and the ledger outlives its erasure.
    let said = match notice.code {
        Some(code) => format!("{} (code {code})", notice.category.label().to_lowercase()),
        None => notice.category.label().to_lowercase(),
    };
    match remedy {
        Remedy::Suspend => {
            let why = format!("a delivery report says: {said}");
            suspend_address::suspend(db, id, &why, Channel::Report, now)?;
        }
        Remedy::Strike => {
            let failed = Failed {
                delivery: sent.id,
                in_dialogue: false,
            };
            if suspend_address::strike(db, id, failed, rule, now)? {
                let days = rule.within.as_secs() / (24 * 60 * 60);
                let why = format!(
                    "{} messages within {days} days were not delivered; the last report says: {said}",
                    rule.strikes
                );
                suspend_address::suspend(db, id, &why, Channel::Report, now)?;
            }
        }
        Remedy::Unsubscribe => {
            let bulletin = sent.bulletin_id;
            leave_by(db, subscriber, Channel::Complaint, bulletin, None, now)?;
        }
        Remedy::Alarm | Remedy::Note | Remedy::Keep => {}
    }
    Ok(())
}

/// Unsubscribes who asks for it. Told by the message that asks, not by the one it is about: who has come back since may
/// leave again.
fn unsubscribe(
    db: &mut Db,
    told: Told<'_>,
    sent: Option<&Sent>,
    id: SubscriberId,
    notice: &Notice,
    now: Timestamp,
) -> Result<bool, AppError> {
    let id = subscribers::take_turn_of_survivor(db, id)?;
    let Some(subscriber) = present(db, id)? else {
        return Ok(false);
    };
    let meaning = hash([told.digest.as_bytes(), b"unsubscribe"]);
    let event = NewEvent {
        way: told.way,
        meaning: &meaning,
        sent,
        subscriber: Some(id),
        category: Category::Unsubscribe,
        code: None,
        words: &notice.words,
        remedy: Remedy::Unsubscribe,
    };
    let is_new = inbound_events::note(db, &event, now)?;
    if is_new {
        let bulletin = sent.and_then(|sent| sent.bulletin_id);
        leave_by(db, &subscriber, Channel::Reply, bulletin, None, now)?;
    }
    Ok(is_new)
}

/// Keeps a message for the staff. Returns whether it was not kept already.
fn keep(
    db: &mut Db,
    arrival: &Arrival,
    received: &Received,
    digest: &str,
    sent: Option<&Sent>,
    room: u64,
    now: Timestamp,
) -> Result<bool, AppError> {
    let notice = weightiest(&received.notices);
    let subscriber = match sent.and_then(|sent| sent.subscriber_id) {
        Some(id) => Some(id),
        None => hint(db, &notice, received)?,
    };
    let content = &arrival.content[..arrival.content.len().min(LONGEST_KEPT)];
    let message = NewMessage {
        way: arrival.way,
        digest,
        category: notice.category,
        sender: &received.from,
        subject: &received.subject,
        subscriber,
        byte_count: i64::try_from(arrival.byte_count).unwrap_or(i64::MAX),
        content,
        wants_attention: wants_attention(notice.category),
    };
    let Some(id) = inbound_messages::keep(db, &message, now)? else {
        return Ok(false);
    };
    make_room(db, id, room)?;
    Ok(true)
}

/// What nobody needs any more makes way for what is new; where that is not enough, the new message is not kept, and whoever
/// brings it is told to come again.
fn make_room(db: &mut Db, newest: InboundId, room: u64) -> Result<(), AppError> {
    const PIECE: i64 = 20;
    let longest = i64::try_from(LONGEST_KEPT).unwrap_or(i64::MAX);
    let is_over = |db: &mut Db| {
        let size = inbound_messages::size(db, longest)?;
        Ok::<_, AppError>(u64::try_from(size).unwrap_or_default() > room)
    };
    while is_over(db)? {
        if inbound_messages::forget_done(db, newest, PIECE)? == 0 {
            return Err(AppError::Full);
        }
    }
    Ok(())
}

/// Whom a message that proves nothing may be about: by the address that it names, or that wrote it.
fn hint(
    db: &mut Db,
    notice: &Notice,
    received: &Received,
) -> Result<Option<SubscriberId>, StoreError> {
    let from = received
        .from
        .rsplit_once('<')
        .map_or(received.from.as_str(), |(_, address)| {
            address.trim_end_matches('>')
        });
    let named = [
        notice.original_recipient.as_deref(),
        notice.recipient.as_deref(),
        Some(from),
    ];
    for named in named.into_iter().flatten() {
        if let Ok(address) = EmailAddress::parse(named)
            && let Some(subscriber) = subscribers::by_email(db, &address)?
        {
            return Ok(Some(subscriber.id));
        }
    }
    Ok(None)
}
