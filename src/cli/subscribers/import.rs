//! `practice-points subscribers import FILE.csv`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::import_subscribers::{self, Import, MAX_FILE_BYTES, Report};
use crate::app::keep_subscribers::Ground;
use crate::app::{App, AppError, keep_topics};
use crate::cli::failure::Failure;
use crate::cli::runtime::with_app;
use crate::cli::settings::Configuration;
use crate::cli::{named, output, progress};
use crate::domain::consent::ConsentBasis;
use crate::domain::grouped::grouped;
use crate::domain::short_text::ShortText;

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArguments {
    /// The file; “-” reads standard input
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Where the people come from; kept with each of them (Privacy Act 2020)
    #[arg(long, value_name = "TEXT", value_parser = text, required_unless_present = "dry_run")]
    source: Option<ShortText>,
    /// The ground on which they may be written to
    #[arg(long, value_parser = named::consent_basis(), required_unless_present = "dry_run")]
    basis: Option<ConsentBasis>,
    /// How that can be proven: when, where, on which paper (Unsolicited Electronic Messages Act 2007)
    #[arg(long, value_name = "TEXT", value_parser = text, required_unless_present = "dry_run")]
    evidence: Option<ShortText>,
    /// Topics for lines that name none, separated by commas [default: all topics]
    #[arg(long, value_name = "TOPICS", value_delimiter = ',')]
    topics: Vec<String>,
    /// Send each of them a message that says so, and how to leave (Privacy Act 2020, IPP 3A)
    #[arg(long)]
    notify: bool,
}

fn text(text: &str) -> Result<ShortText, String> {
    ShortText::parse(text, 500).map_err(|error| error.to_string())
}

impl ImportArguments {
    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        let content = read(&self.file)?;
        with_app(configuration, async |app| {
            let import = Import {
                file_name: file_name(&self.file),
                content,
                source: words(self.source.as_ref()),
                ground: Ground {
                    basis: self.basis.unwrap_or(ConsentBasis::Inferred),
                    evidence: words(self.evidence.as_ref()),
                },
                topics: topics(&app, &self.topics).await?,
                notify: self.notify,
            };
            let report = if self.dry_run {
                import_subscribers::dry_run(&app, &import).await
            } else {
                take_over(&app, import).await
            };
            tell(
                &report.map_err(|error| unreadable(&self.file, error))?,
                self.dry_run,
            );
            Ok(())
        })
    }
}

async fn take_over(app: &App, import: Import) -> Result<Report, AppError> {
    let lines = import_subscribers::count_lines(&import.content)?;
    let bar = progress::bar(u64::try_from(lines).unwrap_or(u64::MAX), "Importing");
    let report =
        import_subscribers::import(app, import, |done| progress::advance(&bar, done)).await;
    bar.finish_and_clear();
    report
}

/// The file's bytes. One byte more than may be taken is read, so that a larger file is refused as
/// such without being read to its end.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let longest = u64::try_from(MAX_FILE_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut content = Vec::new();
    let outcome = if file == Path::new("-") {
        io::stdin().lock().take(longest).read_to_end(&mut content)
    } else {
        File::open(file).and_then(|open| open.take(longest).read_to_end(&mut content))
    };
    match outcome {
        Ok(_) => Ok(content),
        Err(error) => Err(Failure::caused(
            format_args!("{} cannot be read", shown(file)),
            &error,
        )),
    }
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

fn file_name(file: &Path) -> String {
    let name = file.file_name().filter(|_| file != Path::new("-"));
    name.map_or_else(|| shown(file), |name| name.to_string_lossy().into_owned())
}

fn words(text: Option<&ShortText>) -> String {
    text.map(|text| text.as_str().to_owned())
        .unwrap_or_default()
}

/// Where the file as a whole is no list of people.
fn unreadable(file: &Path, error: AppError) -> Failure {
    match error {
        AppError::Invalid(_) => Failure::new(format!("{}: {error}", shown(file))),
        other => other.into(),
    }
}

/// The topics for lines that name none.
async fn topics(app: &App, wanted: &[String]) -> Result<Vec<String>, Failure> {
    let known: Vec<String> = keep_topics::offered(app)
        .await?
        .into_iter()
        .map(|topic| topic.slug)
        .collect();
    if wanted.is_empty() {
        return Ok(known);
    }
    let wanted: Vec<String> = wanted
        .iter()
        .map(|topic| topic.trim().to_lowercase())
        .collect();
    match wanted.iter().find(|topic| !known.contains(topic)) {
        None => Ok(wanted),
        Some(unknown) => Err(
            Failure::new(format!("--topics: there is no topic “{unknown}”"))
                .hint(format!("The topics are {}.", known.join(", "))),
        ),
    }
}

fn tell(report: &Report, dry_run: bool) {
    let counts = report.counts;
    let [added, unchanged, refused] = [counts.added, counts.unchanged, counts.refused].map(grouped);
    let verb = if dry_run { "would be added" } else { "added" };
    output::line(format_args!(
        "{added} {verb}, {unchanged} on the list already, {refused} refused."
    ));
    for refused in &report.refused {
        output::line(format_args!("  row {}: {}", refused.line, refused.reason));
    }
    if dry_run {
        output::line("Nothing was changed.");
    }
}
