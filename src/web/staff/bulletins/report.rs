//! What a bulletin's sending came to, in numbers and pictures.

use std::time::Duration;

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::App;
use crate::app::read_report::{self, Links, Picture, Report};
use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinAction, BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::grouped::grouped;
use crate::domain::local_time::{self, CalendarDate};
use crate::domain::share::share;
use crate::domain::staff_member::StaffRole;
use crate::web::chart::with_table::{Chart, Numbers, Series, Shape};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::session::Staff;

use super::{address, people};

/// A number of people, and where they are listed for whoever may see them.
struct Line {
    label: &'static str,
    /// What it means, where that is not plain.
    hint: &'static str,
    count: String,
    share: String,
    url: Option<String>,
}

/// A link of the bulletin.
struct LinkLine {
    label: String,
    url: String,
    count: String,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/report.html")]
struct Page {
    page: PageContext,
    id: BulletinId,
    subject: String,
    state: &'static str,
    state_label: &'static str,
    when: String,
    audience: String,
    /// The states of all messages: they add up to the audience.
    sending: Vec<Line>,
    afterwards: Vec<Line>,
    /// Whether something is still being sent.
    running: bool,
    may_see_people: bool,
    may_send_again: bool,
    csv: String,
    /// When its messages were accepted; none while that is put together.
    sending_chart: Option<Chart>,
    /// As of when that is, while it is not the end.
    as_of: Option<String>,
    has_links: bool,
    are_counted: bool,
    links: Vec<LinkLine>,
    link_chart: Option<Chart>,
}

/// `GET /staff/bulletins/{id}/report`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
) -> Answer {
    let id = BulletinId(*id);
    let report = read_report::show(&app, id).await?;
    let publisher = actor.role.includes(StaffRole::Publisher);
    let bulletin = &report.progress.bulletin;
    let state = bulletin.state;
    let failed = count(&report, DeliveryState::Failed) + count(&report, DeliveryState::Refused);
    let running = matches!(state, BulletinState::Sending | BulletinState::Paused);
    let picture = report.picture.as_deref();
    show_page(&Page {
        page,
        id,
        subject: bulletin.subject.clone(),
        state: state.as_str(),
        state_label: state.label(),
        when: when(bulletin.started_at, bulletin.finished_at),
        audience: people(bulletin.audience_count),
        sending: sending(&report, publisher),
        afterwards: afterwards(&report, publisher),
        running,
        may_see_people: publisher,
        may_send_again: publisher && failed > 0 && state.after(BulletinAction::SendAgain).is_some(),
        csv: format!("{}/deliveries.csv", address(id)),
        as_of: picture
            .filter(|_| running)
            .map(|picture| local_time::display_time(Timestamp::from_millis(picture.until))),
        sending_chart: picture.map(|picture| Chart::of(over_time(picture))),
        has_links: !report.links.links.is_empty(),
        are_counted: report.links.are_counted,
        link_chart: bulletin
            .started_at
            .filter(|_| !report.links.days.is_empty())
            .map(|at| Chart::of(by_day(&report.links, at))),
        links: report.links.links.into_iter().map(LinkLine::of).collect(),
    })
}

impl LinkLine {
    fn of((url, label, count): (String, String, i64)) -> Self {
        Self {
            label: if label.is_empty() { url.clone() } else { label },
            url,
            count: grouped(count),
        }
    }
}

fn when(started: Option<Timestamp>, finished: Option<Timestamp>) -> String {
    let display = |at: Option<Timestamp>| at.map(local_time::display).unwrap_or_default();
    match finished {
        Some(_) => format!("Begun {}, finished {}", display(started), display(finished)),
        None => format!("Begun {}", display(started)),
    }
}

fn count(report: &Report, state: DeliveryState) -> i64 {
    let counts = report.progress.counts.iter();
    counts
        .filter(|(one, _)| *one == state)
        .map(|(_, count)| *count)
        .sum()
}

fn list(id: BulletinId, which: &str) -> String {
    format!("{}/deliveries?state={which}", address(id))
}

fn sending(report: &Report, may_see_people: bool) -> Vec<Line> {
    use DeliveryState as S;
    let id = report.progress.bulletin.id;
    let whole = report.progress.total();
    let states = [
        (S::Accepted, "The recipient’s mail server took the message."),
        (S::Queued, ""),
        (S::Claimed, ""),
        (S::Deferred, "The server asked to try again later."),
        (S::Refused, "The server refused this recipient for good."),
        (
            S::Skipped,
            "They had left, or could not be written to, before their turn came.",
        ),
        (
            S::Failed,
            "It was tried for two days, or could not be made.",
        ),
    ];
    let is_shown = |state: S| !matches!(state, S::Queued | S::Claimed | S::Deferred);
    states
        .into_iter()
        .map(|(state, hint)| (state, hint, count(report, state)))
        .filter(|(state, _, count)| is_shown(*state) || *count > 0)
        .map(|(state, hint, count)| Line {
            label: state.label(),
            hint,
            count: grouped(count),
            share: share(count, whole),
            url: may_see_people.then(|| list(id, state.as_str())),
        })
        .collect()
}

fn afterwards(report: &Report, may_see_people: bool) -> Vec<Line> {
    use crate::domain::aftermath::Aftermath as A;
    let id = report.progress.bulletin.id;
    let whole = report.progress.total();
    let lines = report.aftermath.iter();
    lines
        .map(|&(of, count)| Line {
            label: of.label(),
            hint: match of {
                A::Bounced => "A report came back that it was not delivered after all.",
                A::Complained => "They pressed “spam” or “junk”, and their mail provider told us.",
                A::Replied => "Out of office, and the like.",
                A::Left => "By the link in it, their mail program’s button, an answer or a complaint; and not come back since.",
            },
            count: grouped(count),
            share: share(count, whole),
            url: may_see_people.then(|| list(id, of.as_str())),
        })
        .collect()
}

fn over_time(picture: &Picture) -> Numbers {
    let (from, width) = (picture.from, picture.width);
    let seconds = i64::try_from(width.as_secs()).unwrap_or(i64::MAX);
    let at = |place: usize| {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        Timestamp::from_millis(from.saturating_add(place.saturating_mul(seconds * 1_000)))
    };
    let label = |place: usize| {
        let at = at(place);
        match seconds {
            86_400.. => local_time::display_date(at),
            3_600.. => local_time::display(at),
            60.. => local_time::display_time(at),
            _ => local_time::display_seconds(at),
        }
    };
    let total: i64 = picture.accepted.iter().sum();
    Numbers {
        id: "sending",
        title: "Messages over time".to_owned(),
        description: format!(
            "{} were accepted from {} to {}. Each bar is {}.",
            grouped(total),
            local_time::display(Timestamp::from_millis(from)),
            local_time::display(Timestamp::from_millis(picture.until)),
            span(width),
        ),
        axis: "From",
        labels: (0..picture.accepted.len()).map(label).collect(),
        series: vec![
            Series {
                name: "Accepted",
                shape: Shape::Bars,
                values: picture.accepted.clone(),
            },
            Series {
                name: "Put off, to be tried again",
                shape: Shape::Line,
                values: picture.deferred.clone(),
            },
            Series {
                name: "Refused or given up",
                shape: Shape::Dashes,
                values: picture.refused.clone(),
            },
        ],
    }
}

/// "5 minutes".
fn span(width: Duration) -> String {
    let seconds = width.as_secs();
    let (number, unit) = match seconds {
        86_400.. => (seconds / 86_400, "day"),
        3_600.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    match number {
        1 => format!("1 {unit}"),
        number => format!("{number} {unit}s"),
    }
}

/// So many days are drawn one by one; what came later is in the last of them, and told to be.
const DAYS: usize = 31;

fn by_day(links: &Links, started: Timestamp) -> Numbers {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let newest = links.days.keys().last().copied();
    let first = CalendarDate::of(started);
    let mut days = vec![first];
    let mut at = started;
    while days.len() < DAYS && days.last().copied() < newest {
        at = at.plus(DAY);
        days.push(CalendarDate::of(at));
    }
    let mut values = vec![0; days.len()];
    for (day, count) in &links.days {
        let place = days.partition_point(|one| one <= day).saturating_sub(1);
        values[place] += count;
    }
    let mut labels: Vec<String> = days.iter().map(ToString::to_string).collect();
    if let Some(last) = labels.last_mut()
        && days.last().copied() < newest
    {
        last.push_str(" and later");
    }
    let total: i64 = values.iter().sum();
    Numbers {
        id: "links",
        title: "Links followed by day".to_owned(),
        description: format!("{} in all; mail scanners are among them.", grouped(total)),
        axis: "Day",
        labels,
        series: vec![Series {
            name: "Links followed",
            shape: Shape::Bars,
            values,
        }],
    }
}
