//! The service itself: pages, delivery, or both, until a signal ends it.

use std::net::TcpListener;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::app::{App, count_links, examine, first_owner, overview};
use crate::clock::Clock;
use crate::config::Settings;
use crate::mail::smtp::SmtpServer;
use crate::web::limits::Quotas;
use crate::web::server;
use crate::worker::Worker;

use super::failure::Failure;
use super::settings::Configuration;
use super::{data_folder, output, runtime};

/// What a process of the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Serves pages and delivers messages.
    Everything,
    /// Serves pages.
    Pages,
    /// Delivers messages.
    Delivery,
}

impl Work {
    fn serves(self) -> bool {
        self != Self::Delivery
    }

    fn delivers(self) -> bool {
        self != Self::Pages
    }
}

/// Answers that are being written when the end is asked for may take so long; browsers also keep
/// connections open on which nothing is asked.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Runs the service until it is told to end.
///
/// # Errors
/// [`Failure`] when it cannot start, or the listener fails.
pub(super) fn run(configuration: &Configuration, work: Work) -> Result<(), Failure> {
    run_within(configuration, work, Quotas::default())
}

/// The same within other limits.
///
/// # Errors
/// As [`run`].
pub(super) fn run_within(
    configuration: &Configuration,
    work: Work,
    quotas: Quotas,
) -> Result<(), Failure> {
    configuration.begin_log()?;
    runtime::block_on(serve(configuration, work, quotas))?
}

async fn serve(configuration: &Configuration, work: Work, quotas: Quotas) -> Result<(), Failure> {
    let settings = &configuration.settings;
    // The address first: where the service runs already, its database and its code for the first
    // owner are not to be touched.
    let listener = if work.serves() {
        Some(take_address(settings)?)
    } else {
        None
    };
    data_folder::prepare(settings)?;
    let app = App::open(settings.clone(), Clock::system()).await?;
    // From here on there is something to end in order; before, a signal ends the program at once.
    let mut signals = Signals::listen()?;
    let worker = if work.delivers() {
        Some(start_worker(&app)?)
    } else {
        None
    };
    let code = if work.serves() {
        first_owner::issue_code(&app).await?
    } else {
        None
    };

    let pages = match listener {
        Some(listener) => {
            let counting = app.clone();
            tokio::spawn(async move {
                if let Err(error) = overview::count_ahead(&counting).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::debug!(error, "nothing was counted ahead");
                }
            });
            let bound = server::listen(app.clone(), listener, quotas)
                .map_err(|error| Failure::caused("the pages cannot be served", &error))?;
            Some((bound.handle(), tokio::spawn(bound.run())))
        }
        None => None,
    };
    announce(settings, work, code.as_deref());

    let (handle, mut running) = pages.unzip();
    let ended = tokio::select! {
        signal = signals.next() => {
            tracing::info!(signal, "ending");
            Ok(())
        }
        outcome = ended(running.as_mut()) => outcome,
    };
    let ending = async {
        let pages = async {
            if let Some(handle) = handle
                && timeout(LAST_ANSWERS_WITHIN, handle.stop(true))
                    .await
                    .is_err()
            {
                // The end of the program cuts it off: the server cannot be told to hurry.
                tracing::warn!("a request was still being answered");
            }
            if let Err(error) = count_links::write(&app).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "some counts of links are lost");
            }
        };
        let delivery = async {
            if let Some(worker) = worker {
                worker.stop().await;
            }
        };
        tokio::join!(pages, delivery);
    };
    tokio::select! {
        () = ending => ended,
        signal = signals.next() => Err(Failure::new(format!("ended at once by a second {signal}"))),
    }
}

/// Waits for the pages to end by themselves, which they should not.
async fn ended(
    pages: Option<&mut tokio::task::JoinHandle<std::io::Result<()>>>,
) -> Result<(), Failure> {
    let Some(pages) = pages else {
        return std::future::pending().await;
    };
    match pages.await {
        Ok(Ok(())) => Err(Failure::new("the pages are not served any more")),
        Ok(Err(error)) => Err(Failure::caused("the pages are not served any more", &error)),
        Err(error) => Err(Failure::caused("the pages are not served any more", &error)),
    }
}

fn take_address(settings: &Settings) -> Result<TcpListener, Failure> {
    let address = settings.listen;
    TcpListener::bind(address).map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "Is it running already? Another address is set by listen, such as \
                 PRACTICE_POINTS_LISTEN={}:{}.",
                address.ip(),
                address.port().checked_add(1).unwrap_or(8080),
            ),
            _ => "Another address is set by listen, such as PRACTICE_POINTS_LISTEN=127.0.0.1:8080."
                .to_owned(),
        };
        Failure::caused(
            format_args!("the address {address} (setting listen) cannot be used"),
            &error,
        )
        .hint(hint)
    })
}

fn start_worker(app: &App) -> Result<Worker, Failure> {
    Worker::start(app).map_err(|error| {
        Failure::caused("delivery cannot start", &error).hint(
            "It needs the mail server of smtp_url, or without one a mailbox in the folder data_dir; and the address of inbound.lmtp, if that is set.",
        )
    })
}

/// Says where everything is: a few lines for whoever has just started it.
fn announce(settings: &Settings, work: Work, code: Option<&str>) {
    let page = |path: &str| settings.base_url.join(path);
    output::line(format_args!(
        "Practice Points {}\n",
        env!("CARGO_PKG_VERSION")
    ));
    if work.serves() {
        output::line(format_args!("  Pages      {}", page("/")));
        output::line(format_args!("  Staff      {}", page("/staff")));
        let here = format!("http://{}", settings.listen);
        if settings.base_url.join("") != here {
            output::line(format_args!("  Listening  {here}"));
        }
    }
    output::line(format_args!(
        "  Data       {}",
        examine::place(&settings.database_url)
    ));
    output::line(format_args!("  Messages   {}", messages(settings, work)));
    if let Some(code) = code {
        output::line("\nThere is nobody on the staff yet. The first owner is made at");
        output::line(format_args!("\n  {}\n", page("/staff/first-owner")));
        output::line(format_args!("with the one-time code {code}"));
    }
    output::line("\nCtrl+C ends it.");
    output::flush();
}

fn messages(settings: &Settings, work: Work) -> String {
    let places: Vec<String> = settings
        .smtp_servers
        .iter()
        .map(SmtpServer::place)
        .collect();
    match places[..] {
        _ if !work.delivers() => {
            "They wait until a worker delivers them: practice-points worker".to_owned()
        }
        [..] if !places.is_empty() => format!("Delivered through {}", places.join(", ")),
        _ => format!(
            "No mail server is set: messages are kept in the built-in mailbox, at {}",
            settings.base_url.join("/staff/mailbox")
        ),
    }
}

/// The signals that ask for the end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::caused("the program cannot wait for signals", &error))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one. Returns its name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
