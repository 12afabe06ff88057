//! The list, with search, filters and pages.

use actix_web::web::{Data, Query};
use askama::Template;

use crate::app::{App, keep_subscribers};
use crate::domain::{email_address, local_time};
use crate::store::topics::Topic;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};

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

#[derive(Template)]
#[template(path = "web/staff/subscribers/index.html")]
struct ListPage {
    page: PageContext,
    filter: FilterQuery,
    filtered: bool,
    topics: Vec<Topic>,
    export_url: String,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /staff/subscribers?q=&status=&topic=&region=&role=&page=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    query: Query<FilterQuery>,
) -> Answer {
    let filter = query.into_inner();
    let number = i64::from(filter.page.parse::<u32>().unwrap_or(0));
    let topics = keep_subscribers::topics(&app).await?;
    let found = keep_subscribers::list(&app, filter.filter(&topics), number).await?;
    let rows = found
        .rows
        .into_iter()
        .map(|(subscriber, _)| Row {
            id: subscriber.id.0,
            name: subscriber.name,
            email: email_address::for_people(&subscriber.email),
            practice: subscriber.practice.unwrap_or_default(),
            region_label: subscriber.region.map_or("", |region| region.label()),
            status: subscriber.status.as_str(),
            status_label: subscriber.status.label(),
            since: local_time::display_date(subscriber.created_at),
        })
        .collect();
    show_page(&ListPage {
        page,
        filtered: filter.is_set(),
        topics,
        export_url: filter.address("/staff/subscribers/export.csv", 0),
        rows,
        pager: Pager::new(number, keep_subscribers::PAGE_SIZE, found.total, |page| {
            filter.address("/staff/subscribers", page)
        }),
        filter,
    })
}
