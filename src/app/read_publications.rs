//! Anybody reads what the clinic has published.

use crate::domain::article::ArticleKind;
use crate::domain::search_key::search_key;
use crate::store::publications::{self, Publication};
use crate::store::topics::{self, Topic};

use super::{App, AppError};

/// So many articles are looked through at most, the newest first.
const MOST: i64 = 2_000;

/// A published article, with who answers for it.
#[derive(Debug, Clone)]
pub struct Read {
    /// The article.
    pub publication: Publication,
    /// The name of who reviewed and approved it.
    pub reviewer: String,
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
                publication,
                reviewer,
            })
        })
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
            })
        })
        .await
}

/// The newest articles, perhaps of one kind only.
///
/// # Errors
/// [`AppError::Store`].
pub async fn newest(
    app: &App,
    kind: Option<ArticleKind>,
    limit: i64,
) -> Result<Vec<Publication>, AppError> {
    app.store
        .read(move |db| Ok(publications::list(db, kind, limit)?))
        .await
}

/// The articles in which all the words occur, without regard to case and macrons, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn search(
    app: &App,
    kind: Option<ArticleKind>,
    words: &str,
) -> Result<Vec<Publication>, AppError> {
    let words: Vec<String> = search_key(words)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    app.store
        .read(move |db| {
            let mut found = publications::list(db, kind, MOST)?;
            if !words.is_empty() {
                found.retain(|publication| holds_all(publication, &words));
            }
            Ok(found)
        })
        .await
}

fn holds_all(publication: &Publication, words: &[String]) -> bool {
    let parts = [
        &publication.title,
        &publication.summary,
        &publication.practice_points,
        &publication.authors,
        &publication.body,
    ];
    let keys = parts.map(|part| search_key(part));
    words
        .iter()
        .all(|word| keys.iter().any(|key| key.contains(word.as_str())))
}
