//! Bulletins: their texts, articles, audiences and states.

use diesel::prelude::*;

use super::schema::{
    bulletin, bulletin_article, bulletin_topic, bulletin_writer, delivery, subscriber, subscription,
};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::{ArticleForm, BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
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
    let id = diesel::insert_into(bulletin::table)
        .values((
            bulletin::slug.eq(slug),
            bulletin::subject.eq(&text.subject),
            bulletin::preheader.eq(&text.preheader),
            bulletin::introduction.eq(&text.introduction),
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
    let saved = diesel::update(draft)
        .set((
            bulletin::subject.eq(&text.subject),
            bulletin::preheader.eq(&text.preheader),
            bulletin::introduction.eq(&text.introduction),
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

/// The bulletin with this slug, if its sending has begun.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn started_by_slug(db: &mut Db, slug: &str) -> Result<Bulletin, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::slug.eq(slug))
        .filter(bulletin::started_at.is_not_null())
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

/// The bulletins whose sending has begun, the newest first: the public archive.
pub fn archive(db: &mut Db, limit: i64) -> Result<Vec<Bulletin>, StoreError> {
    Ok(bulletin::table
        .filter(bulletin::started_at.is_not_null())
        .select(COLUMNS)
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

/// The topics that make the audience of a bulletin.
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

/// Moves a bulletin from one state to another. Returns whether it was in the first.
pub fn set_state(
    db: &mut Db,
    id: BulletinId,
    from: BulletinState,
    to: BulletinState,
) -> Result<bool, StoreError> {
    let moved = diesel::update(
        bulletin::table
            .find(id.0)
            .filter(bulletin::state.eq(from.as_str())),
    )
    .set(bulletin::state.eq(to.as_str()))
    .execute(db)?;
    Ok(moved == 1)
}

/// Notes the approval and the mail that was approved; or, with `None`, that there is none.
pub fn set_approval(
    db: &mut Db,
    id: BulletinId,
    approval: Option<(StaffId, Timestamp, &Frozen)>,
) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set((
            bulletin::approved_by.eq(approval.map(|(by, _, _)| by.0)),
            bulletin::approved_at.eq(approval.map(|(_, at, _)| at.as_millis())),
            bulletin::frozen_html.eq(approval.map(|(_, _, frozen)| frozen.html.as_str())),
            bulletin::frozen_text.eq(approval.map(|(_, _, frozen)| frozen.text.as_str())),
        ))
        .execute(db)?;
    Ok(())
}

/// The mail that was approved, if it was.
pub fn frozen(db: &mut Db, id: BulletinId) -> Result<Option<Frozen>, StoreError> {
    let (html, text): (Option<String>, Option<String>) = bulletin::table
        .find(id.0)
        .select((bulletin::frozen_html, bulletin::frozen_text))
        .first(db)?;
    Ok(html.zip(text).map(|(html, text)| Frozen { html, text }))
}

/// Sets when it is to go out.
pub fn set_schedule(db: &mut Db, id: BulletinId, at: Option<Timestamp>) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set(bulletin::scheduled_for.eq(at.map(Timestamp::as_millis)))
        .execute(db)?;
    Ok(())
}

/// Notes what holds it up, or that nothing does. Returns whether that is news.
pub fn set_waiting_for(db: &mut Db, id: BulletinId, why: Option<&str>) -> Result<bool, StoreError> {
    let changed = match why {
        Some(why) => diesel::update(
            bulletin::table.find(id.0).filter(
                bulletin::waiting_for
                    .is_null()
                    .or(bulletin::waiting_for.ne(why)),
            ),
        )
        .set(bulletin::waiting_for.eq(why))
        .execute(db)?,
        None => diesel::update(
            bulletin::table
                .find(id.0)
                .filter(bulletin::waiting_for.is_not_null()),
        )
        .set(bulletin::waiting_for.eq(None::<String>))
        .execute(db)?,
    };
    Ok(changed > 0)
}

/// Notes that sending began, and to how many.
pub fn set_started(
    db: &mut Db,
    id: BulletinId,
    audience: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(bulletin::table.find(id.0))
        .set((
            bulletin::started_at.eq(now.as_millis()),
            bulletin::audience_count.eq(audience),
        ))
        .execute(db)?;
    Ok(())
}

/// Marks a bulletin as sent if it is being sent and nothing is left to do. Returns whether it was
/// marked now.
pub fn finish_if_done(db: &mut Db, id: BulletinId, now: Timestamp) -> Result<bool, StoreError> {
    let open = delivery::table
        .filter(delivery::bulletin_id.eq(id.0))
        .filter(delivery::state.eq_any(open_states()));
    let left: bool = diesel::select(diesel::dsl::exists(open)).get_result(db)?;
    if left {
        return Ok(false);
    }
    let finished = diesel::update(
        bulletin::table
            .find(id.0)
            .filter(bulletin::state.eq(BulletinState::Sending.as_str())),
    )
    .set((
        bulletin::state.eq(BulletinState::Sent.as_str()),
        bulletin::finished_at.eq(now.as_millis()),
        bulletin::waiting_for.eq(None::<String>),
    ))
    .execute(db)?;
    Ok(finished == 1)
}

pub(super) fn open_states() -> [&'static str; 3] {
    [
        DeliveryState::Queued.as_str(),
        DeliveryState::Claimed.as_str(),
        DeliveryState::Deferred.as_str(),
    ]
}

/// How many people would receive a bulletin on these topics now.
pub fn audience_size(db: &mut Db, topics: &[TopicId], now: Timestamp) -> Result<i64, StoreError> {
    let topics: Vec<i64> = topics.iter().map(|id| id.0).collect();
    let chose = subscription::table
        .filter(subscription::topic_id.eq_any(topics))
        .select(subscription::subscriber_id);
    Ok(subscriber::table
        .filter(subscriber::status.eq(SubscriberStatus::Active.as_str()))
        .filter(
            subscriber::paused_until
                .is_null()
                .or(subscriber::paused_until
                    .le(now.as_millis())
                    .assume_not_null()),
        )
        .filter(subscriber::id.eq_any(chose))
        .count()
        .get_result(db)?)
}
