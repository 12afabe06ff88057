//! Takes in what comes back, by whatever way: reads it, believes it where it proves itself, acts on it, and keeps for the
//! staff what is not understood.
//!
//! One message is one transaction: when the way's other side is told that it was taken in, it is in the database. Told
//! twice, or by two ways, it counts once.

mod act;
mod decide;
mod notification;

use sha2::{Digest as _, Sha256};

use crate::domain::bounce::{Category, Remedy};
use crate::domain::inbound::{StrikeRule, Way};
use crate::domain::status_code::EnhancedCode;
use crate::mail::inbound::{self, Notice, Received};

use super::instance::hex;
use super::{App, AppError};

pub use decide::{Proof, Recognised};
pub use notification::{Notification, take_in_notification};

/// So much of a message is kept for the staff.
pub const LONGEST_KEPT: usize = 256 * 1024;

/// A message as it arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// By which way.
    pub way: Way,
    /// To which address, where the way tells.
    pub envelope_to: Option<String>,
    /// All of it, or its beginning: [`inbound::LONGEST`] octets are enough.
    pub content: Vec<u8>,
    /// How large it was.
    pub byte_count: u64,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it said, and what was done: for each recipient that a report names.
    pub acts: Vec<(Category, Remedy)>,
    /// Whether it, or its meaning, was known already: then nothing was done.
    pub was_known: bool,
    /// Whether it is kept for the staff.
    pub is_kept: bool,
}

/// The settings by which it is acted.
#[derive(Debug, Clone, Copy)]
struct Rules {
    strikes: StrikeRule,
    /// What is kept for the staff takes at most so many octets.
    room: u64,
    has_return_path: bool,
}

impl Rules {
    fn of(app: &App) -> Self {
        let inbound = &app.settings.inbound;
        Self {
            strikes: inbound.strikes,
            room: inbound.keep_most,
            has_return_path: inbound.address.is_some(),
        }
    }
}

/// Takes in a message.
///
/// # Errors
/// [`AppError::Full`] and [`AppError::Store`]; nothing has been done then, and it may be given again.
pub async fn take_in(app: &App, arrival: Arrival) -> Result<Taken, AppError> {
    // Reading is work for the processor: up to a megabyte of somebody else's text.
    let (arrival, received) = tokio::task::spawn_blocking(move || {
        let received = inbound::read(&arrival.content);
        (arrival, received)
    })
    .await
    .map_err(AppError::internal)?;
    let recognised = decide::recognise(app, &received, arrival.envelope_to.as_deref());
    let (now, rules) = (app.now(), Rules::of(app));
    let taken = app
        .store
        .write(move |db| act::act(db, &arrival, &received, recognised, rules, now))
        .await?;
    tracing::info!(?taken, "something came back");
    Ok(taken)
}

/// What a message seems to be, and what would be done about it. Changes nothing.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The notice that weighs most.
    pub notice: Notice,
    /// How many recipients it speaks of.
    pub notices: usize,
    /// Whether and how it proves which message of ours it is about.
    pub recognised: Recognised,
    /// What would be done.
    pub would: Remedy,
}

/// Judges a message without acting on it.
pub fn judge(app: &App, content: &[u8], envelope_to: Option<&str>) -> Judgement {
    let received = inbound::read(content);
    let recognised = decide::recognise(app, &received, envelope_to);
    let notices = received.notices.len();
    let notice = decide::weightiest(&received.notices);
    let would = if recognised.proof == Proof::None {
        Remedy::Keep
    } else if recognised.leaving.is_some() {
        Remedy::Unsubscribe
    } else {
        match notice.category.remedy() {
            Remedy::Suspend if !recognised.is_certain(Rules::of(app).has_return_path) => {
                Remedy::Strike
            }
            remedy => remedy,
        }
    };
    Judgement {
        notice,
        notices,
        recognised,
        would,
    }
}

/// The code of a notice, as it is stored.
fn code_of(code: Option<EnhancedCode>) -> Option<String> {
    code.map(|code| code.to_string())
}

/// A hash of some texts, told apart.
fn hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hex(&hash.finalize())
}

/// What a message is told by when it comes again by another way, with other headers on top: its own Message-ID, who wrote
/// it, and its body, whatever ends its lines.
fn digest(received: &Received, content: &[u8]) -> String {
    let body = content
        .windows(2)
        .position(|pair| pair == b"\n\n" || pair == b"\n\r")
        .map_or(content, |end| &content[end..]);
    let body: Vec<u8> = body.iter().copied().filter(|&byte| byte != b'\r').collect();
    hash([
        received.id.as_bytes(),
        received.from.as_bytes(),
        received.subject.as_bytes(),
        body.trim_ascii(),
    ])
}
