//! The search over everything that is published.

mod pages;

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, search};
use crate::domain::local_time;
use crate::domain::search_entry::EntryKind;
use crate::domain::search_words::{MOST_CHARS, Piece, SearchWords};
use crate::store::search_entries::Found;
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};

/// So many results are on a page.
const PER_PAGE: u16 = 10;

/// So many pages of results can be looked through.
const LAST_PAGE: u16 = 99;

/// About so many bytes of a text are shown.
const EXCERPT: usize = 260;

struct ResultRow {
    path: String,
    kind_label: &'static str,
    /// When it was published; of an event, when it begins.
    date: String,
    heading: Vec<Piece>,
    excerpt: Vec<Piece>,
    /// The title of the article that a practice point is from; otherwise empty.
    source: String,
    superseded: bool,
}

impl ResultRow {
    fn of(found: Found, words: &SearchWords) -> Self {
        let is_point = found.kind == EntryKind::PracticePoint;
        Self {
            path: found.kind.path(&found.slug, found.position),
            kind_label: found.kind.label(),
            date: found.event_at.map_or_else(
                || local_time::display_date(found.published_at),
                local_time::display_with_weekday,
            ),
            heading: words.marked(if is_point { &found.body } else { &found.title }),
            excerpt: if is_point {
                Vec::new()
            } else {
                words.excerpt(&found.body, EXCERPT)
            },
            source: if is_point { found.title } else { String::new() },
            superseded: found.superseded,
        }
    }
}

/// A page of the site itself.
struct SiteRow {
    path: &'static str,
    heading: Vec<Piece>,
    excerpt: Vec<Piece>,
}

struct KindLink {
    label: &'static str,
    count: i64,
    url: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/search.html")]
struct SearchPage {
    page: PageContext,
    q: String,
    most_chars: usize,
    has_words: bool,
    kind: &'static str,
    kinds: Vec<KindLink>,
    pages: Vec<SiteRow>,
    results: Vec<ResultRow>,
    pager: Pager,
}

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SearchQuery {
    q: String,
    kind: String,
    page: String,
}

fn plural(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Article => "Articles",
        EntryKind::PracticePoint => "Practice points",
        EntryKind::Bulletin => "Bulletins",
        EntryKind::Symposium => "Symposium",
    }
}

fn address(q: &str, kind: &str, page: i64) -> String {
    list_address("/search", [("q", q), ("kind", kind)], page)
}

/// `GET /search?q=&kind=&page=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    query: Query<SearchQuery>,
) -> Answer {
    let query = query.into_inner();
    let q: String = query.q.trim().chars().take(MOST_CHARS).collect();
    let kind = query.kind.parse::<EntryKind>().ok();
    let number = query.page.parse::<u32>().unwrap_or(0).min(LAST_PAGE.into());
    let words = SearchWords::parse(&q);
    let limit = i64::from(PER_PAGE);
    let offset = i64::from(number) * limit;
    let results = search::search(&app, words.clone(), kind, limit, offset).await?;
    let kind_name = kind.map_or("", EntryKind::as_str);
    let mut kinds = vec![KindLink {
        label: "All",
        count: results.count(None),
        url: address(&q, "", 0),
        current: kind.is_none(),
    }];
    kinds.extend(EntryKind::ALL.iter().map(|&one| KindLink {
        label: plural(one),
        count: results.count(Some(one)),
        url: address(&q, one.as_str(), 0),
        current: kind == Some(one),
    }));
    let reachable = i64::from(PER_PAGE) * (i64::from(LAST_PAGE) + 1);
    let total = results.count(kind).min(reachable);
    let pager = Pager::new(number.into(), limit, total, |page| {
        address(&q, kind_name, page)
    });
    let rows = results.found.into_iter();
    // Beside the first results of all kinds.
    let pages = if kind.is_none() && number == 0 {
        pages::found(&page, &words)
    } else {
        Vec::new()
    };
    let site_row = |found: pages::FoundPage| SiteRow {
        path: found.path,
        heading: words.marked(found.title),
        excerpt: words.excerpt(found.text, EXCERPT),
    };
    show_page(&SearchPage {
        page,
        most_chars: MOST_CHARS,
        has_words: !words.is_empty(),
        kind: kind_name,
        kinds,
        pages: pages.into_iter().map(site_row).collect(),
        results: rows.map(|found| ResultRow::of(found, &words)).collect(),
        pager,
        q,
    })
}
