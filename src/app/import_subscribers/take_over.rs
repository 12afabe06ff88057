//! A file is taken over piece by piece. What is done is noted with each piece, so that after a restart it goes on where it
//! was, and nobody is added or told twice.

use std::time::Duration;

use crate::app::{App, AppError, Instance, background, notices};
use crate::clock::Timestamp;
use crate::domain::background_job::BackgroundJob;
use crate::domain::consent::{Channel, ConsentKind};
use crate::domain::delivery::DeliveryKind;
use crate::domain::staff_member::StaffId;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::topic::TopicId;
use crate::store::consent_events::{self, NewConsentEvent};
use crate::store::deliveries::NewNotice;
use crate::store::import_runs::{self, Counts, ImportRun, NewImportRun};
use crate::store::{Db, StoreError, audit_events, subscribers, topics};

use super::csv_file::{self, Line, Lines};
use super::judge::{Known, Verdict};
use super::row::Row;
use super::{Import, PIECE, REFUSED_KEPT, Report, decode, kept_refused, mapping_of, refused_lines};

/// After a fault the next piece is tried again so many times.
const TRIES: u32 = 5;

/// Where the people of a file come from, and what they get.
#[derive(Clone)]
struct Origin {
    staff: Option<StaffId>,
    source: String,
    ground: String,
    topics: Vec<String>,
    notify: bool,
}

/// Takes over a file that was checked. A short one is done when this returns; a long one goes on in the background.
///
/// # Errors
/// [`AppError::Refused`] when it was taken over already, or let go of.
pub async fn take_over(app: &App, by: StaffId, run: i64) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            import_runs::without_file(db, run)?;
            if !import_runs::start(db, run, by, now)? {
                let gone = "This file was taken over already, or is no longer kept. Please bring it again.";
                return Err(AppError::refused(gone));
            }
            Ok(())
        })
        .await?;
    let Some(work) = Work::begin(app, run).await? else {
        return Ok(());
    };
    if let Some(rest) = work.piece(app).await? {
        go_on(app, rest);
    }
    Ok(())
}

/// Goes on with what was begun and is not done: the program ended meanwhile.
///
/// # Errors
/// [`AppError::Store`].
pub async fn resume(app: &App) -> Result<(), AppError> {
    let unfinished = app.store.read(import_runs::unfinished).await?;
    for run in unfinished {
        match Work::begin(app, run).await {
            Ok(Some(work)) => go_on(app, work),
            Ok(None) => {}
            // One that cannot be gone on with does not hold up the others.
            Err(error) => {
                let words = background::in_words(&error);
                tracing::warn!(words, run, "an import is not gone on with");
                background::failed(app, BackgroundJob::Import, run, &words).await;
            }
        }
    }
    Ok(())
}

fn go_on(app: &App, work: Work) {
    let app = app.clone();
    tokio::spawn(async move {
        let run = work.run;
        let mut next = Some(work);
        let mut tries = 0;
        while let Some(work) = next.take() {
            match work.piece(&app).await {
                Ok(rest) => {
                    next = rest;
                    tries = 0;
                    background::works(&app, BackgroundJob::Import, run).await;
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        run,
                        "an import halted"
                    );
                    let words = background::in_words(&error);
                    background::failed(&app, BackgroundJob::Import, run, &words).await;
                    tries += 1;
                    if tries < TRIES {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                        next = Work::begin(&app, run).await.unwrap_or_default();
                    }
                }
            }
        }
    });
}

/// A file that is being taken over, as far as it is.
struct Work {
    run: i64,
    lines: Lines,
    done: i64,
    report: Report,
    origin: Origin,
}

impl Work {
    /// From where the run is now; none where it is done.
    async fn begin(app: &App, run: i64) -> Result<Option<Self>, AppError> {
        let now = app.now();
        let mut kept = app
            .store
            .read(move |db| Ok::<_, AppError>(import_runs::get(db, run)?))
            .await?;
        if kept.started_at.is_none() || kept.finished_at.is_some() {
            return Ok(None);
        }
        let Some(content) = kept.content.take() else {
            // Let go of because somebody on it asked to be erased: what is done is all that will be.
            app.store.write(move |db| finish(db, &kept, now)).await?;
            return Ok(None);
        };
        let mapping = mapping_of(&kept, &csv_file::head(&content)?)?;
        let mut lines = Lines::of(content, mapping)?;
        // Those that are done are read again, for the addresses in them.
        let done = usize::try_from(kept.lines_done).unwrap_or(0);
        if let Some(last) = done.checked_sub(1) {
            lines.nth(last);
        }
        let (_, refused) = kept_refused(&kept.refused_lines)?;
        let headings = lines.headings().to_vec();
        let counts = Counts {
            added: kept.added,
            unchanged: kept.unchanged,
            refused: kept.refused,
        };
        Ok(Some(Self {
            run,
            lines,
            done: kept.lines_done,
            report: Report {
                counts,
                headings,
                refused,
            },
            origin: Origin {
                staff: kept.staff_id,
                source: kept.source,
                ground: kept.basis,
                topics: kept.topics.split(',').map(str::to_owned).collect(),
                notify: kept.notify,
            },
        }))
    }

    /// Takes the next lines over. Returns what is left to do: nothing where it is done, or where another process does it.
    async fn piece(mut self, app: &App) -> Result<Option<Self>, AppError> {
        let (instance, now) = (app.instance.clone(), app.now());
        let rest = app
            .store
            .write(move |db| {
                import_runs::take_turn(db)?;
                if import_runs::lines_done(db, self.run)? != Some(self.done) {
                    return Ok::<_, AppError>(None);
                }
                let piece: Vec<Line> = self.lines.by_ref().take(PIECE).collect();
                let is_last = piece.len() < PIECE;
                self.done += i64::try_from(piece.len()).unwrap_or(0);
                let kept_before = self.report.refused.len();
                add_piece(db, &instance, piece, &self.origin, &mut self.report, now)?;
                let refused = match self.report.refused.len() != kept_before {
                    true => Some(refused_lines(&self.report)?),
                    false => None,
                };
                let (run, counts) = (self.run, self.report.counts);
                import_runs::advance(db, run, self.done, counts, refused.as_deref(), None)?;
                if is_last {
                    let run = import_runs::without_file(db, run)?;
                    finish(db, &run, now)?;
                    return Ok(None);
                }
                Ok(Some(self))
            })
            .await?;
        app.wake.notify_one();
        Ok(rest)
    }
}

fn finish(db: &mut Db, run: &ImportRun, now: Timestamp) -> Result<(), AppError> {
    let counts = Counts {
        added: run.added,
        unchanged: run.unchanged,
        refused: run.refused,
    };
    import_runs::advance(db, run.id, run.lines_done, counts, None, Some(now))?;
    note(db, run.staff_id, run.id, counts, now)
}

fn note(
    db: &mut Db,
    by: Option<StaffId>,
    run: i64,
    counts: Counts,
    now: Timestamp,
) -> Result<(), AppError> {
    let detail = format!("{} added, {} refused", counts.added, counts.refused);
    let entity = ("import", Some(run));
    Ok(audit_events::append(
        db,
        by,
        "subscribers.import",
        entity,
        Some(&detail),
        now,
    )?)
}

/// Takes over a file at once: for the command line. `progress` is told how many lines are done. Who ends it before its end
/// starts it again: those who are on the list by then stay as they are.
///
/// # Errors
/// [`AppError::Invalid`] when it cannot be read as a list of people at all.
pub async fn import(
    app: &App,
    import: Import,
    progress: impl Fn(usize),
) -> Result<Report, AppError> {
    let content = decode::to_utf8(import.content.clone());
    let mapping = csv_file::guess(&csv_file::head(&content)?)?;
    let mut lines = Lines::of(content, mapping)?;
    let origin = Origin {
        staff: None,
        source: import.source.clone(),
        ground: import.ground.in_words(),
        topics: import.topics.clone(),
        notify: import.notify,
    };
    let mut report = Report {
        headings: lines.headings().to_vec(),
        ..Report::default()
    };
    let mut done = 0;
    loop {
        let piece: Vec<Line> = lines.by_ref().take(PIECE).collect();
        if piece.is_empty() {
            break;
        }
        done += piece.len();
        let (instance, origin, now) = (app.instance.clone(), origin.clone(), app.now());
        report = app
            .store
            .write(move |db| {
                import_runs::take_turn(db)?;
                add_piece(db, &instance, piece, &origin, &mut report, now)?;
                Ok::<_, AppError>(report)
            })
            .await?;
        progress(done);
    }
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
                mapping: None,
            };
            let id = import_runs::insert(db, &run, counts, &refused, now, Some(now))?;
            note(db, None, id, counts, now)
        })
        .await?;
    app.wake.notify_one();
    Ok(report)
}

fn add_piece(
    db: &mut Db,
    instance: &Instance,
    piece: Vec<Line>,
    origin: &Origin,
    report: &mut Report,
    now: Timestamp,
) -> Result<(), StoreError> {
    debug_assert!(report.refused.len() <= REFUSED_KEPT);
    let known = Known::of(db, instance, &piece)?;
    for (line, row, cells) in piece {
        let verdict = match row {
            Ok(row) => match known.judge(instance, &row) {
                Verdict::Added => add(db, &known, &row, origin, now)?,
                other => other,
            },
            Err(problem) => Verdict::Refused(problem),
        };
        report.count(line, verdict, cells);
    }
    Ok(())
}

fn add(
    db: &mut Db,
    known: &Known,
    row: &Row,
    origin: &Origin,
    now: Timestamp,
) -> Result<Verdict, StoreError> {
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
    let chosen: Vec<TopicId> = known
        .topics
        .iter()
        .filter(|topic| slugs.contains(&topic.slug))
        .map(|topic| topic.id)
        .collect();
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
