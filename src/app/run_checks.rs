//! The checks of `practice-points doctor`, asked for on a page: they run in the background, and what they found is kept for
//! whoever looks next, with its time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::instance;

use super::examine::{self, Finding, Verdict};
use super::{App, AppError};

/// Under which name what was found is kept.
const CHECKS: &str = "checks";

/// So long whoever asked waits for the answer; most come sooner.
const WAITS: Duration = Duration::from_secs(4);

/// Checks that began longer ago, and have not ended, never will: the program was stopped.
const LONGEST: Duration = Duration::from_secs(2 * 60);

/// What checks found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checks {
    /// When they began, in milliseconds.
    began: i64,
    /// Whether they have ended.
    pub is_done: bool,
    /// What they found: subject, how, in words.
    pub findings: Vec<(String, Verdict, String)>,
}

impl Checks {
    /// When they began.
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millis(self.began)
    }
}

/// What the last checks found.
///
/// # Errors
/// [`AppError::Store`].
pub async fn last(app: &App) -> Result<Option<Checks>, AppError> {
    let kept = app.store.read(|db| instance::value(db, CHECKS)).await?;
    let checks = kept.and_then(|text| serde_json::from_str::<Checks>(&text).ok());
    let is_alive = |checks: &Checks| checks.is_done || app.now().since(checks.began()) < LONGEST;
    Ok(checks.filter(is_alive))
}

/// Begins the checks, unless they run. Returns when they are done, or after a few seconds.
///
/// # Errors
/// [`AppError::Store`].
pub async fn run(app: &App) -> Result<(), AppError> {
    if last(app).await?.is_some_and(|checks| !checks.is_done) {
        return Ok(());
    }
    let began = app.now().as_millis();
    keep(
        app,
        &Checks {
            began,
            is_done: false,
            findings: Vec::new(),
        },
    )
    .await?;
    let app = app.clone();
    let running = tokio::spawn(async move {
        let site = app.site();
        let settings = site.over(&app.settings);
        let mut found = examine::everything(&settings, app.now()).await;
        let missing = site.signing.unread(&settings).into_iter();
        found.extend(missing.map(|words| {
            let verdict = Verdict::Fault;
            ("DKIM", Finding { verdict, words })
        }));
        let findings = found
            .into_iter()
            .map(|(subject, found)| (subject.to_owned(), found.verdict, found.words));
        let checks = Checks {
            began,
            is_done: true,
            findings: findings.collect(),
        };
        if let Err(error) = keep(&app, &checks).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what the checks found is not kept");
        }
    });
    // Who does not wait for the end finds it on the page later.
    let _ = tokio::time::timeout(WAITS, running).await;
    Ok(())
}

async fn keep(app: &App, checks: &Checks) -> Result<(), AppError> {
    let text = serde_json::to_string(checks).map_err(AppError::internal)?;
    app.store
        .write(move |db| Ok::<_, AppError>(instance::set_value(db, CHECKS, &text)?))
        .await
}
