//! Files of Markdown with a head of TOML between two lines of `+++`.

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontMatterError {
    /// It does not begin with the line that opens the head.
    #[error(
        "line 1: the file must begin with a line of +++, then the head, then another line of +++"
    )]
    NoHead,
    /// The head is not closed.
    #[error("the head that begins in line 1 is not closed by a line of +++")]
    Unclosed,
    /// The head is not TOML, or not what is needed.
    #[error("line {line}: {problem}")]
    Wrong {
        /// The line in the file.
        line: usize,
        /// What is wrong, in the parser's words.
        problem: String,
    },
}

/// Reads the head into `T` (whose `deny_unknown_fields` finds mistyped keys), and gives the Markdown
/// behind it.
///
/// # Errors
/// [`FrontMatterError`], with the line.
pub fn parse<T: DeserializeOwned>(file: &str) -> Result<(T, String), FrontMatterError> {
    let file = file
        .strip_prefix('\u{feff}')
        .unwrap_or(file)
        .replace("\r\n", "\n");
    let rest = file.strip_prefix("+++\n").ok_or(FrontMatterError::NoHead)?;
    // A closing line right at the start is an empty head.
    let (head, body) = match rest.strip_prefix("+++\n") {
        Some(body) => ("", body),
        None => rest
            .split_once("\n+++\n")
            .or_else(|| rest.strip_suffix("\n+++").map(|head| (head, "")))
            .ok_or(FrontMatterError::Unclosed)?,
    };
    let value = toml::from_str(head).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start).min(head.len());
        let line = 2 + head.as_bytes()[..before]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        FrontMatterError::Wrong {
            line,
            problem: error.message().to_owned(),
        }
    })?;
    Ok((value, body.trim_start_matches('\n').to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Head {
        subject: String,
    }

    #[test]
    fn the_head_and_the_text_are_told_apart() {
        let (head, body) = parse::<Head>("+++\r\nsubject = \"Hi\"\r\n+++\r\n\r\nText\n").unwrap();
        assert_eq!((head.subject.as_str(), body.as_str()), ("Hi", "Text\n"));
    }

    #[test]
    fn a_wrong_head_is_told_with_its_line() {
        let wrong = parse::<Head>("+++\nsubject = \"Hi\"\nsubjekt = 1\n+++\n").unwrap_err();
        assert!(
            matches!(&wrong, FrontMatterError::Wrong { line: 3, .. }),
            "{wrong}"
        );
        assert_eq!(parse::<Head>("# Text"), Err(FrontMatterError::NoHead));
        assert_eq!(
            parse::<Head>("+++\nsubject = 1\n"),
            Err(FrontMatterError::Unclosed)
        );
        assert!(parse::<Head>("+++\n+++\n").is_err());
    }
}
