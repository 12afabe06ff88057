//! The articles that the site shows: the last text of each that was approved and published.

use diesel::prelude::*;

use super::schema::{publication, staff_member, supersession};
use super::{Db, StoreError};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::case_study::Ground;
use crate::domain::local_time::CalendarDate;
use crate::domain::staff_member::StaffId;
use crate::domain::topic::TopicId;

use super::articles::Article;

/// A published text.
#[derive(Debug, Clone, Queryable)]
pub struct Publication {
    /// The article.
    pub article_id: ArticleId,
    /// Name in addresses.
    pub slug: String,
    /// Which of its saved texts.
    pub version: i32,
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
    /// When its content is to be looked at again.
    pub review_by: Option<CalendarDate>,
    /// Who approved it.
    pub approved_by: StaffId,
    /// When they did.
    pub approved_at: Timestamp,
    /// When the article first came on the site.
    pub first_published_at: Timestamp,
    /// When this text did.
    pub published_at: Timestamp,
    /// On what ground, of a case study.
    pub case_ground: Option<Ground>,
    /// The name under which they approved it, where they have another since.
    pub approved_as: Option<String>,
}

/// Puts an approved text on the site, in place of an earlier one of the same article.
pub fn put(
    db: &mut Db,
    article: &Article,
    approved: (StaffId, Timestamp),
    case_ground: Option<Ground>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let before = publication::table
        .find(article.id.0)
        .select(publication::first_published_at)
        .first::<i64>(db)
        .optional()?;
    diesel::delete(publication::table.find(article.id.0)).execute(db)?;
    diesel::insert_into(publication::table)
        .values((
            publication::article_id.eq(article.id.0),
            publication::slug.eq(&article.slug),
            publication::version.eq(article.version),
            publication::kind.eq(article.kind.as_str()),
            publication::topic_id.eq(article.topic_id.0),
            publication::title.eq(&article.title),
            publication::summary.eq(&article.summary),
            publication::body.eq(&article.body),
            publication::practice_points.eq(&article.practice_points),
            publication::authors.eq(&article.authors),
            publication::conflicts.eq(&article.conflicts),
            publication::reference_list.eq(&article.reference_list),
            publication::review_by.eq(article.review_by.map(CalendarDate::iso)),
            publication::approved_by.eq(approved.0.0),
            publication::approved_at.eq(approved.1.as_millis()),
            publication::first_published_at.eq(before.unwrap_or(now.as_millis())),
            publication::published_at.eq(now.as_millis()),
            publication::case_ground.eq(case_ground.map(Ground::as_str)),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes an article off the site. Returns whether it was there.
pub fn remove(db: &mut Db, id: ArticleId) -> Result<bool, StoreError> {
    Ok(diesel::delete(publication::table.find(id.0)).execute(db)? > 0)
}

/// What is on the site of an article.
pub fn of_article(db: &mut Db, id: ArticleId) -> Result<Option<Publication>, StoreError> {
    Ok(publication::table
        .find(id.0)
        .select(publication::all_columns)
        .first(db)
        .optional()?)
}

/// What is on the site under a slug, with the name of who approved it.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn by_slug(db: &mut Db, slug: &str) -> Result<(Publication, String), StoreError> {
    let (publication, name): (Publication, String) = publication::table
        .inner_join(staff_member::table)
        .filter(publication::slug.eq(slug))
        .select((publication::all_columns, staff_member::name))
        .first(db)?;
    let reviewer = publication.approved_as.clone().unwrap_or(name);
    Ok((publication, reviewer))
}

/// The slug of an article that is on the site.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn slug_of(db: &mut Db, id: ArticleId) -> Result<String, StoreError> {
    Ok(publication::table
        .find(id.0)
        .select(publication::slug)
        .first(db)?)
}

/// The name of the member of staff who approved it.
pub fn reviewer_name(db: &mut Db, id: ArticleId) -> Result<String, StoreError> {
    let (kept, name): (Option<String>, String) = publication::table
        .find(id.0)
        .inner_join(staff_member::table)
        .select((publication::approved_as, staff_member::name))
        .first(db)?;
    Ok(kept.unwrap_or(name))
}

/// Has what somebody approved go on to show this name: they are about to get another.
pub fn keep_reviewer_name(db: &mut Db, of: StaffId, name: &str) -> Result<(), StoreError> {
    diesel::update(
        publication::table
            .filter(publication::approved_by.eq(of.0))
            .filter(publication::approved_as.is_null()),
    )
    .set(publication::approved_as.eq(Some(name)))
    .execute(db)?;
    Ok(())
}

/// The slug and title of an article.
type Name = (String, String);

/// The articles that came on the site just before and just after this one.
pub fn neighbours(
    db: &mut Db,
    of: &Publication,
) -> Result<(Option<Name>, Option<Name>), StoreError> {
    let (at, id) = (of.first_published_at.as_millis(), of.article_id.0);
    let name = (publication::slug, publication::title);
    let same_time = publication::first_published_at.eq(at);
    let before = publication::table
        .filter(
            publication::first_published_at
                .lt(at)
                .or(same_time.and(publication::article_id.lt(id))),
        )
        .order((
            publication::first_published_at.desc(),
            publication::article_id.desc(),
        ))
        .select(name)
        .first(db)
        .optional()?;
    let after = publication::table
        .filter(
            publication::first_published_at
                .gt(at)
                .or(same_time.and(publication::article_id.gt(id))),
        )
        .order((
            publication::first_published_at.asc(),
            publication::article_id.asc(),
        ))
        .select(name)
        .first(db)
        .optional()?;
    Ok((before, after))
}

/// Keys and titles of all that is on the site, the newest first.
pub fn titles(db: &mut Db) -> Result<Vec<(ArticleId, String)>, StoreError> {
    Ok(publication::table
        .select((publication::article_id, publication::title))
        .order((
            publication::first_published_at.desc(),
            publication::article_id.desc(),
        ))
        .load(db)?)
}

/// What is on the site and has no successor, the newest first, perhaps of one kind only.
pub fn newest(
    db: &mut Db,
    kind: Option<ArticleKind>,
    limit: i64,
) -> Result<Vec<Publication>, StoreError> {
    let mut query = publication::table
        .left_join(supersession::table.on(supersession::article_id.eq(publication::article_id)))
        .filter(supersession::article_id.nullable().is_null())
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(publication::kind.eq(kind.as_str()));
    }
    Ok(query
        .select(publication::all_columns)
        .order((
            publication::first_published_at.desc(),
            publication::article_id.desc(),
        ))
        .limit(limit)
        .load(db)?)
}

/// What is on the site, has no successor and is to be looked at again by this day (`2026-11-23`), the oldest date first:
/// key, title, date.
pub fn to_review_until(
    db: &mut Db,
    day: &str,
    limit: i64,
) -> Result<Vec<(ArticleId, String, CalendarDate)>, StoreError> {
    Ok(publication::table
        .left_join(supersession::table.on(supersession::article_id.eq(publication::article_id)))
        .filter(supersession::article_id.nullable().is_null())
        .filter(publication::review_by.is_not_null())
        .filter(publication::review_by.le(day.to_owned()))
        .order((publication::review_by.asc(), publication::article_id.asc()))
        .limit(limit)
        .select((
            publication::article_id,
            publication::title,
            publication::review_by.assume_not_null(),
        ))
        .load(db)?)
}

/// The published texts of these articles, in no order.
pub fn of_articles(db: &mut Db, ids: &[i64]) -> Result<Vec<Publication>, StoreError> {
    Ok(publication::table
        .filter(publication::article_id.eq_any(ids.to_vec()))
        .select(publication::all_columns)
        .load(db)?)
}

/// How many are on the site, perhaps of one kind only.
pub fn count(db: &mut Db, kind: Option<ArticleKind>) -> Result<i64, StoreError> {
    let mut query = publication::table.into_boxed();
    if let Some(kind) = kind {
        query = query.filter(publication::kind.eq(kind.as_str()));
    }
    Ok(query.count().get_result(db)?)
}

/// What is on the site under a topic and has no successor, the newest first.
pub fn of_topic(db: &mut Db, topic: TopicId, limit: i64) -> Result<Vec<Publication>, StoreError> {
    Ok(publication::table
        .left_join(supersession::table.on(supersession::article_id.eq(publication::article_id)))
        .filter(supersession::article_id.nullable().is_null())
        .filter(publication::topic_id.eq(topic.0))
        .select(publication::all_columns)
        .order((
            publication::first_published_at.desc(),
            publication::article_id.desc(),
        ))
        .limit(limit)
        .load(db)?)
}

/// The slugs of what is on the site and has no successor, with the practice points (one a line) and when the text came there; the newest first.
pub fn addresses(db: &mut Db, limit: i64) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    Ok(publication::table
        .left_join(supersession::table.on(supersession::article_id.eq(publication::article_id)))
        .filter(supersession::article_id.nullable().is_null())
        .select((
            publication::slug,
            publication::practice_points,
            publication::published_at,
        ))
        .order(publication::first_published_at.desc())
        .limit(limit)
        .load(db)?)
}

/// What is on the site, the newest first, perhaps of one kind only.
pub fn list(
    db: &mut Db,
    kind: Option<ArticleKind>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Publication>, StoreError> {
    let mut query = publication::table.into_boxed();
    if let Some(kind) = kind {
        query = query.filter(publication::kind.eq(kind.as_str()));
    }
    Ok(query
        .select(publication::all_columns)
        .order((
            publication::first_published_at.desc(),
            publication::article_id.desc(),
        ))
        .limit(limit)
        .offset(offset)
        .load(db)?)
}
