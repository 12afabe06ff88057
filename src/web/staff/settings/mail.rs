//! Keys that sign messages, the records to publish, and the checks.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::examine::{self, DnsRecord, Verdict};
use crate::app::run_checks::{self, Checks};
use crate::app::site_settings::{self, KeptKey, KeyKind, KeyState};
use crate::domain::local_time;
use crate::domain::published::{Outcome, Published};
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

const PATH: &str = "/staff/settings/mail";

struct KeyRow {
    selector: String,
    domain: String,
    kind: &'static str,
    state: &'static str,
    badge: &'static str,
    since: String,
    is_waiting: bool,
    is_signing: bool,
    /// Whether it is for another domain than messages come from.
    is_elsewhere: bool,
    /// Whether it was to sign, and the DNS did not show its record.
    is_unseen: bool,
    /// How its record was found, as a badge and its word.
    record: Option<(&'static str, &'static str)>,
}

struct RecordRow {
    /// `TXT` or `MX`.
    sort: &'static str,
    name: String,
    /// As a zone file has it.
    value: String,
    /// As a form of a DNS provider wants it.
    plain: String,
    purpose: &'static str,
    /// What the DNS said of it, when it was asked last.
    published: Option<PublishedView>,
}

struct PublishedView {
    badge: &'static str,
    label: &'static str,
    words: String,
    seen: Vec<String>,
}

struct FindingRow {
    subject: String,
    badge: &'static str,
    label: &'static str,
    words: String,
}

struct ChecksView {
    when: String,
    is_done: bool,
    faults: usize,
    looks: usize,
    findings: Vec<FindingRow>,
}

#[derive(Template)]
#[template(path = "web/staff/settings/mail.html")]
struct MailPage {
    page: PageContext,
    is_owner: bool,
    domain: String,
    is_signed: bool,
    /// Whether the settings file has keys of its own.
    has_file_keys: bool,
    may_make_rsa: bool,
    may_make_ed25519: bool,
    keys: Vec<KeyRow>,
    records: Vec<RecordRow>,
    /// Whether the DNS was asked for any of them.
    was_asked: bool,
    checks: Option<ChecksView>,
}

/// Which key was to sign whose record the DNS did not show.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MailQuery {
    unseen: String,
}

/// `GET /staff/settings/mail?unseen=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    query: Query<MailQuery>,
) -> Answer {
    let site = app.site();
    let settings = site.over(&app.settings);
    let domain = settings.mail_from.email.domain().to_owned();
    let waits = |kind| {
        let mut keys = site.signing.keys.iter();
        keys.any(|key| key.kind() == kind && key.state() == KeyState::Waiting)
    };
    let checks = run_checks::last(&app).await?;
    let records = examine::dns_records_of_all_keys(&settings, &site.signing);
    let records = records.into_iter().map(|record| {
        let published = checks.as_ref().and_then(|checks| checks.published(&record));
        record_row(&record, published)
    });
    let records: Vec<RecordRow> = records.collect();
    show_page(&MailPage {
        is_owner: page.staff.as_ref().is_some_and(|staff| staff.is_owner),
        page,
        is_signed: site.dkim.is_some(),
        has_file_keys: app.settings.dkim.is_some(),
        may_make_rsa: !waits(KeyKind::Rsa),
        may_make_ed25519: !waits(KeyKind::Ed25519),
        keys: site
            .signing
            .keys
            .iter()
            .rev()
            .map(|key| key_row(key, &domain, &records, &query.unseen))
            .collect(),
        domain,
        was_asked: records.iter().any(|record| record.published.is_some()),
        records,
        checks: checks.map(checks_view),
    })
}

fn key_row(key: &KeptKey, domain: &str, records: &[RecordRow], unseen: &str) -> KeyRow {
    let state = key.state();
    let name = key.record_name();
    let mut records = records.iter();
    let record = records.find(|record| record.name == name);
    let published = record.and_then(|record| record.published.as_ref());
    KeyRow {
        record: published.map(|published| (published.badge, published.label)),
        selector: key.selector.clone(),
        domain: key.domain.clone(),
        kind: key.kind().label(),
        state: state.label(),
        badge: match state {
            KeyState::Waiting => "pending",
            KeyState::Signing => "ok",
            KeyState::Retired => "cancelled",
        },
        since: local_time::display(key.since()),
        is_waiting: state == KeyState::Waiting,
        is_signing: state == KeyState::Signing,
        is_elsewhere: key.domain != domain,
        is_unseen: state == KeyState::Waiting && key.selector == unseen,
    }
}

fn record_row(record: &DnsRecord, published: Option<&Published>) -> RecordRow {
    let published = published.filter(|_| record.kind.is_looked_up());
    RecordRow {
        sort: record.kind.dns_type(),
        name: record.name.clone(),
        value: record.quoted(),
        plain: record.text.clone(),
        purpose: record.purpose,
        published: published.map(|published| PublishedView {
            badge: match published.outcome {
                Outcome::Found => "ok",
                Outcome::Differs => "failed",
                Outcome::Missing | Outcome::Unasked => "warning",
            },
            label: published.outcome.label(),
            words: published.words.clone(),
            seen: published.seen.clone(),
        }),
    }
}

fn checks_view(checks: Checks) -> ChecksView {
    let row = |(subject, verdict, words): (String, Verdict, String)| {
        let (badge, label) = match verdict {
            Verdict::Good => ("ok", "OK"),
            Verdict::Warning => ("warning", "Look"),
            Verdict::Fault => ("failed", "Fault"),
        };
        FindingRow {
            subject,
            badge,
            label,
            words,
        }
    };
    let count = |of: Verdict| {
        let findings = checks.findings.iter();
        findings.filter(|(_, verdict, _)| *verdict == of).count()
    };
    ChecksView {
        when: local_time::display(checks.began()),
        is_done: checks.is_done,
        faults: count(Verdict::Fault),
        looks: count(Verdict::Warning),
        findings: checks.findings.into_iter().map(row).collect(),
    }
}

/// Where who asked for the checks was on the page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ChecksQuery {
    at: String,
}

/// `POST /staff/settings/mail/checks`; with `at` = `records` it leads back to those.
pub(in crate::web) async fn checks(app: Data<App>, query: Query<ChecksQuery>) -> Answer {
    run_checks::run(&app).await?;
    let is_done = run_checks::last(&app)
        .await?
        .is_some_and(|checks| checks.is_done);
    let (place, said) = match (query.at.as_str(), is_done) {
        ("records", true) => ("records", "The records were looked up."),
        ("records", false) => ("records", "The records are still being looked up."),
        (_, true) => ("checks", "Everything was looked at."),
        (_, false) => ("checks", "The checks are still running."),
    };
    Ok(see_other_saying(&app, &format!("{PATH}#{place}"), said))
}

/// Which key is wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct KeyForm {
    kind: String,
}

/// `POST /staff/settings/mail/keys`, with `kind` = `rsa` or `ed25519`.
pub(in crate::web) async fn make_key(
    app: Data<App>,
    Staff(actor): Staff,
    Form(form): Form<KeyForm>,
) -> Answer {
    let kind = form.kind.parse::<KeyKind>();
    let kind = kind.map_err(|_| Problem::malformed())?;
    site_settings::make_key(&app, actor.id, kind).await?;
    let said = "The key is made. Publish its record, and let it sign when the DNS shows it.";
    Ok(see_other_saying(&app, &format!("{PATH}#dkim"), said))
}

/// Whether a key is to sign although the DNS does not show its record.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SignForm {
    /// "yes" where it is.
    anyway: String,
}

/// `POST /staff/settings/mail/keys/{selector}/sign`, with `anyway` = `yes` whatever the DNS shows.
///
/// Where the DNS cannot be asked, it signs: whoever pressed the button has said that the record is there.
pub(in crate::web) async fn sign(
    app: Data<App>,
    Staff(actor): Staff,
    selector: Path<String>,
    Form(form): Form<SignForm>,
) -> Answer {
    let selector = selector.into_inner();
    let is_asked = form.anyway != "yes";
    if is_asked && is_lacking(&app, &selector).await? {
        // So that the page says what stands there, and the checks of a bulletin know it.
        run_checks::run(&app).await?;
        let said = "The DNS does not show its record yet, so the key does not sign.";
        let place = format!("{PATH}?unseen={selector}#dkim");
        return Ok(see_other_saying(&app, &place, said));
    }
    site_settings::let_sign(&app, actor.id, selector).await?;
    let said = "The key signs every message from now on.";
    Ok(see_other_saying(&app, &format!("{PATH}#dkim"), said))
}

/// Whether the DNS can be asked for a key's record, and does not show it as it has to be.
async fn is_lacking(app: &App, selector: &str) -> Result<bool, Problem> {
    let found = examine::published_of_key(app, selector).await?;
    Ok(found.is_lacking())
}

/// `POST /staff/settings/mail/keys/{selector}/stop`.
pub(in crate::web) async fn stop(
    app: Data<App>,
    Staff(actor): Staff,
    selector: Path<String>,
) -> Answer {
    site_settings::stop_signing(&app, actor.id, selector.into_inner()).await?;
    let said = "The key does not sign any more. Leave its record in the DNS for a week.";
    Ok(see_other_saying(&app, &format!("{PATH}#dkim"), said))
}
