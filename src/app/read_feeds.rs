//! Programs read what the clinic has published: feeds, and the list of all pages.

use crate::clock::Timestamp;
use crate::domain::clinical_text::lines;
use crate::domain::search_entry::EntryKind;
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::{self, Publication};
use crate::store::topics::{self, Topic};

use super::{App, AppError};

/// So many entries are in a feed at most.
pub const LONGEST: usize = 30;

const LIMIT: i64 = 30;

/// A sitemap holds at most 50,000 addresses (sitemaps.org).
const MOST_PLACES: usize = 49_000;

const MOST_ARTICLES: i64 = 8_000;

const MOST_BULLETINS: i64 = 1_000;

/// The newest articles and bulletins.
///
/// # Errors
/// [`AppError::Store`].
pub async fn everything(app: &App) -> Result<(Vec<Publication>, Vec<Bulletin>), AppError> {
    app.store
        .read(|db| {
            Ok((
                publications::newest(db, None, LIMIT)?,
                bulletins::archive(db, LIMIT)?,
            ))
        })
        .await
}

/// The topic with a slug, and the newest articles under it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn of_topic(app: &App, slug: String) -> Result<(Topic, Vec<Publication>), AppError> {
    app.store
        .read(move |db| {
            let topic = topics::all(db)?
                .into_iter()
                .find(|topic| topic.slug == slug)
                .ok_or(AppError::NotFound)?;
            let articles = publications::of_topic(db, topic.id, LIMIT)?;
            Ok((topic, articles))
        })
        .await
}

/// The paths of all that is published, and when each changed last: articles with their practice points, and bulletins.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sitemap(app: &App) -> Result<Vec<(String, Timestamp)>, AppError> {
    app.store
        .read(|db| {
            let mut places = Vec::new();
            for (slug, points, changed) in publications::addresses(db, MOST_ARTICLES)? {
                places.push((EntryKind::Article.path(&slug, 0), changed));
                for (position, _) in (1..).zip(lines(&points)) {
                    places.push((EntryKind::PracticePoint.path(&slug, position), changed));
                }
            }
            for bulletin in bulletins::archive(db, MOST_BULLETINS)? {
                if let Some(sent) = bulletin.started_at {
                    places.push((EntryKind::Bulletin.path(&bulletin.slug, 0), sent));
                }
            }
            places.truncate(MOST_PLACES);
            Ok(places)
        })
        .await
}
