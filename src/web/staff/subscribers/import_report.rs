//! What an import would do, is doing, or did; what the columns of its file are; and the button that does it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::export_subscribers::harmless;
use crate::app::import_subscribers::{self, Column, Head, Mapping, OURS, View};
use crate::app::{App, AppError};
use crate::domain::grouped::grouped;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::{Staff, see_other, see_other_saying};

/// So many refused lines are on the page; all that are kept are in the file.
const SHOWN: usize = 100;

/// So many values of a column are shown.
const VALUES: usize = 3;

struct Refusal {
    line: u64,
    reason: String,
}

/// A column of the file.
struct ColumnRow {
    heading: String,
    /// Some of its values.
    values: String,
    /// What it holds; empty where it is left out.
    chosen: String,
}

/// What was chosen for each column, in their order.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ColumnsForm {
    column: Vec<String>,
    #[serde(skip)]
    problems: Problems,
}

checked!(ColumnsForm);

#[derive(Template)]
#[template(path = "web/staff/subscribers/import_report.html")]
struct ReportPage {
    page: PageContext,
    run: i64,
    dry_run: bool,
    is_running: bool,
    may_take_over: bool,
    file_name: String,
    source: String,
    notify: bool,
    sentence: String,
    line_count: i64,
    lines_done: i64,
    read: String,
    added: String,
    known: String,
    refused: String,
    refusals: Vec<Refusal>,
    more_refusals: String,
    columns: Vec<ColumnRow>,
    /// Which of them are left out, in words; empty where none is.
    left_out: String,
    kinds: &'static [Column],
    f: ColumnsForm,
}

impl ReportPage {
    fn of(page: PageContext, view: View, f: ColumnsForm) -> Self {
        let (run, counts) = (view.run, view.report.counts);
        let is_running = run.started_at.is_some() && run.finished_at.is_none();
        let refusals: Vec<Refusal> = view
            .report
            .refused
            .into_iter()
            .take(SHOWN)
            .map(|refused| Refusal {
                line: refused.line,
                reason: refused.reason,
            })
            .collect();
        let shown = i64::try_from(refusals.len()).unwrap_or(i64::MAX);
        let more = i64::from(counts.refused) - shown;
        let columns = view
            .columns
            .map(|(head, mapping)| rows(&head, &mapping, &f))
            .unwrap_or_default();
        Self {
            page,
            run: run.id,
            dry_run: run.started_at.is_none() && run.finished_at.is_none(),
            is_running,
            may_take_over: view.has_file && run.started_at.is_none(),
            file_name: run.file_name,
            source: run.source,
            notify: run.notify,
            sentence: if is_running {
                let (done, all) = (grouped(run.lines_done), grouped(run.line_count));
                format!("{done} of {all} lines taken over.")
            } else {
                "The file is taken over.".to_owned()
            },
            line_count: run.line_count.max(1),
            lines_done: run.lines_done,
            read: grouped(counts.lines()),
            added: grouped(counts.added),
            known: grouped(counts.unchanged),
            refused: grouped(counts.refused),
            refusals,
            more_refusals: if more > 0 {
                grouped(more)
            } else {
                String::new()
            },
            left_out: left_out(&columns),
            columns,
            kinds: Column::ALL,
            f,
        }
    }
}

fn rows(head: &Head, mapping: &Mapping, f: &ColumnsForm) -> Vec<ColumnRow> {
    let row = |(place, heading): (usize, &String)| {
        let values: Vec<&str> = head
            .samples
            .iter()
            .filter_map(|row| row.get(place).map(String::as_str))
            .filter(|value| !value.is_empty())
            .take(VALUES)
            .collect();
        let chosen = match f.column.get(place) {
            Some(chosen) => chosen.clone(),
            None => mapping.at(place).to_owned(),
        };
        ColumnRow {
            heading: heading.clone(),
            values: values.join(" · "),
            chosen,
        }
    };
    head.headings.iter().enumerate().map(row).collect()
}

/// Which columns are left out, in words; empty where none is.
fn left_out(columns: &[ColumnRow]) -> String {
    let names: Vec<String> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.chosen.is_empty())
        .map(|(place, column)| match column.heading.as_str() {
            "" => format!("column {}", place + 1),
            heading => heading.to_owned(),
        })
        .collect();
    let all = columns.len();
    match names.len() {
        0 => String::new(),
        1 => format!("1 of {all} columns is left out: {}.", names.join(", ")),
        some => format!(
            "{some} of {all} columns are left out: {}.",
            names.join(", ")
        ),
    }
}

/// `GET /staff/subscribers/import/{run}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, run: Path<i64>) -> Answer {
    let view = import_subscribers::show(&app, *run).await?;
    show_page(&ReportPage::of(page, view, ColumnsForm::default()))
}

/// `POST /staff/subscribers/import/{run}/columns`: says what the columns are, and checks the file again.
pub(in crate::web) async fn columns(
    app: Data<App>,
    page: PageContext,
    run: Path<i64>,
    Form(mut form): Form<ColumnsForm>,
) -> Answer {
    match Mapping::chosen(&form.column) {
        Ok(mapping) => match import_subscribers::set_columns(&app, *run, mapping).await {
            Ok(()) => {
                let address = format!("/staff/subscribers/import/{run}");
                return Ok(see_other_saying(
                    &app,
                    &address,
                    "The file is checked again.",
                ));
            }
            Err(AppError::Invalid(found)) => form.problems.extend(found),
            Err(error) => return Err(error.into()),
        },
        Err(problem) => form.problems.add("columns", problem),
    }
    let view = import_subscribers::show(&app, *run).await?;
    show_again(&ReportPage::of(page, view, form))
}

/// `POST /staff/subscribers/import/{run}`: takes the checked file over. The choices of the columns come along, so that none is
/// passed over that was changed and not checked.
pub(in crate::web) async fn take_over(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    run: Path<i64>,
    Form(mut form): Form<ColumnsForm>,
) -> Answer {
    if !form.column.is_empty() {
        let view = import_subscribers::show(&app, *run).await?;
        let checked = view.columns.as_ref().map(|(_, mapping)| mapping);
        let chosen = Mapping::chosen(&form.column);
        // Without columns it is taken over already, which is said below.
        if checked.is_some_and(|checked| chosen.as_ref() != Ok(checked)) {
            let sentence =
                "You changed what a column is. Please check again with these columns first.";
            form.problems.add(
                "columns",
                chosen.err().unwrap_or_else(|| sentence.to_owned()),
            );
            return show_again(&ReportPage::of(page, view, form));
        }
    }
    import_subscribers::take_over(&app, staff.0.id, *run).await?;
    Ok(see_other(&format!("/staff/subscribers/import/{run}")))
}

/// `GET /staff/subscribers/import/{run}/refused.csv`: the refused lines with their cells, to be mended and brought again.
pub(in crate::web) async fn refused(app: Data<App>, run: Path<i64>) -> Answer {
    let view = import_subscribers::show(&app, *run).await?;
    // A file of refused lines that was mended only in part has these two columns already.
    let own = match import_subscribers::begins_as_ours(&view.report.headings) {
        true => OURS.len(),
        false => 0,
    };
    // A line may have a cell too many, or too few.
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let headings = view.report.headings.iter().skip(own);
    let first = OURS.map(str::to_owned).into_iter();
    writer
        .write_record(first.chain(headings.map(|heading| harmless(heading))))
        .map_err(Problem::internal)?;
    for refused in view.report.refused {
        let cells = refused.cells.iter().skip(own);
        let first = [refused.line.to_string(), harmless(&refused.reason)].into_iter();
        writer
            .write_record(first.chain(cells.map(|cell| harmless(cell))))
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
