//! Looks on while a bulletin is sent.

use std::time::Duration;

use crate::app::{App, follow_bulletin};
use crate::cli::failure::Failure;
use crate::cli::{output, progress};
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::grouped::grouped;

/// How often is looked.
const EVERY: Duration = Duration::from_millis(500);

/// Waits until nothing is left to be sent, and says what became of it.
///
/// # Errors
/// [`Failure`] when it is held or given up meanwhile.
pub(super) async fn until_sent(app: &App, id: BulletinId) -> Result<(), Failure> {
    let mut seen = follow_bulletin::progress(app, id).await?;
    let bar = progress::bar(u64::try_from(seen.total()).unwrap_or(0), "Sending");
    while seen.bulletin.state == BulletinState::Sending {
        progress::advance(&bar, usize::try_from(seen.finished()).unwrap_or(0));
        tokio::time::sleep(EVERY).await;
        seen = follow_bulletin::progress(app, id).await?;
    }
    bar.finish_and_clear();
    for (state, count) in seen.counts.iter().filter(|(_, count)| *count > 0) {
        output::line(format_args!("  {}: {}", state.label(), grouped(*count)));
    }
    match seen.bulletin.state {
        BulletinState::Sent => Ok(()),
        state => {
            let why = seen
                .bulletin
                .waiting_for
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            Err(Failure::new(format!(
                "the bulletin is {} now{why}",
                state.label().to_lowercase()
            )))
        }
    }
}
