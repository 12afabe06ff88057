//! Anybody looks through the library of practice points: those of every published article.

use crate::clock::Timestamp;
use crate::domain::clinical_text::lines;
use crate::domain::local_time;
use crate::store::search_entries::{self, Point, PointFilter};
use crate::store::topics::{self, Topic};

use super::read_publications::Read;
use super::{App, AppError, read_publications};

/// A part of the library.
#[derive(Debug)]
pub struct Library {
    /// Its points, those of the newest article first.
    pub points: Vec<Point>,
    /// How many there are in all parts.
    pub total: i64,
    /// By which topics it can be narrowed.
    pub topics: Vec<Topic>,
    /// By which years, the newest first.
    pub years: Vec<i16>,
}

/// The points that are wanted: `limit` of them from `offset` on.
///
/// # Errors
/// [`AppError::Store`].
pub async fn library(
    app: &App,
    filter: PointFilter,
    limit: i64,
    offset: i64,
) -> Result<Library, AppError> {
    app.store
        .read(move |db| {
            let times = search_entries::point_times(db)?;
            let mut years: Vec<i16> = times.into_iter().map(local_time::year).collect();
            years.dedup();
            Ok(Library {
                points: search_entries::list_points(db, &filter, limit, offset)?,
                total: search_entries::count_points(db, &filter)?,
                topics: topics::all(db)?,
                years,
            })
        })
        .await
}

/// When a year begins and ends in Auckland.
pub fn year(year: i16) -> Option<(Timestamp, Timestamp)> {
    local_time::new_year(year).zip(local_time::new_year(year.checked_add(1)?))
}

/// A practice point by its article's slug and its number there, from 1.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn point(app: &App, slug: String, number: usize) -> Result<(String, Read), AppError> {
    let read = read_publications::by_slug(app, slug).await?;
    let point = number
        .checked_sub(1)
        .and_then(|place| lines(&read.publication.practice_points).nth(place))
        .map(str::to_owned)
        .ok_or(AppError::NotFound)?;
    Ok((point, read))
}
