//! The real thing behind the schedules: the use cases on a SQLite file, a copy of a prepared one for each schedule. All
//! calls of the worker's side of delivery are here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use practice_points::app::deliver::{self, Batch, Decision, Job, Lanes, Outcome};
use practice_points::app::send_again::{self, Which};
use practice_points::app::{
    App, AppError, follow_bulletin, keep_subscribers, send_bulletin, send_in_waves, unsubscribe,
};
use practice_points::clock::{Clock, Timestamp};
use practice_points::config::{Settings, Sources};
use practice_points::domain::bulletin::BulletinId;
use practice_points::domain::consent::Channel;
use practice_points::domain::delivery::DeliveryState;
use practice_points::domain::staff_member::StaffId;
use practice_points::domain::subscriber::SubscriberId;
use practice_points::mail::outcome::{AddressConsequence, SendResult, ServerReply, Stage};
use practice_points::store::StoreError;

use crate::both_databases::Database;
use crate::clinic::{Clinic, NOW};

use super::ledger::Ledger;
use super::model::{Bulletin, Holder, Model, Row, Wave};
use super::{PEOPLE, Step, Verdict, WORKERS};

/// An installation at the moment at which a bulletin begins to be sent.
pub struct Template {
    clinic: Clinic,
    file: PathBuf,
    pub wave: Option<Wave>,
    bulletin: BulletinId,
    people: Vec<SubscriberId>,
}

impl Template {
    pub async fn make(wave: Option<Wave>) -> Self {
        let clinic = Clinic::start(Database::Sqlite).await;
        clinic.add_subscribers(PEOPLE).await;
        let bulletin = clinic.approved_bulletin().await;
        let waves = wave.map(|wave| (i64::try_from(wave.first).unwrap(), wave.minutes));
        send_in_waves::divide(&clinic.app, clinic.reviewer, bulletin, waves)
            .await
            .unwrap();
        let audience = send_bulletin::send_now(&clinic.app, clinic.reviewer, bulletin).await;
        assert_eq!(audience.unwrap(), i64::try_from(PEOPLE).unwrap());
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let email = format!("gp{number}@practice.example");
            people.push(clinic.subscriber(&email).await.id);
        }
        // All of it into the one file that is copied.
        clinic.app.store.empty_log().await.unwrap();
        let file = clinic.app.settings.data_dir.join("practice-points.sqlite");
        Self {
            clinic,
            file,
            wave,
            bulletin,
            people,
        }
    }
}

/// A worker: its name, and what it thinks it has in hand.
struct Worker {
    holder: Holder,
    in_hand: Vec<Job>,
}

impl Worker {
    fn name(&self) -> String {
        format!("worker-{}", self.holder)
    }
}

/// One schedule's own installation.
pub struct Desk {
    app: App,
    by: StaffId,
    bulletin: BulletinId,
    people: Vec<SubscriberId>,
    workers: Vec<Worker>,
    /// How many workers there ever were.
    holders: Holder,
    _folder: tempfile::TempDir,
}

impl Desk {
    pub async fn open(template: &Template) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&template.file, folder.path().join("practice-points.sqlite")).unwrap();
        let mut sources = Sources::default();
        sources.add_flag("data_dir", folder.path().display().to_string());
        let settings = Settings::from_sources(&sources).unwrap();
        let app = App::open(settings, Clock::fixed(NOW)).await.unwrap();
        let worker = |holder| Worker {
            holder,
            in_hand: Vec::new(),
        };
        Self {
            app,
            by: template.clinic.reviewer,
            bulletin: template.bulletin,
            people: template.people.clone(),
            workers: (0..WORKERS).map(worker).collect(),
            holders: WORKERS,
            _folder: folder,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// How many rows a worker thinks it has.
    pub fn has_in_hand(&self, worker: usize) -> usize {
        self.workers[worker].in_hand.len()
    }

    /// Takes a step, and tells the model.
    pub async fn take(&mut self, step: Step, model: &mut Model) {
        match step {
            Step::Claim { worker, limit } => self.claim(worker, limit, model).await,
            Step::Ask { worker, row } => self.ask(worker, row, model).await,
            Step::Record {
                worker,
                row,
                verdict,
            } => self.record(worker, row, verdict, model).await,
            Step::Release {
                worker,
                row,
                seconds,
            } => self.release(worker, row, seconds, model).await,
            Step::Renew { worker, row } => self.renew(worker, row, model).await,
            Step::Vanish { worker } => {
                let holder = self.holders;
                self.holders += 1;
                self.workers[worker] = Worker {
                    holder,
                    in_hand: Vec::new(),
                };
            }
            Step::Wait { seconds } => {
                self.app.clock.advance(Duration::from_secs(seconds));
                model.now = self.app.now();
            }
            Step::Pause => {
                let done = send_bulletin::pause(&self.app, self.by, self.bulletin).await;
                expect(done, model.moved(&[Bulletin::Sending], Bulletin::Paused));
            }
            Step::Resume => {
                let done = send_bulletin::resume(&self.app, self.by, self.bulletin).await;
                expect(done, model.moved(&[Bulletin::Paused], Bulletin::Sending));
            }
            Step::Cancel => {
                let done = send_bulletin::cancel(&self.app, self.by, self.bulletin).await;
                let from = [Bulletin::Sending, Bulletin::Paused];
                expect(done, model.moved(&from, Bulletin::Cancelled));
            }
            Step::ReleaseRest => {
                let done = send_in_waves::release(&self.app, self.by, self.bulletin).await;
                expect(done, model.released_rest());
            }
            Step::SkipCancelled => {
                deliver::skip_cancelled(&self.app).await.unwrap();
                model.skipped_cancelled();
            }
            Step::Leave { person } => {
                let token = self.app.unsubscribe_token(self.people[person]);
                let done = unsubscribe::unsubscribe(&self.app, &token, Channel::OneClick);
                done.await.unwrap();
                model.left(person);
            }
            Step::Suspend { person } => {
                let (id, why) = (self.people[person], "a sample".to_owned());
                let done = keep_subscribers::suspend(&self.app, self.by, id, why).await;
                expect(done, model.suspended(person));
            }
            Step::Reinstate { person } => {
                let id = self.people[person];
                let done = keep_subscribers::reinstate(&self.app, self.by, id).await;
                expect(done.map(drop), model.reinstated(person));
                self.hand_over_notices().await;
            }
            Step::SendAgain { refused } => {
                let done = self.send_again(refused).await;
                expect(done, model.sent_again(refused));
            }
            Step::Erase { person } => {
                let id = self.people[person];
                let done = keep_subscribers::erase(&self.app, self.by, id).await;
                expect(done, model.erased(person));
            }
        }
    }

    async fn send_again(&self, refused: bool) -> Result<(), AppError> {
        let progress = follow_bulletin::progress(&self.app, self.bulletin).await?;
        let finished = progress.bulletin.finished_at.unwrap_or(self.app.now());
        let which = Which {
            given_up: true,
            refused,
        };
        let sent = send_again::send_again(&self.app, self.by, self.bulletin, finished, which);
        sent.await.map(drop)
    }

    /// Has the messages delivered that ask for a confirmation: the schedules are about the bulletin's.
    async fn hand_over_notices(&self) {
        const POSTMAN: &str = "postman";
        let jobs = deliver::claim(&self.app, POSTMAN, Lanes::Notices, 10).await;
        let now = self.app.now();
        let accepted = |job: &Job| outcome(job, Verdict::Accepted, now);
        let batch = Batch {
            outcomes: jobs.unwrap().iter().map(accepted).collect(),
            next: Vec::new(),
        };
        let settled = deliver::settle(&self.app, POSTMAN, move || Arc::new(batch)).await;
        settled.unwrap();
    }

    async fn claim(&mut self, worker: usize, limit: usize, model: &mut Model) {
        let before = self.ledger().await;
        let Worker { holder, in_hand } = &mut self.workers[worker];
        let name = format!("worker-{holder}");
        let jobs = deliver::claim(&self.app, &name, Lanes::All, limit)
            .await
            .unwrap();
        let given: Vec<usize> = jobs.iter().map(|job| person(&self.people, job)).collect();
        // Its own row whose lease had run out may come to a worker again: then it has it once.
        in_hand.retain(|old| jobs.iter().all(|job| job.row.id != old.row.id));
        in_hand.extend(jobs);
        let holder = *holder;
        let after = self.ledger().await;
        let is_skipped = |row: &Row| *row == Row::Skipped;
        let skipped: Vec<usize> = (0..PEOPLE)
            .filter(|&person| is_skipped(&after.rows[person]) && !is_skipped(&before.rows[person]))
            .collect();
        model.claimed(holder, limit, &given, &skipped);
    }

    /// One of the rows that a worker thinks it has, and whose it is.
    fn row(&self, worker: usize, row: usize) -> Option<(usize, Job, usize)> {
        let in_hand = &self.workers[worker].in_hand;
        let place = row.checked_rem(in_hand.len())?;
        let job = in_hand[place].clone();
        let person = person(&self.people, &job);
        Some((place, job, person))
    }

    async fn ask(&mut self, worker: usize, row: usize, model: &mut Model) {
        let Some((place, job, person)) = self.row(worker, row) else {
            return;
        };
        let worker = &mut self.workers[worker];
        let batch = Batch {
            outcomes: Vec::new(),
            next: vec![job.row.clone()],
        };
        let wanted = deliver::settle(&self.app, &worker.name(), move || Arc::new(batch)).await;
        assert_eq!(
            wanted.unwrap().contains(&job.row.id),
            model.asked(worker.holder, person),
            "{person} of {model:?}"
        );
        if !matches!(model.people[person].row, Row::Claimed(holder, _) if holder == worker.holder) {
            worker.in_hand.remove(place);
        }
    }

    async fn record(&mut self, worker: usize, row: usize, verdict: Verdict, model: &mut Model) {
        let Some((place, job, person)) = self.row(worker, row) else {
            return;
        };
        let worker = &mut self.workers[worker];
        worker.in_hand.remove(place);
        let outcome = outcome(&job, verdict, self.app.now());
        let is_again = outcome.finished.state == DeliveryState::Deferred;
        let again = is_again.then_some(outcome.finished.due_at);
        let batch = Batch {
            outcomes: vec![outcome],
            next: Vec::new(),
        };
        deliver::settle(&self.app, &worker.name(), move || Arc::new(batch))
            .await
            .unwrap();
        model.recorded(worker.holder, person, verdict, again);
    }

    async fn release(&mut self, worker: usize, row: usize, seconds: u64, model: &mut Model) {
        let Some((place, job, person)) = self.row(worker, row) else {
            return;
        };
        let due = self.app.now().plus(Duration::from_secs(seconds));
        let worker = &mut self.workers[worker];
        worker.in_hand.remove(place);
        deliver::release(&self.app, &worker.name(), vec![job.row.id], due)
            .await
            .unwrap();
        model.released(worker.holder, person, due);
    }

    async fn renew(&mut self, worker: usize, row: usize, model: &mut Model) {
        let Some((_, job, person)) = self.row(worker, row) else {
            return;
        };
        let worker = &self.workers[worker];
        deliver::renew(&self.app, &worker.name(), vec![job.row.id])
            .await
            .unwrap();
        model.renewed(worker.holder, person);
    }

    /// The ledger as it is.
    pub async fn ledger(&self) -> Ledger {
        let id = self.bulletin.0;
        self.app
            .store
            .read(move |db| Ledger::read(db, id).map_err(StoreError::from))
            .await
            .unwrap()
    }
}

fn person(people: &[SubscriberId], job: &Job) -> usize {
    let id = job.row.subscriber_id;
    people
        .iter()
        .position(|person| Some(*person) == id)
        .unwrap()
}

/// What is possible is done, and what is not is refused.
#[track_caller]
fn expect(done: Result<(), AppError>, is_possible: bool) {
    match (done, is_possible) {
        (Ok(()), true) | (Err(AppError::Refused(_) | AppError::NotFound), false) => {}
        (done, _) => panic!("{done:?}, and possible: {is_possible}"),
    }
}

/// What a worker records after the server's answer.
fn outcome(job: &Job, verdict: Verdict, now: Timestamp) -> Outcome {
    let reply = ServerReply::new;
    let stage = Stage::Recipient;
    let result = match verdict {
        Verdict::Accepted | Verdict::CannotBeMade => {
            SendResult::Accepted(reply(250, "2.0.0 Queued"))
        }
        Verdict::NoSuchMailbox => SendResult::Refused {
            stage,
            reply: reply(550, "5.1.1 No such user"),
        },
        Verdict::MailboxFull => SendResult::Refused {
            stage,
            reply: reply(552, "5.2.2 Mailbox full"),
        },
        Verdict::Deferred => SendResult::Deferred {
            stage,
            reply: reply(451, "4.3.0 Later"),
        },
        Verdict::Policy => SendResult::PolicyRefusal {
            stage,
            reply: reply(550, "5.7.1 Not welcome"),
        },
        Verdict::InDoubt => SendResult::InDoubt {
            why: "the server closed the connection".to_owned(),
        },
    };
    let mut outcome = match deliver::decide(job, result, now, || 0.5) {
        Decision::Record(outcome)
        | Decision::RecordPolicy(outcome)
        | Decision::RecordAndWait(outcome, _) => outcome,
        Decision::Wait(why) => panic!("nothing to record: {why}"),
    };
    if verdict == Verdict::CannotBeMade {
        outcome.finished.state = DeliveryState::Failed;
        outcome.finished.stage = None;
        outcome.finished.reply_code = None;
        outcome.consequence = AddressConsequence::None;
    }
    outcome
}
