//! A bulletin that was wrong is set right with those who received it. What was sent stays as it was; the correction is a
//! bulletin of its own, which a second person approves as any other.

use crate::clock::Timestamp;
use crate::domain::audience::Narrowing;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::local_time;
use crate::domain::slug;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
use crate::store::bulletins::{self, Bulletin, BulletinText, Correction};
use crate::store::{Db, audiences, audit_events};

use super::{App, AppError};

/// What the subject of a correction begins with.
const PREFIX: &str = "Correction: ";

/// Begins the correction of a bulletin, as a draft.
///
/// # Errors
/// [`AppError::Refused`] when nobody can have received it.
pub async fn begin(app: &App, by: StaffId, id: BulletinId) -> Result<BulletinId, AppError> {
    let now = app.now();
    let base_url = app.settings.base_url.join("");
    app.store
        .write(move |db| {
            let wrong = bulletins::get(db, id)?;
            if !audiences::may_have_arrived(db, id)? {
                return Err(AppError::refused(
                    "Nobody has received this bulletin, so there is nothing to correct.",
                ));
            }
            let text = first_text(&wrong, &base_url);
            let base = slug::slug(&text.subject, "correction");
            let slug = slug::free(&base, &bulletins::slugs_like(db, &base)?);
            let correction = bulletins::insert(db, &slug, &text, by, now)?;
            bulletins::set_corrects(db, correction, id)?;
            // Both numbers: the event is one of the correction, which has a number of its own.
            let detail = format!(
                "number {correction} corrects number {id}, “{}”",
                wrong.subject
            );
            let entity = ("bulletin", Some(correction.0));
            audit_events::append(db, Some(by), "bulletin.correct", entity, Some(&detail), now)?;
            Ok(correction)
        })
        .await
}

fn first_text(wrong: &Bulletin, base_url: &str) -> BulletinText {
    let subject = match wrong.subject.starts_with(PREFIX) {
        true => wrong.subject.clone(),
        false => format!("{PREFIX}{}", wrong.subject),
    };
    let day = wrong.started_at.map(local_time::display_date);
    let of_the_day = day.map(|day| format!(" of {day}")).unwrap_or_default();
    // Brackets in a subject would end the words of the link.
    let name = wrong.subject.replace(['[', ']', '\\'], "");
    let named = match wrong.symposium_id {
        // What went to the people of one event is not in the archive.
        Some(_) => format!("“{name}”"),
        None => format!("[“{name}”]({base_url}/bulletins/{})", wrong.slug),
    };
    BulletinText {
        subject: subject.chars().take(150).collect(),
        preheader: String::new(),
        introduction: format!("This corrects our bulletin {named}{of_the_day}.\n\n"),
        articles: Vec::new(),
        topics: Vec::new(),
        // It stays as private as what it corrects.
        symposium: wrong.symposium_id,
        narrowing: Narrowing::default(),
    }
}

/// What a bulletin has to do with corrections.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// What it corrects: key, subject, and when that was sent.
    pub corrects: Option<Corrected>,
    /// What corrects it, the oldest first.
    pub corrections: Vec<Correction>,
}

/// A bulletin that another corrects.
#[derive(Debug, Clone)]
pub struct Corrected {
    /// Key.
    pub id: BulletinId,
    /// Name in addresses.
    pub slug: String,
    /// Subject line.
    pub subject: String,
    /// When its sending began.
    pub started_at: Option<Timestamp>,
    /// How many may have received it.
    pub received: i64,
    /// Those of them who cannot be reached now: how many, and why, in words that go on from "2 of them".
    pub unreachable: Vec<(i64, &'static str)>,
}

/// What a bulletin has to do with corrections.
pub(super) fn place(db: &mut Db, bulletin: &Bulletin, now: Timestamp) -> Result<Place, AppError> {
    let corrects = match bulletin.corrects_id {
        Some(id) => Some(corrected(db, id, bulletin.started_at.is_none(), now)?),
        None => None,
    };
    Ok(Place {
        corrects,
        corrections: bulletins::corrections(db, bulletin.id)?,
    })
}

/// With who can be reached, where that still matters.
fn corrected(
    db: &mut Db,
    id: BulletinId,
    with_people: bool,
    now: Timestamp,
) -> Result<Corrected, AppError> {
    let wrong = bulletins::get(db, id)?;
    let people = match with_people {
        true => audiences::receivers_by_status(db, id, now)?,
        false => Vec::new(),
    };
    let mut unreachable = Vec::new();
    for (status, is_paused, count) in &people {
        if let Some(why) = why_not(*status, *is_paused) {
            unreachable.push((*count, why));
        }
    }
    Ok(Corrected {
        id,
        slug: wrong.slug,
        subject: wrong.subject,
        started_at: wrong.started_at,
        received: people.iter().map(|(_, _, count)| count).sum(),
        unreachable: together(unreachable),
    })
}

/// Those with one reason as one number, in the order in which the reasons came first.
fn together(rows: Vec<(i64, &'static str)>) -> Vec<(i64, &'static str)> {
    let mut sums: Vec<(i64, &'static str)> = Vec::new();
    for (count, why) in rows {
        match sums.iter_mut().find(|(_, known)| *known == why) {
            Some((sum, _)) => *sum += count,
            None => sums.push((count, why)),
        }
    }
    sums
}

fn why_not(status: SubscriberStatus, is_paused: bool) -> Option<&'static str> {
    match status {
        SubscriberStatus::Active if is_paused => Some("paused bulletins"),
        SubscriberStatus::Active => None,
        SubscriberStatus::Pending => Some("signed up anew and not confirmed"),
        SubscriberStatus::Unsubscribed => Some("unsubscribed"),
        SubscriberStatus::Suspended => Some("suspended: their address fails, or staff decided so"),
        SubscriberStatus::Erased => Some("erased at their own wish"),
    }
}

/// Refuses to send a correction as long as what it corrects still goes to people, who would be left without it.
pub(super) fn must_have_ended(db: &mut Db, bulletin: &Bulletin) -> Result<(), AppError> {
    let Some(corrected) = bulletin.corrects_id else {
        return Ok(());
    };
    match bulletins::get(db, corrected)?.state {
        BulletinState::Sending | BulletinState::Paused => Err(AppError::refused(
            "The bulletin that it corrects is still being sent, or paused: those who get it after this would be left \
             without the correction. Cancel it, or wait until it is sent.",
        )),
        _ => Ok(()),
    }
}
