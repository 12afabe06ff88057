//! What happened to each person, and what the server said.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path, Query};
use askama::Template;
use futures_util::stream;
use serde::Deserialize;

use crate::app::App;
use crate::app::follow_bulletin::{self, Recipients};
use crate::app::{AppError, export_deliveries, read_report, write_bulletin};
use crate::clock::Timestamp;
use crate::domain::aftermath::Aftermath;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::{DeliveryId, DeliveryState};
use crate::domain::grouped::grouped;
use crate::domain::subscriber::SubscriberId;
use crate::domain::{email_address, local_time};
use crate::store::delivery_reports::{AttemptReport, Page, RecipientFilter, RecipientReport};
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};
use crate::web::public::manage::attachment;
use crate::web::session::Staff;

use super::address;

/// What the list is asked for; what is no known word is as if it were not there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    state: String,
    q: String,
    after: String,
    before: String,
}

impl ListQuery {
    fn page(&self) -> Page {
        match self.before.parse() {
            Ok(person) => Page::Before(SubscriberId(person)),
            Err(_) => Page::After(SubscriberId(self.after.parse().unwrap_or(0))),
        }
    }

    /// The address of a list of this bulletin.
    fn address(
        id: BulletinId,
        state: &str,
        q: &str,
        place: Option<(&str, SubscriberId)>,
    ) -> String {
        let (name, person) = place
            .map(|(name, person)| (name, person.to_string()))
            .unwrap_or_default();
        let fields = [("state", state), ("q", q), (name, &person)];
        list_address(&format!("{}/deliveries", address(id)), fields, 0)
    }

    /// The words that are looked for.
    fn search(&self) -> String {
        self.q.chars().take(200).collect()
    }
}

/// Which people a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// Those whose messages are in this state.
    In(DeliveryState),
    /// Those of whom this came afterwards.
    Afterwards(Aftermath),
}

impl Which {
    fn of(word: &str) -> Self {
        match (word.parse(), word.parse()) {
            (Ok(state), _) => Self::In(state),
            (_, Ok(of)) => Self::Afterwards(of),
            _ => Self::All,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::In(state) => state.as_str(),
            Self::Afterwards(of) => of.as_str(),
        }
    }

    fn filter(self, search: String) -> RecipientFilter {
        RecipientFilter {
            search,
            state: match self {
                Self::In(state) => Some(state),
                _ => None,
            },
            aftermath: match self {
                Self::Afterwards(of) => Some(of),
                _ => None,
            },
        }
    }
}

/// A state, with how many are in it.
struct StateLink {
    label: &'static str,
    count: String,
    url: String,
    current: bool,
}

/// A person, as the list shows them.
struct Row {
    url: String,
    name: String,
    email: String,
    subscriber_id: Option<i64>,
    state: &'static str,
    state_label: &'static str,
    at: String,
    next_try: String,
    words: String,
    /// What came of it, and when.
    afterwards: String,
    attempts: i32,
}

impl Row {
    fn of(id: BulletinId, report: RecipientReport, note: Option<&(Timestamp, String)>) -> Self {
        let open = report.state.is_open() && report.tries > 0;
        Self {
            url: format!("{}/deliveries/{}", address(id), report.id),
            name: report.name.unwrap_or_default(),
            email: email_address::for_people(&report.recipient),
            subscriber_id: report.subscriber_id.map(|id| id.0),
            state: report.state.as_str(),
            state_label: report.state.label(),
            at: report
                .finished_at
                .map(local_time::display)
                .unwrap_or_default(),
            next_try: if open {
                local_time::display(report.due_at)
            } else {
                String::new()
            },
            words: report.reply.unwrap_or_default(),
            afterwards: note
                .map(|(at, words)| format!("{words}, {}", local_time::display(*at)))
                .unwrap_or_default(),
            attempts: report.tries,
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/deliveries.html")]
struct List {
    page: PageContext,
    id: BulletinId,
    subject: String,
    q: String,
    state: &'static str,
    states: Vec<StateLink>,
    /// Whether the list is of those of whom something came: found by that, and not searched.
    is_afterwards: bool,
    csv: String,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /staff/bulletins/{id}/deliveries?state=&q=&after=&before=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    id: Path<i64>,
    query: Query<ListQuery>,
) -> Answer {
    let id = BulletinId(*id);
    let progress = follow_bulletin::progress(&app, id).await?;
    let which = Which::of(&query.state);
    let is_afterwards = matches!(which, Which::Afterwards(_));
    let q = match is_afterwards {
        true => String::new(),
        false => query.search(),
    };
    let filter = which.filter(q.clone());
    let found = follow_bulletin::recipients(&app, id, filter, query.page()).await?;
    let aftermath = read_report::aftermath(&app, id).await?;
    let state = which.as_str();
    let link = |which: Which, label, count| StateLink {
        label,
        count: grouped(count),
        url: ListQuery::address(id, which.as_str(), &q, None),
        current: which.as_str() == state,
    };
    let mut states = vec![link(Which::All, "All", progress.total())];
    let counts = progress.counts.iter();
    states.extend(counts.map(|&(one, count)| link(Which::In(one), one.label(), count)));
    let aftermath = aftermath.into_iter();
    states.extend(aftermath.map(|(of, count)| link(Which::Afterwards(of), of.label(), count)));
    let fields = [("state", state), ("q", q.as_str())];
    let csv = list_address(&format!("{}/deliveries.csv", address(id)), fields, 0);
    show_page(&List {
        page,
        id,
        subject: progress.bulletin.subject,
        states,
        pager: pager(id, state, &q, &found),
        rows: found
            .rows
            .into_iter()
            .map(|report| {
                let note = found.notes.get(&report.id);
                Row::of(id, report, note)
            })
            .collect(),
        is_afterwards,
        csv,
        q,
        state,
    })
}

/// `GET /staff/bulletins/{id}/deliveries.csv?state=&q=`: the same list as a file, which goes out as it is read.
pub(in crate::web) async fn export(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    query: Query<ListQuery>,
) -> Answer {
    let id = BulletinId(*id);
    let filter = Which::of(&query.state).filter(query.search());
    let export = export_deliveries::begin(&app, actor.id, id, filter).await?;
    let pieces = stream::try_unfold(export, move |export| {
        let app = app.clone();
        async move {
            let next = export_deliveries::next(&app, export).await?;
            Ok::<_, AppError>(next.map(|(piece, rest)| (Bytes::from(piece), rest)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment(&format!("bulletin-{id}.csv")))
        .streaming(pieces))
}

fn pager(id: BulletinId, state: &str, q: &str, found: &Recipients) -> Pager {
    let place = |name, row: Option<&RecipientReport>| {
        let person = row.and_then(|row| row.subscriber_id);
        person.map(|person| ListQuery::address(id, state, q, Some((name, person))))
    };
    let count = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
    Pager {
        label: format!("{} on this page", grouped(count)),
        previous: place("before", found.rows.first()).filter(|_| found.has_before),
        next: place("after", found.rows.last()).filter(|_| found.has_after),
    }
}

/// A try, as the page of a person shows it.
struct Attempt {
    at: String,
    outcome: &'static str,
    outcome_label: &'static str,
    stage: String,
    words: String,
}

impl Attempt {
    fn of(report: AttemptReport) -> Self {
        Self {
            at: local_time::display(report.at),
            outcome: report.outcome.as_str(),
            outcome_label: report.outcome.label(),
            stage: report.stage.unwrap_or_default(),
            words: report.reply.unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/delivery.html")]
struct Show {
    page: PageContext,
    id: BulletinId,
    subject: String,
    row: Row,
    attempts: Vec<Attempt>,
}

/// `GET /staff/bulletins/{id}/deliveries/{delivery}`: every try for one person.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    path: Path<(i64, i64)>,
) -> Answer {
    let (id, delivery) = path.into_inner();
    let id = BulletinId(id);
    let (report, attempts) = follow_bulletin::recipient(&app, id, DeliveryId(delivery)).await?;
    let subject = write_bulletin::show(&app, id).await?.bulletin.subject;
    show_page(&Show {
        page,
        id,
        subject,
        row: Row::of(id, report, None),
        attempts: attempts.into_iter().map(Attempt::of).collect(),
    })
}
