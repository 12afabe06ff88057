//! A bulletin in a file: what stands between two lines of `+++` is TOML, the rest is Markdown.

use serde::Deserialize;
use thiserror::Error;

/// A bulletin as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BulletinFile {
    /// Subject line.
    pub(super) subject: String,
    /// What mail programs show beside the subject.
    pub(super) preheader: String,
    /// Slugs of the topics that make its audience.
    pub(super) topics: Vec<String>,
    /// Introduction, in Markdown.
    pub(super) introduction: String,
}

/// What is wrong with a file, and on which line (from 1).
#[derive(Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub(super) struct FrontMatterError {
    line: usize,
    problem: String,
}

/// Begins and ends the front matter.
const FENCE: &str = "+++";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    subject: Option<String>,
    preheader: Option<String>,
    topics: Option<Vec<String>>,
}

/// Reads a file.
///
/// # Errors
/// [`FrontMatterError`] for the first thing that is wrong with its front matter.
pub(super) fn parse(text: &str) -> Result<BulletinFile, FrontMatterError> {
    let wrong = |line: usize, problem: &str| FrontMatterError {
        line,
        problem: problem.to_owned(),
    };
    // Editors on Windows begin a file with this mark, and end lines in their own way.
    let text = text
        .strip_prefix('\u{FEFF}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    if first.trim_end() != FENCE {
        return Err(wrong(
            1,
            "the file has to begin with a line of +++, with subject, preheader and topics after it",
        ));
    }
    let mut offset = 0;
    let fence = rest.split_inclusive('\n').find_map(|line| {
        let start = offset;
        offset += line.len();
        (line.trim_end() == FENCE).then_some((start, offset))
    });
    let Some((end, body)) = fence else {
        return Err(wrong(
            1,
            "the front matter has no end: a second line of +++ is missing",
        ));
    };
    let head = &rest[..end];
    let front: FrontMatter = toml::from_str(head).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| head.get(..span.start))
            .unwrap_or_default();
        wrong(before.matches('\n').count() + 2, error.message())
    })?;
    let last = head.matches('\n').count() + 2;
    let missing = |key: &str, like: &str| {
        wrong(
            last,
            &format!("{key} is missing; it looks like {key} = {like}"),
        )
    };
    let topics = front.topics.unwrap_or_default();
    if topics.is_empty() {
        return Err(missing("topics", "[\"news\", \"calcium-score\"]"));
    }
    Ok(BulletinFile {
        subject: front
            .subject
            .ok_or_else(|| missing("subject", "\"Calcium scores in November\""))?,
        preheader: front
            .preheader
            .ok_or_else(|| missing("preheader", "\"Whom to refer, and when\""))?,
        topics,
        introduction: rest[body..].trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    const GOOD: &str = "+++\nsubject = \"Kia ora\"\npreheader = \"Whom to refer\"\ntopics = [\"news\"]\n+++\n\n# Kia ora\n\nA +++ b\n";

    fn problem(text: &str) -> String {
        parse(text).expect_err("must be refused").to_string()
    }

    #[test]
    fn what_stands_after_the_front_matter_is_the_introduction() {
        let file = parse(GOOD).unwrap();
        assert_eq!(file.subject, "Kia ora");
        assert_eq!(file.topics, ["news"]);
        assert_eq!(file.introduction, "# Kia ora\n\nA +++ b");
    }

    #[test]
    fn a_file_from_windows_is_read_the_same() {
        assert_eq!(
            parse(&format!("\u{FEFF}{}", GOOD.replace('\n', "\r\n"))),
            parse(GOOD)
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        assert!(problem("# Kia ora\n").starts_with("line 1: the file has to begin"));
        assert!(problem("").starts_with("line 1: the file has to begin"));
        assert!(problem("+++\nsubject = \"x\"\n").contains("second line of +++ is missing"));
        assert!(problem("+++\nsubject = \"x\"\npreheader = \"y\n+++\n").starts_with("line 3: "));
        let unknown = problem("+++\nsubject = \"x\"\n\ntopic = [\"news\"]\n+++\n");
        assert!(
            unknown.starts_with("line 4: unknown field `topic`"),
            "{unknown}"
        );
        let number = problem("+++\nsubject = 7\n+++\n");
        assert!(
            number.starts_with("line 2: ") && number.contains("string"),
            "{number}"
        );
    }

    #[test]
    fn what_is_missing_is_told_with_an_example() {
        let told = problem("+++\nsubject = \"x\"\ntopics = [\"news\"]\n+++\nText\n");
        assert!(
            told.contains("preheader is missing") && told.contains("preheader = "),
            "{told}"
        );
        assert!(
            problem("+++\nsubject = \"x\"\npreheader = \"y\"\n+++\n").contains("topics is missing")
        );
    }
}
