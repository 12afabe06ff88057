//! The list as a file.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};

use crate::app::{App, export_subscribers, keep_subscribers};
use crate::store::bulk_changes::Members;
use crate::web::page::Answer;
use crate::web::public::manage::attachment;
use crate::web::session::Staff;

use super::filter::FilterQuery;

/// `GET /staff/subscribers/export.csv`, with the filters of the list. The whole file is made before its
/// first byte goes out: the export is noted in the audit at its end, and nobody may have the list
/// without that by breaking the connection off.
pub(in crate::web) async fn export(
    app: Data<App>,
    staff: Staff,
    query: Query<FilterQuery>,
) -> Answer {
    let topics = keep_subscribers::topics(&app).await?;
    let filter = query.filter(&topics);
    let mut file = Vec::new();
    export_subscribers::export(
        &app,
        Some(staff.0.id),
        Members::Found(filter),
        &mut file,
        |_| (),
    )
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("subscribers.csv"))
        .body(file))
}
