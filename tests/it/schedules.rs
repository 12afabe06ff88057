//! Random schedules of everything that can happen to a bulletin on its way: workers claim, ask, record, give back, renew
//! and vanish, leases run out, staff hold, go on, cancel and send again, people leave and are suspended and erased. After every step
//! the ledger is what a model of it says, a second and simpler one; and in the end nobody is missed.

mod desk;
mod ledger;
mod model;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use self::desk::{Desk, Template};
use self::model::{Model, Wave};

/// To so many people the bulletin goes.
const PEOPLE: usize = 6;

/// Half of them first, and the rest an hour later.
const WAVE: Wave = Wave {
    first: 3,
    minutes: 60,
};

/// So many workers there are.
const WORKERS: usize = 2;

/// What the mail server made of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    NoSuchMailbox,
    MailboxFull,
    Deferred,
    Policy,
    InDoubt,
    CannotBeMade,
}

/// One step. The row of a worker is one of those that it thinks it has, counted round.
#[derive(Debug, Clone, Copy)]
enum Step {
    Claim {
        worker: usize,
        limit: usize,
    },
    Ask {
        worker: usize,
        row: usize,
    },
    Record {
        worker: usize,
        row: usize,
        verdict: Verdict,
    },
    Release {
        worker: usize,
        row: usize,
        seconds: u64,
    },
    Renew {
        worker: usize,
        row: usize,
    },
    Vanish {
        worker: usize,
    },
    Wait {
        seconds: u64,
    },
    Pause,
    Resume,
    Cancel,
    ReleaseRest,
    SkipCancelled,
    Leave {
        person: usize,
    },
    Suspend {
        person: usize,
    },
    Reinstate {
        person: usize,
    },
    Erase {
        person: usize,
    },
    SendAgain {
        refused: bool,
    },
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        4 => Just(Verdict::Accepted),
        1 => Just(Verdict::NoSuchMailbox),
        1 => Just(Verdict::MailboxFull),
        2 => Just(Verdict::Deferred),
        1 => Just(Verdict::Policy),
        1 => Just(Verdict::InDoubt),
        1 => Just(Verdict::CannotBeMade),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (worker, row, person) = (0..WORKERS, 0..PEOPLE, 0..PEOPLE);
    let seconds = || {
        prop_oneof![
            Just(0_u64),
            Just(5),
            Just(30),
            Just(55),
            Just(61),
            Just(4_000)
        ]
    };
    prop_oneof![
        8 => (worker.clone(), 1..=4_usize).prop_map(|(worker, limit)| Step::Claim { worker, limit }),
        3 => (worker.clone(), row.clone()).prop_map(|(worker, row)| Step::Ask { worker, row }),
        10 => (worker.clone(), row.clone(), verdict())
            .prop_map(|(worker, row, verdict)| Step::Record { worker, row, verdict }),
        2 => (worker.clone(), row.clone(), seconds())
            .prop_map(|(worker, row, seconds)| Step::Release { worker, row, seconds }),
        2 => (worker.clone(), row).prop_map(|(worker, row)| Step::Renew { worker, row }),
        1 => worker.prop_map(|worker| Step::Vanish { worker }),
        6 => seconds().prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        // Mostly it is not: what comes after it is a smaller world.
        1 => prop_oneof![3 => Just(Step::Resume), 1 => Just(Step::Cancel)],
        1 => Just(Step::ReleaseRest),
        1 => Just(Step::SkipCancelled),
        2 => person.clone().prop_map(|person| Step::Leave { person }),
        1 => person.clone().prop_map(|person| Step::Suspend { person }),
        1 => person.clone().prop_map(|person| Step::Reinstate { person }),
        1 => person.prop_map(|person| Step::Erase { person }),
        2 => any::<bool>().prop_map(|refused| Step::SendAgain { refused }),
    ]
}

/// Runs one schedule and its end, and has the model judge every step.
async fn run(template: &Template, steps: &[Step]) {
    let mut desk = Desk::open(template).await;
    let mut model = Model::new(desk.now(), template.wave);
    desk.ledger().await.agrees_with(&model);
    for &step in steps {
        desk.take(step, &mut model).await;
        desk.ledger().await.agrees_with(&model);
    }
    to_the_end(&mut desk, &mut model).await;
    // Whoever can be written to again gets what failed, and nobody else gets anything.
    for person in 0..PEOPLE {
        desk.take(Step::Reinstate { person }, &mut model).await;
    }
    let again = Step::SendAgain { refused: true };
    desk.take(again, &mut model).await;
    desk.ledger().await.agrees_with(&model);
    to_the_end(&mut desk, &mut model).await;
}

/// From here on all is well: whoever is asked answers, somebody goes on with what is held, and time passes.
async fn to_the_end(desk: &mut Desk, model: &mut Model) {
    for _ in 0..4 {
        desk.take(Step::Resume, model).await;
        desk.take(Step::Wait { seconds: 4_000 }, model).await;
        desk.take(Step::SkipCancelled, model).await;
        desk.take(
            Step::Claim {
                worker: 0,
                limit: 4 * PEOPLE,
            },
            model,
        )
        .await;
        for _ in 0..desk.has_in_hand(0) {
            let accepted = Verdict::Accepted;
            desk.take(
                Step::Record {
                    worker: 0,
                    row: 0,
                    verdict: accepted,
                },
                model,
            )
            .await;
        }
        desk.ledger().await.agrees_with(model);
    }
    model.has_come_to_its_end();
}

fn schedules(cases: u32, wave: Option<Wave>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let template = runtime.block_on(Template::make(wave));
    let config = Config {
        cases,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = prop::collection::vec(step(), 1..60);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        runtime.block_on(run(&template, &steps));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn whatever_happens_the_ledger_adds_up_and_nobody_is_missed() {
    schedules(25, None);
}

#[test]
fn whatever_happens_to_a_bulletin_in_waves_the_ledger_adds_up_and_nobody_is_missed() {
    schedules(25, Some(WAVE));
}

#[test]
#[ignore = "takes long; see the README"]
fn torture_whatever_happens_the_ledger_adds_up_and_nobody_is_missed() {
    schedules(150, None);
    schedules(150, Some(WAVE));
}
