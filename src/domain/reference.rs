//! References with their links: a DOI, a PubMed number, or an address.

/// A reference as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The citation, as it was written.
    pub text: String,
    /// Where it can be looked up.
    pub url: Option<String>,
}

/// Reads a line of a reference list, and finds where it can be looked up.
pub fn reference(line: &str) -> Reference {
    Reference {
        text: line.to_owned(),
        url: doi(line).or_else(|| pmid(line)).or_else(|| address(line)),
    }
}

/// A list of references, one a line, tidied up: each as [`tidy`] writes it, without blank lines.
pub fn tidy_list(list: &str) -> String {
    let lines = list.lines().map(tidy).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// A reference as it was pasted, tidied up: without the number or bullet that it had elsewhere, and its DOI or PubMed number
/// written as we write them, `doi:10.…` and `PMID 123`.
pub fn tidy(line: &str) -> String {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = without_mark(&line);
    let bare = line.trim_end_matches('.');
    if (5..=8).contains(&bare.len()) && bare.chars().all(|c| c.is_ascii_digit()) {
        return format!("PMID {bare}");
    }
    with_short_pmid(&with_short_doi(line))
}

/// Without `1.`, `[1]`, `(1)`, `•` or `-` at its beginning.
fn without_mark(line: &str) -> &str {
    let Some((mark, rest)) = line.split_once(' ') else {
        return line;
    };
    let number = mark.trim_matches(['[', ']', '(', ')', '.']);
    let is_number = number != mark && (1..=3).contains(&number.len());
    let is_number = is_number && number.chars().all(|c| c.is_ascii_digit());
    if is_number || matches!(mark, "•" | "·" | "-" | "–" | "*") {
        rest
    } else {
        line
    }
}

/// What may stand before a DOI, in small letters, the longest first.
const BEFORE_DOI: [&str; 8] = [
    "https://dx.doi.org/",
    "http://dx.doi.org/",
    "https://doi.org/",
    "http://doi.org/",
    "doi.org/",
    "doi: ",
    "doi:",
    "doi ",
];

fn with_short_doi(line: &str) -> String {
    let mut tidy = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("10.") {
        let (before, after) = rest.split_at(at);
        let mut kept = before;
        // Some write it twice: “doi: https://doi.org/10.…”.
        while let Some(mark) = BEFORE_DOI.iter().find(|mark| ends_with(kept, mark)) {
            kept = &kept[..kept.len() - mark.len()];
        }
        let is_doi =
            doi(after).is_some_and(|url| after.starts_with(&url["https://doi.org/".len()..]));
        let is_apart = kept.is_empty() || kept.ends_with([' ', '(', '[', '.', ',', ';']);
        if is_doi && is_apart {
            tidy.push_str(kept);
            tidy.push_str("doi:");
        } else {
            tidy.push_str(before);
        }
        tidy.push_str("10.");
        rest = &after[3..];
    }
    tidy.push_str(rest);
    tidy
}

/// Whether a text ends with these small letters, in whatever case it has them.
fn ends_with(text: &str, small: &str) -> bool {
    let at = text.len().checked_sub(small.len());
    at.and_then(|at| text.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(small))
}

/// What stands before a PubMed number, in small letters.
const BEFORE_PMID: [&str; 7] = [
    "https://pubmed.ncbi.nlm.nih.gov/",
    "https://www.ncbi.nlm.nih.gov/pubmed/",
    "pubmed pmid: ",
    "pubmed pmid:",
    "pmid: ",
    "pmid:",
    "pmid ",
];

fn with_short_pmid(line: &str) -> String {
    let small = line.to_ascii_lowercase();
    let found = BEFORE_PMID
        .iter()
        .filter_map(|mark| Some((small.find(mark)?, mark.len())))
        // Of two that begin together, the longer one.
        .min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length)));
    let Some((at, length)) = found else {
        return line.to_owned();
    };
    let after = &line[at + length..];
    let digits = after.chars().take_while(char::is_ascii_digit).count();
    if !(1..=9).contains(&digits) {
        return line.to_owned();
    }
    let rest = after[digits..]
        .strip_prefix('/')
        .unwrap_or(&after[digits..]);
    format!("{}PMID {}{rest}", &line[..at], &after[..digits])
}

/// A DOI starts with `10.`, a registrant's number and a slash (ISO 26324).
fn doi(line: &str) -> Option<String> {
    let candidates = line
        .match_indices("10.")
        .filter(|(at, _)| !line[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '.'));
    for (at, _) in candidates {
        let rest = &line[at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'))
            .unwrap_or(rest.len());
        let doi = rest[..end].trim_end_matches(['.', ',', ';', ')', ']']);
        let registrant = doi
            .split_once('/')
            .map(|(before, after)| (&before[3..], after));
        if registrant.is_some_and(|(number, suffix)| {
            (4..=9).contains(&number.len())
                && number.chars().all(|c| c.is_ascii_digit())
                && !suffix.is_empty()
        }) {
            return Some(format!("https://doi.org/{doi}"));
        }
    }
    None
}

fn pmid(line: &str) -> Option<String> {
    let at = line.find("PMID")?;
    let number: String = line[at + 4..]
        .trim_start_matches([':', ' '])
        .chars()
        .take_while(char::is_ascii_digit)
        .take(9)
        .collect();
    (!number.is_empty()).then(|| format!("https://pubmed.ncbi.nlm.nih.gov/{number}/"))
}

fn address(line: &str) -> Option<String> {
    let start = line.find("https://")?;
    let end = line[start..]
        .find(char::is_whitespace)
        .map_or(line.len(), |length| start + length);
    let address = line[start..end].trim_end_matches(['.', ',', ';', ')']);
    url::Url::parse(address).ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(line: &str) -> Option<String> {
        reference(line).url
    }

    #[test]
    fn a_doi_a_pubmed_number_and_an_address_are_linked() {
        let doi = Some("https://doi.org/10.5694/mja16.01134".to_owned());
        assert_eq!(url("Sample A. Title. 2017. doi:10.5694/mja16.01134."), doi);
        assert_eq!(url("https://doi.org/10.5694/mja16.01134"), doi);
        assert_eq!(
            url("Sample B. 2018. PMID: 12345678"),
            Some("https://pubmed.ncbi.nlm.nih.gov/12345678/".to_owned())
        );
        assert_eq!(
            url("Guide (https://guide.example/a?b=1)."),
            Some("https://guide.example/a?b=1".to_owned())
        );
    }

    #[test]
    fn a_pasted_reference_is_tidied_up() {
        for (pasted, tidied) in [
            ("10.5694/mja16.01134", "doi:10.5694/mja16.01134"),
            (
                "https://doi.org/10.5694/mja16.01134",
                "doi:10.5694/mja16.01134",
            ),
            (
                "1.  Sample A. Title.\t2017.  DOI: 10.5694/mja16.01134",
                "Sample A. Title. 2017. doi:10.5694/mja16.01134",
            ),
            (
                "[2] Sample B. doi: https://dx.doi.org/10.1016/j.hlc.2017.05.130.",
                "Sample B. doi:10.1016/j.hlc.2017.05.130.",
            ),
            ("28663138", "PMID 28663138"),
            (
                "• Sample C. PubMed PMID: 28663138; PMCID: PMC1.",
                "Sample C. PMID 28663138; PMCID: PMC1.",
            ),
            ("https://pubmed.ncbi.nlm.nih.gov/28663138/", "PMID 28663138"),
            (
                "Guide 10.2 (https://guide.example/a?b=10.1234/5)",
                "Guide 10.2 (https://guide.example/a?b=10.1234/5)",
            ),
            (
                "2017 ACC guideline. PMID pending",
                "2017 ACC guideline. PMID pending",
            ),
        ] {
            assert_eq!(tidy(pasted), tidied);
            assert_eq!(tidy(tidied), tidied, "and stays as it is");
        }
        assert_eq!(tidy_list("1. a\r\n\r\n2. b\r\n"), "a\nb");
    }

    #[test]
    fn what_names_no_place_has_no_link() {
        for line in [
            "A book, 2010.",
            "Version 10.2 of the guide",
            "PMID pending",
            "javascript:x 110.1234/5",
        ] {
            assert_eq!(url(line), None, "{line}");
        }
    }
}
