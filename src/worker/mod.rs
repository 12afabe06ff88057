//! Background work: delivers mail, starts what is scheduled, looks at links, and lets go of what is no longer needed.
//!
//! Every task runs on a signal and on a timer, so that the ordinary way and the recovery are one way.

mod board;
mod dispatch;
mod gate;
mod housekeeping;
mod in_hand;
mod limits;
mod line;
pub mod links;
mod lmtp;
mod mailbox;
mod queue;
mod recorder;
mod route;
mod send;
mod turn;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::app::deliver::Composer;

/// How long a stopping worker lets messages finish that are on the wire.
const STOP_WITHIN: Duration = Duration::from_secs(4);

/// The running background work.
pub struct Worker {
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What all tasks of a worker share.
struct Shared {
    app: App,
    /// This worker's name in the ledger: random, so that no two are mixed up.
    name: String,
    composer: Composer,
    /// The ways out.
    routes: Vec<Arc<route::Route>>,
    limits: limits::Limits,
    policy_refusals: gate::PolicyRefusals,
    board: board::Board,
    in_hand: Arc<in_hand::InHand>,
    queue: queue::Queue,
    stop: CancellationToken,
}

impl Worker {
    /// Starts the background work.
    ///
    /// # Errors
    /// When the built-in mailbox cannot be opened, the settings for the mail server are no good, or the address for LMTP is
    /// taken.
    pub fn start(app: &App) -> io::Result<Self> {
        let routes = route::Route::from_settings(&app.settings)?;
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(io::Error::other)?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            app: app.clone(),
            name: format!("worker-{:016x}", u64::from_be_bytes(name)),
            composer: Composer::new(app),
            routes: routes.into_iter().map(Arc::new).collect(),
            limits: limits::Limits::new(&app.settings.delivery),
            policy_refusals: gate::PolicyRefusals::default(),
            board: board::Board::default(),
            in_hand: Arc::default(),
            queue: queue::Queue::default(),
            stop: stop.clone(),
        });
        let lmtp = app.settings.inbound.lmtp.as_ref();
        let lmtp = lmtp.map(lmtp::Listener::bind).transpose()?;
        let tasks = TaskTracker::new();
        if let Some(listener) = lmtp {
            tasks.spawn(lmtp::run(shared.clone(), listener));
        }
        if let Some(server) = app.settings.inbound.mailbox.clone() {
            let every = app.settings.inbound.mailbox_every;
            tasks.spawn(mailbox::run(shared.clone(), server, every));
        }
        if app.settings.check_links {
            tasks.spawn(links::run(shared.clone()));
        }
        tasks.spawn(dispatch::run(shared.clone()));
        tasks.spawn(housekeeping::run(shared));
        tasks.close();
        Ok(Self { tasks, stop })
    }

    /// Finishes what is on the wire, gives back the rest, and ends within seconds.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_WITHIN, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                "a message was still on the wire; it is sent again after its lease ends"
            );
        }
    }
}

impl Shared {
    /// When work may go on, if every way out is in trouble now.
    fn opens_at(&self) -> Option<tokio::time::Instant> {
        let opening: Option<Vec<_>> = self
            .routes
            .iter()
            .map(|route| route.gate.opens_at())
            .collect();
        opening?.into_iter().min()
    }
}
