//! All symposia, the latest first.

use actix_web::web::Data;
use askama::Template;

use crate::app::{App, write_symposium};
use crate::domain::local_time;
use crate::web::page::{Answer, PageContext, show as show_page};

struct Row {
    id: i64,
    title: String,
    state: &'static str,
    state_label: &'static str,
    when: String,
    is_over: bool,
    registered: i64,
    capacity: String,
    waiting: i64,
}

#[derive(Template)]
#[template(path = "web/staff/symposia/index.html")]
struct Index {
    page: PageContext,
    rows: Vec<Row>,
}

/// `GET /staff/symposia`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let now = app.now();
    let list = write_symposium::list(&app).await?.into_iter();
    let rows = list.map(|(symposium, registered, waiting)| Row {
        id: symposium.id.0,
        state: symposium.state.as_str(),
        state_label: symposium.state.label(),
        when: local_time::display(symposium.starts_at),
        is_over: symposium.ends_at <= now,
        registered,
        capacity: symposium
            .capacity
            .map(|capacity| format!(" of {capacity}"))
            .unwrap_or_default(),
        waiting,
        title: symposium.title,
    });
    show_page(&Index {
        page,
        rows: rows.collect(),
    })
}
