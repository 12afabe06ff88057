//! What a bulletin's sending came to: numbers, when it happened, and how often its links were followed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::aftermath::Aftermath;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::local_time::CalendarDate;
use crate::store::bulletin_reports::{self, InStretch};
use crate::store::bulletins::Bulletin;

use super::follow_bulletin::{self, Progress};
use super::{App, AppError, count_links};

/// A page waits so long for its picture; a larger one is made meanwhile, and shown the next time.
const PATIENCE: Duration = Duration::from_millis(120);

/// At most so many stretches of time are in a picture.
const STRETCHES: u64 = 40;

/// How long a stretch may be, in seconds: lengths that people count in.
const WIDTHS: [u64; 14] = [
    1,
    5,
    15,
    30,
    60,
    5 * 60,
    15 * 60,
    30 * 60,
    3_600,
    3 * 3_600,
    6 * 3_600,
    86_400,
    7 * 86_400,
    30 * 86_400,
];

/// What a bulletin's sending came to.
#[derive(Debug)]
pub struct Report {
    /// The bulletin, and how many messages are in each state.
    pub progress: Progress,
    /// Of how many messages something came afterwards.
    pub aftermath: Vec<(Aftermath, i64)>,
    /// When the messages were accepted; none while that is put together.
    pub picture: Option<Arc<Picture>>,
    /// Its links.
    pub links: Links,
}

/// The links of a bulletin.
#[derive(Debug)]
pub struct Links {
    /// Each with where it leads, its words, and how often it was followed.
    pub links: Vec<(String, String, i64)>,
    /// How often any of them was followed, by day.
    pub days: BTreeMap<CalendarDate, i64>,
    /// Whether they are counted now.
    pub are_counted: bool,
}

/// Messages over time: each list has a number for each stretch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// When the first stretch begins, in milliseconds.
    pub from: i64,
    /// How long each is.
    pub width: Duration,
    /// Up to when it was counted, in milliseconds.
    pub until: i64,
    /// Accepted.
    pub accepted: Vec<i64>,
    /// Tries that were put off.
    pub deferred: Vec<i64>,
    /// Refused, or given up.
    pub refused: Vec<i64>,
}

/// The report of a bulletin whose sending has begun.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] before; [`AppError::Store`].
pub async fn show(app: &App, id: BulletinId) -> Result<Report, AppError> {
    let progress = follow_bulletin::progress(app, id).await?;
    if progress.bulletin.started_at.is_none() {
        return Err(AppError::refused(
            "Nothing of this bulletin has been sent yet, so there is nothing to report.",
        ));
    }
    let aftermath = aftermath(app, id).await?;
    let picture = picture(app, &progress.bulletin).await?;
    let links = count_links::of_bulletin(app, id).await?;
    Ok(Report {
        progress,
        aftermath,
        picture,
        links,
    })
}

/// Of how many messages of a bulletin something came afterwards.
///
/// # Errors
/// [`AppError::Store`].
pub async fn aftermath(app: &App, id: BulletinId) -> Result<Vec<(Aftermath, i64)>, AppError> {
    app.store
        .read(move |db| {
            let of = Aftermath::ALL.iter();
            of.map(|&of| Ok((of, bulletin_reports::count_aftermath(db, id, of)?)))
                .collect()
        })
        .await
}

/// The picture, if it is there or soon made.
async fn picture(app: &App, bulletin: &Bulletin) -> Result<Option<Arc<Picture>>, AppError> {
    let (app, bulletin) = (app.clone(), bulletin.clone());
    let making = tokio::spawn(async move {
        // Whoever asks again meanwhile finds what the first one made.
        let _one_at_a_time = app.picturing.lock().await;
        let key = (bulletin.id, bulletin.state, bulletin.finished_at);
        let counting = app.clone();
        app.pictures
            .get(key, move || async move {
                count(&counting, &bulletin).await.map(Arc::new)
            })
            .await
    });
    match tokio::time::timeout(PATIENCE, making).await {
        Ok(made) => Ok(Some(made.map_err(AppError::internal)??)),
        Err(_) => Ok(None),
    }
}

async fn count(app: &App, bulletin: &Bulletin) -> Result<Picture, AppError> {
    let now = app.now();
    let from = bulletin.started_at.unwrap_or(now);
    let until = match (bulletin.state, bulletin.finished_at) {
        (BulletinState::Sent, Some(at)) => at,
        _ => now,
    };
    let width = width_for(until.since(from));
    let id = bulletin.id;
    let found = app
        .store
        .read(move |db| {
            let millis = i64::try_from(width.as_millis()).unwrap_or(i64::MAX);
            Ok::<_, AppError>(bulletin_reports::over_time(db, id, from, millis)?)
        })
        .await?;
    Ok(drawn(from, until, width, &found))
}

fn width_for(whole: Duration) -> Duration {
    let fits = |seconds: &u64| whole.as_secs() / seconds < STRETCHES;
    let seconds = WIDTHS.into_iter().find(fits);
    Duration::from_secs(seconds.unwrap_or(whole.as_secs() / STRETCHES + 1))
}

fn drawn(from: Timestamp, until: Timestamp, width: Duration, found: &[InStretch]) -> Picture {
    let stretches = until.since(from).as_millis() / width.as_millis().max(1) + 1;
    let length = usize::try_from(stretches).unwrap_or(1);
    let mut picture = Picture {
        from: from.as_millis(),
        width,
        until: until.as_millis(),
        accepted: vec![0; length],
        deferred: vec![0; length],
        refused: vec![0; length],
    };
    for row in found {
        let line = match row.state {
            DeliveryState::Accepted => &mut picture.accepted,
            DeliveryState::Deferred => &mut picture.deferred,
            DeliveryState::Refused | DeliveryState::Failed => &mut picture.refused,
            _ => continue,
        };
        // Clocks of several machines differ by moments: what seems to be before or after all is at its end.
        let place = usize::try_from(row.stretch.max(0)).unwrap_or(length);
        if let Some(number) = line.get_mut(place.min(length - 1)) {
            *number += row.count;
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_as_many_stretches_as_can_be_looked_at() {
        for seconds in [0, 1, 39, 40, 600, 7_200, 172_800, 86_400 * 365 * 3] {
            let whole = Duration::from_secs(seconds);
            let width = width_for(whole);
            assert!(whole.as_secs() / width.as_secs() < STRETCHES, "{seconds}");
        }
        assert_eq!(
            width_for(Duration::from_secs(3 * 60)),
            Duration::from_secs(5)
        );
    }

    #[test]
    fn what_lies_outside_is_put_at_the_ends_so_that_nothing_is_lost() {
        let at = Timestamp::from_millis;
        let row = |stretch, state, count| InStretch {
            stretch,
            state,
            count,
        };
        let found = [
            row(-1, DeliveryState::Accepted, 1),
            row(0, DeliveryState::Accepted, 2),
            row(9, DeliveryState::Accepted, 4),
            row(1, DeliveryState::Failed, 8),
            row(1, DeliveryState::Refused, 16),
            row(0, DeliveryState::Deferred, 32),
        ];
        let picture = drawn(at(0), at(2_500), Duration::from_secs(1), &found);
        assert_eq!(picture.accepted, [3, 0, 4]);
        assert_eq!(picture.refused, [0, 24, 0]);
        assert_eq!(picture.deferred, [32, 0, 0]);
    }
}
