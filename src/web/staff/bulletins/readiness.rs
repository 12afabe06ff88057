//! What is looked at before a bulletin goes out: the list of it, and what somebody lets pass.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::check_bulletin::{self, Wish};
use crate::app::{App, AppError, check_links, write_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::domain::local_time;
use crate::domain::readiness::{CheckKind, Entry, Level, Readiness};
use crate::web::forms::{Form, Problems};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::show::{SendForm, refused};
use super::steps::Steps;

/// The list, as the page shows it.
pub(super) struct ReadinessView {
    pub(super) bulletin_id: i64,
    pub(super) version: i32,
    pub(super) is_ready: bool,
    /// Something is only being found out: the list changes by itself.
    pub(super) is_waiting: bool,
    pub(super) sentence: String,
    pub(super) may_let_pass: bool,
    pub(super) may_check_links: bool,
    pub(super) rows: Vec<Row>,
}

/// One entry of it.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) level: &'static str,
    pub(super) level_label: &'static str,
    pub(super) text: String,
    pub(super) details: Vec<Detail>,
    pub(super) passed: Option<String>,
    pub(super) may_pass: bool,
    pub(super) fingerprint: String,
    pub(super) is_links: bool,
    pub(super) error: String,
    pub(super) typed: String,
}

/// One thing that was found: the address that it begins with, to be opened, and what is said of it.
pub(super) struct Detail {
    pub(super) url: Option<String>,
    pub(super) text: String,
}

impl Detail {
    fn of(words: &str) -> Self {
        let is_address = words.starts_with("https://") || words.starts_with("http://");
        let (url, text) = match words.find(": ").unwrap_or(words.len()) {
            end if is_address => words.split_at(end),
            _ => ("", words),
        };
        Self {
            url: is_address.then(|| url.to_owned()),
            text: text.to_owned(),
        }
    }
}

impl ReadinessView {
    pub(super) fn of(
        readiness: &Readiness,
        (id, version): (BulletinId, i32),
        steps: &Steps,
        may_check_links: bool,
        (typed, problems): (&PassForm, &Problems),
    ) -> Self {
        let count = readiness.open().count();
        let rows = readiness.entries.iter();
        let rows = rows.map(|entry| Row::of(entry, steps.may_let_pass, typed, problems));
        Self {
            bulletin_id: id.0,
            version,
            is_ready: readiness.is_ready(),
            is_waiting: readiness
                .entries
                .iter()
                .any(|entry| entry.finding.is_unfinished),
            sentence: match count {
                0 => "Nothing holds it up.".to_owned(),
                1 => "One thing holds it up.".to_owned(),
                more => format!("{more} things hold it up."),
            },
            may_let_pass: steps.may_let_pass,
            may_check_links,
            rows: rows.collect(),
        }
    }
}

impl Row {
    fn of(entry: &Entry, may_let_pass: bool, typed: &PassForm, problems: &Problems) -> Self {
        let finding = &entry.finding;
        let kind = finding.kind;
        let (level, level_label) = match (finding.level, &entry.passed) {
            (_, Some(_)) => ("warning", "Let pass"),
            (Level::Fine, _) => ("ok", "Fine"),
            (Level::Look, _) => ("warning", "Look"),
            (Level::Waiting, _) => ("pending", "Wait"),
            (Level::Blocker, _) => ("blocker", "Needed"),
        };
        let passed = entry.passed.as_ref().map(|passed| {
            let at = local_time::display(passed.at);
            format!("{} let it pass on {at}: “{}”", passed.by, passed.reason)
        });
        let field = reason_field(kind);
        Self {
            name: kind.as_str(),
            label: kind.label(),
            level,
            level_label,
            text: finding.text.clone(),
            details: finding
                .details
                .iter()
                .map(|words| Detail::of(words))
                .collect(),
            may_pass: may_let_pass && entry.blocks() && kind.may_be_overridden(),
            passed,
            fingerprint: finding.fingerprint(),
            is_links: kind == CheckKind::Links,
            error: problems.first(field).to_owned(),
            typed: match typed.check.parse() == Ok(kind) {
                true => typed.reason.clone(),
                false => String::new(),
            },
        }
    }
}

/// The field of the reason for each, which is also its place on the page.
fn reason_field(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Pictures => "reason-pictures",
        CheckKind::Links => "reason-links",
        CheckKind::ReviewDates => "reason-review-dates",
        CheckKind::Superseded => "reason-superseded",
        CheckKind::Sender => "reason-sender",
        CheckKind::Signature => "reason-signature",
        _ => "reason",
    }
}

/// What somebody lets pass, and why.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::web) struct PassForm {
    /// The name of the check.
    check: String,
    /// Which version of the bulletin they saw.
    version: i32,
    /// What they saw.
    fingerprint: String,
    /// Why.
    reason: String,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/readiness.html")]
struct Fragment {
    r: ReadinessView,
}

/// `GET /staff/bulletins/{id}/checks`: the list alone, for the page that shows it.
pub(in crate::web) async fn show(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    let shown = write_bulletin::show(&app, id).await?;
    let steps = Steps::of(&shown, &actor);
    let readiness = check_bulletin::show(&app, id).await?;
    let typed = (&PassForm::default(), &Problems::default());
    let r = ReadinessView::of(
        &readiness,
        (id, shown.bulletin.version),
        &steps,
        app.settings.check_links,
        typed,
    );
    show_page(&Fragment { r })
}

/// `POST /staff/bulletins/{id}/override`.
pub(in crate::web) async fn let_pass(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<PassForm>,
) -> Answer {
    let id = BulletinId(*id);
    let kind: CheckKind = form.check.parse().map_err(|_| AppError::NotFound)?;
    let wish = Wish {
        kind,
        version: form.version,
        fingerprint: form.fingerprint.clone(),
        reason: form.reason.clone(),
    };
    match check_bulletin::let_pass(&app, actor.id, id, wish).await {
        Ok(()) => {
            let said = format!("“{}” is let pass, with your reason.", kind.label());
            Ok(see_other_saying(&app, &place(id), &said))
        }
        Err(error @ AppError::Invalid(_)) => {
            let mut send = SendForm::untouched(&actor);
            send.problems.add(reason_field(kind), &error);
            send.pass = form;
            refused(&app, &actor, page, id, send).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/bulletins/{id}/override/take-back`.
pub(in crate::web) async fn take_back(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<PassForm>,
) -> Answer {
    let id = BulletinId(*id);
    let kind: CheckKind = form.check.parse().map_err(|_| AppError::NotFound)?;
    check_bulletin::take_back(&app, actor.id, id, kind).await?;
    let said = format!("“{}” is not let pass any more.", kind.label());
    Ok(see_other_saying(&app, &place(id), &said))
}

/// `POST /staff/bulletins/{id}/check-links`.
pub(in crate::web) async fn check_links(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
) -> Answer {
    let id = BulletinId(*id);
    check_links::check_again(&app, actor.id, id).await?;
    let said = "The links are being looked at. This takes some seconds.";
    Ok(see_other_saying(&app, &place(id), said))
}

fn place(id: BulletinId) -> String {
    format!("{}#checks", address(id))
}
