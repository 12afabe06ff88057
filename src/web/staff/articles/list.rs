//! All articles, the last saved first.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::write_article::{self, Filter};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleKind, ArticleState};
use crate::domain::clinical_text::lines;
use crate::domain::local_time;
use crate::store::articles::Heading;
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};
use crate::web::session::Staff;
use crate::web::staff::choice::Choice;
use crate::web::staff::working_copy::BegunView;

use super::working_copy::{begun, changed};

/// So many articles are on a page.
const PER_PAGE: usize = 50;

/// What the list is asked for; what is no known word is as if it were not there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    q: String,
    state: String,
    kind: String,
    page: String,
}

struct Row {
    id: i64,
    title: String,
    kind_label: &'static str,
    state: &'static str,
    state_label: &'static str,
    author: String,
    updated: String,
    review_by: String,
    overdue: bool,
    superseded: bool,
}

impl Row {
    fn of(article: &Heading, now: Timestamp) -> Self {
        let author = lines(&article.authors)
            .next()
            .unwrap_or(&article.created_by_name);
        Self {
            id: article.id.0,
            title: article.title.clone(),
            kind_label: article.kind.label(),
            state: article.state.as_str(),
            state_label: article.state.label(),
            author: author.to_owned(),
            updated: local_time::display(article.updated_at),
            review_by: article
                .review_by
                .map(|day| day.to_string())
                .unwrap_or_default(),
            overdue: article.review_by.is_some_and(|day| day.is_before(now)),
            superseded: article.superseded,
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/articles/index.html")]
struct Index {
    page: PageContext,
    filter: ListQuery,
    filtered: bool,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    rows: Vec<Row>,
    /// What this person has begun to write and not saved.
    begun: Vec<BegunView>,
    /// What this person changed since it was saved, and has not saved.
    changed: Vec<BegunView>,
    pager: Pager,
}

fn address(query: &ListQuery, page: i64) -> String {
    let fields = [
        ("q", query.q.as_str()),
        ("state", &query.state),
        ("kind", &query.kind),
    ];
    list_address("/staff/articles", fields, page)
}

/// `GET /staff/articles?q=&state=&kind=&page=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let begun = begun(&app, &actor).await?;
    let changed = changed(&app, &actor).await?;
    let mut query = query.into_inner();
    query.q = query.q.chars().take(200).collect();
    let filter = Filter {
        search: query.q.clone(),
        state: query.state.parse().ok(),
        kind: query.kind.parse().ok(),
    };
    let found = write_article::list(&app, filter).await?;
    let number = query.page.parse::<u32>().unwrap_or(0);
    let skipped = usize::try_from(number)
        .unwrap_or(usize::MAX)
        .saturating_mul(PER_PAGE);
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let per_page = i64::try_from(PER_PAGE).unwrap_or(i64::MAX);
    let now = app.now();
    show_page(&Index {
        page,
        begun,
        changed,
        filtered: [&query.q, &query.state, &query.kind]
            .iter()
            .any(|value| !value.is_empty()),
        kinds: ArticleKind::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one))
            .collect(),
        states: ArticleState::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one))
            .collect(),
        rows: found
            .iter()
            .skip(skipped)
            .take(PER_PAGE)
            .map(|one| Row::of(one, now))
            .collect(),
        pager: Pager::new(number.into(), per_page, total, |page| address(&query, page)),
        filter: query,
    })
}
