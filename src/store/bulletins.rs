//! Bulletins: their texts, articles, audiences and states.

mod corrections;
mod progress;

use diesel::prelude::*;
use diesel::result::Error as DieselError;

pub use corrections::{Correction, corrections, delete_draft, set_corrects, was_submitted};
pub use progress::{
    finish_if_done, frozen, set_approval, set_schedule, set_started, set_state, set_unfinished,
    set_waiting_for,
};

use super::schema::{bulletin, bulletin_article, bulletin_topic, bulletin_writer};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::audience::Narrowing;
use crate::domain::bulletin::{ArticleForm, BulletinId, BulletinState};
use crate::domain::staff_member::StaffId;
use crate::domain::symposium::SymposiumId;
use crate::domain::topic::TopicId;

/// A bulletin, as stored, without its frozen text.
#[derive(Debug, Clone, Queryable)]
pub struct Bulletin {
    /// Key.
    pub id: BulletinId,
    /// Name in addresses.
    pub slug: String,
    /// Subject line.
    pub subject: String,
    /// What mail programs show beside the subject.
    pub preheader: String,
    /// Introduction, in Markdown.
    pub introduction: String,
    /// Where it is on its way.
    pub state: BulletinState,
    /// Counts the saved texts.
    pub version: i32,
    /// Who began it.
    pub created_by: StaffId,
    /// Who saved it last.
    pub updated_by: StaffId,
    /// Who approved it.
    pub approved_by: Option<StaffId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// When it is to go out.
    pub scheduled_for: Option<Timestamp>,
    /// When its audience was frozen.
    pub started_at: Option<Timestamp>,
    /// When nothing was left to be sent.
    pub finished_at: Option<Timestamp>,
    /// How many people its audience had.
    pub audience_count: i64,
    /// What holds it up, for staff.
    pub waiting_for: Option<String>,
    /// The symposium whose registered people alone receive it.
    pub symposium_id: Option<SymposiumId>,
    /// What leaves people of its audience out.
    pub narrowing: Narrowing,
    /// The bulletin that it corrects, for those alone who received that one.
    pub corrects_id: Option<BulletinId>,
}

type Columns = (
    bulletin::id,
    bulletin::slug,
    bulletin::subject,
    bulletin::preheader,
    bulletin::introduction,
    bulletin::state,
    bulletin::version,
    bulletin::created_by,
    bulletin::updated_by,
    bulletin::approved_by,
    bulletin::created_at,
    bulletin::updated_at,
    bulletin::approved_at,
    bulletin::scheduled_for,
    bulletin::started_at,
    bulletin::finished_at,
    bulletin::audience_count,
    bulletin::waiting_for,
    bulletin::symposium_id,
    bulletin::narrowing,
    bulletin::corrects_id,
);
const COLUMNS: Columns = (
    bulletin::id,
    bulletin::slug,
    bulletin::subject,
    bulletin::preheader,
    bulletin::introduction,
    bulletin::state,
    bulletin::version,
    bulletin::created_by,
    bulletin::updated_by,
    bulletin::approved_by,
    bulletin::created_at,
    bulletin::updated_at,
    bulletin::approved_at,
    bulletin::scheduled_for,
    bulletin::started_at,
    bulletin::finished_at,
    bulletin::audience_count,
    bulletin::waiting_for,
    bulletin::symposium_id,
    bulletin::narrowing,
    bulletin::corrects_id,
);

/// What its editors choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulletinText {
    /// Subject line.
    pub subject: String,
    /// What mail programs show beside the subject.
    pub preheader: String,
    /// Introduction, in Markdown.
    pub introduction: String,
    /// Its articles, in order.
    pub articles: Vec<(ArticleId, ArticleForm)>,
    /// Its audience: all who chose one of these topics.
    pub topics: Vec<TopicId>,
    /// Or those alone, of all topics, who have a place at this symposium.
    pub symposium: Option<SymposiumId>,
    /// Less those whom this leaves out.
    pub narrowing: Narrowing,
}

/// The mail as it was approved, with the places of the personal pieces marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// HTML part.
    pub html: String,
    /// Text part.
    pub text: String,
}

/// Adds a bulletin as a draft. Returns its key.
///
/// # Errors
/// [`StoreError::Exists`] when the slug is taken.
pub fn insert(
    db: &mut Db,
    slug: &str,
    text: &BulletinText,
    by: StaffId,
    now: Timestamp,
) -> Result<BulletinId, StoreError> {
    let narrowing = as_json(&text.narrowing)?;
    let id = diesel::insert_into(bulletin::table)
        .values((
            bulletin::slug.eq(slug),
            bulletin::subject.eq(&text.subject),
            bulletin::preheader.eq(&text.preheader),
            bulletin::introduction.eq(&text.introduction),
            bulletin::symposium_id.eq(text.symposium.map(|id| id.0)),
            bulletin::narrowing.eq(narrowing),
            bulletin::state.eq(BulletinState::Draft.as_str()),
            bulletin::version.eq(1),
            bulletin::created_by.eq(by.0),
            bulletin::updated_by.eq(by.0),
            bulletin::created_at.eq(now.as_millis()),
            bulletin::updated_at.eq(now.as_millis()),
            bulletin::audience_count.eq(0),
        ))
        .returning(bulletin::id)
        .get_result::<i64>(db)?;
    set_parts(db, BulletinId(id), text, by)?;
    Ok(BulletinId(id))
}

/// Saves a draft over version `over`. Returns whether it was still a draft and `over` the newest.
pub fn update(
    db: &mut Db,
    id: BulletinId,
    over: i32,
    text: &BulletinText,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let draft = bulletin::table
        .find(id.0)
        .filter(bulletin::version.eq(over))
        .filter(bulletin::state.eq(BulletinState::Draft.as_str()));
    let narrowing = as_json(&text.narrowing)?;
    let saved = diesel::update(draft)
        .set((
            bulletin::subject.eq(&text.subject),
            bulletin::preheader.eq(&text.preheader),
            bulletin::introduction.eq(&text.introduction),
            bulletin::symposium_id.eq(text.symposium.map(|id| id.0)),
            bulletin::narrowing.eq(narrowing),
            bulletin::version.eq(over + 1),
            bulletin::updated_by.eq(by.0),
            bulletin::updated_at.eq(now.as_millis()),
        ))
        .execute(db)?;
    if saved == 1 {
        set_parts(db, id, text, by)?;
    }
    Ok(saved == 1)
}

pub(super) fn as_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| DieselError::SerializationError(Box::new(error)).into())
}

fn set_parts(
    db: &mut Db,
    id: BulletinId,
    text: &BulletinText,
    by: StaffId,
) -> Result<(), StoreError> {
    each!(db, c => diesel::insert_into(bulletin_writer::table)
        .values((bulletin_writer::bulletin_id.eq(id.0), bulletin_writer::staff_id.eq(by.0)))
        .on_conflict_do_nothing()
        .execute(c))?;
    diesel::delete(bulletin_article::table.filter(bulletin_article::bulletin_id.eq(id.0)))
        .execute(db)?;
    for (position, (article, form)) in (0..).zip(&text.articles) {
        diesel::insert_into(bulletin_article::table)
            .values((
                bulletin_article::bulletin_id.eq(id.0),
                bulletin_article::article_id.eq(article.0),
                bulletin_article::position.eq(position),
                bulletin_article::form.eq(form.as_str()),
            ))
            .execute(db)?;
    }
    diesel::delete(bulletin_topic::table.filter(bulletin_topic::bulletin_id.eq(id.0)))
        .execute(db)?;
    for topic in &text.topics {
        diesel::insert_into(bulletin_topic::table)
            .values((
                bulletin_topic::bulletin_id.eq(id.0),
                bulletin_topic::topic_id.eq(topic.0),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// All who ever saved the text: none of them is the second person.
pub fn writers(db: &mut Db, id: BulletinId) -> Result<Vec<StaffId>, StoreError> {
    Ok(bulletin_writer::table
        .filter(bulletin_writer::bulletin_id.eq(id.0))
        .select(bulletin_writer::staff_id)
        .load(db)?)
}

/// The bulletin with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: BulletinId) -> Result<Bulletin, StoreError> {
    Ok(bulletin::table.find(id.0).select(COLUMNS).first(db)?)
}

/// The bulletin with this slug, if its sending has begun and it was written to everybody.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn started_by_slug(db: &mut Db, slug: &str) -> Result<Bulletin, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::slug.eq(slug))
        .filter(bulletin::started_at.is_not_null())
        .filter(bulletin::symposium_id.is_null())
        .select(COLUMNS)
        .first(db)?)
}

/// Slugs that begin with `base`, to find a free one.
pub fn slugs_like(db: &mut Db, base: &str) -> Result<Vec<String>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::slug.like(format!("{base}%")))
        .select(bulletin::slug)
        .load(db)?)
}

/// All bulletins, the newest first.
pub fn list(db: &mut Db, limit: i64) -> Result<Vec<Bulletin>, StoreError> {
    Ok(bulletin::table
        .select(COLUMNS)
        .order(bulletin::id.desc())
        .limit(limit)
        .load(db)?)
}

/// The bulletins in a state.
pub fn in_state(db: &mut Db, state: BulletinState) -> Result<Vec<Bulletin>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::state.eq(state.as_str()))
        .select(COLUMNS)
        .order(bulletin::id.asc())
        .load(db)?)
}

/// A draft, as lists of what somebody works at show it.
#[derive(Debug, Clone, Queryable)]
pub struct Draft {
    /// Key.
    pub id: BulletinId,
    /// Subject.
    pub subject: String,
    /// When it was saved last.
    pub saved_at: Timestamp,
    /// Who asked for changes, when, and for which.
    pub asked: Option<String>,
}

/// The drafts that a person began, and those that they saved last and a colleague gave back, the last saved first.
pub fn drafts_of(db: &mut Db, staff: StaffId, limit: i64) -> Result<Vec<Draft>, StoreError> {
    let given_back = bulletin::updated_by
        .eq(staff.0)
        .and(bulletin::waiting_for.is_not_null());
    Ok(bulletin::table
        .filter(bulletin::state.eq(BulletinState::Draft.as_str()))
        .filter(bulletin::created_by.eq(staff.0).or(given_back))
        .order(bulletin::updated_at.desc())
        .limit(limit)
        .select((
            bulletin::id,
            bulletin::subject,
            bulletin::updated_at,
            bulletin::waiting_for,
        ))
        .load(db)?)
}

/// Whether the sending of any bulletin was ever begun.
pub fn any_started(db: &mut Db) -> Result<bool, StoreError> {
    let started = bulletin::table
        .filter(bulletin::started_at.is_not_null())
        .select(bulletin::id);
    Ok(diesel::select(diesel::dsl::exists(started)).get_result(db)?)
}

/// The keys of the bulletins in a state.
pub fn ids_in_state(db: &mut Db, state: BulletinState) -> Result<Vec<BulletinId>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::state.eq(state.as_str()))
        .select(bulletin::id)
        .order(bulletin::id.asc())
        .load(db)?)
}

/// The bulletins whose sending has begun, the newest first: the public archive. What was written to the people of one
/// event is theirs alone.
pub fn archive(db: &mut Db, limit: i64) -> Result<Vec<Bulletin>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::started_at.is_not_null())
        .filter(bulletin::symposium_id.is_null())
        .select(COLUMNS)
        .order(bulletin::started_at.desc())
        .limit(limit)
        .load(db)?)
}

/// The bulletins whose sending has begun, the newest first: key, subject, and when it began.
pub fn started(
    db: &mut Db,
    limit: i64,
) -> Result<Vec<(BulletinId, String, Timestamp)>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::started_at.is_not_null())
        .select((
            bulletin::id,
            bulletin::subject,
            bulletin::started_at.assume_not_null(),
        ))
        .order(bulletin::started_at.desc())
        .limit(limit)
        .load(db)?)
}

/// The articles of a bulletin, in order.
pub fn articles(db: &mut Db, id: BulletinId) -> Result<Vec<(ArticleId, ArticleForm)>, StoreError> {
    Ok(bulletin_article::table
        .filter(bulletin_article::bulletin_id.eq(id.0))
        .order(bulletin_article::position.asc())
        .select((bulletin_article::article_id, bulletin_article::form))
        .load(db)?)
}

/// The topics that a bulletin is on; they make its audience, unless it is for the people of an event or a correction.
pub fn topics(db: &mut Db, id: BulletinId) -> Result<Vec<TopicId>, StoreError> {
    Ok(bulletin_topic::table
        .filter(bulletin_topic::bulletin_id.eq(id.0))
        .order(bulletin_topic::topic_id.asc())
        .select(bulletin_topic::topic_id)
        .load(db)?)
}

/// Bulletins that hold this article and are not given up, with their states.
pub fn with_article(
    db: &mut Db,
    article: ArticleId,
) -> Result<Vec<(BulletinId, BulletinState)>, StoreError> {
    Ok(bulletin::table
        .inner_join(bulletin_article::table)
        .filter(bulletin_article::article_id.eq(article.0))
        .filter(bulletin::state.ne(BulletinState::Cancelled.as_str()))
        .select((bulletin::id, bulletin::state))
        .load(db)?)
}
