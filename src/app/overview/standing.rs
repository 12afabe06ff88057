//! Work that stands still: bulletins that are held, files and changes that do not get on, links that nobody looks at, a
//! mailbox that cannot be read, a mail server in trouble.

use std::time::Duration;

use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::background_job::BackgroundJob;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::grouped::grouped;
use crate::store::background_troubles::{self, BackgroundTrouble};
use crate::store::{
    Db, audit_events, bulk_changes, bulletins, delivery_reports, import_runs, link_checks,
    staff_members,
};

use super::{Halted, Held, LinksTrouble};

/// What was begun so long ago and is not done is told of, whether or not something is known to have gone wrong: nobody may be
/// at work on it.
const TAKES_LONG: Duration = Duration::from_secs(30 * 60);

/// What stands still.
pub(super) struct Standing {
    pub(super) held: Vec<Held>,
    pub(super) imports: Vec<Halted>,
    pub(super) bulk_changes: Vec<Halted>,
    pub(super) links: Option<LinksTrouble>,
    pub(super) mailbox: Option<(Timestamp, String)>,
    pub(super) mail_server: Option<String>,
}

pub(super) fn read(app: &App, db: &mut Db, now: Timestamp) -> Result<Standing, AppError> {
    let known = background_troubles::all(db)?;
    let of = |job: BackgroundJob| known.iter().find(move |one| one.job == job);
    let settings = &app.settings;
    Ok(Standing {
        held: held(db)?,
        imports: imports(db, &known, now)?,
        bulk_changes: changes(db, &known, now)?,
        links: match of(BackgroundJob::Links).filter(|_| settings.check_links) {
            Some(trouble) => Some(LinksTrouble::Failed(trouble.words.clone())),
            None if settings.check_links => {
                let waiting = link_checks::count_waiting_since(db, now.minus(TAKES_LONG))?;
                (waiting > 0).then_some(LinksTrouble::Waiting(waiting))
            }
            None => None,
        },
        mailbox: of(BackgroundJob::Mailbox)
            .filter(|_| settings.inbound.mailbox.is_some())
            .map(|trouble| (trouble.since, trouble.words.clone())),
        mail_server: of(BackgroundJob::MailServer).map(|trouble| trouble.words.clone()),
    })
}

/// Bulletins that something holds up: those that are paused, or were not sent at their time, which wait for a person, and those
/// that wait for the mail server.
fn held(db: &mut Db) -> Result<Vec<Held>, AppError> {
    let mut held = Vec::new();
    for state in [
        BulletinState::Paused,
        BulletinState::Approved,
        BulletinState::Sending,
    ] {
        for bulletin in bulletins::in_state(db, state)? {
            let why = match bulletin.waiting_for {
                None if state == BulletinState::Paused => Some(paused_by_hand(db, bulletin.id)?),
                why => why,
            };
            if let Some(why) = why {
                held.push(Held {
                    id: bulletin.id,
                    subject: bulletin.subject,
                    why,
                    state,
                });
            }
        }
    }
    Ok(held)
}

/// "Wiremu Sample paused it; 5 people wait."
fn paused_by_hand(db: &mut Db, id: BulletinId) -> Result<String, AppError> {
    let who = match audit_events::last_by(db, &["bulletin.pause"], ("bulletin", id.0))? {
        Some(staff) => staff_members::get(db, staff)?.name,
        None => "Somebody".to_owned(),
    };
    let counts = delivery_reports::count_by_state(db, id)?;
    let open = counts.iter().filter(|(state, _)| state.is_open());
    let wait = match open.map(|(_, count)| count).sum::<i64>() {
        1 => "1 person waits".to_owned(),
        more => format!("{} people wait", grouped(more)),
    };
    Ok(format!("{who} paused it; {wait}."))
}

/// What is known to have gone wrong with one of them; or nothing, if it only takes long. `None`: it gets on.
fn halted(
    known: &[BackgroundTrouble],
    job: BackgroundJob,
    id: i64,
    begun: Timestamp,
    now: Timestamp,
) -> Option<Option<String>> {
    let trouble = known.iter().find(|one| one.job == job && one.job_id == id);
    match trouble {
        Some(trouble) => Some(Some(trouble.words.clone())),
        None => (now.since(begun) >= TAKES_LONG).then_some(None),
    }
}

fn imports(
    db: &mut Db,
    known: &[BackgroundTrouble],
    now: Timestamp,
) -> Result<Vec<Halted>, AppError> {
    let mut found = Vec::new();
    for id in import_runs::unfinished(db)? {
        let run = import_runs::without_file(db, id)?;
        let since = run.started_at.unwrap_or(run.created_at);
        if let Some(words) = halted(known, BackgroundJob::Import, id, since, now) {
            found.push(Halted {
                id,
                name: run.file_name,
                done: (run.lines_done, run.line_count),
                since,
                words,
            });
        }
    }
    Ok(found)
}

fn changes(
    db: &mut Db,
    known: &[BackgroundTrouble],
    now: Timestamp,
) -> Result<Vec<Halted>, AppError> {
    let mut found = Vec::new();
    for id in bulk_changes::unfinished(db)? {
        let change = bulk_changes::get(db, id)?;
        let since = change
            .undone_at
            .or(change.started_at)
            .unwrap_or(change.asked_at);
        if let Some(words) = halted(known, BackgroundJob::BulkChange, id, since, now) {
            let left = match change.undone_at {
                Some(_) => still_open(&bulk_changes::undo_outcomes(db, id)?),
                None => still_open(&bulk_changes::outcomes(db, id)?),
            };
            found.push(Halted {
                id,
                name: change.action.label().to_owned(),
                done: (change.member_count - left, change.member_count),
                since,
                words,
            });
        }
    }
    Ok(found)
}

/// For how many nothing has come of it yet.
fn still_open<T>(outcomes: &[(Option<T>, i64)]) -> i64 {
    let open = outcomes.iter().filter(|(outcome, _)| outcome.is_none());
    open.map(|(_, count)| count).sum()
}
