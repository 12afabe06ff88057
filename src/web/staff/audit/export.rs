//! The audit as a file.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query};
use futures_util::stream;

use crate::app::audit::Told;
use crate::app::export_subscribers::harmless;
use crate::app::{App, AppError, audit};
use crate::domain::local_time;
use crate::store::audit_events::Filter;
use crate::web::page::Answer;
use crate::web::public::manage::attachment;
use crate::web::session::Staff;

use super::filter::AuditQuery;
use super::{PROGRAM, in_words};

/// So many events are read at a time: a file of a million never lies in memory as a whole.
const PIECE: i64 = 1_000;

const TITLES: [&str; 7] = [
    "at",
    "who",
    "action",
    "thing",
    "thing_number",
    "what",
    "thing_title",
];

/// `GET /staff/audit.csv`, with the filters of the list, the newest first. That it was taken is noted before its first byte
/// goes out.
pub(in crate::web) async fn export(
    app: Data<App>,
    staff: Staff,
    query: Query<AuditQuery>,
) -> Answer {
    let (filters, _) = query.filters();
    audit::note_export(&app, staff.0.id, query.in_words()).await?;
    let titles = csv([TITLES.map(str::to_owned)])?;
    let app = app.get_ref().clone();
    let pieces = stream::unfold(Next::First(titles), move |next| {
        piece(app.clone(), filters.clone(), next)
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("audit.csv"))
        .streaming(Box::pin(pieces)))
}

/// Where the file goes on.
enum Next {
    First(Bytes),
    From(Option<i64>),
    End,
}

async fn piece(
    app: App,
    filters: Vec<Filter>,
    next: Next,
) -> Option<(Result<Bytes, AppError>, Next)> {
    let before = match next {
        Next::First(titles) => return Some((Ok(titles), Next::From(None))),
        Next::From(before) => before,
        Next::End => return None,
    };
    let events = match audit::list(&app, filters, before, PIECE).await {
        Ok(events) => events,
        // The file breaks off: half of it must not look whole.
        Err(error) => return Some((Err(error), Next::End)),
    };
    let last = events.last()?.event.id;
    match csv(events.iter().map(cells)) {
        Ok(bytes) => Some((Ok(bytes), Next::From(Some(last)))),
        Err(error) => Some((Err(error), Next::End)),
    }
}

fn csv(rows: impl IntoIterator<Item = [String; 7]>) -> Result<Bytes, AppError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(AppError::internal)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| AppError::internal(error.into_error()))?;
    Ok(bytes.into())
}

fn cells(told: &Told) -> [String; 7] {
    let event = &told.event;
    [
        local_time::rfc3339(event.at),
        harmless(event.staff_name.as_deref().unwrap_or(PROGRAM)),
        harmless(&event.action),
        harmless(&event.entity),
        event.entity_id.map(|id| id.to_string()).unwrap_or_default(),
        harmless(&in_words(event)),
        harmless(told.title.as_deref().unwrap_or_default()),
    ]
}
