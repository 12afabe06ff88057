//! Articles and their revisions.

use diesel::prelude::*;

use super::schema::{
    article, article_remark, article_revision, bulletin_article, deidentification_tick,
    staff_member, supersession, topic, working_copy,
};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::local_time::CalendarDate;
use crate::domain::staff_member::StaffId;
use crate::domain::topic::TopicId;

/// An article, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Article {
    /// Key.
    pub id: ArticleId,
    /// Name in addresses.
    pub slug: String,
    /// What it is.
    pub kind: ArticleKind,
    /// Under which topic it goes.
    pub topic_id: TopicId,
    /// Title.
    pub title: String,
    /// What it says, in a sentence or two.
    pub summary: String,
    /// Text, in Markdown.
    pub body: String,
    /// Practice points, one a line.
    pub practice_points: String,
    /// Authors with their roles, one a line.
    pub authors: String,
    /// Interests that a reader should know of.
    pub conflicts: String,
    /// References, one a line.
    pub reference_list: String,
    /// Who is asked to review it.
    pub reviewer_id: Option<StaffId>,
    /// When its content is to be looked at again.
    pub review_by: Option<CalendarDate>,
    /// Where it is on its way.
    pub state: ArticleState,
    /// Counts the saved texts.
    pub version: i32,
    /// Who began it.
    pub created_by: StaffId,
    /// Who saved it last.
    pub updated_by: StaffId,
    /// Who approved this text.
    pub approved_by: Option<StaffId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// When this text was approved.
    pub approved_at: Option<Timestamp>,
}

/// What its authors write.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ArticleText {
    /// What it is (`ArticleKind`'s name).
    pub kind: String,
    /// Key of its topic.
    pub topic_id: TopicId,
    /// Title.
    pub title: String,
    /// What it says, in a sentence or two.
    pub summary: String,
    /// Text, in Markdown.
    pub body: String,
    /// Practice points, one a line.
    pub practice_points: String,
    /// Authors with their roles, one a line.
    pub authors: String,
    /// Interests that a reader should know of.
    pub conflicts: String,
    /// References, one a line.
    pub reference_list: String,
    /// Who is asked to review it.
    pub reviewer_id: Option<StaffId>,
    /// When its content is to be looked at again, as `YYYY-MM-DD`.
    pub review_by: Option<String>,
}

impl Article {
    /// What its authors wrote.
    pub fn text(&self) -> ArticleText {
        ArticleText {
            kind: self.kind.as_str().to_owned(),
            topic_id: self.topic_id,
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
            practice_points: self.practice_points.clone(),
            authors: self.authors.clone(),
            conflicts: self.conflicts.clone(),
            reference_list: self.reference_list.clone(),
            reviewer_id: self.reviewer_id,
            review_by: self.review_by.map(CalendarDate::iso),
        }
    }
}

/// That a text was saved.
#[derive(Debug, Clone, Queryable)]
pub struct Revision {
    /// Which text.
    pub version: i32,
    /// Who saved it.
    pub saved_by: StaffId,
    /// Their name.
    pub saved_by_name: String,
    /// When.
    pub saved_at: Timestamp,
}

/// An article in a list, without its text.
#[derive(Debug, Clone, Queryable)]
pub struct Heading {
    /// Key.
    pub id: ArticleId,
    /// What it is.
    pub kind: ArticleKind,
    /// Title.
    pub title: String,
    /// Authors with their roles, one a line.
    pub authors: String,
    /// When its content is to be looked at again.
    pub review_by: Option<CalendarDate>,
    /// Where it is on its way.
    pub state: ArticleState,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// The name of who began it.
    pub created_by_name: String,
    /// Whether another has taken its place.
    pub superseded: bool,
}

/// Adds an article as a draft. Returns its key.
///
/// # Errors
/// [`StoreError::Exists`] when the slug is taken.
pub fn insert(
    db: &mut Db,
    slug: &str,
    text: &ArticleText,
    by: StaffId,
    now: Timestamp,
) -> Result<ArticleId, StoreError> {
    let id = diesel::insert_into(article::table)
        .values((
            article::slug.eq(slug),
            article::kind.eq(&text.kind),
            article::topic_id.eq(text.topic_id.0),
            article::title.eq(&text.title),
            article::summary.eq(&text.summary),
            article::body.eq(&text.body),
            article::practice_points.eq(&text.practice_points),
            article::authors.eq(&text.authors),
            article::conflicts.eq(&text.conflicts),
            article::reference_list.eq(&text.reference_list),
            article::reviewer_id.eq(text.reviewer_id.map(|id| id.0)),
            article::review_by.eq(&text.review_by),
            article::state.eq(ArticleState::Draft.as_str()),
            article::version.eq(1),
            article::created_by.eq(by.0),
            article::updated_by.eq(by.0),
            article::created_at.eq(now.as_millis()),
            article::updated_at.eq(now.as_millis()),
        ))
        .returning(article::id)
        .get_result::<i64>(db)?;
    Ok(ArticleId(id))
}

/// Saves a text over version `over`; the article is a draft again. Returns whether `over` was
/// still the newest: somebody else's text is never overwritten unseen.
pub fn update(
    db: &mut Db,
    id: ArticleId,
    over: i32,
    text: &ArticleText,
    by: StaffId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let saved = diesel::update(article::table.find(id.0).filter(article::version.eq(over)))
        .set((
            article::kind.eq(&text.kind),
            article::topic_id.eq(text.topic_id.0),
            article::title.eq(&text.title),
            article::summary.eq(&text.summary),
            article::body.eq(&text.body),
            article::practice_points.eq(&text.practice_points),
            article::authors.eq(&text.authors),
            article::conflicts.eq(&text.conflicts),
            article::reference_list.eq(&text.reference_list),
            article::reviewer_id.eq(text.reviewer_id.map(|id| id.0)),
            article::review_by.eq(&text.review_by),
            article::state.eq(ArticleState::Draft.as_str()),
            article::version.eq(over + 1),
            article::updated_by.eq(by.0),
            article::updated_at.eq(now.as_millis()),
            article::approved_by.eq(None::<i64>),
            article::approved_at.eq(None::<i64>),
        ))
        .execute(db)?;
    Ok(saved == 1)
}

/// Keeps a saved text.
pub fn insert_revision(
    db: &mut Db,
    id: ArticleId,
    version: i32,
    content: &str,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(article_revision::table)
        .values((
            article_revision::article_id.eq(id.0),
            article_revision::version.eq(version),
            article_revision::saved_by.eq(by.0),
            article_revision::saved_at.eq(now.as_millis()),
            article_revision::content.eq(content),
        ))
        .execute(db)?;
    Ok(())
}

/// When the texts were saved and by whom, the newest first.
pub fn revisions(db: &mut Db, id: ArticleId) -> Result<Vec<Revision>, StoreError> {
    Ok(article_revision::table
        .inner_join(staff_member::table)
        .filter(article_revision::article_id.eq(id.0))
        .order(article_revision::version.desc())
        .select((
            article_revision::version,
            article_revision::saved_by,
            staff_member::name,
            article_revision::saved_at,
        ))
        .load(db)?)
}

/// A saved text, as JSON of [`ArticleText`].
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn revision_content(db: &mut Db, id: ArticleId, version: i32) -> Result<String, StoreError> {
    Ok(article_revision::table
        .filter(article_revision::article_id.eq(id.0))
        .filter(article_revision::version.eq(version))
        .select(article_revision::content)
        .first(db)?)
}

/// Moves an article from one state to another. Returns whether it was in the first.
pub fn set_state(
    db: &mut Db,
    id: ArticleId,
    from: ArticleState,
    to: ArticleState,
) -> Result<bool, StoreError> {
    let moved = diesel::update(
        article::table
            .find(id.0)
            .filter(article::state.eq(from.as_str())),
    )
    .set(article::state.eq(to.as_str()))
    .execute(db)?;
    Ok(moved == 1)
}

/// Notes who approved the text, and when; or, with `None`, that nobody has.
pub fn set_approval(
    db: &mut Db,
    id: ArticleId,
    approval: Option<(StaffId, Timestamp)>,
) -> Result<(), StoreError> {
    diesel::update(article::table.find(id.0))
        .set((
            article::approved_by.eq(approval.map(|(by, _)| by.0)),
            article::approved_at.eq(approval.map(|(_, at)| at.as_millis())),
        ))
        .execute(db)?;
    Ok(())
}

/// The article with this key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(db: &mut Db, id: ArticleId) -> Result<Article, StoreError> {
    Ok(article::table
        .find(id.0)
        .select(article::all_columns)
        .first(db)?)
}

/// Slugs that begin with `base`, to find a free one.
pub fn slugs_like(db: &mut Db, base: &str) -> Result<Vec<String>, StoreError> {
    Ok(article::table
        .filter(article::slug.like(format!("{base}%")))
        .select(article::slug)
        .load(db)?)
}

/// All articles with the names of their topics, the last saved first, perhaps in one state only.
pub fn list(
    db: &mut Db,
    state: Option<ArticleState>,
    limit: i64,
) -> Result<Vec<(Article, String)>, StoreError> {
    let mut query = article::table.inner_join(topic::table).into_boxed();
    if let Some(state) = state {
        query = query.filter(article::state.eq(state.as_str()));
    }
    Ok(query
        .select((article::all_columns, topic::name))
        .order(article::updated_at.desc())
        .limit(limit)
        .load(db)?)
}

/// All articles without their texts, the last saved first.
pub fn headings(db: &mut Db) -> Result<Vec<Heading>, StoreError> {
    Ok(article::table
        .inner_join(staff_member::table.on(staff_member::id.eq(article::created_by)))
        .left_join(supersession::table.on(supersession::article_id.eq(article::id)))
        .select((
            article::id,
            article::kind,
            article::title,
            article::authors,
            article::review_by,
            article::state,
            article::updated_at,
            staff_member::name,
            supersession::article_id.nullable().is_not_null(),
        ))
        .order((article::updated_at.desc(), article::id.desc()))
        .load(db)?)
}

/// The drafts that a person began, the last saved first: key, title, when.
pub fn drafts_of(
    db: &mut Db,
    staff: StaffId,
    limit: i64,
) -> Result<Vec<(ArticleId, String, Timestamp)>, StoreError> {
    Ok(article::table
        .filter(article::state.eq(ArticleState::Draft.as_str()))
        .filter(article::created_by.eq(staff.0))
        .order(article::updated_at.desc())
        .limit(limit)
        .select((article::id, article::title, article::updated_at))
        .load(db)?)
}

/// All who saved the text at any time: none of them is the second person.
pub fn writers(db: &mut Db, id: ArticleId) -> Result<Vec<StaffId>, StoreError> {
    Ok(article_revision::table
        .filter(article_revision::article_id.eq(id.0))
        .select(article_revision::saved_by)
        .distinct()
        .load(db)?)
}

/// Whether a bulletin has it, in whatever state.
pub fn is_in_a_bulletin(db: &mut Db, id: ArticleId) -> Result<bool, StoreError> {
    let found = bulletin_article::table
        .filter(bulletin_article::article_id.eq(id.0))
        .select(bulletin_article::bulletin_id)
        .first::<i64>(db)
        .optional()?;
    Ok(found.is_some())
}

/// Deletes an article with its revisions, remarks, ticks and what is typed and not saved of it.
pub fn delete(db: &mut Db, id: ArticleId) -> Result<(), StoreError> {
    let id = id.0;
    diesel::delete(article_revision::table.filter(article_revision::article_id.eq(id)))
        .execute(db)?;
    diesel::delete(article_remark::table.filter(article_remark::article_id.eq(id))).execute(db)?;
    diesel::delete(deidentification_tick::table.filter(deidentification_tick::article_id.eq(id)))
        .execute(db)?;
    diesel::delete(working_copy::table.filter(working_copy::article_id.eq(id))).execute(db)?;
    diesel::delete(article::table.find(id)).execute(db)?;
    Ok(())
}
