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
