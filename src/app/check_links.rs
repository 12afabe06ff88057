//! Whether the links in a bulletin lead anywhere. Those into this site are looked up; the others are asked by the worker,
//! in the background, and what was found is kept for a while.

mod own_pages;

pub use own_pages::PAGES;

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use crate::clock::Timestamp;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::readiness::{CheckKind, Finding, Level, LinkOutcome, ago};
use crate::domain::staff_member::StaffId;
use crate::mail::inside;
use crate::store::bulletins::{self, Bulletin};
use crate::store::link_checks::{self, LinkCheck};
use crate::store::{Db, audit_events};

use super::compose_bulletin::as_approved_or_now;
use super::{App, AppError};

/// What was looked at longer ago is looked at again while a bulletin waits.
const OLD: Duration = Duration::from_secs(6 * 60 * 60);

/// So many links of one bulletin are looked at.
const MOST: usize = 500;

/// So long an address can be. What is longer is no link that a reader could use.
const LONGEST: usize = 2_000;

/// Where a mail leads.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Pages of this site.
    own: Vec<Url>,
    /// Other sites.
    other: Vec<String>,
    /// What no browser can follow.
    odd: Vec<String>,
}

/// The links in an HTML part. Those that differ between recipients are ours, and not looked at.
pub(super) fn links(app: &App, html: &str) -> Links {
    let base = app.settings.base_url.url();
    let mut links = Links::default();
    for address in inside::look(html).links.into_iter().take(MOST) {
        // A place in the same mail, or a personal link's slot.
        if address.is_empty() || address.starts_with('#') || address.contains('\u{e000}') {
            continue;
        }
        match Url::parse(&address) {
            Ok(url) if matches!(url.scheme(), "mailto" | "tel") => {}
            Ok(url) if !matches!(url.scheme(), "http" | "https") || address.len() > LONGEST => {
                links.odd.push(address.chars().take(LONGEST).collect());
            }
            Ok(url) if url.origin() == base.origin() => links.own.push(url),
            Ok(mut url) => {
                // What a browser keeps to itself.
                url.set_fragment(None);
                let address = url.to_string();
                if !links.other.contains(&address) {
                    links.other.push(address);
                }
            }
            Err(_) => links.odd.push(address.chars().take(LONGEST).collect()),
        }
    }
    links
}

/// Asks for a look at the links of a bulletin that lead elsewhere, where the last one was before `older_than`.
pub(super) fn want(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
    older_than: Timestamp,
    now: Timestamp,
) -> Result<(), AppError> {
    if app.settings.check_links {
        let content = as_approved_or_now(app, db, bulletin)?;
        let links = links(app, &content.html);
        link_checks::want(db, &links.other, older_than, now)?;
    }
    Ok(())
}

/// The same, where the last look is old.
pub(super) fn want_soon(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
    now: Timestamp,
) -> Result<(), AppError> {
    want(app, db, bulletin, now.minus(OLD), now)
}

/// What is known of the links of a bulletin.
pub(super) fn finding(
    app: &App,
    db: &mut Db,
    bulletin: &Bulletin,
    html: &str,
    now: Timestamp,
) -> Result<Finding, AppError> {
    let links = links(app, html);
    let total = links.own.len() + links.other.len() + links.odd.len();
    let finding = |level, text: String| Finding::new(CheckKind::Links, level, text);
    if total == 0 {
        return Ok(finding(
            Level::Fine,
            "There are none to other pages.".to_owned(),
        ));
    }
    let mut broken: Vec<(String, String)> = links
        .odd
        .iter()
        .map(|address| (address.clone(), "this is no address of a page".to_owned()))
        .collect();
    for url in &links.own {
        if let Some(why) = own_pages::objection(db, bulletin, url)? {
            broken.push((url.to_string(), why.to_owned()));
        }
    }
    let known = match app.settings.check_links {
        true => link_checks::of(db, &links.other)?,
        false => Vec::new(),
    };
    let known: HashMap<&str, &LinkCheck> = known
        .iter()
        .map(|found| (found.url.as_str(), found))
        .collect();
    let (mut unclear, mut waiting) = (Vec::new(), 0);
    let mut oldest: Option<Timestamp> = None;
    for address in &links.other {
        let found = known.get(address.as_str());
        let Some((found, outcome, at)) =
            found.and_then(|found| Some((found, found.outcome?, found.checked_at?)))
        else {
            waiting += 1;
            continue;
        };
        oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
        let why = || found.detail.clone().unwrap_or_default();
        match outcome {
            LinkOutcome::Answers => {}
            LinkOutcome::Broken => broken.push((address.clone(), why())),
            LinkOutcome::Unclear => unclear.push((address.clone(), why())),
        }
    }
    let when = oldest.map_or(String::new(), |at| format!(" Checked {}.", ago(at, now)));
    let in_words = |list: &[(String, String)]| -> Vec<String> {
        list.iter()
            .map(|(url, why)| format!("{url}: {why}"))
            .collect()
    };
    let mut result = if !broken.is_empty() {
        let count = broken.len();
        let verb = if count == 1 { "does" } else { "do" };
        let more = match waiting {
            _ if !app.settings.check_links => String::new(),
            0 => String::new(),
            waiting => format!(" {waiting} more are being looked at just now."),
        };
        let text = format!(
            "{count} of {} {verb} not answer.{when}{more}",
            counted(total)
        );
        finding(Level::Blocker, text).with(in_words(&broken))
    } else if !app.settings.check_links && waiting > 0 {
        let text = "Those to other sites are not looked at here (setting check_links).".to_owned();
        finding(Level::Look, text)
    } else if waiting > 0 {
        let text = format!(
            "{waiting} of {} are being looked at just now.",
            counted(total)
        );
        finding(Level::Waiting, text)
    } else if !unclear.is_empty() {
        let count = unclear.len();
        let text = format!(
            "Of {}, {count} could not be looked at from here. Please open them once yourself.{when}",
            counted(total)
        );
        finding(Level::Look, text).with(in_words(&unclear))
    } else {
        let verb = if total == 1 { "answers" } else { "answer" };
        finding(Level::Fine, format!("{} {verb}.{when}", counted(total)))
    };
    result.is_unfinished = app.settings.check_links && waiting > 0;
    // What is let pass are these addresses, whatever the words for it are next time.
    let mut substance: Vec<&str> = broken.iter().map(|(url, _)| url.as_str()).collect();
    substance.sort_unstable();
    result.substance = match result.level {
        Level::Waiting => "waiting".to_owned(),
        _ => substance.join("\n"),
    };
    Ok(result)
}

fn counted(links: usize) -> String {
    match links {
        1 => "1 link".to_owned(),
        more => format!("{more} links"),
    }
}

/// Has the links of a bulletin looked at again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] where that is turned off, or nothing of it is going to be sent.
pub async fn check_again(app: &App, by: StaffId, id: BulletinId) -> Result<(), AppError> {
    if !app.settings.check_links {
        return Err(AppError::refused(
            "Links to other sites are not looked at here: the setting check_links says so.",
        ));
    }
    let (own, now) = (app.clone(), app.now());
    app.store
        .write(move |db| {
            let bulletin = bulletins::get(db, id)?;
            if bulletin.state.has_started() || bulletin.state == BulletinState::Cancelled {
                return Err(AppError::refused("It is not going to be sent any more."));
            }
            want(&own, db, &bulletin, now, now)?;
            let entity = ("bulletin", Some(id.0));
            audit_events::append(db, Some(by), "bulletin.check-links", entity, None, now)?;
            Ok(())
        })
        .await
}

/// Asks for a look at the links of the bulletins that wait for somebody or for their time, where the last one is old.
///
/// # Errors
/// [`AppError::Store`].
pub async fn want_old(app: &App) -> Result<(), AppError> {
    let (own, now) = (app.clone(), app.now());
    app.store
        .write(move |db| {
            for state in [
                BulletinState::InReview,
                BulletinState::Approved,
                BulletinState::Scheduled,
            ] {
                for bulletin in bulletins::in_state(db, state)? {
                    want_soon(&own, db, &bulletin, now)?;
                }
            }
            Ok(())
        })
        .await
}

/// Some of the addresses at which a look is wanted.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(app: &App, limit: i64) -> Result<Vec<String>, AppError> {
    app.store
        .read(move |db| Ok(link_checks::waiting(db, limit)?))
        .await
}

/// Of one bulletin, those at which a look is wanted.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn waiting_of(app: &App, id: BulletinId) -> Result<Vec<String>, AppError> {
    let own = app.clone();
    app.store
        .read(move |db| {
            let bulletin = bulletins::get(db, id)?;
            let content = as_approved_or_now(&own, db, &bulletin)?;
            let links = links(&own, &content.html).other;
            let known = link_checks::of(db, &links)?;
            let is_known = |url: &String| {
                known
                    .iter()
                    .any(|found| found.url == *url && found.checked_at.is_some())
            };
            Ok(links.into_iter().filter(|url| !is_known(url)).collect())
        })
        .await
}

/// Waits until every link of a bulletin was looked at once, but not longer than that.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn until_known(app: &App, id: BulletinId, within: Duration) -> Result<(), AppError> {
    if !app.settings.check_links {
        return Ok(());
    }
    let known = async {
        while !waiting_of(app, id).await?.is_empty() {
            // The worker may be another process: nothing tells when.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    };
    tokio::time::timeout(within, known).await.unwrap_or(Ok(()))
}

/// Notes what was found at an address.
///
/// # Errors
/// [`AppError::Store`].
pub async fn found(
    app: &App,
    url: String,
    outcome: LinkOutcome,
    detail: String,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| Ok(link_checks::found(db, &url, outcome, &detail, now)?))
        .await
}
