//! How far the sending is.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::App;
use crate::app::follow_bulletin::{self, Progress};
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::grouped::grouped;
use crate::web::page::{Answer, show as show_page};

/// How far the sending is, in numbers and in a sentence.
pub(super) struct ProgressView {
    pub(super) bulletin_id: i64,
    pub(super) running: bool,
    pub(super) sentence: String,
    pub(super) trouble: Option<String>,
    pub(super) total: i64,
    pub(super) done: i64,
    pub(super) accepted: String,
    pub(super) waiting: String,
    pub(super) deferred: String,
    pub(super) refused: String,
    pub(super) skipped: String,
    pub(super) failed: String,
}

impl ProgressView {
    pub(super) fn of(progress: &Progress) -> Self {
        let count = |state| {
            let found = progress.counts.iter().find(|(s, _)| *s == state);
            found.map_or(0, |(_, count)| *count)
        };
        let shown = |state| grouped(count(state));
        let bulletin = &progress.bulletin;
        let waiting = count(DeliveryState::Queued) + count(DeliveryState::Claimed);
        Self {
            bulletin_id: bulletin.id.0,
            running: bulletin.state == BulletinState::Sending,
            sentence: sentence(bulletin.state, progress.finished(), progress.total()),
            trouble: bulletin.waiting_for.clone(),
            total: progress.total(),
            done: progress.finished(),
            accepted: shown(DeliveryState::Accepted),
            waiting: grouped(waiting),
            deferred: shown(DeliveryState::Deferred),
            refused: shown(DeliveryState::Refused),
            skipped: shown(DeliveryState::Skipped),
            failed: shown(DeliveryState::Failed),
        }
    }
}

fn sentence(state: BulletinState, done: i64, total: i64) -> String {
    let so_far = format!("{} of {} done", grouped(done), grouped(total));
    match state {
        BulletinState::Sending => format!("{so_far}; sending."),
        BulletinState::Paused => format!("{so_far}; paused."),
        BulletinState::Cancelled => format!("{so_far}; the rest was cancelled."),
        _ => format!("{so_far}."),
    }
}

/// The progress by itself, for the script of the bulletin's page.
#[derive(Template)]
#[template(path = "web/staff/bulletins/progress.html")]
struct Fragment {
    p: ProgressView,
}

/// `GET /staff/bulletins/{id}/progress`: a fragment of the bulletin's page.
pub(in crate::web) async fn show(app: Data<App>, id: Path<i64>) -> Answer {
    let progress = follow_bulletin::progress(&app, BulletinId(*id)).await?;
    show_page(&Fragment {
        p: ProgressView::of(&progress),
    })
}
