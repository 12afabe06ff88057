//! All bulletins, the newest first.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, write_bulletin};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinState;
use crate::domain::local_time;
use crate::store::bulletins::Bulletin;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};
use crate::web::session::Staff;
use crate::web::staff::working_copy::BegunView;

use super::people;
use super::working_copy::{begun, changed};

/// So many bulletins are on a page.
const PER_PAGE: usize = 50;

/// A bulletin in a list.
pub(in crate::web) struct BulletinRow {
    pub(in crate::web) id: i64,
    pub(in crate::web) subject: String,
    pub(in crate::web) state: &'static str,
    pub(in crate::web) state_label: &'static str,
    pub(in crate::web) audience: String,
    pub(in crate::web) when: String,
}

impl BulletinRow {
    pub(in crate::web) fn of(bulletin: &Bulletin) -> Self {
        let started = bulletin.started_at.is_some();
        Self {
            id: bulletin.id.0,
            subject: bulletin.subject.clone(),
            state: bulletin.state.as_str(),
            state_label: bulletin.state.label(),
            audience: if started {
                people(bulletin.audience_count)
            } else {
                String::new()
            },
            when: when(bulletin),
        }
    }
}

/// A moment on the clinic's clock, and which of its two times that is.
fn with_zone(at: Timestamp) -> String {
    format!("{} {}", local_time::display(at), local_time::offset(at))
}

/// What is to be known of a bulletin's time, in a few words.
pub(super) fn when(bulletin: &Bulletin) -> String {
    let saved = || format!("Saved {}", local_time::display(bulletin.updated_at));
    let at = |word: &str, at: Option<Timestamp>| {
        at.map_or_else(saved, |at| format!("{word} {}", local_time::display(at)))
    };
    match bulletin.state {
        BulletinState::Draft | BulletinState::InReview | BulletinState::Cancelled => saved(),
        BulletinState::Approved => at("Approved", bulletin.approved_at),
        BulletinState::Scheduled => bulletin
            .scheduled_for
            .map_or_else(saved, |at| format!("Goes out {}", with_zone(at))),
        BulletinState::Sending | BulletinState::Paused => at("Begun", bulletin.started_at),
        BulletinState::Sent => at("Sent", bulletin.finished_at),
    }
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/index.html")]
struct Index {
    page: PageContext,
    bulletins: Vec<BulletinRow>,
    /// What this person typed and has not saved.
    begun: Vec<BegunView>,
    /// What this person changed since it was saved, and has not saved.
    changed: Vec<BegunView>,
    pager: Pager,
}

/// Which page is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    page: String,
}

/// `GET /staff/bulletins?page=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let begun = begun(&app, &actor).await?;
    let changed = changed(&app, &actor).await?;
    let all = write_bulletin::list(&app).await?;
    let number = query.page.parse::<u32>().unwrap_or(0);
    let skipped = usize::try_from(number)
        .unwrap_or(usize::MAX)
        .saturating_mul(PER_PAGE);
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let per_page = i64::try_from(PER_PAGE).unwrap_or(i64::MAX);
    let address = |page: i64| format!("/staff/bulletins?page={page}");
    show_page(&Index {
        page,
        begun,
        changed,
        bulletins: all
            .iter()
            .skip(skipped)
            .take(PER_PAGE)
            .map(BulletinRow::of)
            .collect(),
        pager: Pager::new(number.into(), per_page, total, address),
    })
}
