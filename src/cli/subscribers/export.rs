//! `practice-points subscribers export`.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::export_subscribers::export;
use crate::app::{App, AppError, keep_subscribers, list_subscribers};
use crate::cli::failure::Failure;
use crate::cli::runtime::with_app;
use crate::cli::settings::Configuration;
use crate::cli::{named, output, progress};
use crate::domain::grouped::grouped;
use crate::domain::subscriber::SubscriberStatus;
use crate::domain::subscriber_filter::SubscriberFilter;
use crate::domain::topic::TopicId;
use crate::store::bulk_changes::Members;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// Only subscribers with this status
    #[arg(long, value_parser = named::subscriber_status())]
    status: Option<SubscriberStatus>,
    /// Only subscribers who chose this topic
    #[arg(long)]
    topic: Option<String>,
    /// Write into this new file instead of standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ExportArguments {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        with_app(configuration, async |app| {
            let topic = match &self.topic {
                Some(slug) => Some(topic_by_slug(&app, slug).await?),
                None => None,
            };
            let filter = SubscriberFilter {
                status: self.status,
                topic,
                ..SubscriberFilter::default()
            };
            let total = list_subscribers::count(&app, &filter).await?;
            let bar = progress::bar(u64::try_from(total).unwrap_or(0), "Exporting");
            let out = open(self.output.as_deref())?;
            let written = export(&app, None, Members::Found(filter), out, |done| {
                progress::advance(&bar, done)
            })
            .await;
            bar.finish_and_clear();
            let written = match written {
                // Whoever reads the other end has enough.
                Err(error) if is_broken_pipe(&error) => return Ok(()),
                other => other?,
            };
            output::aside(format_args!("{} written.", grouped(written)));
            Ok(())
        })
    }
}

async fn topic_by_slug(app: &App, slug: &str) -> Result<TopicId, Failure> {
    let topics = keep_subscribers::topics(app).await?;
    match topics.iter().find(|topic| topic.slug == slug) {
        Some(topic) => Ok(topic.id),
        None => {
            let known: Vec<&str> = topics.iter().map(|topic| topic.slug.as_str()).collect();
            Err(Failure::new(format!("--topic: there is no topic “{slug}”"))
                .hint(format!("The topics are {}.", known.join(", "))))
        }
    }
}

/// A file is made new and for its user only: it is full of addresses.
fn open(file: Option<&Path>) -> Result<Box<dyn Write>, Failure> {
    let Some(file) = file else {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    };
    let shown = file.display();
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Ok(open) => Ok(Box::new(BufWriter::new(open))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::new(format!(
            "{shown} is there already, and is not overwritten"
        ))),
        Err(error) => Err(Failure::caused(
            format_args!("{shown} cannot be written"),
            &error,
        )),
    }
}

fn is_broken_pipe(error: &AppError) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let kind = match error.downcast_ref::<csv::Error>().map(csv::Error::kind) {
            Some(csv::ErrorKind::Io(io)) => Some(io.kind()),
            _ => error.downcast_ref::<io::Error>().map(io::Error::kind),
        };
        if kind == Some(ErrorKind::BrokenPipe) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_reader_who_has_gone_away_is_told_from_a_full_disk() {
        let gone = csv::Error::from(io::Error::from(ErrorKind::BrokenPipe));
        assert!(is_broken_pipe(&AppError::internal(gone)));
        assert!(is_broken_pipe(&AppError::internal(io::Error::from(
            ErrorKind::BrokenPipe
        ))));
        assert!(!is_broken_pipe(&AppError::internal(io::Error::from(
            ErrorKind::StorageFull
        ))));
    }
}
