//! SQLite's one writer: a thread that owns the write connection and commits together what waits together.
//!
//! A file has one writer at a time whatever we do. With a pool, writers wait for each other by trying again after a nap,
//! and each pays for its own synchronisation with the disk; here they stand in a queue, and all that waits at one moment
//! shares one. Each keeps its own savepoint, so that what one of them gets wrong undoes nothing of the others.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use tokio::sync::oneshot;

use super::db::{Manager, Transactions};
use super::{Db, StoreError};

/// The most use cases in one transaction.
const MOST_TOGETHER: usize = 64;

/// A transaction that has taken so long lets nobody else in: those who are in it wait for its end.
const LONGEST: Duration = Duration::from_millis(5);

/// The write-ahead log goes into the database when it has grown to so many pages (of 4 KiB), and not before: rarely enough
/// that it costs little, often enough that readers stay quick.
const CHECKPOINT_PAGES: u32 = 4096;

/// The way to the thread, which ends when the last of these is gone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: Sender<Box<dyn Job>>,
}

/// What became of a use case: what it returned, or what it panicked with.
type Ended<T, E> = std::thread::Result<Result<T, E>>;

/// A use case that waits for its transaction.
trait Job: Send {
    /// Runs it within a transaction. False asks to have its changes undone.
    fn run(&mut self, db: &mut Db) -> bool;

    /// Tells whoever waits. `kept` is what became of the transaction.
    fn answer(self: Box<Self>, kept: Result<(), &str>);
}

struct UseCase<T, E, F> {
    work: Option<F>,
    ended: Option<Ended<T, E>>,
    waits: oneshot::Sender<Ended<T, E>>,
}

impl<T, E, F> Job for UseCase<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
{
    fn run(&mut self, db: &mut Db) -> bool {
        if let Some(work) = self.work.take() {
            // What it may have left half done in memory is gone with it; what it did in the database is undone.
            self.ended = Some(catch_unwind(AssertUnwindSafe(|| work(db))));
        }
        matches!(self.ended, Some(Ok(Ok(_))))
    }

    fn answer(self: Box<Self>, kept: Result<(), &str>) {
        let ended = match (self.ended, kept) {
            // It failed by itself, and nothing of it was to be kept.
            (Some(ended @ (Err(_) | Ok(Err(_)))), _) => ended,
            (Some(done), Ok(())) => done,
            (_, Err(why)) => Ok(Err(StoreError::Unavailable(why.to_owned()).into())),
            (None, Ok(())) => Ok(Err(StoreError::Unavailable("it did not run".into()).into())),
        };
        // Whoever has gone away meanwhile does not want to know.
        let _ = self.waits.send(ended);
    }
}

impl Writer {
    /// Starts the thread. It connects when there is something to write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the system gives no thread.
    pub(super) fn start(manager: Manager) -> Result<Self, StoreError> {
        let (queue, jobs) = channel();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || run(&manager, &jobs))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { queue })
    }

    /// Runs a use case as its own part of a transaction, and returns when that is kept.
    ///
    /// # Errors
    /// What `work` returns (nothing of it is kept then), and [`StoreError::Unavailable`] when the transaction cannot be
    /// kept.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        let gone = || StoreError::Unavailable("the program is ending".to_owned());
        let (waits, ended) = oneshot::channel();
        let job = Box::new(UseCase {
            work: Some(work),
            ended: None,
            waits,
        });
        self.queue.send(job).map_err(|_| gone())?;
        match ended.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume(panic),
            Err(_) => Err(gone().into()),
        }
    }
}

fn resume<T>(panic: Box<dyn Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}

fn run(manager: &Manager, jobs: &Receiver<Box<dyn Job>>) {
    let mut connection = None;
    while let Ok(first) = jobs.recv() {
        let mut together = Vec::with_capacity(MOST_TOGETHER);
        let kept = keep(manager, &mut connection, first, jobs, &mut together);
        let in_order = |db: &mut Db| !Transactions::is_broken_transaction_manager(db);
        if kept.is_err() || !connection.as_mut().is_some_and(in_order) {
            // Whatever is the matter with it, the next one begins anew.
            connection = None;
        }
        for job in together {
            job.answer(kept.as_ref().copied().map_err(String::as_str));
        }
    }
}

/// Runs `first` and what waits behind it as one transaction. All of them are in `together` afterwards.
fn keep(
    manager: &Manager,
    connection: &mut Option<Db>,
    first: Box<dyn Job>,
    jobs: &Receiver<Box<dyn Job>>,
    together: &mut Vec<Box<dyn Job>>,
) -> Result<(), String> {
    together.push(first);
    let db = match connection {
        Some(db) => db,
        None => connection.insert(open(manager)?),
    };
    begin(db).map_err(said)?;
    let start = Instant::now();
    let mut any = false;
    let mut next = 0;
    while let Some(job) = together.get_mut(next) {
        next += 1;
        let waiting = if next < MOST_TOGETHER && start.elapsed() < LONGEST {
            jobs.try_recv().ok()
        } else {
            None
        };
        // Alone in its transaction it needs no part of its own.
        let alone = next == 1 && waiting.is_none();
        if alone {
            any = job.run(db);
        } else {
            let part = Transactions::begin_transaction(db);
            let ran = part.and_then(|()| {
                let done = job.run(db);
                any |= done;
                if done {
                    Transactions::commit_transaction(db)
                } else {
                    Transactions::rollback_transaction(db)
                }
            });
            if let Err(error) = ran {
                // The database has given up the transaction as a whole: a full disk, say.
                undo(db);
                together.extend(waiting);
                return Err(said(error));
            }
        }
        together.extend(waiting);
        if alone {
            break;
        }
    }
    if any {
        let kept = Transactions::commit_transaction(db).map_err(said);
        if kept.is_err() {
            undo(db);
        }
        kept
    } else {
        undo(db);
        Ok(())
    }
}

fn open(manager: &Manager) -> Result<Db, String> {
    let mut db = manager.open().map_err(|error| error.to_string())?;
    if let Db::Sqlite(c) = &mut db {
        // What undoes a part of a transaction is short and needs no file.
        c.batch_execute(&format!(
            "PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA temp_store = MEMORY"
        ))
        .map_err(said)?;
    }
    Ok(db)
}

/// Takes the write lock at once: a transaction that reads and then writes would otherwise fail under load, whatever the
/// busy timeout.
fn begin(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Db::Pg(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
    }
}

fn undo(db: &mut Db) {
    if let Err(error) = Transactions::rollback_transaction(db) {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}

fn said(error: diesel::result::Error) -> String {
    match StoreError::from(error) {
        StoreError::Unavailable(why) => why,
        StoreError::Other(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "writer/tests.rs"]
mod tests;
