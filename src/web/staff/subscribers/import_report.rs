//! What an import would do, or did; and the button that does it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, import_subscribers};
use crate::domain::grouped::grouped;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::{Staff, see_other_saying};

/// So many refused lines are on the page; all that are kept are in the file.
const SHOWN: usize = 100;

struct Refusal {
    line: u64,
    reason: String,
}

#[derive(Template)]
#[template(path = "web/staff/subscribers/import_report.html")]
struct ReportPage {
    page: PageContext,
    run: i64,
    dry_run: bool,
    may_take_over: bool,
    file_name: String,
    source: String,
    notify: bool,
    read: String,
    added: String,
    known: String,
    refused: String,
    refusals: Vec<Refusal>,
    more_refusals: i64,
}

/// `GET /staff/subscribers/import/{run}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, run: Path<i64>) -> Answer {
    let (kept, report) = import_subscribers::show(&app, *run).await?;
    let counts = report.counts;
    let sum: i64 = [counts.added, counts.unchanged, counts.refused]
        .map(i64::from)
        .iter()
        .sum();
    let refusals: Vec<Refusal> = report
        .refused
        .into_iter()
        .take(SHOWN)
        .map(|(line, reason)| Refusal { line, reason })
        .collect();
    let shown = i64::try_from(refusals.len()).unwrap_or(i64::MAX);
    show_page(&ReportPage {
        page,
        run: *run,
        dry_run: kept.finished_at.is_none(),
        may_take_over: kept.content.is_some(),
        file_name: kept.file_name,
        source: kept.source,
        notify: kept.notify,
        read: grouped(sum),
        added: grouped(counts.added),
        known: grouped(counts.unchanged),
        refused: grouped(counts.refused),
        refusals,
        more_refusals: i64::from(counts.refused) - shown,
    })
}

/// `POST /staff/subscribers/import/{run}`: takes the checked file over.
pub(in crate::web) async fn take_over(app: Data<App>, staff: Staff, run: Path<i64>) -> Answer {
    import_subscribers::take_over(&app, staff.0.id, *run).await?;
    let address = format!("/staff/subscribers/import/{run}");
    Ok(see_other_saying(&app, &address, "The file is taken over."))
}

/// `GET /staff/subscribers/import/{run}/refused.csv`.
pub(in crate::web) async fn refused(app: Data<App>, run: Path<i64>) -> Answer {
    let (_, report) = import_subscribers::show(&app, *run).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["line", "reason"])
        .map_err(Problem::internal)?;
    for (line, reason) in report.refused {
        writer
            .write_record([line.to_string(), reason])
            .map_err(Problem::internal)?;
    }
    let file = writer
        .into_inner()
        .map_err(|error| Problem::internal(error.into_error()))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment(&format!("refused-lines-{run}.csv")))
        .body(file))
}
