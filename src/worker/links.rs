//! Looks whether the links in bulletins answer: a few at a time, in the background, and again while a bulletin waits.

pub(crate) mod probe;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;

use crate::app::{App, AppError, background, check_links};
use crate::domain::background_job::BackgroundJob;
use crate::domain::bulletin::BulletinId;
use crate::domain::readiness::LinkOutcome;

use self::probe::Prober;
use super::Shared;

/// So many sites are asked at a time: nobody's line is filled, and nobody's patience used up.
const AT_A_TIME: usize = 4;

/// So many addresses are fetched from the database at a time.
const PORTION: i64 = 40;

/// How often is looked whether somebody wants to know.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often the bulletins that wait are gone through.
const AGAIN_EVERY: Duration = Duration::from_secs(10 * 60);

/// Runs until the worker is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    let app = &shared.app;
    let prober = match Prober::new(app) {
        Ok(prober) => prober,
        Err(error) => {
            let words = background::in_words(&error);
            tracing::error!(words, "links are not looked at");
            background::failed(app, BackgroundJob::Links, 0, &words).await;
            return;
        }
    };
    let mut gone_through: Option<Instant> = None;
    loop {
        let is_time = gone_through.is_none_or(|at| at.elapsed() >= AGAIN_EVERY);
        let round = async {
            if is_time {
                check_links::want_old(app).await?;
            }
            let waiting = check_links::waiting(app, PORTION).await?;
            look(app, &prober, waiting).await
        };
        let round = tokio::select! {
            // What was not looked at is still wanted.
            () = shared.stop.cancelled() => return,
            round = round => round,
        };
        match round {
            Ok(()) if is_time => {
                gone_through = Some(Instant::now());
                background::works(app, BackgroundJob::Links, 0).await;
            }
            Ok(()) => {}
            Err(error) => {
                let words = background::in_words(&error);
                tracing::warn!(words, "links are looked at later");
                background::failed(app, BackgroundJob::Links, 0, &words).await;
            }
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Looks at the links of one bulletin that nobody has looked at yet, for at most so long: for programs that do not wait for
/// the worker. What is not known by then is not clear.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look_now(app: &App, id: BulletinId, within: Duration) -> Result<(), AppError> {
    if !app.settings.check_links {
        return Ok(());
    }
    let waiting = check_links::waiting_of(app, id).await?;
    let prober = Prober::new(app).map_err(AppError::internal)?;
    if let Ok(looked) = tokio::time::timeout(within, look(app, &prober, waiting)).await {
        return looked;
    }
    for url in check_links::waiting_of(app, id).await? {
        let detail = "no answer in the time that there was".to_owned();
        check_links::found(app, url, LinkOutcome::Unclear, detail).await?;
    }
    Ok(())
}

async fn look(app: &App, prober: &Prober, urls: Vec<String>) -> Result<(), AppError> {
    let mut looks = stream::iter(urls)
        .map(|url| async move {
            let found = prober.look(&url).await;
            check_links::found(app, url, found.outcome, found.detail).await
        })
        .buffer_unordered(AT_A_TIME);
    while let Some(noted) = looks.next().await {
        noted?;
    }
    Ok(())
}
