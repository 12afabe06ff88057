//! What a text must have, and must not have, before a second person is asked to approve it.

use crate::domain::article::ArticleKind;
use crate::domain::nhi::find_nhis;
use crate::domain::{case_study, identifying, image, markdown};

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
            "The conflicts of interest are missing: write “None” where there are none.",
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
    if parts.kind == ArticleKind::CaseStudy && !parts.body.trim().is_empty() {
        problems.extend(case_study::outline_problems(parts.body));
    }
    problems.extend(image_problems("text", parts.body));
    problems
}

impl<'a> Parts<'a> {
    /// Everything that is shown of it, by the names of its fields.
    fn fields(&self) -> [(&'static str, &'a str); 7] {
        [
            ("title", self.title),
            ("summary", self.summary),
            ("text", self.body),
            ("practice points", self.practice_points),
            ("authors", self.authors),
            ("interests", self.conflicts),
            ("references", self.references),
        ]
    }
}

/// Patients' numbers anywhere in an article, each with its place.
pub fn patient_numbers(parts: &Parts<'_>) -> Vec<String> {
    let fields = parts.fields();
    fields
        .iter()
        .flat_map(|(field, text)| nhi_problems(field, text))
        .collect()
}

/// Images that may not be shown, or not so, each with its place: those without alternative text, which somebody who
/// does not see them would miss unawares, and those that are not of this site.
pub fn image_problems(field: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for found in markdown::images(text) {
        let line = found.line;
        if image::parse_address(&found.address).is_none() {
            let address: String = found.address.chars().take(80).collect();
            problems.push(format!(
                "The image “{address}” in the {field} (line {line}) is not one of this site, and is not shown. Upload it under \
                 Images, and paste the Markdown that you find there."
            ));
        } else if found.alt.is_empty() {
            problems.push(format!(
                "The image in the {field} (line {line}) has no alternative text. Say between the square brackets what it shows."
            ));
        } else if found.alt.chars().count() > image::MAX_ALT_CHARS {
            problems.push(format!(
                "The alternative text of the image in the {field} (line {line}) is longer than {} characters. Say in the article \
                 what everybody should know.",
                image::MAX_ALT_CHARS
            ));
        }
    }
    problems
}

/// What may tell who a patient is, or be more than may be said in public, and yet may be meant; each with its place.
/// Nothing of it stands in the way.
pub fn warnings(parts: &Parts<'_>) -> Vec<String> {
    if !parts.kind.is_clinical() {
        return Vec::new();
    }
    let is_case = parts.kind == ArticleKind::CaseStudy;
    let mut warnings = Vec::new();
    // Dates and numbers of what is cited tell nothing of a patient.
    let written = parts
        .fields()
        .into_iter()
        .filter(|(field, _)| *field != "references");
    for (field, text) in written {
        let place = |found: &identifying::Found| {
            let (line, column) = (found.line, found.column);
            let words = found.text.trim_matches(['“', '”', '"']);
            let quoted: String = words.chars().take(60).collect();
            let more = if words.chars().count() > 60 {
                "…"
            } else {
                ""
            };
            format!("“{quoted}{more}” in the {field} (line {line}, character {column})")
        };
        for found in identifying::phone_numbers(text) {
            warnings.push(format!(
                "{} looks like a phone number. A patient’s has no place here.",
                place(&found)
            ));
        }
        for (found, is_birth) in identifying::exact_dates(text) {
            if is_birth {
                warnings.push(format!(
                    "{} looks like a date of birth. Give the age, in decades where that is enough.",
                    place(&found)
                ));
            } else if is_case {
                warnings.push(format!(
                    "{} is an exact date. In a case study, say the span of time instead.",
                    place(&found)
                ));
            }
        }
        if is_case {
            for found in identifying::quotations(text) {
                warnings.push(format!(
                    "{} looks like something a patient said. The Medical Council bars testimonials in advertising: let it tell of \
                     the illness, and not praise the clinic or anybody in it.",
                    place(&found)
                ));
            }
        }
    }
    warnings
}

/// A place that may tell who a patient is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// As it stands in the text.
    pub text: String,
    /// In which field.
    pub field: &'static str,
    /// What it looks like.
    pub why: &'static str,
    /// Whether it stands in the way of a publication.
    pub blocks: bool,
}

/// What looks like a patient's number, and in clinical articles like a phone number or a date, to be marked where it stands.
pub fn findings(fields: &[(&'static str, &str)], kind: Option<ArticleKind>) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for (field, text) in fields {
        let mut add = |text: String, why: &'static str, blocks: bool| {
            let known = |one: &Finding| one.text == text && one.field == *field;
            if !all.iter().any(known) {
                all.push(Finding {
                    text,
                    field,
                    why,
                    blocks,
                });
            }
        };
        for found in find_nhis(text) {
            add(found.text.to_owned(), "a patient’s NHI number", true);
        }
        // Dates and numbers of what is cited tell nothing of a patient.
        if !kind.is_some_and(ArticleKind::is_clinical) || *field == "references" {
            continue;
        }
        for found in identifying::phone_numbers(text) {
            add(found.text, "a phone number", false);
        }
        for (found, is_birth) in identifying::exact_dates(text) {
            if is_birth {
                add(found.text, "a date of birth", false);
            } else if kind == Some(ArticleKind::CaseStudy) {
                add(found.text, "an exact date", false);
            }
        }
    }
    all
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
    fn what_may_tell_who_a_patient_is_is_pointed_out_and_does_not_stand_in_the_way() {
        let talkative = Parts {
            body: "Born 12 March 1957, ring 021 555 0123.\nSeen 3 April 2026: “They were so kind to me”.",
            ..complete()
        };
        assert_eq!(problems(&talkative), [""; 0]);
        let found = warnings(&talkative);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("(line 1, character 26) looks like a phone number"));
        assert!(found[1].contains("looks like a date of birth"));
        let case = Parts {
            kind: ArticleKind::CaseStudy,
            ..talkative
        };
        let found = warnings(&case);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(
            found[3].starts_with("“They were so kind to me” in the text (line 2, character 20)"),
            "{found:?}"
        );
        assert!(found[3].contains("testimonials"), "{found:?}");
        let news = Parts {
            kind: ArticleKind::News,
            ..talkative
        };
        assert_eq!(warnings(&news), [""; 0]);
    }

    #[test]
    fn each_place_that_may_tell_who_a_patient_is_is_found_once() {
        let text =
            "Born 12 March 1957, ring 021 555 0123 or 021 555 0123. ZAC5361, seen 3 April 2026.";
        let found = |kind| {
            let found = findings(&[("text", text), ("references", "3 April 2026")], kind);
            found.iter().map(|one| one.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(Some(ArticleKind::News)), ["ZAC5361"]);
        assert_eq!(
            found(Some(ArticleKind::Guidance)),
            ["ZAC5361", "021 555 0123", "12 March 1957"]
        );
        assert_eq!(found(Some(ArticleKind::CaseStudy)).len(), 4);
    }

    #[test]
    fn an_image_from_elsewhere_or_without_words_keeps_an_article_from_review() {
        let found = problems(&Parts {
            body: "Text.\n\n![x](https://host.example/a.png)\n\n![](/images/0123456789abcdef0123456789abcdef.png)",
            ..complete()
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("https://host.example/a.png") && found[0].contains("line 3"));
        assert!(found[1].contains("line 5) has no alternative text"));
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
