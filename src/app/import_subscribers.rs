//! Staff bring a file of people whose consent the clinic has otherwise. First it is checked and
//! nothing is changed; then it is taken over, in the background where it is long.

mod columns;
mod csv_file;
mod decode;
mod judge;
mod row;
mod take_over;

use serde::{Deserialize, Serialize};

use crate::domain::staff_member::StaffId;
use crate::store::import_runs::{self, Counts, ImportRun, NewImportRun};

use super::keep_subscribers::Ground;
use super::retain::FILES_FOR;
use super::{App, AppError};
use judge::{Known, Verdict};

pub use columns::{Column, Mapping, OURS, begins_as_ours};
pub use csv_file::{Head, Line, Lines, MAX_FILE_BYTES};
pub use row::Row;
pub use take_over::{import, resume, take_over};

/// A file with what has to be known about it.
#[derive(Debug, Clone)]
pub struct Import {
    /// The file's name.
    pub file_name: String,
    /// Its bytes, in whatever encoding.
    pub content: Vec<u8>,
    /// Where the people in it come from (kept with each of them: Privacy Act 2020, IPP 3A).
    pub source: String,
    /// On what ground they are added.
    pub ground: Ground,
    /// Slugs of the topics for lines that name none.
    pub topics: Vec<String>,
    /// Whether they are told by mail (Privacy Act 2020, IPP 3A).
    pub notify: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many were or would be added, were on the list, were refused.
    pub counts: Counts,
    /// The headings of the file.
    pub headings: Vec<String>,
    /// Refused lines, the first ones.
    pub refused: Vec<Refused>,
}

/// A line that is not taken over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refused {
    /// Its row in the file; the headings are row 1.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// What stands in it; nothing where that was let go of.
    #[serde(default)]
    pub cells: Vec<String>,
}

/// Refused lines, as they are kept with the run.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    WithHeadings {
        headings: Vec<String>,
        lines: Vec<Refused>,
    },
    Alone(Vec<Refused>),
}

fn kept_refused(kept: &str) -> Result<(Vec<String>, Vec<Refused>), AppError> {
    Ok(
        match serde_json::from_str::<Kept>(kept).map_err(AppError::internal)? {
            Kept::WithHeadings { headings, lines } => (headings, lines),
            Kept::Alone(lines) => (Vec::new(), lines),
        },
    )
}

/// So many lines are looked at, and taken over, at a time, so that sign-ups need not wait for a large file.
const PIECE: usize = 500;

/// So many refused lines are kept with the run.
const REFUSED_KEPT: usize = 5_000;

/// Checks a file without changing anything, and keeps it to be taken over. Its columns are guessed. Returns the run's key.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn check(app: &App, by: StaffId, mut import: Import) -> Result<i64, AppError> {
    let (content, mapping, report) = try_out(app, std::mem::take(&mut import.content)).await?;
    let now = app.now();
    let refused = refused_lines(&report)?;
    let mapping = serde_json::to_string(&mapping).map_err(AppError::internal)?;
    app.store
        .write(move |db| {
            import_runs::drop_stale_files(db, now.minus(FILES_FOR))?;
            let ground = import.ground.in_words();
            let topics = import.topics.join(",");
            let run = NewImportRun {
                staff: Some(by),
                file_name: &import.file_name,
                source: &import.source,
                basis: &ground,
                topics: &topics,
                notify: import.notify,
                content: Some(&content),
                mapping: Some(&mapping),
            };
            Ok::<_, AppError>(import_runs::insert(
                db,
                &run,
                report.counts,
                &refused,
                now,
                None,
            )?)
        })
        .await
}

/// A run, and how it stands.
#[derive(Debug)]
pub struct View {
    /// The run; without its file.
    pub run: ImportRun,
    /// Whether its file is still kept.
    pub has_file: bool,
    /// What it did, or would do.
    pub report: Report,
    /// Its headings and first lines, and what its columns are, before it is taken over.
    pub columns: Option<(Head, Mapping)>,
}

/// A run as it was noted, with its refused lines.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, run: i64) -> Result<View, AppError> {
    app.store
        .read(move |db| {
            let mut run = import_runs::without_file(db, run)?;
            // Only a file that waits is looked into.
            if run.started_at.is_none() {
                run = import_runs::get(db, run.id)?;
            }
            let (headings, refused) = kept_refused(&run.refused_lines)?;
            let counts = Counts {
                added: run.added,
                unchanged: run.unchanged,
                refused: run.refused,
            };
            let content = run.content.take();
            let columns = match &content {
                Some(content) if run.started_at.is_none() => {
                    let head = csv_file::head(content)?;
                    let mapping = mapping_of(&run, &head)?;
                    Some((head, mapping))
                }
                _ => None,
            };
            Ok(View {
                has_file: content.is_some(),
                report: Report {
                    counts,
                    headings,
                    refused,
                },
                columns,
                run,
            })
        })
        .await
}

/// The files that were brought lately, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn recent(app: &App) -> Result<Vec<import_runs::Recent>, AppError> {
    const RECENT: i64 = 5;
    app.store
        .read(|db| Ok(import_runs::recent(db, RECENT)?))
        .await
}

fn mapping_of(run: &ImportRun, head: &Head) -> Result<Mapping, AppError> {
    match &run.mapping {
        Some(mapping) => serde_json::from_str(mapping).map_err(AppError::internal),
        None => csv_file::guess(head),
    }
}

/// Notes that the columns of a checked file are these, and checks it again.
///
/// # Errors
/// [`AppError::Refused`] when it was taken over already, or let go of; [`AppError::NotFound`].
pub async fn set_columns(app: &App, run: i64, mapping: Mapping) -> Result<(), AppError> {
    let gone = || {
        AppError::refused(
            "This file was taken over already, or is no longer kept. Please bring it again.",
        )
    };
    let kept = app
        .store
        .read(move |db| Ok::<_, AppError>(import_runs::get(db, run)?))
        .await?;
    let content = kept
        .content
        .filter(|_| kept.started_at.is_none())
        .ok_or_else(gone)?;
    let report = dry_run_of(app, content, mapping.clone()).await?;
    let refused = refused_lines(&report)?;
    let mapping = serde_json::to_string(&mapping).map_err(AppError::internal)?;
    app.store
        .write(move |db| {
            if !import_runs::set_mapping(db, run, &mapping, report.counts, &refused)? {
                return Err(gone());
            }
            Ok(())
        })
        .await
}

/// Checks a file without keeping anything: for the command line.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn dry_run(app: &App, import: &Import) -> Result<Report, AppError> {
    let (_, _, report) = try_out(app, import.content.clone()).await?;
    Ok(report)
}

/// The file as UTF-8, a guess at its columns, and what it would do with these.
async fn try_out(app: &App, content: Vec<u8>) -> Result<(Vec<u8>, Mapping, Report), AppError> {
    // It takes a while to read a large one.
    let (content, mapping) = app
        .store
        .read(move |_| {
            let content = decode::to_utf8(content);
            let mapping = csv_file::guess(&csv_file::head(&content)?)?;
            Ok::<_, AppError>((content, mapping))
        })
        .await?;
    let report = dry_run_of(app, content.clone(), mapping.clone()).await?;
    Ok((content, mapping, report))
}

async fn dry_run_of(app: &App, content: Vec<u8>, mapping: Mapping) -> Result<Report, AppError> {
    let instance = app.instance.clone();
    app.store
        .read(move |db| {
            let mut lines = Lines::of(content, mapping)?;
            let mut report = Report {
                headings: lines.headings().to_vec(),
                ..Report::default()
            };
            loop {
                let piece: Vec<Line> = lines.by_ref().take(PIECE).collect();
                if piece.is_empty() {
                    return Ok(report);
                }
                let known = Known::of(db, &instance, &piece)?;
                for (line, row, cells) in piece {
                    let verdict = match row {
                        Ok(row) => known.judge(&instance, &row),
                        Err(problem) => Verdict::Refused(problem),
                    };
                    report.count(line, verdict, cells);
                }
            }
        })
        .await
}

/// How many lines with people a file has, for a progress bar.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub fn count_lines(content: &[u8]) -> Result<usize, AppError> {
    let content = decode::to_utf8(content.to_vec());
    let mapping = csv_file::guess(&csv_file::head(&content)?)?;
    Ok(Lines::of(content, mapping)?.count())
}

impl Report {
    fn count(&mut self, line: u64, verdict: Verdict, cells: Vec<String>) {
        match verdict {
            Verdict::Added => self.counts.added += 1,
            Verdict::Unchanged => self.counts.unchanged += 1,
            Verdict::Refused(reason) => {
                self.counts.refused += 1;
                if self.refused.len() < REFUSED_KEPT {
                    self.refused.push(Refused {
                        line,
                        reason,
                        cells,
                    });
                }
            }
        }
    }
}

fn refused_lines(report: &Report) -> Result<String, AppError> {
    let kept = serde_json::json!({ "headings": report.headings, "lines": report.refused });
    serde_json::to_string(&kept).map_err(AppError::internal)
}
