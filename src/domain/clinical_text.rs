//! What a text must have, and must not have, before a second person is asked to approve it.

use crate::domain::article::ArticleKind;
use crate::domain::nhi::find_nhis;

/// A practice point is a short statement.
pub const MAX_POINT_CHARS: usize = 300;

/// The lines of a field in which every line is one entry; blank ones are left out.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// How the day by which an article is reviewed stands to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewBy {
    /// None is set.
    Missing,
    /// It is over: readers would be told at once that the article is out of date.
    Past,
    /// It is today or later.
    ToCome,
}

/// The parts of an article that are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// What it is.
    pub kind: ArticleKind,
    /// Title.
    pub title: &'a str,
    /// What it says, in a sentence or two.
    pub summary: &'a str,
    /// Text, in Markdown.
    pub body: &'a str,
    /// Practice points, one a line.
    pub practice_points: &'a str,
    /// Authors, one a line.
    pub authors: &'a str,
    /// Interests that a reader should know of.
    pub conflicts: &'a str,
    /// References, one a line.
    pub references: &'a str,
    /// The day by which it is reviewed.
    pub review_by: ReviewBy,
}

/// What stands in the way of a review, each in words for its author: what is missing, and what must not
/// be there.
pub fn problems(parts: &Parts<'_>) -> Vec<String> {
    let mut problems = missing(parts);
    problems.extend(patient_numbers(parts));
    problems
}

/// What is still missing before an article may go to review, each in words for its author.
pub fn missing(parts: &Parts<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |present: bool, what: &str| {
        if !present {
            problems.push(what.to_owned());
        }
    };
    need(!parts.title.trim().is_empty(), "A title is missing.");
    need(!parts.summary.trim().is_empty(), "A summary is missing.");
    need(!parts.body.trim().is_empty(), "The text is missing.");
    need(
        lines(parts.authors).next().is_some(),
        "The author and their role are missing.",
    );
    if parts.kind.is_clinical() {
        let points = lines(parts.practice_points).count();
        need(
            (3..=5).contains(&points),
            "A clinical article has three to five practice points, one a line.",
        );
        need(
            !parts.conflicts.trim().is_empty(),
            "The statement of interests is missing; write “None” if there are none.",
        );
        need(
            parts.review_by != ReviewBy::Missing,
            "The date by which it is reviewed is missing.",
        );
    }
    need(
        parts.review_by != ReviewBy::Past,
        "The date by which it is reviewed is past.",
    );
    problems
}

/// Patients' numbers anywhere in an article, each with its place.
pub fn patient_numbers(parts: &Parts<'_>) -> Vec<String> {
    let fields = [
        ("title", parts.title),
        ("summary", parts.summary),
        ("text", parts.body),
        ("practice points", parts.practice_points),
        ("authors", parts.authors),
        ("interests", parts.conflicts),
        ("references", parts.references),
    ];
    fields
        .iter()
        .flat_map(|(field, text)| nhi_problems(field, text))
        .collect()
}

/// A patient's number in a field, each with its place: it blocks publication.
pub fn nhi_problems(field: &str, text: &str) -> Vec<String> {
    find_nhis(text)
        .into_iter()
        .map(|found| {
            format!(
                "“{}” in the {field} (line {}, character {}) looks like a patient’s NHI number. \
                 Please take it out.",
                found.text, found.line, found.column
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Parts<'static> {
        Parts {
            kind: ArticleKind::Guidance,
            title: "Calcium score",
            summary: "When it helps.",
            body: "Text.",
            practice_points: "One.\nTwo.\nThree.",
            authors: "Sample Author, cardiologist",
            conflicts: "None",
            references: "",
            review_by: ReviewBy::ToCome,
        }
    }

    #[test]
    fn a_complete_clinical_article_may_go_to_review() {
        assert_eq!(problems(&complete()), Vec::<String>::new());
    }

    #[test]
    fn a_clinical_article_needs_its_points_interests_and_review_date() {
        let bare = Parts {
            practice_points: "One.",
            conflicts: " ",
            review_by: ReviewBy::Missing,
            ..complete()
        };
        assert_eq!(problems(&bare).len(), 3);
        assert!(
            problems(&Parts {
                kind: ArticleKind::News,
                ..bare
            })
            .is_empty()
        );
    }

    #[test]
    fn a_review_date_that_is_past_is_no_review_date() {
        for kind in [ArticleKind::Guidance, ArticleKind::News] {
            let late = Parts {
                kind,
                review_by: ReviewBy::Past,
                ..complete()
            };
            assert_eq!(
                problems(&late),
                ["The date by which it is reviewed is past."]
            );
        }
    }

    #[test]
    fn a_patient_number_is_found_with_its_place() {
        let found = problems(&Parts {
            body: "A man.\nHis NHI is ZAC5361.",
            ..complete()
        });
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("ZAC5361") && found[0].contains("line 2"),
            "{found:?}"
        );
    }
}
