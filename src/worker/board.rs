//! What the pages say of what holds sending up: trouble with a mail server, or a limit that is set.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::app::deliver;
use crate::app::{App, AppError, background};
use crate::domain::background_job::BackgroundJob;

/// A limit that has held nothing back for so long is not spoken of any more.
const LIMIT_IS_OLD: Duration = Duration::from_secs(5);

/// What is to be said, and what has been.
#[derive(Default)]
pub struct Board {
    state: Mutex<State>,
    /// Held while the pages are written, so that an older text never goes over a newer one.
    writing: tokio::sync::Mutex<Option<String>>,
}

#[derive(Default)]
struct State {
    /// By server: the first words of a trouble stay until it has passed.
    troubles: BTreeMap<usize, String>,
    limit: Option<(String, Instant)>,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        // Texts are put in and taken out whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server is in trouble.
    ///
    /// # Errors
    /// [`AppError::Store`] when the pages cannot be written.
    pub async fn trouble(&self, app: &App, route: usize, words: String) -> Result<(), AppError> {
        self.state().troubles.entry(route).or_insert(words);
        self.write(app).await
    }

    /// A server works. Cheap while nothing was said of it.
    ///
    /// # Errors
    /// [`AppError::Store`] when the pages cannot be written.
    pub async fn works(&self, app: &App, route: usize) -> Result<(), AppError> {
        if self.state().troubles.remove(&route).is_some() {
            self.write(app).await?;
        }
        Ok(())
    }

    /// A limit holds messages back at this moment.
    ///
    /// # Errors
    /// [`AppError::Store`] when the pages cannot be written.
    pub async fn limit(&self, app: &App, words: String) -> Result<(), AppError> {
        let is_news = {
            let mut state = self.state();
            let is_news = !matches!(&state.limit, Some((said, _)) if *said == words);
            // One limit at a time is enough to say: the first that was met stays until it is old.
            if let Some((said, seen)) = &mut state.limit
                && *said != words
                && seen.elapsed() < LIMIT_IS_OLD
            {
                return Ok(());
            }
            state.limit = Some((words, Instant::now()));
            is_news
        };
        if is_news {
            self.write(app).await
        } else {
            Ok(())
        }
    }

    /// Forgets limits that hold nothing back any more, and writes what is to be said where that has changed.
    ///
    /// # Errors
    /// [`AppError::Store`] when the pages cannot be written.
    pub async fn refresh(&self, app: &App) -> Result<(), AppError> {
        let is_old =
            matches!(&self.state().limit, Some((_, seen)) if seen.elapsed() > LIMIT_IS_OLD);
        if is_old {
            self.state().limit = None;
            self.write(app).await?;
        }
        Ok(())
    }

    /// Writes what is to be said, whatever was said before: an earlier run may have left something that is no longer so.
    ///
    /// # Errors
    /// [`AppError::Store`] when the pages cannot be written.
    pub async fn begin(&self, app: &App) -> Result<(), AppError> {
        let mut said = self.writing.lock().await;
        deliver::say_waiting(app, None).await?;
        background::works(app, BackgroundJob::MailServer, 0).await;
        *said = None;
        Ok(())
    }

    async fn write(&self, app: &App) -> Result<(), AppError> {
        let mut said = self.writing.lock().await;
        let (words, is_trouble) = {
            let state = self.state();
            let mut words: Vec<&str> = state.troubles.values().map(String::as_str).collect();
            let is_trouble = !words.is_empty();
            if words.is_empty() {
                words.extend(state.limit.as_ref().map(|(words, _)| words.as_str()));
            }
            ((!words.is_empty()).then(|| words.join(" ")), is_trouble)
        };
        if *said != words {
            deliver::say_waiting(app, words.clone()).await?;
            // No bulletin need be on its way: confirmations wait as well.
            match &words {
                Some(words) if is_trouble => {
                    background::failed(app, BackgroundJob::MailServer, 0, words).await;
                }
                _ => background::works(app, BackgroundJob::MailServer, 0).await,
            }
            *said = words;
        }
        Ok(())
    }
}
