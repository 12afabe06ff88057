//! Runs the asynchronous use cases for commands that end by themselves.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::app::App;
use crate::clock::Clock;

use super::data_folder;
use super::failure::Failure;
use super::settings::Configuration;

/// Work in the background, such as a query that hangs, does not hold up the end for longer.
const END_WITHIN: Duration = Duration::from_millis(500);

/// Runs `work` to its end.
///
/// # Errors
/// [`Failure`] when the system gives no threads.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = start()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(END_WITHIN);
    Ok(outcome)
}

/// Opens the installation for a command that ends by itself, and runs `work` with it.
///
/// # Errors
/// What `work` returns, and [`Failure`] when the installation cannot be opened.
pub(super) fn with_app<F>(
    configuration: &Configuration,
    work: impl FnOnce(App) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    configuration.begin_quiet_log()?;
    data_folder::prepare(&configuration.settings)?;
    block_on(async {
        let app = App::open(configuration.settings.clone(), Clock::system()).await?;
        work(app).await
    })?
}

fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::caused("the program cannot start its threads", &error))
}
