//! The clinic's events: those to come, those that are over, and the news of them.

pub(in crate::web) mod calendar;
pub(in crate::web) mod event;
pub(in crate::web) mod register;
pub(in crate::web) mod registration;
pub(in crate::web) mod show;

use actix_web::web::Data;
use askama::Template;

use crate::app::{App, read_publications, read_symposia};
use crate::domain::article::ArticleKind;
use crate::web::page::{Answer, PageContext, show as show_page};

use super::articles::ArticleCard;
use event::EventCard;

/// So many updates are shown.
const UPDATES: i64 = 50;

#[derive(Template)]
#[template(path = "web/symposium/index.html")]
struct Index {
    page: PageContext,
    coming: Vec<EventCard>,
    past: Vec<EventCard>,
    articles: Vec<ArticleCard>,
}

/// `GET /symposium`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext) -> Answer {
    let kind = Some(ArticleKind::SymposiumUpdate);
    let updates = read_publications::newest(&app, kind, UPDATES).await?;
    let (coming, past) = read_symposia::list(&app).await?;
    let now = app.now();
    show_page(&Index {
        page,
        coming: coming
            .iter()
            .map(|shown| EventCard::of_coming(shown, now))
            .collect(),
        past: past.iter().map(EventCard::of_past).collect(),
        articles: updates.iter().map(ArticleCard::of).collect(),
    })
}
