//! The first page for staff: how many people are on the list, what waits for somebody, what is in trouble.

use std::time::Duration;

use crate::domain::article::ArticleState;
use crate::domain::bulletin::BulletinState;
use crate::domain::subscriber::SubscriberStatus;
use crate::store::articles::{self, Article};
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::{self, Publication};
use crate::store::{delivery_reports, inbound_events, inbound_messages, subscribers};

use super::{App, AppError, read_inbound};

/// What the first page shows.
#[derive(Debug)]
pub struct Overview {
    /// How many people there are of each status.
    pub subscribers: Vec<(SubscriberStatus, i64)>,
    /// Articles that wait for a second person.
    pub articles_in_review: Vec<Article>,
    /// Articles that are approved and not on the site yet.
    pub articles_approved: Vec<Article>,
    /// Bulletins that wait for a second person.
    pub bulletins_in_review: Vec<Bulletin>,
    /// The newest bulletins.
    pub recent_bulletins: Vec<Bulletin>,
    /// What is on the site past its review-by date.
    pub overdue: Vec<Publication>,
    /// Notices that wait to be sent.
    pub notices_waiting: i64,
    /// Notices of the last week that could not be delivered.
    pub notices_failed: i64,
    /// How often in the last week servers refused our mail for what we are or what it is, by reports that came back; and
    /// the words of the newest.
    pub alarms: (i64, Option<String>),
    /// How much came back that a person has to look at.
    pub inbound_open: i64,
    /// How much of the room for them is taken, in hundredths.
    pub inbound_percent: u64,
}

/// What the first page shows.
///
/// # Errors
/// [`AppError::Store`].
pub async fn show(app: &App) -> Result<Overview, AppError> {
    let now = app.now();
    let room = app.settings.inbound.keep_most;
    let store = app.store.clone();
    let count = || async move { Ok(store.read(subscribers::count_by_status).await?) };
    let subscribers = app.subscriber_counts.get((), count).await?;
    app.store
        .read(move |db| {
            let in_state = |db: &mut crate::store::Db, state| {
                let found = articles::list(db, Some(state), 50)?;
                Ok::<Vec<Article>, AppError>(
                    found.into_iter().map(|(article, _)| article).collect(),
                )
            };
            let week_ago = now.minus(Duration::from_secs(7 * 24 * 60 * 60));
            let (notices_waiting, notices_failed) = delivery_reports::notice_trouble(db, week_ago)?;
            let mut overdue = publications::newest(db, None, 1_000)?;
            overdue.retain(|publication| publication.review_by.is_some_and(|by| by.is_before(now)));
            Ok(Overview {
                subscribers,
                articles_in_review: in_state(db, ArticleState::InReview)?,
                articles_approved: in_state(db, ArticleState::Approved)?,
                bulletins_in_review: bulletins::in_state(db, BulletinState::InReview)?,
                recent_bulletins: bulletins::list(db, 5)?,
                overdue,
                notices_waiting,
                notices_failed,
                alarms: inbound_events::alarms_since(db, week_ago)?,
                inbound_open: inbound_messages::count_open(db)?,
                inbound_percent: read_inbound::percent_full(db, room)?,
            })
        })
        .await
}
