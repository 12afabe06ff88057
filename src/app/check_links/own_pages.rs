//! Links into this site, looked up without asking it over the network.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::domain::image;
use crate::store::bulletins::{self, Bulletin};
use crate::store::{Db, StoreError, images, publications, symposia, topics};

/// Pages that have one address for good.
pub const PAGES: [&str; 16] = [
    "/",
    "/subscribe",
    "/manage",
    "/articles",
    "/practice-points",
    "/bulletins",
    "/search",
    "/symposium",
    "/calcium-score",
    "/calcium-score/referrers",
    "/calcium-score/referral-check",
    "/feed.atom",
    "/sitemap.xml",
    "/contact",
    "/privacy",
    "/favicon.svg",
];

/// Why a reader would not get there, if so.
pub(super) fn objection(
    db: &mut Db,
    bulletin: &Bulletin,
    url: &Url,
) -> Result<Option<&'static str>, StoreError> {
    let Ok(path) = percent_decode_str(url.path()).decode_utf8() else {
        return Ok(Some("there is no such page here"));
    };
    let path = match path.as_ref() {
        "/" => "/",
        path => path.trim_end_matches('/'),
    };
    if path.starts_with("/staff") {
        return Ok(Some("this page is for staff; readers cannot open it"));
    }
    let is_there = PAGES.contains(&path) || is_found(db, bulletin, path)?;
    Ok((!is_there).then_some("there is no such page here"))
}

fn is_found(db: &mut Db, bulletin: &Bulletin, path: &str) -> Result<bool, StoreError> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let found = match parts[..] {
        ["articles", slug] | ["practice-points", slug, _] => {
            publications::by_slug(db, slug).map(drop)
        }
        // Its own page is there as soon as it goes out.
        ["bulletins", slug] if slug == bulletin.slug => Ok(()),
        ["bulletins", slug] => bulletins::started_by_slug(db, slug).map(drop),
        ["symposium", slug] => {
            let slug = slug.strip_suffix(".ics").unwrap_or(slug);
            symposia::on_site_by_slug(db, slug).map(drop)
        }
        ["topics", slug, _] if path.ends_with("/feed.atom") => {
            return Ok(topics::all(db)?.iter().any(|topic| topic.slug == slug));
        }
        ["a", id] => match id.parse() {
            Ok(id) => return Ok(!publications::of_articles(db, &[id])?.is_empty()),
            Err(_) => return Ok(false),
        },
        ["images", _] => match image::parse_address(path) {
            Some((hash, _)) => images::get(db, hash).map(drop),
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    match found {
        Ok(()) => Ok(true),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}
