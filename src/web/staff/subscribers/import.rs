//! A file of people: brought, and checked. Nothing is changed by that.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::Data;
use askama::Template;
use futures_util::StreamExt;

use crate::app::import_subscribers::{self, Import, MAX_FILE_BYTES};
use crate::app::{App, AppError, keep_topics};
use crate::domain::local_time;
use crate::domain::short_text::ShortText;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::person;
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other};
use crate::web::uploads::{bytes, unreadable};

/// The longest text of a field beside the file, in bytes.
const FIELD_BYTES: usize = 8 << 10;

/// The longest name of a file and of a source, in characters.
const MAX_LINE: usize = 200;

/// A file arrives within this time: twenty megabytes over a slow line.
const UPLOAD_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What came with the file.
#[derive(Default)]
pub(in crate::web) struct ImportForm {
    source: String,
    consent_basis: String,
    consent_note: String,
    notify: String,
    topics: Vec<String>,
    mode: String,
    file_name: String,
    content: Vec<u8>,
    problems: Problems,
}

checked!(ImportForm, topics);

const FIELDS: [&str; 5] = ["file", "source", "topics", "consent_basis", "consent_note"];

#[derive(Template)]
#[template(path = "web/staff/subscribers/import.html")]
struct ImportPage {
    page: PageContext,
    topics: Vec<Topic>,
    max_bytes: usize,
    max_size: String,
    recent: Vec<RecentRow>,
    f: ImportForm,
}

/// A file that was brought lately.
struct RecentRow {
    id: i64,
    file_name: String,
    at: String,
    state: &'static str,
}

impl ImportPage {
    async fn of(
        app: &App,
        page: PageContext,
        topics: Vec<Topic>,
        f: ImportForm,
    ) -> Result<Self, Problem> {
        let max_size = format!("{} MB", MAX_FILE_BYTES >> 20);
        let recent = import_subscribers::recent(app).await?;
        let recent = recent.into_iter().map(|run| RecentRow {
            id: run.id,
            file_name: run.file_name,
            at: local_time::display(run.created_at),
            state: match (run.started_at, run.finished_at) {
                (_, Some(_)) => "taken over",
                (Some(_), None) => "being taken over",
                (None, None) => "only tried",
            },
        });
        Ok(Self {
            page,
            topics,
            max_bytes: MAX_FILE_BYTES,
            max_size,
            recent: recent.collect(),
            f,
        })
    }
}

/// `GET /staff/subscribers/import`. Telling people is the usual way (Privacy Act 2020, IPP 3A).
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext) -> Answer {
    let topics = keep_topics::offered(&app).await?;
    let f = ImportForm {
        notify: "yes".to_owned(),
        topics: topics.iter().map(|topic| topic.slug.clone()).collect(),
        ..ImportForm::default()
    };
    show_page(&ImportPage::of(&app, page, topics, f).await?)
}

/// `POST /staff/subscribers/import`: checks the file and leads to its report; with `mode=commit` it is
/// taken over at once.
pub(in crate::web) async fn check(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    body: Multipart,
) -> Answer {
    let read = tokio::time::timeout(UPLOAD_WITHIN, read(body)).await;
    let mut form = read.unwrap_or_else(|_| Err(Problem::too_slow()))?;
    let known = keep_topics::offered(&app).await?;
    let mut problems = Problems::default();
    let has_file = !form.content.is_empty();
    if !has_file {
        problems.add("file", "Please choose a file.");
    }
    let source = problems.take(
        "source",
        ShortText::parse(&form.source, MAX_LINE)
            .map_err(|error| error.about("the source of the file")),
    );
    let topics = person::check_topics(&form.topics, &known, &mut problems);
    if topics.is_empty() {
        problems.add(
            "topics",
            "Please choose the topics for lines that name none.",
        );
    }
    let ground = person::check_ground(&form.consent_basis, &form.consent_note, &mut problems);
    if let (Some(source), Some(ground), true) = (source, ground, problems.is_empty()) {
        let import = Import {
            file_name: file_name(&form.file_name),
            content: std::mem::take(&mut form.content),
            source: source.into(),
            ground,
            topics,
            notify: form.notify == "yes",
        };
        match import_subscribers::check(&app, staff.0.id, import).await {
            Ok(run) => {
                if form.mode == "commit" {
                    import_subscribers::take_over(&app, staff.0.id, run).await?;
                }
                return Ok(see_other(&format!("/staff/subscribers/import/{run}")));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    // No browser fills a file in anew.
    if has_file {
        problems.add("file", "Please choose the file again.");
    }
    form.problems = problems.in_order(&FIELDS);
    show_again(&ImportPage::of(&app, page, known, form).await?)
}

/// What the browser calls the file, without folders and what cannot be shown.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    ShortText::parse(last, MAX_LINE).map_or_else(|_| "file.csv".to_owned(), String::from)
}

async fn read(mut body: Multipart) -> Result<ImportForm, Problem> {
    let mut form = ImportForm::default();
    while let Some(field) = body.next().await {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let given = field
                .content_disposition()
                .and_then(|disposition| disposition.get_filename());
            form.file_name = given.unwrap_or_default().to_owned();
            form.content = bytes(&mut field, MAX_FILE_BYTES).await?;
            continue;
        }
        let text = bytes(&mut field, FIELD_BYTES).await?;
        let text = String::from_utf8(text).map_err(|_| Problem::malformed())?;
        match name.as_str() {
            "source" => form.source = text,
            "consent_basis" => form.consent_basis = text,
            "consent_note" => form.consent_note = text,
            "notify" => form.notify = text,
            "mode" => form.mode = text,
            "topics" => form.topics.push(text),
            _ => {}
        }
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_shown_without_its_folders() {
        assert_eq!(file_name("C:\\Users\\a\\gps.csv"), "gps.csv");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("a\r\nb.csv"), "file.csv");
        assert_eq!(file_name(""), "file.csv");
    }
}
