//! The library of practice points: those of all articles, and each by itself.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, read_practice_points};
use crate::clock::Timestamp;
use crate::domain::local_time;
use crate::domain::search_words::{MOST_CHARS, Piece, SearchWords};
use crate::store::search_entries::{Point, PointFilter};
use crate::store::topics::Topic;
use crate::web::page::{Answer, PageContext, Pager, list_address, show as show_page};

use super::articles::{ArticleView, SuccessorView};

/// So many points are on a page.
const PER_PAGE: u32 = 60;

/// The points of one article.
struct Group {
    slug: String,
    title: String,
    kind_label: &'static str,
    published: String,
    overdue: bool,
    points: Vec<PointRow>,
}

struct PointRow {
    number: i32,
    text: Vec<Piece>,
}

/// Points of the same article stand one after the other.
fn grouped(points: Vec<Point>, words: &SearchWords, now: Timestamp) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for point in points {
        let row = PointRow {
            number: point.position,
            text: words.marked(&point.body),
        };
        match groups.last_mut() {
            Some(group) if group.slug == point.slug => group.points.push(row),
            _ => groups.push(Group {
                kind_label: point.article_kind.label(),
                published: local_time::display_date(point.published_at),
                overdue: point.review_by.is_some_and(|day| day.is_before(now)),
                slug: point.slug,
                title: point.title,
                points: vec![row],
            }),
        }
    }
    groups
}

#[derive(Template)]
#[template(path = "web/practice_points/index.html")]
struct LibraryPage {
    page: PageContext,
    filter: LibraryQuery,
    filtered: bool,
    most_chars: usize,
    topics: Vec<Topic>,
    years: Vec<String>,
    groups: Vec<Group>,
    pager: Pager,
}

/// Which part of it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct LibraryQuery {
    q: String,
    topic: String,
    year: String,
    page: String,
}

impl LibraryQuery {
    fn address(&self, page: i64) -> String {
        let fields = [("q", &self.q), ("topic", &self.topic), ("year", &self.year)];
        let fields = fields.map(|(name, value)| (name, value.as_str()));
        list_address("/practice-points", fields, page)
    }
}

/// `GET /practice-points?q=&topic=&year=&page=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<LibraryQuery>,
) -> Answer {
    let mut asked = query.into_inner();
    asked.q = asked.q.trim().chars().take(MOST_CHARS).collect();
    let published = asked.year.parse().ok().and_then(read_practice_points::year);
    if published.is_none() {
        asked.year.clear();
    }
    asked.topic.truncate(asked.topic.floor_char_boundary(100));
    let words = SearchWords::parse(&asked.q);
    let filter = PointFilter {
        words: words.clone(),
        topic: asked.topic.clone(),
        published,
    };
    let number = i64::from(asked.page.parse::<u32>().unwrap_or(0));
    let per_page = i64::from(PER_PAGE);
    let library = read_practice_points::library(&app, filter, per_page, number * per_page).await?;
    let pager = Pager::new(number, per_page, library.total, |page| asked.address(page));
    show_page(&LibraryPage {
        page,
        filtered: !(asked.q.is_empty() && asked.topic.is_empty() && asked.year.is_empty()),
        filter: asked,
        most_chars: MOST_CHARS,
        topics: library.topics,
        years: library.years.iter().map(ToString::to_string).collect(),
        groups: grouped(library.points, &words, app.now()),
        pager,
    })
}

#[derive(Template)]
#[template(path = "web/practice_points/show.html")]
struct PointPage {
    page: PageContext,
    slug: String,
    number: usize,
    point: String,
    article: ArticleView,
    successor: Option<SuccessorView>,
    address: String,
}

/// `GET /practice-points/{slug}/{number}`: a point by itself, to be cited.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    path: Path<(String, usize)>,
) -> Answer {
    let (slug, number) = path.into_inner();
    let (point, read) = read_practice_points::point(&app, slug, number).await?;
    let slug = read.publication.slug.clone();
    let address = format!("/practice-points/{slug}/{number}");
    show_page(&PointPage {
        page,
        address: app.settings.base_url.join(&address),
        successor: read.successor.map(SuccessorView::of),
        article: ArticleView::of(read.publication, read.reviewer, app.now()),
        slug,
        number,
        point,
    })
}
