//! What is typed into the form of an article.

use serde::{Deserialize, Serialize};

use super::tidy;

/// The fields of the form, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedArticle {
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// Topic, by its slug.
    pub topic: String,
    /// Summary.
    pub summary: String,
    /// Practice points, one a line.
    pub practice_points: String,
    /// Authors, one a line.
    pub authors: String,
    /// Key of the reviewer.
    pub reviewer: String,
    /// Interests.
    pub conflicts: String,
    /// References, one a line.
    pub references: String,
    /// Day of the next review.
    pub review_by: String,
    /// Text, in Markdown.
    pub body: String,
}

impl TypedArticle {
    /// Whether two say the same.
    pub fn is_same(&self, other: &Self) -> bool {
        let fields = |typed: &Self| {
            [
                &typed.title,
                &typed.kind,
                &typed.topic,
                &typed.summary,
                &typed.practice_points,
                &typed.authors,
                &typed.reviewer,
                &typed.conflicts,
                &typed.references,
                &typed.review_by,
                &typed.body,
            ]
            .map(|field| tidy(field))
        };
        fields(self) == fields(other)
    }
}
