//! The calcium score, for patients and for referrers.

use actix_web::web::Data;
use askama::Template;

use crate::app::{App, read_publications};
use crate::domain::article::ArticleKind;
use crate::web::page::{Answer, PageContext, show};

use super::articles::ArticleCard;

/// Where the criteria come from.
pub(super) const SOURCE: &str = "the clinic’s information on CT calcium scoring";

/// When they were last compared with it.
pub(super) const SOURCE_REVIEWED: &str = "23 November 2026";

#[derive(Template)]
#[template(path = "web/calcium_score.html")]
pub(super) struct ForPatients {
    page: PageContext,
    source: &'static str,
    source_reviewed: &'static str,
}

#[derive(Template)]
#[template(path = "web/calcium_score_referrers.html")]
pub(super) struct ForReferrers {
    page: PageContext,
    source: &'static str,
    source_reviewed: &'static str,
    guidance: Option<ArticleCard>,
}

impl ForPatients {
    pub(super) fn new(page: PageContext) -> Self {
        Self {
            page,
            source: SOURCE,
            source_reviewed: SOURCE_REVIEWED,
        }
    }
}

impl ForReferrers {
    /// `guidance` is the newest that is published.
    pub(super) fn new(page: PageContext, guidance: Option<ArticleCard>) -> Self {
        Self {
            page,
            source: SOURCE,
            source_reviewed: SOURCE_REVIEWED,
            guidance,
        }
    }
}

/// `GET /calcium-score`.
pub(in crate::web) async fn for_patients(page: PageContext) -> Answer {
    show(&ForPatients::new(page))
}

/// `GET /calcium-score/referrers`.
pub(in crate::web) async fn for_referrers(app: Data<App>, page: PageContext) -> Answer {
    let newest = read_publications::newest(&app, Some(ArticleKind::Guidance), 1).await?;
    show(&ForReferrers::new(
        page,
        newest.first().map(ArticleCard::of),
    ))
}
