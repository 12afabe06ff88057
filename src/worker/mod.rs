//! Background work: delivers mail, starts what is scheduled, and lets go of what is no longer needed.
//!
//! Every task runs on a signal and on a timer, so that the ordinary way and the recovery are one way.

mod channel;
mod dispatch;
mod gate;
mod housekeeping;
mod in_hand;
mod recorder;
mod send;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::app::deliver::Composer;

pub use channel::Transport;

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
    transport: Transport,
    composer: Composer,
    gate: gate::Gate,
    in_hand: in_hand::InHand,
    /// Messages a second in all, where that is limited.
    rate: Option<governor::DefaultDirectRateLimiter>,
    stop: CancellationToken,
}

impl Worker {
    /// Starts the background work.
    ///
    /// # Errors
    /// When the built-in mailbox cannot be opened, or the settings for the mail server are no good.
    pub fn start(app: &App) -> io::Result<Self> {
        let transport = Transport::from_settings(&app.settings)?;
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(io::Error::other)?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            app: app.clone(),
            name: format!("worker-{:016x}", u64::from_be_bytes(name)),
            transport,
            composer: Composer::new(app),
            gate: gate::Gate::default(),
            in_hand: in_hand::InHand::default(),
            rate: rate(app.settings.delivery.per_second),
            stop: stop.clone(),
        });
        let tasks = TaskTracker::new();
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

/// So many a second, evenly spread.
fn rate(per_second: Option<u32>) -> Option<governor::DefaultDirectRateLimiter> {
    let per_second = std::num::NonZeroU32::new(per_second?)?;
    let quota = governor::Quota::per_second(per_second).allow_burst(std::num::NonZeroU32::MIN);
    Some(governor::RateLimiter::direct(quota))
}
