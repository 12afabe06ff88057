//! What programs read by themselves: Atom feeds (RFC 4287) and the sitemap (sitemaps.org).

use std::cmp::Reverse;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, read_feeds};
use crate::clock::Timestamp;
use crate::domain::case_study::with_ground;
use crate::domain::clinical_text::lines;
use crate::domain::symposium::SymposiumState;
use crate::domain::{local_time, markdown};
use crate::store::bulletins::Bulletin;
use crate::store::publications::Publication;
use crate::store::symposia::Symposium;
use crate::web::page::Answer;

/// An entry of a feed. Its address is its identifier for good: a slug never changes.
struct Entry {
    url: String,
    title: String,
    summary: String,
    /// HTML; empty: none.
    content: String,
    authors: Vec<String>,
    category: String,
    published: Timestamp,
    updated: Timestamp,
}

impl Entry {
    fn of_article(app: &App, article: Publication) -> Self {
        let base_url = app.settings.base_url.join("");
        Self {
            url: format!("{base_url}/articles/{}", article.slug),
            content: markdown::to_html_for_mail(
                &with_ground(&article.body, article.case_ground),
                &base_url,
            ),
            authors: lines(&article.authors).map(str::to_owned).collect(),
            category: article.kind.label().to_owned(),
            published: article.first_published_at,
            updated: article.published_at,
            title: article.title,
            summary: article.summary,
        }
    }

    fn of_symposium(app: &App, symposium: Symposium) -> Option<Self> {
        let published = symposium.published_at?;
        let when = local_time::display_span(symposium.starts_at, symposium.ends_at);
        let cancelled = match symposium.state {
            SymposiumState::Cancelled => "Cancelled: ",
            _ => "",
        };
        Some(Self {
            url: app.symposium_url(&symposium.slug),
            title: format!("{cancelled}{}", symposium.title),
            summary: format!("{when}. {}", symposium.summary),
            content: String::new(),
            authors: Vec::new(),
            category: "Symposium".to_owned(),
            published,
            updated: symposium.updated_at,
        })
    }

    fn of_bulletin(app: &App, bulletin: Bulletin) -> Option<Self> {
        let sent = bulletin.started_at?;
        let path = format!("/bulletins/{}", bulletin.slug);
        Some(Self {
            url: app.settings.base_url.join(&path),
            title: bulletin.subject,
            summary: bulletin.preheader,
            content: String::new(),
            authors: Vec::new(),
            category: "Bulletin".to_owned(),
            published: sent,
            updated: sent,
        })
    }
}

#[derive(Template)]
#[template(path = "web/feed.xml")]
struct Feed {
    title: String,
    clinic: String,
    own_url: String,
    page_url: String,
    updated: String,
    entries: Vec<Entry>,
}

impl Feed {
    fn answer(
        app: &App,
        title: String,
        own_path: &str,
        page_path: &str,
        mut entries: Vec<Entry>,
    ) -> Answer {
        entries.sort_by_key(|entry| Reverse(entry.published));
        entries.truncate(read_feeds::LONGEST);
        // A feed has to say when it changed last; one without entries never did.
        let newest = entries.iter().map(|entry| entry.updated).max();
        let feed = Self {
            title,
            clinic: app.site().clinic.name.clone(),
            own_url: app.settings.base_url.join(own_path),
            page_url: app.settings.base_url.join(page_path),
            updated: local_time::rfc3339(newest.unwrap_or(Timestamp::from_millis(0))),
            entries,
        };
        xml("application/atom+xml; charset=utf-8", &feed)
    }
}

/// Control characters and the two non-characters, escaped or not, make XML 1.0 unreadable.
fn xml(content_type: &'static str, document: &impl Template) -> Answer {
    let mut text = document.render()?;
    text.retain(|c| {
        !matches!(c, '\u{fffe}' | '\u{ffff}') && (!c.is_control() || matches!(c, '\n' | '\t'))
    });
    Ok(HttpResponse::Ok().content_type(content_type).body(text))
}

/// `GET /feed.atom`: the newest articles, bulletins and symposia.
pub(in crate::web) async fn everything(app: Data<App>) -> Answer {
    let (articles, bulletins, symposia) = read_feeds::everything(&app).await?;
    let articles = articles.into_iter().map(|one| Entry::of_article(&app, one));
    let bulletins = bulletins
        .into_iter()
        .filter_map(|one| Entry::of_bulletin(&app, one));
    let symposia = symposia
        .into_iter()
        .filter_map(|one| Entry::of_symposium(&app, one));
    let entries = articles.chain(bulletins).chain(symposia).collect();
    let title = crate::NEWSLETTER_NAME.to_owned();
    Feed::answer(&app, title, "/feed.atom", "/", entries)
}

/// `GET /topics/{slug}/feed.atom`: the newest articles under a topic, and symposia under theirs.
pub(in crate::web) async fn of_topic(app: Data<App>, slug: Path<String>) -> Answer {
    let (topic, articles, symposia) = read_feeds::of_topic(&app, slug.into_inner()).await?;
    let articles = articles.into_iter().map(|one| Entry::of_article(&app, one));
    let symposia = symposia
        .into_iter()
        .filter_map(|one| Entry::of_symposium(&app, one));
    let title = format!("{}: {}", crate::NEWSLETTER_NAME, topic.name);
    let own_path = format!("/topics/{}/feed.atom", topic.slug);
    Feed::answer(
        &app,
        title,
        &own_path,
        "/articles",
        articles.chain(symposia).collect(),
    )
}

/// The pages that are always there, and that somebody may look for.
const PAGES: [&str; 10] = [
    "/",
    "/subscribe",
    "/articles",
    "/practice-points",
    "/bulletins",
    "/symposium",
    "/calcium-score",
    "/calcium-score/referrers",
    "/contact",
    "/privacy",
];

struct Place {
    url: String,
    changed: Option<String>,
}

#[derive(Template)]
#[template(path = "web/sitemap.xml")]
struct Sitemap {
    places: Vec<Place>,
}

/// `GET /sitemap.xml`.
pub(in crate::web) async fn sitemap(app: Data<App>) -> Answer {
    let place = |path: &str, changed: Option<Timestamp>| Place {
        url: app.settings.base_url.join(path),
        changed: changed.map(local_time::rfc3339),
    };
    let published = read_feeds::sitemap(&app).await?;
    let always = PAGES.iter().map(|path| place(path, None));
    let changing = published.iter().map(|(path, at)| place(path, Some(*at)));
    let places = always.chain(changing).collect();
    xml("application/xml; charset=utf-8", &Sitemap { places })
}
