//! The first page for staff.

mod pictures;
mod troubles;

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::overview::growth::By;
use crate::app::overview::{Outcome, Overview, Step, Why};
use crate::app::{App, keep_staff, overview};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::subscriber::SubscriberStatus;
use crate::store::bulletins::Bulletin;
use crate::store::staff_members::StaffMember;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::session::Staff;
use crate::web::staff::bulletins::list::BulletinRow;
use crate::web::staff::{articles, bulletins};

use pictures::Pictures;
use troubles::Trouble;

/// So many texts of each sort are shown: more are a list of their own.
const SHOWN: usize = 6;

struct Counts {
    active: String,
    pending: String,
    unsubscribed: String,
    suspended: String,
}

/// Something that waits for who looks.
struct WorkItem {
    url: String,
    title: String,
    /// What it is, by whom, since when.
    what: String,
    is_late: bool,
}

/// What waits, under its heading.
struct Work {
    heading: &'static str,
    items: Vec<WorkItem>,
    /// How many there are beyond those shown, and where.
    more: Option<(usize, &'static str)>,
}

impl Work {
    fn of(heading: &'static str, mut items: Vec<WorkItem>, list: &'static str) -> Self {
        let beyond = items.len().saturating_sub(SHOWN);
        items.truncate(SHOWN);
        Self {
            heading,
            items,
            more: (beyond > 0).then_some((beyond, list)),
        }
    }
}

struct SentRow {
    row: BulletinRow,
    accepted: String,
    failed: String,
    has_failed: bool,
    open: String,
}

#[derive(Template)]
#[template(path = "web/staff/overview.html")]
struct OverviewPage {
    page: PageContext,
    is_publisher: bool,
    steps: Vec<Step>,
    steps_done: usize,
    troubles: Vec<Trouble>,
    counts: Counts,
    by_month: bool,
    pictures: Pictures,
    work: Vec<Work>,
    bulletins: Vec<SentRow>,
}

/// How the year is cut.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct OverviewQuery {
    by: String,
}

/// `GET /staff?by=week|month`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    query: Query<OverviewQuery>,
    staff: Staff,
) -> Answer {
    let actor = staff.0;
    let found = overview::show(&app, &actor).await?;
    let members = keep_staff::all(&app).await?;
    let is_publisher = actor.role.includes(StaffRole::Publisher);
    let by = if query.by == "month" {
        By::Month
    } else {
        By::Week
    };
    let count = |status| {
        let found = found.subscribers.iter().find(|(of, _)| *of == status);
        found.map_or(0, |(_, number)| *number)
    };
    let active = count(SubscriberStatus::Active);
    let periods = found.growth.periods(by, active, app.now());
    let steps = found.first_steps.clone().unwrap_or_default();
    let mut begun = articles::working_copy::begun(&app, &actor).await?;
    begun.extend(bulletins::working_copy::begun(&app, &actor).await?);
    let mut changed = articles::working_copy::changed(&app, &actor).await?;
    changed.extend(bulletins::working_copy::changed(&app, &actor).await?);
    let mut waits = work(&found, &members, app.now());
    let unsaved = [
        ("Begun, and not saved", begun),
        ("Changed, and not saved", changed),
    ];
    for (heading, copies) in unsaved {
        let items = copies.into_iter().map(|copy| WorkItem {
            url: copy.url,
            title: copy.title,
            what: format!("Kept {}", copy.at),
            is_late: false,
        });
        let part = Work::of(heading, items.collect(), "/staff/articles");
        if !part.items.is_empty() {
            waits.push(part);
        }
    }
    show_page(&OverviewPage {
        page,
        is_publisher,
        steps_done: steps.iter().filter(|step| step.done).count(),
        steps,
        troubles: troubles::of(&found.trouble, is_publisher),
        counts: Counts {
            active: grouped(active),
            pending: grouped(count(SubscriberStatus::Pending)),
            unsubscribed: grouped(count(SubscriberStatus::Unsubscribed)),
            suspended: grouped(count(SubscriberStatus::Suspended)),
        },
        by_month: by == By::Month,
        pictures: Pictures::of(&periods, by, &found.audience),
        work: waits,
        bulletins: found.recent_bulletins.into_iter().map(sent_row).collect(),
    })
}

fn sent_row((bulletin, outcome): (Bulletin, Option<Outcome>)) -> SentRow {
    let number = |of: fn(&Outcome) -> i64| outcome.as_ref().map(of);
    let shown = |number: Option<i64>| number.map(grouped).unwrap_or_default();
    SentRow {
        row: BulletinRow::of(&bulletin),
        accepted: shown(number(|outcome| outcome.accepted)),
        failed: shown(number(|outcome| outcome.failed)),
        has_failed: number(|outcome| outcome.failed) > Some(0),
        open: shown(number(|outcome| outcome.open)),
    }
}

/// What waits, in the order in which it is most wanted; nothing that is empty.
fn work(found: &Overview, members: &[StaffMember], now: Timestamp) -> Vec<Work> {
    let by = |id: StaffId| {
        let member = members.iter().find(|member| member.id == id);
        member
            .map(|member| member.name.as_str())
            .unwrap_or_default()
    };
    let article = |id: ArticleId| format!("/staff/articles/{id}");
    let bulletin = |id: BulletinId| format!("/staff/bulletins/{id}");
    let since = local_time::display;
    let articles = |why| {
        let waiting = found.articles.iter().filter(move |item| item.why == why);
        waiting.map(|item| WorkItem {
            url: article(item.text.id),
            title: item.text.title.clone(),
            what: format!(
                "{} by {}, since {}",
                item.text.kind.label(),
                by(item.text.updated_by),
                since(item.text.approved_at.unwrap_or(item.text.updated_at))
            ),
            is_late: false,
        })
    };
    let bulletins = |why| {
        let waiting = found.bulletins.iter().filter(move |item| item.why == why);
        waiting.map(|item| WorkItem {
            url: bulletin(item.text.id),
            title: item.text.subject.clone(),
            what: format!(
                "Bulletin by {}, since {}",
                by(item.text.updated_by),
                since(item.text.approved_at.unwrap_or(item.text.updated_at))
            ),
            is_late: false,
        })
    };
    let dates = found.review_dates.iter().map(|(id, title, date)| {
        let is_late = date.is_before(now);
        let word = if is_late { "Was due" } else { "Due" };
        WorkItem {
            url: article(*id),
            title: title.clone(),
            what: format!("{word} {date}"),
            is_late,
        }
    });
    let draft = |url: String, title: &str, at: Timestamp| WorkItem {
        url,
        title: title.to_owned(),
        what: format!("Saved {}", since(at)),
        is_late: false,
    };
    let asked = found.changes_asked.iter();
    let asked = asked.map(|(id, title, who, at)| WorkItem {
        url: article(*id),
        title: title.clone(),
        what: format!("{who} asked for changes, {}", since(*at)),
        is_late: false,
    });
    let given_back = found.bulletin_drafts.iter();
    let given_back = given_back.filter_map(|text| {
        let who_and_when = text.asked.as_deref()?.lines().next()?;
        Some(WorkItem {
            url: bulletin(text.id),
            title: text.subject.clone(),
            what: who_and_when.trim_end_matches(':').to_owned(),
            is_late: false,
        })
    });
    let asked = asked.chain(given_back);
    let is_asked = |id: ArticleId| found.changes_asked.iter().any(|(of, ..)| *of == id);
    let drafts = found.article_drafts.iter();
    let drafts = drafts.filter(|(id, ..)| !is_asked(*id));
    let drafts = drafts.map(|(id, title, at)| draft(article(*id), title, *at));
    let of_bulletins = found.bulletin_drafts.iter();
    let of_bulletins = of_bulletins.filter(|text| text.asked.is_none());
    let drafts = drafts
        .chain(of_bulletins.map(|text| draft(bulletin(text.id), &text.subject, text.saved_at)));
    let (approval, publishing) = (Why::Approval, Why::Publishing);
    let (of_articles, of_bulletins) = ("/staff/articles", "/staff/bulletins");
    let all = [
        Work::of(
            "Articles to review",
            articles(approval).collect(),
            of_articles,
        ),
        Work::of(
            "Bulletins to approve",
            bulletins(approval).collect(),
            of_bulletins,
        ),
        Work::of(
            "Approved, to be published",
            articles(publishing).collect(),
            of_articles,
        ),
        Work::of(
            "Approved, to be sent",
            bulletins(publishing).collect(),
            of_bulletins,
        ),
        Work::of("Review dates", dates.collect(), of_articles),
        Work::of("Changes asked for", asked.collect(), of_articles),
        Work::of("Your drafts", drafts.collect(), of_articles),
    ];
    all.into_iter()
        .filter(|work| !work.items.is_empty())
        .collect()
}
