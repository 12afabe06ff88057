//! An event as a file for calendars (RFC 5545).

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use crate::app::{App, calendar, read_symposia};
use crate::web::page::Answer;
use crate::web::public::manage::attachment;

/// `GET /symposium/{slug}.ics`.
pub(in crate::web) async fn show(app: Data<App>, slug: Path<String>) -> Answer {
    let slug = slug.into_inner();
    let file_name = format!("{slug}.ics");
    let shown = read_symposia::show(&app, slug).await?;
    let calendar = calendar::of(&app, &shown.symposium);
    let content_type = format!("text/calendar; charset=utf-8; method={}", calendar.method);
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(attachment(&file_name))
        .body(calendar.file))
}
