//! Whether a report is believed, and what follows from it: rules, and nothing that is done.

use crate::app::App;
use crate::app::links::LeavingLink;
use crate::clock::Timestamp;
use crate::domain::bounce::{Category, Remedy};
use crate::domain::delivery::DeliveryId;
use crate::domain::return_path::{message_ids_in, return_paths_in};
use crate::mail::inbound::{Notice, Received};
use crate::store::inbound_events::Sent;

/// How a message proves that it is about one of ours. Anybody can write anything about any address; only whoever has had a
/// message knows its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It came to the signed return path of the message, or holds it.
    ReturnPath,
    /// It holds the signed Message-ID.
    MessageId,
    /// It holds the signed token of a link to unsubscribe.
    Link,
    /// Not at all: what it says is a hint for the staff.
    None,
}

impl Proof {
    /// Its name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReturnPath => "return-path",
            Self::MessageId => "message-id",
            Self::Link => "link",
            Self::None => "none",
        }
    }
}

/// Which message of ours something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// How it proves it.
    pub proof: Proof,
    /// The message.
    pub delivery: Option<DeliveryId>,
    /// Who asks to be unsubscribed by the token of their link.
    pub leaving: Option<LeavingLink>,
}

impl Recognised {
    /// Whether an address may be suspended for a report that proves itself so.
    ///
    /// A message that is forwarded shows its Message-ID and its links to whoever gets it: they give the power to unsubscribe,
    /// and no other. A report of a mail server comes to the return path, which only servers on the way have seen. One that
    /// has the Message-ID alone is from a server that keeps to no rules, or from somebody else: it counts as a strike. Where
    /// messages have no return path of their own, nothing but the Message-ID can prove a report, and it has to do.
    pub(super) fn is_certain(&self, has_return_path: bool) -> bool {
        !(self.proof == Proof::MessageId && has_return_path)
    }
}

/// Looks for our marks: first in the address to which the message came, then in its headers, then within. Two marks in one
/// place prove nothing: a report is about one message of ours, each of which has one recipient.
pub(super) fn recognise(app: &App, received: &Received, envelope_to: Option<&str>) -> Recognised {
    let keys = &app.instance.link_keys;
    let leaving = received
        .tokens
        .iter()
        .find_map(|token| app.read_leaving(token));
    if leaving.is_some() {
        return Recognised {
            proof: Proof::Link,
            delivery: None,
            leaving,
        };
    }
    let places = [
        envelope_to.unwrap_or_default().as_bytes(),
        &received.addressed,
        &received.anywhere,
    ];
    for place in places {
        if let [id] = return_paths_in(keys, place)[..] {
            return Recognised {
                proof: Proof::ReturnPath,
                delivery: Some(id),
                leaving: None,
            };
        }
    }
    let (proof, delivery) = match message_ids_in(keys, &app.instance.id, &received.anywhere)[..] {
        [id] => (Proof::MessageId, Some(id)),
        _ => (Proof::None, None),
    };
    Recognised {
        proof,
        delivery,
        leaving: None,
    }
}

/// What is done about a notice that proves itself, given how its person stands now.
pub(super) fn remedy(
    notice: &Notice,
    sent: &Sent,
    person: Option<&Person>,
    is_certain: bool,
) -> Remedy {
    let remedy = notice.category.remedy();
    if !matches!(remedy, Remedy::Suspend | Remedy::Strike) {
        return remedy;
    }
    let Some(person) = person else {
        return Remedy::Note;
    };
    let has_another_address = !sent.recipient.eq_ignore_ascii_case(&person.email);
    let is_from_before = person.brought_back.is_some_and(|at| sent.created_at < at);
    if has_another_address || is_from_before {
        return Remedy::Note;
    }
    // What we wrote to handed it on, and the address behind that is gone: theirs may still reach others, or be mended.
    if remedy == Remedy::Suspend && !(is_certain && names(notice, &sent.recipient)) {
        return Remedy::Strike;
    }
    remedy
}

/// How the person of a message stands now.
#[derive(Debug)]
pub(super) struct Person {
    /// Their address.
    pub(super) email: String,
    /// When they were last brought back, or confirmed.
    pub(super) brought_back: Option<Timestamp>,
}

/// Whether a notice is about this address; one that names none is.
fn names(notice: &Notice, address: &str) -> bool {
    let named = [&notice.original_recipient, &notice.recipient];
    let mut named = named.into_iter().flatten().peekable();
    named.peek().is_none() || named.any(|named| named.eq_ignore_ascii_case(address))
}

/// Whether somebody has to look at what does not prove itself.
pub(super) fn wants_attention(category: Category) -> bool {
    !matches!(
        category,
        Category::AutoReply | Category::Delayed | Category::Delivered
    )
}

/// The notice whose consequences are the gravest.
pub(super) fn weightiest(notices: &[Notice]) -> Notice {
    let weight = |notice: &&Notice| match notice.category.remedy() {
        Remedy::Suspend => 5,
        Remedy::Unsubscribe => 4,
        Remedy::Strike => 3,
        Remedy::Alarm => 2,
        Remedy::Keep => 1,
        Remedy::Note => 0,
    };
    // The first of equals.
    let found = notices.iter().rev().max_by_key(weight);
    found
        .cloned()
        .unwrap_or_else(|| Notice::new(Category::Unknown, ""))
}
