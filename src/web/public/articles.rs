//! The articles on the site.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, LINK, LOCATION};
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::supersede_article::Successor;
use crate::app::{App, read_publications};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::case_study::with_ground;
use crate::domain::clinical_text::lines;
use crate::domain::search_words::{MOST_CHARS, SearchWords};
use crate::domain::{local_time, markdown};
use crate::store::publications::Publication;
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};

use crate::domain::reference::{Reference, reference};

/// So many articles are on a page.
const PER_PAGE: i64 = 20;

/// An article in a list.
pub(in crate::web) struct ArticleCard {
    pub(in crate::web) slug: String,
    pub(in crate::web) kind_label: &'static str,
    pub(in crate::web) title: String,
    pub(in crate::web) summary: String,
    pub(in crate::web) published: String,
    /// Whether another article has taken its place.
    pub(in crate::web) superseded: bool,
}

impl ArticleCard {
    pub(in crate::web) fn of(publication: &Publication) -> Self {
        Self {
            slug: publication.slug.clone(),
            kind_label: publication.kind.label(),
            title: publication.title.clone(),
            summary: publication.summary.clone(),
            published: local_time::display_date(publication.first_published_at),
            superseded: false,
        }
    }
}

/// An article with all that is to be known of it.
pub(in crate::web) struct ArticleView {
    pub(in crate::web) kind_label: &'static str,
    pub(in crate::web) title: String,
    pub(in crate::web) summary: String,
    pub(in crate::web) practice_points: Vec<String>,
    pub(in crate::web) authors: Vec<String>,
    pub(in crate::web) reviewer: Option<String>,
    pub(in crate::web) reviewed: Option<String>,
    pub(in crate::web) conflicts: String,
    pub(in crate::web) references: Vec<Reference>,
    pub(in crate::web) published: Option<String>,
    pub(in crate::web) review_by: Option<String>,
    pub(in crate::web) overdue: bool,
}

impl ArticleView {
    pub(in crate::web) fn of(article: Publication, reviewer: String, now: Timestamp) -> Self {
        let list = |text: &str| lines(text).map(str::to_owned).collect();
        Self {
            kind_label: article.kind.label(),
            practice_points: list(&article.practice_points),
            authors: list(&article.authors),
            reviewer: Some(reviewer),
            reviewed: Some(local_time::display_date(article.approved_at)),
            references: lines(&article.reference_list).map(reference).collect(),
            published: Some(local_time::display_date(article.first_published_at)),
            review_by: article.review_by.map(|day| day.to_string()),
            overdue: article.review_by.is_some_and(|day| day.is_before(now)),
            title: article.title,
            summary: article.summary,
            conflicts: article.conflicts,
        }
    }
}

/// What a list is asked for.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::web) struct ListQuery {
    kind: String,
    q: String,
    page: String,
}

struct KindLink {
    label: &'static str,
    url: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/articles/index.html")]
struct Index {
    page: PageContext,
    heading: &'static str,
    q: String,
    kinds: Vec<KindLink>,
    kind: &'static str,
    articles: Vec<ArticleCard>,
    pager: Pager,
}

fn plural(kind: ArticleKind) -> &'static str {
    match kind {
        ArticleKind::News => "News",
        ArticleKind::CaseStudy => "Case studies",
        ArticleKind::SymposiumUpdate => "Symposium updates",
        ArticleKind::Guidance => "Guidance",
    }
}

fn address(kind: &str, q: &str, page: i64) -> String {
    list_address("/articles", [("kind", kind), ("q", q)], page)
}

/// `GET /articles?kind=&q=&page=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let query = query.into_inner();
    let kind = query.kind.parse::<ArticleKind>().ok();
    let q: String = query.q.trim().chars().take(MOST_CHARS).collect();
    let number = i64::from(query.page.parse::<u32>().unwrap_or(0));
    let words = SearchWords::parse(&q);
    let offset = number * PER_PAGE;
    let found = read_publications::list(&app, kind, words, PER_PAGE, offset).await?;
    let kind_name = kind.map_or("", ArticleKind::as_str);
    let mut kinds = vec![KindLink {
        label: "All",
        url: address("", &q, 0),
        current: kind.is_none(),
    }];
    kinds.extend(ArticleKind::ALL.iter().map(|&one| KindLink {
        label: plural(one),
        url: address(one.as_str(), &q, 0),
        current: kind == Some(one),
    }));
    show_page(&Index {
        page,
        heading: kind.map_or("Articles", plural),
        kinds,
        kind: kind_name,
        articles: found
            .articles
            .iter()
            .map(|(article, superseded)| ArticleCard {
                superseded: *superseded,
                ..ArticleCard::of(article)
            })
            .collect(),
        pager: Pager::new(number, PER_PAGE, found.total, |page| {
            address(kind_name, &q, page)
        }),
        q,
    })
}

#[derive(Template)]
#[template(path = "web/articles/show.html")]
struct Show {
    page: PageContext,
    article: ArticleView,
    body_html: String,
    topic_slug: String,
    topic_name: String,
    reading_time: String,
    short_address: String,
    older: Option<Neighbour>,
    newer: Option<Neighbour>,
    successor: Option<SuccessorView>,
    replaces: Vec<Neighbour>,
}

/// Where readers of a superseded article go on.
pub(in crate::web) struct SuccessorView {
    /// None while the successor is not on the site.
    pub(in crate::web) newer: Option<Neighbour>,
}

impl SuccessorView {
    pub(in crate::web) fn of(successor: Successor) -> Self {
        let newer = match successor {
            Successor::OnSite { slug, title } => Some(Neighbour { slug, title }),
            Successor::NotOnSite => None,
        };
        Self { newer }
    }
}

/// An article beside the one that is read.
pub(in crate::web) struct Neighbour {
    pub(in crate::web) slug: String,
    pub(in crate::web) title: String,
}

impl Neighbour {
    fn of((slug, title): (String, String)) -> Self {
        Self { slug, title }
    }
}

/// So many words of a clinical text are read in a minute, on an ordinary day.
const WORDS_A_MINUTE: usize = 200;

fn reading_time(words: usize) -> String {
    match words.div_ceil(WORDS_A_MINUTE).max(1) {
        1 => "1 minute to read".to_owned(),
        minutes => format!("{minutes} minutes to read"),
    }
}

/// `GET /articles/{slug}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, slug: Path<String>) -> Answer {
    let read = read_publications::by_slug(&app, slug.into_inner()).await?;
    let around = read_publications::around(&app, read.publication.clone()).await?;
    let (topic_slug, topic_name) = around
        .topic
        .map(|topic| (topic.slug, topic.name))
        .unwrap_or_default();
    let body_html = markdown::to_html(&with_ground(
        &read.publication.body,
        read.publication.case_ground,
    ));
    let body_html = around.image_sizes.on_a_page(&body_html);
    let words = markdown::to_words(&read.publication.body);
    let short_address = app
        .settings
        .base_url
        .join(&format!("/a/{}", read.publication.article_id));
    let article = ArticleView::of(read.publication, read.reviewer, app.now());
    let successor = read.successor.map(SuccessorView::of);
    let link = successor_link(&app, successor.as_ref());
    let mut answer = show_page(&Show {
        page,
        article,
        body_html,
        successor,
        replaces: around.replaces.into_iter().map(Neighbour::of).collect(),
        topic_slug,
        topic_name,
        reading_time: reading_time(words.split_whitespace().count()),
        short_address,
        older: around.older.map(Neighbour::of),
        newer: around.newer.map(Neighbour::of),
    })?;
    if let Some(link) = link {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

/// `GET /a/{id}`: the short address of an article, to be said aloud or printed. It leads to the long one, for good: an article keeps
/// its name when its title changes.
pub(in crate::web) async fn short(app: Data<App>, id: Path<i64>) -> Answer {
    let slug = read_publications::slug_of(&app, ArticleId(id.into_inner())).await?;
    Ok(HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, format!("/articles/{slug}")))
        .finish())
}

/// Tells programs where the newer article is (RFC 5829, section 3.5). It is no canonical address: that would say that both
/// pages hold the same.
fn successor_link(app: &App, successor: Option<&SuccessorView>) -> Option<HeaderValue> {
    let newer = successor?.newer.as_ref()?;
    let url = app
        .settings
        .base_url
        .join(&format!("/articles/{}", newer.slug));
    HeaderValue::from_str(&format!("<{url}>; rel=\"successor-version\"")).ok()
}
