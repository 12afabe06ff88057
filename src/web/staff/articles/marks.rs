//! The places in a text that may tell who a patient is: marked while it is written, and on its page.

use serde::Serialize;

use crate::app::keep_working_copy::TypedArticle;
use crate::domain::article::ArticleKind;
use crate::domain::clinical_text::{Finding, findings};

/// A place that is marked.
#[derive(Debug, Serialize)]
pub(in crate::web::staff) struct Mark {
    /// As it stands in the text.
    text: String,
    /// In which field, as the form calls it.
    field: &'static str,
    /// What it looks like, in words.
    why: &'static str,
    /// Whether it stands in the way of a publication.
    blocks: bool,
}

impl From<Finding> for Mark {
    fn from(found: Finding) -> Self {
        Self {
            text: found.text,
            field: found.field,
            why: found.why,
            blocks: found.blocks,
        }
    }
}

/// The places, as JSON for the script of the form.
pub(in crate::web::staff) fn as_json(marks: &[Mark]) -> String {
    serde_json::to_string(marks).unwrap_or_default()
}

/// The words in a text that are marked on the page of its article.
pub(super) fn words_to_mark(kind: ArticleKind, body: &str) -> Vec<String> {
    let found = findings(&[("text", body)], Some(kind));
    found.into_iter().map(|found| found.text).collect()
}

/// The places in what somebody types.
pub(super) fn marks(typed: &TypedArticle) -> Vec<Mark> {
    let kind = typed.kind.parse::<ArticleKind>().ok();
    let fields = [
        ("title", typed.title.as_str()),
        ("summary", &typed.summary),
        ("text", &typed.body),
        ("practice points", &typed.practice_points),
        ("authors", &typed.authors),
        ("interests", &typed.conflicts),
        ("references", &typed.references),
    ];
    in_fields(&fields, kind)
}

/// The places in these fields, each with its name and what it says.
pub(in crate::web::staff) fn in_fields(
    fields: &[(&'static str, &str)],
    kind: Option<ArticleKind>,
) -> Vec<Mark> {
    let found = findings(fields, kind).into_iter();
    found.map(Mark::from).collect()
}
