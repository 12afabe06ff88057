//! Staff bring a file of people whose consent the clinic has otherwise. First it is checked and
//! nothing is changed; then it is taken over.

mod csv_file;

use crate::clock::Timestamp;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryKind;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::NewNotice;
use crate::store::import_runs::{self, Counts, ImportRun, NewImportRun};
use crate::store::{Db, StoreError, audit_events, subscribers, topics};

use super::keep_subscribers::{Ground, known_topics};
use super::retain::FILES_FOR;
use super::{App, AppError, Instance, notices};

pub use csv_file::{Lines, MAX_FILE_BYTES, Row};

/// A file with what has to be known about it.
#[derive(Debug, Clone)]
pub struct Import {
    /// The file's name.
    pub file_name: String,
    /// Its bytes.
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
    /// Refused lines: the number in the file, and why.
    pub refused: Vec<(u64, String)>,
}

/// So many lines are taken over in one transaction, so that sign-ups need not wait for a large file.
const PIECE: usize = 500;

/// So many refused lines are kept with the run.
const REFUSED_KEPT: usize = 5_000;

/// Checks a file without changing anything, and keeps it to be taken over. Returns the run's key.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn check(app: &App, by: StaffId, import: Import) -> Result<(i64, Report), AppError> {
    let report = dry_run(app, &import).await?;
    let now = app.now();
    let refused = refused_lines(&report)?;
    let counts = report.counts;
    let run = app
        .store
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
                content: Some(&import.content),
            };
            Ok::<_, AppError>(import_runs::insert(db, &run, counts, &refused, now, None)?)
        })
        .await?;
    Ok((run, report))
}

/// A run as it was noted, with its refused lines.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, run: i64) -> Result<(ImportRun, Report), AppError> {
    app.store
        .read(move |db| {
            let run = import_runs::get(db, run)?;
            let refused = serde_json::from_str(&run.refused_lines).map_err(AppError::internal)?;
            let counts = Counts {
                added: run.added,
                unchanged: run.unchanged,
                refused: run.refused,
            };
            Ok((run, Report { counts, refused }))
        })
        .await
}

/// Takes over a file that was checked.
///
/// # Errors
/// [`AppError::Refused`] when it was taken over already, or let go of.
pub async fn take_over(app: &App, by: StaffId, run: i64) -> Result<Report, AppError> {
    // Of two clicks at once the second finds the file taken over, and the first one's count is whole.
    let _turn = app.importing.lock().await;
    let (kept, _) = show(app, run).await?;
    let gone = "This file was taken over already, or is no longer kept. Please bring it again.";
    let content = kept
        .content
        .clone()
        .ok_or_else(|| AppError::refused(gone))?;
    let rows = csv_file::read(&content)?;
    let topics: Vec<String> = kept.topics.split(',').map(str::to_owned).collect();
    let origin = Origin {
        staff: Some(by),
        source: kept.source.clone(),
        ground: kept.basis.clone(),
        topics,
        notify: kept.notify,
    };
    let report = add_rows(app, rows, origin, |_| ()).await?;
    let now = app.now();
    let refused = refused_lines(&report)?;
    let counts = report.counts;
    app.store
        .write(move |db| {
            if !import_runs::finish(db, run, counts, &refused, now)? {
                return Err(AppError::refused(gone));
            }
            let detail = format!("{} added, {} refused", counts.added, counts.refused);
            let entity = ("import", Some(run));
            audit_events::append(
                db,
                Some(by),
                "subscribers.import",
                entity,
                Some(&detail),
                now,
            )?;
            Ok(())
        })
        .await?;
    app.wake.notify_one();
    Ok(report)
}

/// Checks a file without keeping anything: for the command line.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn dry_run(app: &App, import: &Import) -> Result<Report, AppError> {
    let rows = csv_file::read(&import.content)?;
    let instance = app.instance.clone();
    app.store
        .read(move |db| {
            let mut report = Report::default();
            for (line, row) in rows {
                match row {
                    Ok(row) => {
                        let verdict = judge(db, &instance, &row)?;
                        report.count(line, verdict);
                    }
                    Err(problem) => report.count(line, Verdict::Refused(problem)),
                }
            }
            Ok(report)
        })
        .await
}

/// Takes over a file at once: for the command line. `progress` is told how many lines are done.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn import(
    app: &App,
    import: Import,
    progress: impl Fn(usize),
) -> Result<Report, AppError> {
    let rows = csv_file::read(&import.content)?;
    let origin = Origin {
        staff: None,
        source: import.source.clone(),
        ground: import.ground.in_words(),
        topics: import.topics.clone(),
        notify: import.notify,
    };
    let report = add_rows(app, rows, origin, progress).await?;
    let now = app.now();
    let refused = refused_lines(&report)?;
    let counts = report.counts;
    app.store
        .write(move |db| {
            let ground = import.ground.in_words();
            let topics = import.topics.join(",");
            let run = NewImportRun {
                staff: None,
                file_name: &import.file_name,
                source: &import.source,
                basis: &ground,
                topics: &topics,
                notify: import.notify,
                content: None,
            };
            let id = import_runs::insert(db, &run, counts, &refused, now, Some(now))?;
            let detail = format!("{} added, {} refused", counts.added, counts.refused);
            let entity = ("import", Some(id));
            audit_events::append(db, None, "subscribers.import", entity, Some(&detail), now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(report)
}

/// How many lines with people a file has, for a progress bar.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub fn count_lines(content: &[u8]) -> Result<usize, AppError> {
    Ok(csv_file::read(content)?.len())
}

#[derive(Clone)]
struct Origin {
    staff: Option<StaffId>,
    source: String,
    ground: String,
    topics: Vec<String>,
    notify: bool,
}

async fn add_rows(
    app: &App,
    rows: Lines,
    origin: Origin,
    progress: impl Fn(usize),
) -> Result<Report, AppError> {
    let mut report = Report::default();
    let mut done = 0;
    let mut rows = rows.into_iter();
    loop {
        let piece: Lines = rows.by_ref().take(PIECE).collect();
        if piece.is_empty() {
            return Ok(report);
        }
        done += piece.len();
        let (instance, origin, now) = (app.instance.clone(), origin.clone(), app.now());
        let verdicts = app
            .store
            .write(move |db| {
                import_runs::take_turn(db)?;
                let mut verdicts = Vec::with_capacity(piece.len());
                for (line, row) in piece {
                    let verdict = match row {
                        Ok(row) => add_row(db, &instance, &row, &origin, now)?,
                        Err(problem) => Verdict::Refused(problem),
                    };
                    verdicts.push((line, verdict));
                }
                Ok::<_, AppError>(verdicts)
            })
            .await?;
        for (line, verdict) in verdicts {
            report.count(line, verdict);
        }
        progress(done);
    }
}

/// What is to become of a line.
enum Verdict {
    Added,
    Unchanged,
    Refused(String),
}

impl Report {
    fn count(&mut self, line: u64, verdict: Verdict) {
        match verdict {
            Verdict::Added => self.counts.added += 1,
            Verdict::Unchanged => self.counts.unchanged += 1,
            Verdict::Refused(why) => {
                self.counts.refused += 1;
                self.refused.push((line, why));
            }
        }
    }
}

/// A person who is on the list stays as they are: a file never brings back who has left, and never
/// overwrites what a person said of themselves.
fn judge(db: &mut Db, instance: &Instance, row: &Row) -> Result<Verdict, StoreError> {
    if subscribers::by_email(db, &row.email)?.is_some() {
        return Ok(Verdict::Unchanged);
    }
    if consent_events::was_erased(db, &instance.address_hash(&row.email.key()))? {
        let why = "The owner of this address asked to be erased, and must not be written to.";
        return Ok(Verdict::Refused(why.to_owned()));
    }
    let all = topics::all(db)?;
    if let Some(slug) = row
        .topics
        .iter()
        .find(|slug| all.iter().all(|t| t.slug != **slug))
    {
        let known: Vec<&str> = all.iter().map(|topic| topic.slug.as_str()).collect();
        let why = format!(
            "There is no topic “{slug}”. The topics are {}.",
            known.join(", ")
        );
        return Ok(Verdict::Refused(why));
    }
    Ok(Verdict::Added)
}

fn add_row(
    db: &mut Db,
    instance: &Instance,
    row: &Row,
    origin: &Origin,
    now: Timestamp,
) -> Result<Verdict, StoreError> {
    let verdict = judge(db, instance, row)?;
    if !matches!(verdict, Verdict::Added) {
        return Ok(verdict);
    }
    let slugs = if row.topics.is_empty() {
        &origin.topics
    } else {
        &row.topics
    };
    let active = SubscriberStatus::Active;
    let (email, details, source) = (&row.email, &row.details, &origin.source);
    let Some(id) = subscribers::insert_if_new(db, email, details, active, source, now)? else {
        return Ok(Verdict::Unchanged);
    };
    let chosen = known_topics(db, slugs)?;
    topics::set_chosen(db, id, &chosen)?;
    let event = NewConsentEvent {
        topics: Some(&slugs.join(",")),
        detail: Some(&format!(
            "{}; source: {}",
            origin.ground.trim_end_matches('.'),
            origin.source
        )),
        staff: origin.staff,
        ..NewConsentEvent::new(id, ConsentKind::Imported, Channel::Import)
    };
    consent_events::append(db, &event, now)?;
    if origin.notify {
        let notice = NewNotice {
            kind: DeliveryKind::ImportNotice,
            subscriber: Some(id),
            reference: None,
            recipient: row.email.as_str(),
        };
        notices::queue(db, &notice, now)?;
    }
    Ok(Verdict::Added)
}

fn refused_lines(report: &Report) -> Result<String, AppError> {
    let kept = &report.refused[..report.refused.len().min(REFUSED_KEPT)];
    serde_json::to_string(kept).map_err(AppError::internal)
}
