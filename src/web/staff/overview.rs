//! The first page for staff.

use actix_web::web::Data;
use askama::Template;

use crate::app::overview::Overview;
use crate::app::{Actor, App, keep_staff, overview};
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::subscriber::SubscriberStatus;
use crate::store::articles::Article;
use crate::store::staff_members::StaffMember;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::session::Staff;
use crate::web::staff::bulletins::list::BulletinRow;

struct Counts {
    active: String,
    pending: String,
    unsubscribed: String,
    suspended: String,
}

struct WorkItem {
    url: String,
    title: String,
    kind_label: &'static str,
    author: String,
    since: String,
}

#[derive(Template)]
#[template(path = "web/staff/overview.html")]
struct OverviewPage {
    page: PageContext,
    counts: Counts,
    trouble: Option<String>,
    alarm: Option<String>,
    inbound: Option<String>,
    to_review: Vec<WorkItem>,
    to_approve: Vec<WorkItem>,
    bulletins: Vec<BulletinRow>,
}

/// `GET /staff`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, staff: Staff) -> Answer {
    let actor = staff.0;
    let found = overview::show(&app).await?;
    let members = keep_staff::all(&app).await?;
    let trouble = trouble(&found);
    let sees_people = actor.role.includes(StaffRole::Publisher);
    let alarm = alarm(&found, sees_people);
    let inbound = inbound(&found).filter(|_| sees_people);
    let may = |by: StaffId, saved: StaffId| may_judge(&actor, by, saved);
    let to_review = found
        .articles_in_review
        .into_iter()
        .filter(|article| may(article.created_by, article.updated_by))
        .map(|article| article_item(article, &members))
        .collect();
    let to_approve = found
        .bulletins_in_review
        .into_iter()
        .filter(|bulletin| may(bulletin.created_by, bulletin.updated_by))
        .map(|bulletin| WorkItem {
            url: format!("/staff/bulletins/{}", bulletin.id),
            title: bulletin.subject,
            kind_label: "Bulletin",
            author: name(&members, bulletin.updated_by),
            since: local_time::display(bulletin.updated_at),
        })
        .collect();
    let count = |status| {
        let found = found.subscribers.iter().find(|(of, _)| *of == status);
        grouped(found.map_or(0, |(_, number)| *number))
    };
    show_page(&OverviewPage {
        page,
        counts: Counts {
            active: count(SubscriberStatus::Active),
            pending: count(SubscriberStatus::Pending),
            unsubscribed: count(SubscriberStatus::Unsubscribed),
            suspended: count(SubscriberStatus::Suspended),
        },
        trouble,
        alarm,
        inbound,
        to_review,
        to_approve,
        bulletins: found.recent_bulletins.iter().map(BulletinRow::of).collect(),
    })
}

/// Whether a text waits for this person: a reviewer who has not written it.
fn may_judge(actor: &Actor, created_by: StaffId, updated_by: StaffId) -> bool {
    actor.role.includes(StaffRole::Reviewer) && actor.id != created_by && actor.id != updated_by
}

fn article_item(article: Article, members: &[StaffMember]) -> WorkItem {
    WorkItem {
        url: format!("/staff/articles/{}", article.id),
        title: article.title,
        kind_label: article.kind.label(),
        author: name(members, article.updated_by),
        since: local_time::display(article.updated_at),
    }
}

fn name(members: &[StaffMember], id: StaffId) -> String {
    let member = members.iter().find(|member| member.id == id);
    member.map(|member| member.name.clone()).unwrap_or_default()
}

/// What servers hold against our mail, in a sentence or two. Their words name subscribers, and are for those who keep them.
fn alarm(found: &Overview, sees_people: bool) -> Option<String> {
    let (count, words) = &found.alarms;
    let words = words
        .as_ref()
        .filter(|words| sees_people && !words.is_empty());
    (*count > 0).then(|| {
        let said = words.map_or(String::new(), |words| format!(" The last one said: “{words}”"));
        format!(
            "In the last week, {} of our messages came back because of what we are or what they hold: reputation, SPF, DKIM, \
             a blocklist, content. Nobody was suspended for it; please have it looked at.{said}",
            grouped(*count)
        )
    })
}

/// From so many hundredths of its room on, staff are told how full it is.
const NEARLY_FULL: u64 = 80;

/// What came back for a person to look at, in a sentence.
fn inbound(found: &Overview) -> Option<String> {
    let mut said = match found.inbound_open {
        0 => return None,
        1 => "1 message came back that a person has to look at".to_owned(),
        many => format!(
            "{} messages came back that a person has to look at",
            grouped(many)
        ),
    };
    if found.inbound_percent >= NEARLY_FULL {
        said.push_str(&format!(
            ". They take {} % of the room for them; when it is full, mail servers are told to come again later. What is \
             marked as dealt with makes room",
            found.inbound_percent.min(100)
        ));
    }
    Some(said)
}

/// What holds mail up, in a sentence.
fn trouble(found: &Overview) -> Option<String> {
    let held = found
        .recent_bulletins
        .iter()
        .find_map(|bulletin| Some((&bulletin.subject, bulletin.waiting_for.as_ref()?)));
    if let Some((subject, why)) = held {
        return Some(format!("“{subject}” waits: {why}"));
    }
    (found.notices_failed > 0).then(|| {
        format!(
            "{} of the messages of the last week to single people, such as confirmations, could not \
             be delivered. Each stands with the server’s words on the page of its subscriber.",
            grouped(found.notices_failed)
        )
    })
}
