//! The list, with search, filters and pages.

use actix_web::web::{Data, Query};
use askama::Template;

use crate::app::App;
use crate::app::list_subscribers::{self, Choices, Found, PAGE_SIZE};
use crate::domain::grouped::grouped;
use crate::domain::subscriber_filter::{SortBy, Trouble};
use crate::domain::{email_address, local_time};
use crate::store::subscribers::{Page, Position};
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;

use super::filter::FilterQuery;

struct Row {
    id: i64,
    name: String,
    email: String,
    practice: String,
    region_label: &'static str,
    status: &'static str,
    status_label: &'static str,
    since: String,
}

/// A heading by which the list can be brought in order.
struct Heading {
    url: String,
    /// For `aria-sort`; empty where the list is in another order.
    sorted: &'static str,
}

/// What can be chosen in a filter.
struct Choice {
    value: String,
    label: String,
}

/// A filter that was kept.
struct Saved {
    id: i64,
    name: String,
    url: String,
    is_shown: bool,
}

/// Steps between the pages.
#[derive(Default)]
struct Steps {
    label: String,
    first: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    last: Option<String>,
}

/// The small forms of the page, as they were filled in.
#[derive(Default)]
pub(super) struct ListForms {
    /// The name under which a filter is to be kept.
    pub(super) name: String,
    /// What is to be done with many.
    pub(super) action: String,
    pub(super) problems: Problems,
}

checked!(ListForms);

#[derive(Template)]
#[template(path = "web/staff/subscribers/index.html")]
pub(super) struct ListPage {
    page: PageContext,
    filter: FilterQuery,
    filtered: bool,
    more: bool,
    topics: Vec<Topic>,
    sources: Vec<String>,
    troubles: &'static [Trouble],
    symposia: Vec<Choice>,
    bulletins: Vec<Choice>,
    saved: Vec<Saved>,
    query: String,
    export_url: String,
    found: String,
    by_name: Heading,
    by_email: Heading,
    by_time: Heading,
    rows: Vec<Row>,
    steps: Steps,
    f: ListForms,
}

impl ListPage {
    /// The page, with what was typed into its forms.
    pub(super) async fn of(
        app: &App,
        page: PageContext,
        filter: FilterQuery,
        f: ListForms,
    ) -> Result<Self, Problem> {
        let choices = list_subscribers::choices(app).await?;
        let wanted = filter.filter(&choices.topics);
        let found = list_subscribers::count_for_page(app, &wanted).await?;
        let (order, position) = (filter.order(), filter.position());
        let people = list_subscribers::page(app, wanted, order, position).await?;
        let query = filter.as_saved();
        let (symposia, bulletins) = things(&choices);
        let saved = choices.saved.into_iter().map(|saved| Saved {
            id: saved.id,
            name: saved.name,
            is_shown: saved.query == query,
            url: format!("/staff/subscribers?{}", saved.query),
        });
        let heading = |by: SortBy| Heading {
            url: filter.sorted_address(by),
            sorted: match (order.by == by, order.is_backwards) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        };
        Ok(Self {
            page,
            filtered: filter.is_set(),
            more: filter.has_more(),
            topics: choices.topics,
            sources: choices.sources,
            troubles: Trouble::ALL,
            symposia,
            bulletins,
            saved: saved.collect(),
            query,
            export_url: filter.address("/staff/subscribers/export.csv"),
            found: match found {
                Found::Exactly(number) => grouped(number),
                Found::MoreThan(number) => format!("more than {}", grouped(number)),
            },
            by_name: heading(SortBy::Name),
            by_email: heading(SortBy::Email),
            by_time: heading(SortBy::Joined),
            steps: steps(&filter, position, &people, found),
            rows: people.rows.into_iter().map(Row::of).collect(),
            filter,
            f,
        })
    }
}

impl Row {
    fn of(subscriber: crate::store::subscribers::Subscriber) -> Self {
        Self {
            id: subscriber.id.0,
            name: subscriber.name,
            email: email_address::for_people(&subscriber.email),
            practice: subscriber.practice.unwrap_or_default(),
            region_label: subscriber.region.map_or("", |region| region.label()),
            status: subscriber.status.as_str(),
            status_label: subscriber.status.label(),
            since: local_time::display_date(subscriber.created_at),
        }
    }
}

/// Symposia and bulletins to choose from.
fn things(choices: &Choices) -> (Vec<Choice>, Vec<Choice>) {
    let symposia = choices
        .symposia
        .iter()
        .map(|(id, title, starts_at)| Choice {
            value: id.to_string(),
            label: format!("{title}, {}", local_time::display_date(*starts_at)),
        });
    let bulletins = choices.bulletins.iter().map(|(id, subject)| Choice {
        value: id.to_string(),
        label: subject.clone(),
    });
    (symposia.collect(), bulletins.collect())
}

/// The steps from this page. Its place in the list is what the link to it knew: a page is found by the person before it, not
/// by counting, and who came or left meanwhile does not move it.
fn steps(filter: &FilterQuery, position: Position, people: &Page, found: Found) -> Steps {
    let order = filter.order();
    let shown = i64::try_from(people.rows.len()).unwrap_or(i64::MAX);
    let (total, total_label) = match found {
        Found::Exactly(total) => (Some(total), grouped(total)),
        Found::MoreThan(most) => (None, format!("more than {}", grouped(most))),
    };
    let skipped = match (people.has_before, people.has_after, total) {
        (false, ..) => 0,
        (true, false, Some(total)) => (total - shown).max(0),
        (true, false, None) if position == Position::Last => 0,
        _ => filter.skipped(),
    };
    let label = match (people.rows.is_empty(), people.has_before, people.has_after) {
        (true, ..) => String::new(),
        // How many are found stands above the list already.
        (false, false, false) if filter.is_set() => String::new(),
        (false, false, false) => format!("{} in all", grouped(shown)),
        (false, true, false) if total.is_none() => {
            format!("The last {} of {total_label}", grouped(shown))
        }
        _ => format!(
            "{} to {} of {total_label}",
            grouped(skipped + 1),
            grouped(skipped + shown)
        ),
    };
    let to = |place: &[(&str, String)]| Some(filter.page_address(order, place));
    let first_row = people.rows.first().map(|row| row.id.to_string());
    let last_row = people.rows.last().map(|row| row.id.to_string());
    let before = (skipped - PAGE_SIZE).max(0).to_string();
    let after = (skipped + shown).to_string();
    Steps {
        label,
        first: people.has_before.then(|| to(&[])).flatten(),
        previous: first_row
            .filter(|_| people.has_before)
            .and_then(|id| to(&[("before", id), ("skipped", before)])),
        next: last_row
            .filter(|_| people.has_after)
            .and_then(|id| to(&[("after", id), ("skipped", after)])),
        last: people
            .has_after
            .then(|| to(&[("last", "yes".to_owned())]))
            .flatten(),
    }
}

/// `GET /staff/subscribers`, with the filters, the order and the place in the address.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    query: Query<FilterQuery>,
) -> Answer {
    let forms = ListForms::default();
    show_page(&ListPage::of(&app, page, query.into_inner(), forms).await?)
}
