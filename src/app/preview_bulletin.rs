//! A bulletin as an inbox will show it, to a sample reader or with the eyes of one of its own. Nothing of it does anything:
//! the personal links lead to the page for everybody.

use crate::domain::bulletin::BulletinId;
use crate::domain::person_name::PersonName;
use crate::domain::subscriber::{SubscriberId, SubscriberStatus, may_receive};
use crate::mail::content::{Content, Slot};
use crate::store::bulletins::{self, Bulletin};
use crate::store::subscribers::{self, Subscriber};
use crate::store::{Db, bulletin_readers, symposia, topics};

use super::compose_bulletin::as_approved_or_now;
use super::{App, AppError};

/// Who reads it where nobody is chosen.
pub const SAMPLE_READER: &str = "Sample Reader";

/// So many are found at a time.
const MOST_FOUND: i64 = 8;

/// A bulletin, with somebody's eyes.
#[derive(Debug)]
pub struct Preview {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// The mail, its personal pieces filled in.
    pub content: Content,
    /// Whose eyes; none are a sample reader's.
    pub reader: Option<Subscriber>,
    /// Why they get it, or why not, in a sentence.
    pub why: String,
}

/// A bulletin with the eyes of a subscriber, or of a sample reader.
///
/// # Errors
/// [`AppError::NotFound`] also when there is no such person any more.
pub async fn show(
    app: &App,
    id: BulletinId,
    reader: Option<SubscriberId>,
) -> Result<Preview, AppError> {
    let own = app.clone();
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let content = as_approved_or_now(&own, db, &bulletin)?;
            let reader = reader.map(|id| subscribers::get(db, id)).transpose()?;
            if reader.as_ref().is_some_and(is_erased) {
                return Err(AppError::NotFound);
            }
            let why = match &reader {
                None => "A sample reader; nobody of this name is on the list.".to_owned(),
                Some(reader) => why(&own, db, &bulletin, reader)?,
            };
            let name = match &reader {
                None => SAMPLE_READER.to_owned(),
                Some(reader) => PersonName::parse(&reader.name)
                    .map(|name| name.greeting_name().to_owned())
                    .unwrap_or_default(),
            };
            let everybody = own.manage_page();
            let content = content
                .preview(|slot| match slot {
                    Slot::GreetingName if name.is_empty() => String::new(),
                    Slot::GreetingName => format!(" {name}"),
                    // A token that works must not stand on a page of ours: whoever looks over a shoulder could use it.
                    Slot::ManageUrl | Slot::UnsubscribeUrl | Slot::ConfirmUrl => everybody.clone(),
                })
                .map_err(AppError::internal)?;
            Ok(Preview {
                bulletin,
                content,
                reader,
                why,
            })
        })
        .await
}

/// Some of those who would get it, by words in name, address or practice.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn search(app: &App, id: BulletinId, words: String) -> Result<Vec<Subscriber>, AppError> {
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let topics = bulletins::topics(db, id)?;
            let symposium = bulletin.symposium_id;
            Ok(bulletin_readers::search(
                db, &words, &topics, symposium, MOST_FOUND,
            )?)
        })
        .await
}

fn is_erased(reader: &Subscriber) -> bool {
    reader.status == SubscriberStatus::Erased
}

fn why(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
    reader: &Subscriber,
) -> Result<String, AppError> {
    if let Err(why_not) = may_receive(reader.status, reader.paused_until, app.now()) {
        return Ok(format!("{} would not get it now: {why_not}.", reader.name));
    }
    if let Some(symposium) = bulletin.symposium_id {
        let title = symposia::get(db, symposium)?.title;
        return Ok(format!("It goes to those who have a place at {title}."));
    }
    let wanted = bulletins::topics(db, bulletin.id)?;
    let chosen: Vec<String> = topics::chosen_by(db, reader.id)?
        .into_iter()
        .filter(|topic| wanted.contains(&topic.id))
        .map(|topic| topic.name)
        .collect();
    Ok(match chosen.is_empty() {
        true => format!(
            "{} would not get it now: none of its topics is chosen.",
            reader.name
        ),
        false => format!(
            "{} gets it for having chosen {}.",
            reader.name,
            chosen.join(", ")
        ),
    })
}
