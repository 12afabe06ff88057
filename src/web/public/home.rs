//! The home page: what GP Practice Points is, the sign-up form, and the newest articles.

use actix_web::web::Data;
use askama::Template;

use crate::app::site_settings::Wording;
use crate::app::{App, keep_topics, read_publications, read_symposia};
use crate::store::topics::Topic;
use crate::web::forms::Checked as _;
use crate::web::page::{Answer, PageContext, show as show_page};

use super::articles::ArticleCard;
use super::subscribe::{SubscribeForm, Wish};
use super::symposium::event::EventCard;

/// So many articles stand on the home page.
const LATEST: i64 = 5;

/// So many practice points stand beside the welcome.
const POINTS: usize = 3;

struct Point {
    text: String,
    article_title: String,
    /// Of the point, with its source.
    path: String,
}

#[derive(Template)]
#[template(path = "web/home.html")]
struct Home {
    page: PageContext,
    f: SubscribeForm,
    topics: Vec<Topic>,
    wish: Wish,
    /// The next event; where it is full, after it the next one with places left.
    next_events: Vec<EventCard>,
    wording: Wording,
    articles: Vec<ArticleCard>,
    points: Vec<Point>,
}

/// `GET /`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let topics = keep_topics::offered(&app).await?;
    let latest = read_publications::newest(&app, None, LATEST).await?;
    let next = read_symposia::next(&app).await?;
    let points = latest
        .iter()
        .filter_map(|article| {
            let text = article
                .practice_points
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty())?;
            Some(Point {
                text: text.to_owned(),
                article_title: article.title.clone(),
                // It is the first of its article.
                path: format!("/practice-points/{}/1", article.slug),
            })
        })
        .take(POINTS)
        .collect();
    show_page(&Home {
        page,
        f: SubscribeForm::default(),
        topics,
        wish: Wish::None,
        next_events: next
            .iter()
            .map(|next| EventCard::of_coming(next, app.now()))
            .collect(),
        wording: app.site().wording.clone(),
        articles: latest.iter().map(ArticleCard::of).collect(),
        points,
    })
}
