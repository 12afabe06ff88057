//! Two texts of an article beside one another: which words were taken out, and which were put in.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{App, AppError, write_article};
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::local_time;
use crate::store::articles::ArticleText;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::staff::comparison::{self, FieldView};

use super::form::Choices;

/// The fields in which two texts differ, in the order of the form.
pub(super) async fn differences(
    old: &ArticleText,
    new: &ArticleText,
    choices: &Choices,
) -> Result<Vec<FieldView>, AppError> {
    let kind = |text: &ArticleText| {
        let kind = text.kind.parse().map_or("", ArticleKind::label);
        kind.to_owned()
    };
    let topic = |text: &ArticleText| choices.topic_name(text.topic_id);
    let reviewer = |text: &ArticleText| choices.reviewer_name(text.reviewer_id);
    let review_by = |text: &ArticleText| text.review_by.clone().unwrap_or_default();
    let both = |of: &dyn Fn(&ArticleText) -> String| (of(old), of(new));
    let fields = [
        ("Title", both(&|text| text.title.clone())),
        ("Summary", both(&|text| text.summary.clone())),
        (
            "Practice points",
            both(&|text| text.practice_points.clone()),
        ),
        ("Kind", both(&kind)),
        ("Topic", both(&topic)),
        ("Authors", both(&|text| text.authors.clone())),
        ("Reviewer", both(&reviewer)),
        ("Review-by date", both(&review_by)),
        ("Text", both(&|text| text.body.clone())),
        ("References", both(&|text| text.reference_list.clone())),
        (
            "Conflicts of interest",
            both(&|text| text.conflicts.clone()),
        ),
    ];
    comparison::compare(fields.into()).await
}

/// Which two.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Which {
    from: String,
    to: String,
}

/// A text that can be chosen.
struct Version {
    number: i32,
    label: String,
}

#[derive(Template)]
#[template(path = "web/staff/articles/compare.html")]
struct Compare {
    page: PageContext,
    id: ArticleId,
    title: String,
    versions: Vec<Version>,
    from: i32,
    to: i32,
    differences: Vec<FieldView>,
}

/// `GET /staff/articles/{id}/compare?from=&to=`; without them, the newest text and the one before it.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    id: Path<i64>,
    which: Query<Which>,
) -> Answer {
    let id = ArticleId(*id);
    let shown = write_article::show(&app, id).await?;
    let to = which.to.parse().unwrap_or(shown.article.version);
    let from = which.from.parse().unwrap_or(to.saturating_sub(1).max(1));
    let (_, old) = write_article::revision(&app, id, from).await?;
    let (_, new) = write_article::revision(&app, id, to).await?;
    let choices = Choices::load(&app).await?;
    let versions = shown.revisions.iter().map(|revision| Version {
        number: revision.version,
        label: format!(
            "{}: {}, {}",
            revision.version,
            revision.saved_by_name,
            local_time::display(revision.saved_at)
        ),
    });
    show_page(&Compare {
        page,
        id,
        title: shown.article.title,
        versions: versions.collect(),
        from,
        to,
        differences: differences(&old, &new, &choices).await?,
    })
}
