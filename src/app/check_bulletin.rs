//! What has to be well before a bulletin goes out is looked at; and somebody who sends may let some of it pass, with a
//! reason that stays with the bulletin.

mod findings;

pub use findings::size_in_words;

use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::readiness::{CheckKind, Entry, Finding, Level, Passed, Readiness, in_words};
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::bulletin_overrides::{self, NewOverride};
use crate::store::bulletins::{self, Bulletin};
use crate::store::{Db, audit_events};

use super::{App, AppError};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 300;

/// What is found of a bulletin now, and what of it was let pass.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn show(app: &App, id: BulletinId) -> Result<Readiness, AppError> {
    let own = app.clone();
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            readiness(&own, db, &bulletin)
        })
        .await
}

/// The same within a transaction.
pub(super) fn readiness(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
) -> Result<Readiness, AppError> {
    let passed = bulletin_overrides::of(db, bulletin.id)?;
    let entries = findings::all(app, db, bulletin)?
        .into_iter()
        .map(|finding| {
            let fingerprint = finding.fingerprint();
            let own = passed.iter().find(|passed| {
                // What was let pass was this version with this in it, and nothing else.
                passed.kind == finding.kind
                    && passed.version == bulletin.version
                    && passed.fingerprint == fingerprint
            });
            let is_needed = finding.blocks() && finding.kind.may_be_overridden();
            let passed = own.filter(|_| is_needed).map(|passed| Passed {
                by: passed.by.clone(),
                at: passed.at,
                reason: passed.reason.clone(),
            });
            Entry { finding, passed }
        });
    Ok(Readiness {
        entries: entries.collect(),
    })
}

/// Refuses what is not ready, in words.
pub(super) fn demand(app: &App, db: &mut Db, bulletin: &Bulletin) -> Result<(), AppError> {
    let readiness = readiness(app, db, bulletin)?;
    match readiness.is_ready() {
        true => Ok(()),
        false => Err(AppError::Refused(format!(
            "It is not sent as it is. {}",
            in_words(readiness.open())
        ))),
    }
}

/// What somebody wants to let pass: what they saw, and why it does not matter.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What was looked at.
    pub kind: CheckKind,
    /// Which version of the bulletin they saw.
    pub version: i32,
    /// Stands for what they saw.
    pub fingerprint: String,
    /// Why it may go nevertheless.
    pub reason: String,
}

/// Lets something pass that was found.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when by now something else is found;
/// [`AppError::Refused`] where it cannot be let pass, or nothing is approved yet.
pub async fn let_pass(app: &App, by: StaffId, id: BulletinId, wish: Wish) -> Result<(), AppError> {
    let reason = ShortText::parse(&wish.reason, LONGEST_REASON)
        .map_err(|error| AppError::Invalid(vec![("reason", error.about("a reason"))]))?;
    if !wish.kind.may_be_overridden() {
        return Err(AppError::refused(
            "This has to be put right, and cannot be let pass.",
        ));
    }
    let (own, now) = (app.clone(), app.now());
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            if !can_be_let_pass(bulletin.state) {
                return Err(AppError::refused(
                    "Only what waits for approval or for its sending can be let pass.",
                ));
            }
            let found = findings::all(&own, db, &bulletin)?;
            let finding = found.iter().find(|finding| finding.kind == wish.kind);
            let Some(finding) = finding.filter(|finding| {
                finding.blocks()
                    && finding.fingerprint() == wish.fingerprint
                    && bulletin.version == wish.version
            }) else {
                return Err(AppError::Conflict);
            };
            let new = NewOverride {
                kind: wish.kind,
                version: bulletin.version,
                fingerprint: &wish.fingerprint,
                finding: &finding.text,
                reason: reason.as_str(),
            };
            bulletin_overrides::set(db, id, &new, by, now)?;
            note(
                db,
                by,
                "bulletin.override",
                &bulletin,
                finding,
                &format!(": {}", reason.as_str()),
                now,
            )
        })
        .await
}

/// Takes back that something was let pass.
///
/// # Errors
/// [`AppError::Refused`] when it was not.
pub async fn take_back(
    app: &App,
    by: StaffId,
    id: BulletinId,
    kind: CheckKind,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            if !can_be_let_pass(bulletin.state) || !bulletin_overrides::remove(db, id, kind)? {
                return Err(AppError::refused("It was not let pass."));
            }
            let finding = Finding::new(kind, Level::Look, "");
            note(
                db,
                by,
                "bulletin.override-back",
                &bulletin,
                &finding,
                "",
                now,
            )
        })
        .await
}

/// Whether something can be let pass in this state: not while it is written, for it would be void with the next word.
pub fn can_be_let_pass(state: BulletinState) -> bool {
    matches!(
        state,
        BulletinState::InReview | BulletinState::Approved | BulletinState::Scheduled
    )
}

fn note(
    db: &mut Db,
    by: StaffId,
    action: &str,
    bulletin: &Bulletin,
    finding: &Finding,
    more: &str,
    now: crate::clock::Timestamp,
) -> Result<(), AppError> {
    let (what, version) = (finding.kind.label(), bulletin.version);
    let detail = match finding.text.as_str() {
        "" => format!("{what}, version {version}{more}"),
        text => format!("{what}, version {version}, “{text}”{more}"),
    };
    let entity = ("bulletin", Some(bulletin.id.0));
    audit_events::append(db, Some(by), action, entity, Some(&detail), now)?;
    Ok(())
}
