//! Anybody reads what the clinic has published.

use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::search_words::SearchWords;
use crate::store::publications::{self, Publication};
use crate::store::topics::{self, Topic};
use crate::store::{search_entries, supersessions};

use super::keep_images::{self, Sizes};
use super::supersede_article::{self, Successor};
use super::{App, AppError};

/// A published article, with who answers for it.
#[derive(Debug, Clone)]
pub struct Read {
    /// The article.
    pub publication: Publication,
    /// The name of who reviewed and approved it.
    pub reviewer: String,
    /// Where its readers go on, if another has taken its place.
    pub successor: Option<Successor>,
}

/// The article under a slug.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn by_slug(app: &App, slug: String) -> Result<Read, AppError> {
    app.store
        .read(move |db| {
            let (publication, reviewer) = publications::by_slug(db, &slug)?;
            Ok(Read {
                successor: supersede_article::successor(db, publication.article_id)?,
                publication,
                reviewer,
            })
        })
        .await
}

/// The name in addresses of an article on the site.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there; [`AppError::Store`].
pub async fn slug_of(app: &App, article: ArticleId) -> Result<String, AppError> {
    app.store
        .read(move |db| Ok(publications::slug_of(db, article)?))
        .await
}

/// What stands around an article.
#[derive(Debug, Clone)]
pub struct Around {
    /// Slug and title of the one that came on the site before it.
    pub older: Option<(String, String)>,
    /// Slug and title of the one that came after it.
    pub newer: Option<(String, String)>,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Slugs and titles of those on the site whose place it takes.
    pub replaces: Vec<(String, String)>,
    /// The sizes of its images.
    pub image_sizes: Sizes,
}

/// What stands around an article.
///
/// # Errors
/// [`AppError::Store`].
pub async fn around(app: &App, publication: Publication) -> Result<Around, AppError> {
    app.store
        .read(move |db| {
            let (older, newer) = publications::neighbours(db, &publication)?;
            let mut topics = topics::all(db)?.into_iter();
            let topic = topics.find(|topic| topic.id == publication.topic_id);
            Ok(Around {
                older,
                newer,
                topic,
                replaces: supersessions::published_predecessors(db, publication.article_id)?,
                image_sizes: keep_images::sizes(db, &publication.body)?,
            })
        })
        .await
}

/// The newest articles that have no successor, perhaps of one kind only.
///
/// # Errors
/// [`AppError::Store`].
pub async fn newest(
    app: &App,
    kind: Option<ArticleKind>,
    limit: i64,
) -> Result<Vec<Publication>, AppError> {
    app.store
        .read(move |db| Ok(publications::newest(db, kind, limit)?))
        .await
}

/// A part of the list of articles.
#[derive(Debug, Default)]
pub struct Listed {
    /// The articles, each with whether another has taken its place.
    pub articles: Vec<(Publication, bool)>,
    /// How many there are in all parts.
    pub total: i64,
}

/// The articles in which all the words stand, the best first; without words all, the newest first. `limit` of them from
/// `offset` on, perhaps of one kind only.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(
    app: &App,
    kind: Option<ArticleKind>,
    words: SearchWords,
    limit: i64,
    offset: i64,
) -> Result<Listed, AppError> {
    app.store
        .read(move |db| {
            let (found, total) = if words.is_empty() {
                let found = publications::list(db, kind, limit, offset)?;
                (found, publications::count(db, kind)?)
            } else {
                let (ids, total) =
                    search_entries::search_articles(db, &words, kind, limit, offset)?;
                let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
                let mut found = publications::of_articles(db, &keys)?;
                found.sort_by_key(|one| ids.iter().position(|id| *id == one.article_id));
                (found, total)
            };
            let superseded = supersessions::superseded(db)?;
            let mark = |one: Publication| {
                let is_superseded = superseded.contains(&one.article_id);
                (one, is_superseded)
            };
            Ok(Listed {
                articles: found.into_iter().map(mark).collect(),
                total,
            })
        })
        .await
}
