//! `practice-points demo`: the service with samples in it, to look around.

use crate::app::{App, demo};
use crate::clock::Clock;
use crate::web::limits::Quotas;

use super::failure::Failure;
use super::serve::{self, Work};
use super::settings::Configuration;
use super::{data_folder, output, runtime};

/// Where the samples are, unless `data_dir` says so: never among a clinic's own data.
pub(super) const FOLDER: &str = "demo";

/// Fills a fresh folder and serves it until a signal ends it.
pub(super) fn run(configuration: &Configuration) -> Result<(), Failure> {
    let settings = &configuration.settings;
    if !settings.smtp_servers.is_empty() {
        return Err(Failure::new(
            "a demo sends nothing: leave out smtp_url, and its messages are kept in the built-in mailbox",
        ));
    }
    data_folder::prepare(settings)?;
    let password = runtime::block_on(async {
        let app = App::open(settings.clone(), Clock::system()).await?;
        demo::fill(&app).await
    })??;
    output::line(
        "This is a demo: everybody in it is invented, and no message leaves this computer.",
    );
    output::line(format_args!(
        "Sign in at {}",
        settings.base_url.join("/staff/sign-in")
    ));
    output::line(format_args!("  as         {}", demo::OWNER));
    output::line(format_args!("  password   {password}"));
    output::line(format_args!(
        "Approve as    {}, with the same password, in a private window\n",
        demo::REVIEWER
    ));
    serve::run_within(configuration, Work::Everything, Quotas::demo())
}
