//! The checks of `practice-points doctor`, asked for on a page: they run in the background, and what they found is kept for
//! whoever looks next, with its time. The same of whether the DNS records are published.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::published::{Outcome, Published};
use crate::mail::dns::Dns;
use crate::store::{Db, StoreError, instance};

use super::examine::{self, DnsRecord, Finding, Verdict};
use super::{App, AppError};

/// Under which name what was found is kept.
const CHECKS: &str = "checks";

/// So long whoever asked waits for the answer; most come sooner.
const WAITS: Duration = Duration::from_secs(4);

/// Checks that began longer ago, and have not ended, never will: the program was stopped.
const LONGEST: Duration = Duration::from_secs(2 * 60);

/// What checks found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checks {
    /// When they began, in milliseconds.
    began: i64,
    /// Whether they have ended.
    pub is_done: bool,
    /// What they found: subject, how, in words.
    pub findings: Vec<(String, Verdict, String)>,
    /// What the DNS said of each record.
    #[serde(default)]
    records: Vec<LookedUp>,
}

/// A record as it was to be published when the DNS was asked, and what that said.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LookedUp {
    name: String,
    text: String,
    published: Published,
}

impl Checks {
    /// When they began.
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millis(self.began)
    }

    /// Whether a record is published; none if the DNS was not asked for it as it is now.
    pub fn published(&self, record: &DnsRecord) -> Option<&Published> {
        let mut records = self.records.iter();
        let same = records.find(|kept| kept.name == record.name && kept.text == record.text);
        Some(&same?.published)
    }
}

/// What the last checks found.
///
/// # Errors
/// [`AppError::Store`].
pub async fn last(app: &App) -> Result<Option<Checks>, AppError> {
    let checks = app.store.read(kept).await?;
    let is_alive = |checks: &Checks| checks.is_done || app.now().since(checks.began()) < LONGEST;
    Ok(checks.filter(is_alive))
}

/// The checks that were begun last, whether or not they will ever end.
pub(super) fn kept(db: &mut Db) -> Result<Option<Checks>, StoreError> {
    let kept = instance::value(db, CHECKS)?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Begins the checks, unless they run. Returns when they are done, or after a few seconds.
///
/// # Errors
/// [`AppError::Store`].
pub async fn run(app: &App) -> Result<(), AppError> {
    if last(app).await?.is_some_and(|checks| !checks.is_done) {
        return Ok(());
    }
    let began = app.now().as_millis();
    keep(
        app,
        &Checks {
            began,
            is_done: false,
            findings: Vec::new(),
            records: Vec::new(),
        },
    )
    .await?;
    let app = app.clone();
    let running = tokio::spawn(async move {
        let site = app.site();
        let settings = site.over(&app.settings);
        let records = examine::dns_records_of_all_keys(&settings, &site.signing);
        let dns = Dns::at(settings.dns_server);
        let (mut found, published) = tokio::join!(
            examine::everything(&settings, app.now()),
            examine::published(&records, &dns)
        );
        // What a built-in mailbox alone takes needs no DNS.
        let needs_dns = !settings.smtp_servers.is_empty() || settings.dkim.is_some();
        let of_dns = match needs_dns {
            true => in_all(&records, &published),
            false => Finding {
                verdict: Verdict::Good,
                words: "None is needed while messages stay in the built-in mailbox. What was found of each stands with the records below."
                    .to_owned(),
            },
        };
        found.push(("DNS records", of_dns));
        let missing = site.signing.unread(&settings).into_iter();
        found.extend(missing.map(|words| {
            let verdict = Verdict::Fault;
            ("DKIM", Finding { verdict, words })
        }));
        let findings = found
            .into_iter()
            .map(|(subject, found)| (subject.to_owned(), found.verdict, found.words));
        let checks = Checks {
            began,
            is_done: true,
            findings: findings.collect(),
            records: looked_up(records, published),
        };
        if let Err(error) = keep(&app, &checks).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what the checks found is not kept");
        }
    });
    // Who does not wait for the end finds it on the page later.
    let _ = tokio::time::timeout(WAITS, running).await;
    Ok(())
}

fn looked_up(records: Vec<DnsRecord>, published: Vec<Published>) -> Vec<LookedUp> {
    let pairs = records.into_iter().zip(published);
    let looked_up = pairs.map(|(record, published)| LookedUp {
        name: record.name,
        text: record.text,
        published,
    });
    looked_up.collect()
}

/// What there is to say of all records together; each stands with what was found of it below.
fn in_all(records: &[DnsRecord], published: &[Published]) -> Finding {
    let names = |outcome: Outcome| {
        let pairs = records.iter().zip(published);
        let names =
            pairs.filter(|(record, found)| found.outcome == outcome && record.kind.is_looked_up());
        names
            .map(|(record, _)| format!("{} at {}", record.kind.label(), record.name))
            .collect::<Vec<_>>()
    };
    let mut parts = Vec::new();
    for outcome in [Outcome::Missing, Outcome::Differs, Outcome::Unasked] {
        let names = names(outcome);
        if !names.is_empty() {
            parts.push(format!("{}: {}.", outcome.label(), names.join(", ")));
        }
    }
    if parts.is_empty() {
        return Finding {
            verdict: Verdict::Good,
            words: "All that can be looked up are published.".to_owned(),
        };
    }
    Finding {
        verdict: Verdict::Warning,
        words: format!("{} More stands with the records below.", parts.join(" ")),
    }
}

async fn keep(app: &App, checks: &Checks) -> Result<(), AppError> {
    let text = serde_json::to_string(checks).map_err(AppError::internal)?;
    app.store
        .write(move |db| Ok::<_, AppError>(instance::set_value(db, CHECKS, &text)?))
        .await
}
