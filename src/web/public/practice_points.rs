//! The library of practice points: those of all articles.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, read_publications};
use crate::domain::local_time;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};

/// The points of so many articles are on a page.
const PER_PAGE: u32 = 30;

struct Group {
    slug: String,
    title: String,
    kind_label: &'static str,
    published: String,
    overdue: bool,
    points: Vec<String>,
}

#[derive(Template)]
#[template(path = "web/practice_points.html")]
struct Library {
    page: PageContext,
    groups: Vec<Group>,
    pager: Pager,
}

/// Which page of it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct LibraryQuery {
    page: String,
}

/// `GET /practice-points?page=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<LibraryQuery>,
) -> Answer {
    let number = query.page.parse::<u32>().unwrap_or(0);
    let all = read_publications::practice_points(&app).await?;
    let now = app.now();
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let groups = all
        .into_iter()
        .skip(number.saturating_mul(PER_PAGE) as usize)
        .take(PER_PAGE as usize)
        .map(|(article, points)| Group {
            kind_label: article.kind.label(),
            published: local_time::display_date(article.first_published_at),
            overdue: article.review_by.is_some_and(|day| day.is_before(now)),
            slug: article.slug,
            title: article.title,
            points,
        })
        .collect();
    let pager = Pager::new(number.into(), PER_PAGE.into(), total, |page| {
        format!("/practice-points?page={page}")
    });
    show_page(&Library {
        page,
        groups,
        pager,
    })
}
