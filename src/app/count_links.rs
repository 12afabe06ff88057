//! How often the links of a bulletin are followed: a number for each link and day, and nothing of who did.
//!
//! The links go by short addresses of ours, which stand for stored links and can lead nowhere else. Counting never holds
//! anybody up: it is a number in memory, written a few seconds later and when the program ends. What a crash takes of it
//! is a few seconds of a number that is no exact one anyway, for mail scanners follow links too.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::domain::bulletin::BulletinId;
use crate::domain::bulletin_link::{self, LinkId};
use crate::domain::local_time::CalendarDate;
use crate::mail::content::Content;
use crate::mail::short_links;
use crate::store::bulletin_links::{self, BulletinLink};
use crate::store::{Db, bulletins};

use super::instance::random;
use super::read_report::Links;
use super::{App, AppError};

/// What is counted is written after this long.
const WRITTEN_AFTER: Duration = Duration::from_secs(5);

/// Pages of one person, or for signing in: their links are nobody's business to count.
const PERSONAL: [&str; 8] = [
    "/u/",
    "/manage",
    "/confirm/",
    "/registration/",
    "/unsubscribe",
    "/staff",
    "/l/",
    "/webhooks/",
];

/// What has been counted and is not written yet.
#[derive(Default)]
pub(super) struct Pending {
    counts: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    numbers: HashMap<(LinkId, CalendarDate), i64>,
    /// Somebody will write them soon.
    is_called: bool,
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Counted> {
        // Numbers: a panic elsewhere leaves them in order.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives numbers back that could not be written.
    fn put_back(&self, numbers: Vec<(LinkId, CalendarDate, i64)>) {
        let mut counted = self.lock();
        for (link, day, count) in numbers {
            *counted.numbers.entry((link, day)).or_default() += count;
        }
    }
}

/// Gives the links of a bulletin that begins to be sent their short addresses, where links are counted. The mail is what
/// was approved, so these stay right.
pub(super) fn give_codes(app: &App, db: &mut Db, id: BulletinId) -> Result<(), AppError> {
    if !app.settings.count_links || !bulletin_links::of(db, id)?.is_empty() {
        return Ok(());
    }
    let Some(frozen) = bulletins::frozen(db, id)? else {
        return Ok(());
    };
    let content = Content {
        subject: String::new(),
        html: frozen.html,
        text: frozen.text,
    };
    let counted = short_links::links(&content)
        .into_iter()
        .filter(|link| may_be_counted(app, &link.url));
    for (position, link) in (0..).zip(counted) {
        let code = bulletin_link::code(u64::from_ne_bytes(random()?));
        bulletin_links::insert(db, id, position, &code, &link.url, &link.label)?;
    }
    Ok(())
}

/// Not what leads to somebody's own page.
fn may_be_counted(app: &App, url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let base = app.settings.base_url.url();
    let is_ours = url.origin() == base.origin();
    let path = url.path();
    let path = path
        .strip_prefix(base.path().trim_end_matches('/'))
        .unwrap_or(path);
    let is_personal = PERSONAL.iter().any(|page| path.starts_with(page))
        || (path.starts_with("/symposium/") && path.contains("/register/"));
    !(is_ours && is_personal)
}

/// A mail with the short addresses that its bulletin has; as it is, where that has none.
pub(super) fn with_short(app: &App, content: &Content, links: Vec<BulletinLink>) -> Content {
    if links.is_empty() {
        return content.clone();
    }
    let short = links.into_iter().map(|link| {
        let path = format!("{}{}", bulletin_link::PATH, link.code);
        (link.url, app.settings.base_url.join(&path))
    });
    short_links::with_short(content, &short.collect())
}

/// Where a short address leads.
#[derive(Debug, Clone)]
pub struct Target {
    /// Which link.
    pub link: LinkId,
    /// Its whole address, in the form of a header.
    pub url: String,
}

/// Where the short address with this code leads, for as long as the bulletin is there, whether links are counted or not.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Store`].
pub async fn target(app: &App, code: &str) -> Result<Target, AppError> {
    if !bulletin_link::is_code(code) {
        return Err(AppError::NotFound);
    }
    let code = code.to_owned();
    let found = app
        .store
        .read(move |db| bulletin_links::by_code(db, &code))
        .await?;
    let link = found.ok_or(AppError::NotFound)?;
    let url = Url::parse(&link.url).map_err(AppError::internal)?;
    Ok(Target {
        link: link.id,
        url: url.into(),
    })
}

/// Counts that a link was followed, and returns at once.
pub fn count(app: &App, link: LinkId) {
    if !app.settings.count_links {
        return;
    }
    let day = CalendarDate::of(app.now());
    let calls = {
        let mut counted = app.link_counts.lock();
        *counted.numbers.entry((link, day)).or_default() += 1;
        !std::mem::replace(&mut counted.is_called, true)
    };
    if calls {
        let app = app.clone();
        tokio::spawn(async move {
            tokio::time::sleep(WRITTEN_AFTER).await;
            app.link_counts.lock().is_called = false;
            if let Err(error) = write(&app).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "counts of links are written later");
            }
        });
    }
}

/// Writes what was counted until now. What cannot be written is kept for the next time.
///
/// # Errors
/// [`AppError::Store`].
pub async fn write(app: &App) -> Result<(), AppError> {
    let numbers = std::mem::take(&mut app.link_counts.lock().numbers);
    if numbers.is_empty() {
        return Ok(());
    }
    let mut numbers: Vec<_> = numbers
        .into_iter()
        .map(|((link, day), count)| (link, day, count))
        .collect();
    // In one order, so that two programs on one PostgreSQL never wait for each other.
    numbers.sort_unstable();
    let numbers = Arc::new(numbers);
    let adding = numbers.clone();
    let written = app
        .store
        .write(move |db| bulletin_links::add(db, adding.iter().copied()))
        .await;
    if let Err(error) = written {
        app.link_counts.put_back(numbers.to_vec());
        return Err(error.into());
    }
    Ok(())
}

/// The links of a bulletin and how often they were followed, what is not written yet included.
pub(super) async fn of_bulletin(app: &App, id: BulletinId) -> Result<Links, AppError> {
    let (links, written) = app
        .store
        .read(move |db| {
            let links = bulletin_links::of(db, id)?;
            Ok::<_, AppError>((links, bulletin_links::counts(db, id)?))
        })
        .await?;
    let pending: Vec<(LinkId, CalendarDate, i64)> = {
        let counted = app.link_counts.lock();
        let numbers = counted.numbers.iter();
        numbers
            .map(|(&(link, day), &count)| (link, day, count))
            .filter(|(link, ..)| links.iter().any(|one| one.id == *link))
            .collect()
    };
    let mut days: BTreeMap<CalendarDate, i64> = BTreeMap::new();
    let mut totals: HashMap<LinkId, i64> = HashMap::new();
    for (link, day, count) in written.into_iter().chain(pending) {
        *days.entry(day).or_default() += count;
        *totals.entry(link).or_default() += count;
    }
    let links = links.into_iter().map(|link| {
        let total = totals.get(&link.id).copied().unwrap_or(0);
        (link.url, link.label, total)
    });
    Ok(Links {
        links: links.collect(),
        days,
        are_counted: app.settings.count_links,
    })
}
