//! Answers that take equally long whether an address is known or not: what is written for a known one
//! would otherwise be told by the clock.

use std::time::Duration;

use tokio::time::Instant;

/// Longer than the writing takes, and shorter than anybody notices.
const AT_LEAST: Duration = Duration::from_millis(60);

/// Does the work, and does not end sooner than this time after its beginning.
pub(super) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let end = Instant::now() + AT_LEAST;
    let done = work.await;
    tokio::time::sleep_until(end).await;
    done
}
