//! The first page for staff: who is on the list and how it grows, what waits for the person who looks, what is in trouble,
//! and what a new clinic does first.

pub mod growth;
mod standing;
mod steps;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleState};
use crate::domain::bounce::Category;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::local_time::CalendarDate;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::subscriber::{Region, SubscriberStatus};
use crate::domain::waiting::{may_publish, may_review};
use crate::store::articles::{self, Article};
use crate::store::bulletins::{self, Bulletin, Draft};
use crate::store::topics::{self, Topic};
use crate::store::{
    Db, StoreError, article_remarks, delivery_reports, growth as growth_days, inbound_events,
    inbound_messages, publications, subscribers,
};

use super::{Actor, App, AppError, follow_bulletin, read_inbound};
use growth::Growth;
pub use steps::Step;

/// So many of the newest bulletins are shown.
const BULLETINS: i64 = 5;

/// So many texts of each sort are looked through for what waits.
const TEXTS: i64 = 50;

/// A review date is told of so many days before.
const REVIEW_AHEAD: i32 = 30;

/// A message to a single person that has waited so long is told of.
const LONG_WAIT: Duration = Duration::from_secs(15 * 60);

/// Who is on the list, by what they chose and where they are: counted now and then.
#[derive(Debug, Clone)]
pub struct Audience {
    /// How many chose each topic, in the order of the form.
    pub topics: Vec<(Topic, i64)>,
    /// How many are in each region, the rest last.
    pub regions: Vec<(Option<Region>, i64)>,
    /// When that was counted.
    pub counted_at: Timestamp,
}

/// How a bulletin went, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// Taken by the servers.
    pub accepted: i64,
    /// Refused, or given up.
    pub failed: i64,
    /// Not finished yet.
    pub open: i64,
}

/// Something that is in trouble.
#[derive(Debug)]
pub struct Trouble {
    /// Bulletins that are held up, and why; first those that a person has to go on with.
    pub held: Vec<Held>,
    /// Files that are being taken over, and do not get on.
    pub imports: Vec<Halted>,
    /// Changes to many people that do not get on.
    pub bulk_changes: Vec<Halted>,
    /// What the links of bulletins cannot be looked at for, or how many have long waited to be.
    pub links: Option<LinksTrouble>,
    /// Since when the mailbox of what comes back cannot be read, and why.
    pub mailbox: Option<(Timestamp, String)>,
    /// What the mail server said, while it is in trouble.
    pub mail_server: Option<String>,
    /// How many messages to single people wait, where one has waited long.
    pub notices_waiting: Option<i64>,
    /// How many messages of the last week to single people could not be delivered.
    pub notices_failed: i64,
    /// How often in the last week servers refused our mail for what we are or what it is, by reports that came back; and
    /// the words of the newest.
    pub alarms: (i64, Option<String>),
    /// How many bounces and how many complaints came back in the last week.
    pub came_back: (i64, i64),
    /// How much came back that a person has to look at.
    pub inbound_open: i64,
    /// How much of the room for them is taken, in hundredths.
    pub inbound_percent: u64,
}

/// A bulletin that is held up.
#[derive(Debug, Clone)]
pub struct Held {
    /// The bulletin.
    pub id: BulletinId,
    /// Its subject.
    pub subject: String,
    /// Why.
    pub why: String,
    /// Where it is on its way: one that is being sent goes on by itself.
    pub state: BulletinState,
}

/// Work that was begun and does not get on.
#[derive(Debug, Clone)]
pub struct Halted {
    /// Its key.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// How many are done, and how many there are.
    pub done: (i64, i64),
    /// When it was begun.
    pub since: Timestamp,
    /// What went wrong the last time; nothing where it only takes long.
    pub words: Option<String>,
}

/// Why links are not looked at.
#[derive(Debug, Clone)]
pub enum LinksTrouble {
    /// Something went wrong.
    Failed(String),
    /// So many have waited long: nobody looks.
    Waiting(i64),
}

/// A text that waits for somebody.
#[derive(Debug, Clone)]
pub struct Waiting<T> {
    /// The text.
    pub text: T,
    /// Why it waits.
    pub why: Why,
}

/// Why a text waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// To be read by a second person, and approved.
    Approval,
    /// It is approved, and is to be put on the site or sent.
    Publishing,
}

/// What the first page shows to a person.
#[derive(Debug)]
pub struct Overview {
    /// How many people there are of each status.
    pub subscribers: Vec<(SubscriberStatus, i64)>,
    /// Who came and who left.
    pub growth: Growth,
    /// What the people on the list chose, and where they are.
    pub audience: Audience,
    /// Articles that wait for this person.
    pub articles: Vec<Waiting<Article>>,
    /// Bulletins that wait for this person.
    pub bulletins: Vec<Waiting<Bulletin>>,
    /// Drafts of this person that a colleague gave back, each once: with who asked for changes, and when.
    pub changes_asked: Vec<(ArticleId, String, String, Timestamp)>,
    /// Drafts that this person began: articles.
    pub article_drafts: Vec<(ArticleId, String, Timestamp)>,
    /// Drafts of this person: bulletins, each with who asked for which changes.
    pub bulletin_drafts: Vec<Draft>,
    /// What is on the site and is to be looked at again, passed or within a month, the oldest date first.
    pub review_dates: Vec<(ArticleId, String, CalendarDate)>,
    /// The newest bulletins, and how they went.
    pub recent_bulletins: Vec<(Bulletin, Option<Outcome>)>,
    /// What is in trouble.
    pub trouble: Trouble,
    /// What a new clinic does first; none once that is done.
    pub first_steps: Option<Vec<Step>>,
}

/// What the first page shows.
///
/// # Errors
/// [`AppError::Store`].
pub async fn show(app: &App, actor: &Actor) -> Result<Overview, AppError> {
    let now = app.now();
    let store = app.store.clone();
    let count = || async move { Ok(store.read(subscribers::count_by_status).await?) };
    let subscribers = app.subscriber_counts.get((), count).await?;
    let (growth, audience) = counted(app).await?;
    let recent = app.store.read(|db| bulletins::list(db, BULLETINS)).await?;
    let mut recent_bulletins = Vec::new();
    for bulletin in recent {
        let outcome = match bulletin.started_at {
            Some(_) => Some(outcome(app, bulletin.id).await?),
            None => None,
        };
        recent_bulletins.push((bulletin, outcome));
    }
    let (actor, this) = (actor.clone(), app.clone());
    app.store
        .read(move |db| {
            Ok(Overview {
                articles: articles_for(db, &actor)?,
                bulletins: bulletins_for(db, &actor)?,
                changes_asked: changes_asked(db, actor.id)?,
                article_drafts: articles::drafts_of(db, actor.id, TEXTS)?,
                bulletin_drafts: bulletins::drafts_of(db, actor.id, TEXTS)?,
                review_dates: review_dates(db, now, TEXTS)?,
                trouble: trouble(&this, db, now)?,
                first_steps: match actor.role {
                    StaffRole::Owner => steps::left(&this, db)?,
                    _ => None,
                },
                subscribers,
                growth,
                audience,
                recent_bulletins,
            })
        })
        .await
}

/// Counts what takes long on a large list before anybody asks, so that the first page opens at once too.
///
/// # Errors
/// [`AppError::Store`].
pub async fn count_ahead(app: &App) -> Result<(), AppError> {
    counted(app).await.map(drop)
}

async fn counted(app: &App) -> Result<(Growth, Audience), AppError> {
    let now = app.now();
    let store = app.store.clone();
    let read = || async move { store.read(move |db| growth::read(db, now)).await };
    let growth = app.growth.get(CalendarDate::of(now), read).await?;
    let store = app.store.clone();
    let count = || async move { store.read(move |db| audience(db, now)).await };
    let audience = app.audience.get((), count).await?;
    Ok((growth, audience))
}

fn audience(db: &mut Db, now: Timestamp) -> Result<Audience, AppError> {
    let counts = growth_days::active_by_topic(db)?;
    let count = |topic: &Topic| counts.iter().find(|(id, _)| *id == topic.id);
    let topics = topics::all(db)?;
    let topics = topics.into_iter().map(|topic| {
        let people = count(&topic).map_or(0, |(_, people)| *people);
        (topic, people)
    });
    let found = growth_days::active_by_region(db)?;
    let regions = Region::ALL.iter().map(|region| Some(*region));
    let regions = regions.chain([None]).map(|region| {
        let people = found.iter().find(|(of, _)| *of == region);
        (region, people.map_or(0, |(_, people)| *people))
    });
    Ok(Audience {
        // A topic that nobody can choose any more, and nobody has, says nothing.
        topics: topics
            .filter(|(topic, people)| *people > 0 || topic.retired_at.is_none())
            .collect(),
        regions: regions.collect(),
        counted_at: now,
    })
}

async fn outcome(app: &App, id: BulletinId) -> Result<Outcome, AppError> {
    let progress = follow_bulletin::progress(app, id).await?;
    let mut outcome = Outcome::default();
    for (state, count) in progress.counts {
        match state {
            DeliveryState::Accepted => outcome.accepted += count,
            DeliveryState::Refused | DeliveryState::Failed => outcome.failed += count,
            state if state.is_open() => outcome.open += count,
            _ => {}
        }
    }
    Ok(outcome)
}

/// The articles that wait for a person: never their own to be approved.
fn articles_for(db: &mut Db, actor: &Actor) -> Result<Vec<Waiting<Article>>, AppError> {
    let mut waiting = Vec::new();
    if actor.role.includes(StaffRole::Reviewer) {
        for (text, _) in articles::list(db, Some(ArticleState::InReview), TEXTS)? {
            let writers = articles::writers(db, text.id)?;
            if may_review(actor.role, &writers, actor.id) {
                let why = Why::Approval;
                waiting.push(Waiting { text, why });
            }
        }
    }
    if may_publish(actor.role) {
        for (text, _) in articles::list(db, Some(ArticleState::Approved), TEXTS)? {
            let why = Why::Publishing;
            waiting.push(Waiting { text, why });
        }
    }
    Ok(waiting)
}

/// The drafts that colleagues gave back, each with who asked last.
fn changes_asked(
    db: &mut Db,
    staff: StaffId,
) -> Result<Vec<(ArticleId, String, String, Timestamp)>, AppError> {
    let mut asked: Vec<(ArticleId, String, String, Timestamp)> = Vec::new();
    for one in article_remarks::changes_asked_of(db, staff, TEXTS)? {
        if !asked.iter().any(|(id, ..)| *id == one.0) {
            asked.push(one);
        }
    }
    Ok(asked)
}

/// The bulletins that wait for a person: never their own to be approved.
fn bulletins_for(db: &mut Db, actor: &Actor) -> Result<Vec<Waiting<Bulletin>>, AppError> {
    let mut waiting = Vec::new();
    if actor.role.includes(StaffRole::Reviewer) {
        for text in bulletins::in_state(db, BulletinState::InReview)? {
            let writers = bulletins::writers(db, text.id)?;
            if may_review(actor.role, &writers, actor.id) {
                let why = Why::Approval;
                waiting.push(Waiting { text, why });
            }
        }
    }
    if may_publish(actor.role) {
        for text in bulletins::in_state(db, BulletinState::Approved)? {
            let why = Why::Publishing;
            waiting.push(Waiting { text, why });
        }
    }
    Ok(waiting)
}

/// What is on the site and is to be looked at again, passed or within a month, the oldest date first.
pub(super) fn review_dates(
    db: &mut Db,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(ArticleId, String, CalendarDate)>, StoreError> {
    let until = CalendarDate::of(now).plus_days(REVIEW_AHEAD);
    publications::to_review_until(db, &until.iso(), limit)
}

fn trouble(app: &App, db: &mut Db, now: Timestamp) -> Result<Trouble, AppError> {
    let room = app.settings.inbound.keep_most;
    let week_ago = now.minus(Duration::from_secs(7 * 24 * 60 * 60));
    let (waiting, notices_failed) = delivery_reports::notice_trouble(db, week_ago)?;
    let oldest = delivery_reports::oldest_notice_waiting(db)?;
    let waits_long = oldest.is_some_and(|since| since < now.minus(LONG_WAIT));
    let mut came_back = (0, 0);
    for (category, count) in inbound_events::count_since(db, week_ago)? {
        match category {
            Category::Complaint => came_back.1 += count,
            Category::NoMailbox
            | Category::MailboxDisabled
            | Category::MailboxFull
            | Category::Unreachable
            | Category::Temporary
            | Category::Unclear => came_back.0 += count,
            _ => {}
        }
    }
    let standing = standing::read(app, db, now)?;
    Ok(Trouble {
        held: standing.held,
        imports: standing.imports,
        bulk_changes: standing.bulk_changes,
        links: standing.links,
        mailbox: standing.mailbox,
        mail_server: standing.mail_server,
        notices_waiting: waits_long.then_some(waiting),
        notices_failed,
        alarms: inbound_events::alarms_since(db, week_ago)?,
        came_back,
        inbound_open: inbound_messages::count_open(db)?,
        inbound_percent: read_inbound::percent_full(db, room)?,
    })
}
