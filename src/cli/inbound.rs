//! `practice-points inbound`: takes in a message that came back, from a mail server's alias; or judges a folder of them.
//!
//! The exit codes are those of `sysexits.h`, because mail servers act on them: 0 when the message is taken in, 75 (try
//! again later) for every trouble of ours, so that the server keeps the message, and 65 when there was no message.

use std::io::{self, BufRead, Read, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::app::take_in::{self, Arrival, Judgement, Proof};
use crate::domain::inbound::Way;
use crate::mail::inbound::LONGEST;

use super::failure::Failure;
use super::output;
use super::runtime::with_app;
use super::settings::Configuration;

/// The data are wrong (`EX_DATAERR`).
const NO_MESSAGE: u8 = 65;

/// Trouble that passes (`EX_TEMPFAIL`).
pub(super) const TRY_AGAIN: u8 = 75;

#[derive(Debug, Args)]
pub(super) struct InboundArguments {
    /// The address to which it came; by default what the mail server has put into ORIGINAL_RECIPIENT or RECIPIENT
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Judge the messages in DIR, one JSON line each, and change nothing
    #[arg(long, value_name = "DIR", conflicts_with = "recipient")]
    classify: Option<PathBuf>,
}

impl InboundArguments {
    /// Whether a mail server waits for the exit code.
    pub(super) fn is_for_a_mail_server(&self) -> bool {
        self.classify.is_none()
    }

    pub(super) fn run(self, configuration: &Configuration) -> Result<(), Failure> {
        match self.classify {
            Some(folder) => with_app(configuration, |app| async move { classify(&app, &folder) }),
            None => take_in_from(configuration, self.recipient),
        }
    }
}

fn take_in_from(configuration: &Configuration, recipient: Option<String>) -> Result<(), Failure> {
    let arrival = read_message(&mut io::stdin().lock(), recipient)
        .map_err(|error| Failure::caused("the message cannot be read", &error).code(TRY_AGAIN))?;
    if arrival.byte_count == 0 {
        let hint = "It is read from standard input, such as practice-points inbound < message.";
        return Err(Failure::new("there is no message")
            .hint(hint)
            .code(NO_MESSAGE));
    }
    let taken = with_app(configuration, |app| async move {
        take_in::take_in(&app, arrival).await?;
        Ok(())
    });
    taken.map_err(|failure| failure.code(TRY_AGAIN))
}

/// Reads what is looked at of a message, and lets the rest pass, so that its sender is not cut off.
fn read_message(input: &mut impl BufRead, recipient: Option<String>) -> io::Result<Arrival> {
    let mut content = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    let read = input.by_ref().take(most).read_to_end(&mut content)?;
    let rest = io::copy(input, &mut io::sink())?;
    let from_environment = || {
        let names = ["ORIGINAL_RECIPIENT", "RECIPIENT"];
        let found: Vec<String> = names
            .iter()
            .filter_map(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
            .collect();
        (!found.is_empty()).then(|| found.join(" "))
    };
    Ok(Arrival {
        way: Way::Pipe,
        envelope_to: recipient.or_else(from_environment),
        content,
        byte_count: rest.saturating_add(u64::try_from(read).unwrap_or(u64::MAX)),
    })
}

/// A line about a message.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    category: &'static str,
    action: Option<&'static str>,
    status: Option<String>,
    recipient: Option<&'a str>,
    original_recipient: Option<&'a str>,
    recipients: usize,
    words: &'a str,
    token_valid: bool,
    proof: &'static str,
    would: &'static str,
    if_believed: &'static str,
}

impl<'a> Line<'a> {
    fn of(file: &'a str, judged: &'a Judgement) -> Self {
        let notice = &judged.notice;
        Self {
            file,
            category: notice.category.as_str(),
            action: notice.action.map(|action| action.as_str()),
            status: notice.code.map(|code| code.to_string()),
            recipient: notice.recipient.as_deref(),
            original_recipient: notice.original_recipient.as_deref(),
            recipients: judged.notices,
            words: &notice.words,
            token_valid: judged.recognised.proof != Proof::None,
            proof: judged.recognised.proof.as_str(),
            would: judged.would.as_str(),
            if_believed: notice.category.remedy().as_str(),
        }
    }
}

fn classify(app: &App, folder: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::caused(format_args!("{} cannot be read", path.display()), error)
    };
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| failed(&folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| failed(&folder, &error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    for path in files {
        let file = std::fs::File::open(&path).map_err(|error| failed(&path, &error))?;
        let mut content = Vec::new();
        file.take(u64::try_from(LONGEST).unwrap_or(u64::MAX))
            .read_to_end(&mut content)
            .map_err(|error| failed(&path, &error))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
        let judged = take_in::judge(app, &content, None);
        let line = serde_json::to_string(&Line::of(&name, &judged))
            .map_err(|error| Failure::caused("a line cannot be written", &error))?;
        output::line(format_args!("{line}"));
    }
    io::stdout()
        .flush()
        .map_err(|error| Failure::caused("the lines cannot be written", &error))
}
