//! Lets go of what is no longer needed: expired sessions, files that were checked and never taken
//! over, sign-ups that were never confirmed (Privacy Act 2020, IPP 9: no longer than necessary). And reminds of symposia, and of review dates.
//! And adds up how the list grows.

use std::sync::Arc;
use std::time::Duration;

use crate::app::overview::growth;
use crate::app::{change_many, import_subscribers, remind, retain, tell_staff};

use super::Shared;

/// How often.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Runs until the worker is stopped.
pub async fn run(shared: Arc<Shared>) {
    loop {
        // What a killed program had begun, and was to go on in the background.
        let resumed = [
            change_many::resume(&shared.app).await,
            import_subscribers::resume(&shared.app).await,
        ];
        for error in resumed.into_iter().filter_map(Result::err) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "work that was begun was not gone on with"
            );
        }
        if let Err(error) = retain::let_go(&shared.app).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "housekeeping failed"
            );
        }
        if let Err(error) = remind::remind_due(&shared.app).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "reminders of symposia were not queued"
            );
        }
        if let Err(error) = tell_staff::tell_due(&shared.app).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "mails about review dates were not queued"
            );
        }
        if let Err(error) = growth::add_up(&shared.app).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the growth of the list was not added up"
            );
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
