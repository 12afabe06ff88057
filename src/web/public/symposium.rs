//! The symposium: its updates, gathered.

use actix_web::web::Data;
use askama::Template;

use crate::app::{App, read_publications};
use crate::domain::article::ArticleKind;
use crate::web::page::{Answer, PageContext, show as show_page};

use super::articles::ArticleCard;

/// So many updates are shown.
const UPDATES: i64 = 50;

#[derive(Template)]
#[template(path = "web/symposium.html")]
struct Symposium {
    page: PageContext,
    articles: Vec<ArticleCard>,
}

/// `GET /symposium`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let kind = Some(ArticleKind::SymposiumUpdate);
    let updates = read_publications::newest(&app, kind, UPDATES).await?;
    show_page(&Symposium {
        page,
        articles: updates.iter().map(ArticleCard::of).collect(),
    })
}
