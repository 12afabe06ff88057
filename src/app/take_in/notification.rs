//! What a mail provider tells over HTTP: the same use case, without a message to read.

use crate::app::{App, AppError};
use crate::domain::bounce::Remedy;
use crate::domain::delivery::DeliveryId;
use crate::domain::inbound::Way;
use crate::domain::return_path::{message_ids_in, return_paths_in};
use crate::mail::inbound::Notice;
use crate::store::inbound_events;

use super::{Taken, act, hash};

/// What a provider tells of one message. Its signature has been checked, and still the message has to prove itself: one
/// account with a provider may serve several senders.
#[derive(Debug, Clone)]
pub struct Notification {
    /// What it says.
    pub notice: Notice,
    /// Where our marks may stand: Message-ID, return path, headers.
    pub marks: String,
}

/// Takes in what a provider tells. What is not about a message of ours is passed over, because it is about somebody else's.
///
/// # Errors
/// [`AppError::Store`]; nothing has been done then, and it may be told again.
pub async fn take_in_notification(app: &App, told: Notification) -> Result<Taken, AppError> {
    let Some(id) = recognise(app, &told.marks) else {
        tracing::warn!("a provider's notification is about no message of ours");
        return Ok(Taken {
            acts: vec![(told.notice.category, Remedy::Note)],
            was_known: false,
            is_kept: false,
        });
    };
    let (now, rule) = (app.now(), app.settings.inbound.strikes);
    let taken = app
        .store
        .write(move |db| {
            let notice = &told.notice;
            let Some(sent) = inbound_events::sent(db, id)? else {
                return Ok::<_, AppError>(Taken {
                    acts: Vec::new(),
                    was_known: false,
                    is_kept: false,
                });
            };
            // Told by the message of ours: a provider repeats itself.
            let digest = hash([&id.0.to_be_bytes()[..], b"notification"]);
            let how = act::Told {
                way: Way::Webhook,
                digest: &digest,
                // The provider has signed it, whichever of our marks it holds.
                is_certain: true,
            };
            let (done, is_new) = act::act_on(db, how, &sent, notice, rule, now)?;
            Ok(Taken {
                acts: vec![(notice.category, done)],
                was_known: !is_new,
                is_kept: false,
            })
        })
        .await?;
    tracing::info!(?taken, "a provider told of a message");
    Ok(taken)
}

fn recognise(app: &App, marks: &str) -> Option<DeliveryId> {
    let keys = &app.instance.link_keys;
    if let [id] = return_paths_in(keys, marks.as_bytes())[..] {
        return Some(id);
    }
    match message_ids_in(keys, &app.instance.id, marks.as_bytes())[..] {
        [id] => Some(id),
        _ => None,
    }
}
