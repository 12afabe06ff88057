//! How far the sending is.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::App;
use crate::app::follow_bulletin::{self, Progress};
use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::web::page::{Answer, show as show_page};

use super::waves;

/// How far the sending is, in numbers and in a sentence.
pub(super) struct ProgressView {
    pub(super) bulletin_id: i64,
    pub(super) running: bool,
    pub(super) sentence: String,
    /// The first part of the sentence, for who hears it again and again: "1,200 of 1,840 done".
    pub(super) so_far: String,
    /// How fast, and how long still.
    pub(super) pace: Option<String>,
    /// When the second wave goes out.
    pub(super) second_wave: Option<String>,
    /// Changes when the buttons of the page do.
    pub(super) phase: String,
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
        let second = progress.second_wave();
        // Who left meanwhile may be of either wave.
        let rest = second.map_or(0, |(_, rest)| rest.min(waiting));
        let is_moving = bulletin.state == BulletinState::Sending;
        Self {
            so_far: so_far(progress),
            pace: progress
                .per_second
                .filter(|_| is_moving && waiting > rest)
                .map(|rate| pace(rate, waiting - rest)),
            second_wave: second.map(|(at, _)| {
                let at = moment(progress.at, at);
                waves::second_wave(rest, is_moving.then_some(at.as_str()))
            }),
            phase: format!("{}{}", bulletin.state.as_str(), u8::from(second.is_some())),
            bulletin_id: bulletin.id.0,
            running: bulletin.state == BulletinState::Sending,
            sentence: sentence(
                progress,
                waiting > rest || count(DeliveryState::Deferred) > 0,
            ),
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

fn so_far(progress: &Progress) -> String {
    let (done, total) = (progress.finished(), progress.total());
    format!("{} of {} done", grouped(done), grouped(total))
}

fn sentence(progress: &Progress, is_at_work: bool) -> String {
    let so_far = so_far(progress);
    match progress.bulletin.state {
        BulletinState::Sending if !is_at_work && progress.second_wave().is_some() => {
            format!("{so_far}; waiting for the second wave.")
        }
        BulletinState::Sending => format!("{so_far}; sending."),
        BulletinState::Paused => format!("{so_far}; paused."),
        BulletinState::Cancelled => format!("{so_far}; the rest was cancelled."),
        _ => format!("{so_far}."),
    }
}

/// "at 2:00 pm NZDT", or "now" where its time has come and a worker is about to see it.
fn moment(now: Timestamp, at: Timestamp) -> String {
    match at <= now {
        true => "as soon as the sending goes on".to_owned(),
        false => format!("at {}", local_time::display_from(now, at)),
    }
}

/// "12 a second; about 3 minutes left."
fn pace(per_second: f64, left: i64) -> String {
    let rate = if per_second >= 1.0 {
        format!("{} a second", grouped(whole(per_second)))
    } else {
        format!("{} a minute", grouped(whole(per_second * 60.0).max(1)))
    };
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let seconds = whole(left as f64 / per_second);
    let left = match seconds {
        ..60 => "less than a minute".to_owned(),
        60..120 => "about 1 minute".to_owned(),
        120..7200 => format!("about {} minutes", seconds / 60),
        _ => format!("about {} hours", grouped(seconds / 3600)),
    };
    format!("{rate}; {left} left.")
}

fn whole(number: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, which is well"
    )]
    let whole = number.round() as i64;
    whole
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_said_in_words_that_fit_it() {
        assert_eq!(pace(12.4, 2_232), "12 a second; about 3 minutes left.");
        assert_eq!(pace(0.5, 10), "30 a minute; less than a minute left.");
        assert_eq!(
            pace(1_500.0, 90_000),
            "1,500 a second; about 1 minute left."
        );
        assert_eq!(pace(0.01, 360), "1 a minute; about 10 hours left.");
    }
}
