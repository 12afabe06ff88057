//! The content that comes with the program: a first article, made from the clinic's facts, which a
//! new installation finds among its drafts.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::front_matter;
use crate::domain::staff_member::StaffId;
use crate::store::articles::{self, ArticleText};
use crate::store::{Db, topics};

use super::AppError;

/// The guidance on calcium scoring, for referrers.
const GUIDANCE: &str = include_str!("../../templates/site/calcium-score-guidance.md");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    slug: String,
    title: String,
    kind: String,
    topic: String,
    summary: String,
    practice_points: Vec<String>,
    // An author of the clinic puts their name to what ships; until then it cannot go to review.
    #[serde(default)]
    authors: String,
    conflicts: String,
    references: Vec<String>,
}

/// Puts the shipped article among the drafts, as `by`'s. It waits for an author of the clinic to take
/// it over, and for a second person to approve it, as every other. Does nothing when it is there.
pub(super) fn add_drafts(db: &mut Db, by: StaffId, now: Timestamp) -> Result<(), AppError> {
    let (slug, text) = read(db, GUIDANCE)?;
    if !articles::slugs_like(db, &slug)?.is_empty() {
        return Ok(());
    }
    let id = articles::insert(db, &slug, &text, by, now)?;
    let content = serde_json::to_string(&text).map_err(AppError::internal)?;
    Ok(articles::insert_revision(db, id, 1, &content, by, now)?)
}

/// An article in a file that comes with the program: its short name, and its text.
pub(super) fn read(db: &mut Db, file: &str) -> Result<(String, ArticleText), AppError> {
    let (head, body): (Head, String) = front_matter::parse(file).map_err(AppError::internal)?;
    let topic_id = topics::all(db)?
        .into_iter()
        .find(|topic| topic.slug == head.topic)
        .map(|topic| topic.id)
        .ok_or(AppError::NotFound)?;
    let text = ArticleText {
        kind: head.kind,
        topic_id,
        title: head.title,
        summary: head.summary,
        body,
        practice_points: head.practice_points.join("\n"),
        authors: head.authors,
        conflicts: head.conflicts,
        reference_list: head.references.join("\n"),
        reviewer_id: None,
        review_by: None,
    };
    Ok((head.slug, text))
}
