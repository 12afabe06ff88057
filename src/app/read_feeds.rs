//! Programs read what the clinic has published: feeds, and the list of all pages.

use crate::clock::Timestamp;
use crate::domain::clinical_text::lines;
use crate::domain::search_entry::EntryKind;
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::{self, Publication};
use crate::store::symposia::{self, Symposium};
use crate::store::topics::{self, Topic};

use super::{App, AppError};

/// So many entries are in a feed at most.
pub const LONGEST: usize = 30;

const LIMIT: i64 = 30;

/// A sitemap holds at most 50,000 addresses (sitemaps.org).
const MOST_PLACES: usize = 49_000;

const MOST_ARTICLES: i64 = 8_000;

const MOST_BULLETINS: i64 = 1_000;

const MOST_SYMPOSIA: i64 = 500;

/// What a feed of everything holds.
pub type Everything = (Vec<Publication>, Vec<Bulletin>, Vec<Symposium>);

/// The newest articles, bulletins and symposia.
///
/// # Errors
/// [`AppError::Store`].
pub async fn everything(app: &App) -> Result<Everything, AppError> {
    app.store
        .read(|db| {
            Ok((
                publications::newest(db, None, LIMIT)?,
                bulletins::archive(db, LIMIT)?,
                symposia::on_site(db, LIMIT)?,
            ))
        })
        .await
}

/// The topic under which symposia stand.
const OF_SYMPOSIA: &str = "symposium";

/// The topic with a slug, the newest articles under it, and the symposia where it is theirs.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn of_topic(
    app: &App,
    slug: String,
) -> Result<(Topic, Vec<Publication>, Vec<Symposium>), AppError> {
    app.store
        .read(move |db| {
            let topic = topics::all(db)?
                .into_iter()
                .find(|topic| topic.slug == slug)
                .ok_or(AppError::NotFound)?;
            let articles = publications::of_topic(db, topic.id, LIMIT)?;
            let symposia = match topic.slug.as_str() {
                OF_SYMPOSIA => symposia::on_site(db, LIMIT)?,
                _ => Vec::new(),
            };
            Ok((topic, articles, symposia))
        })
        .await
}

/// The paths of all that is published, and when each changed last: articles with their practice points, bulletins, and
/// symposia.
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
            for symposium in symposia::on_site(db, MOST_SYMPOSIA)? {
                let path = EntryKind::Symposium.path(&symposium.slug, 0);
                places.push((path, symposium.updated_at));
            }
            places.truncate(MOST_PLACES);
            Ok(places)
        })
        .await
}
