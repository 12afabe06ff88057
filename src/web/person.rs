//! What a person says of themselves, in every form that asks for it: on the site, and at the desk.

use std::str::FromStr;

use crate::app::keep_subscribers::Ground;
use crate::domain::consent::ConsentBasis;
use crate::domain::mcnz_number::McnzNumber;
use crate::domain::person_name::{PersonName, holds_link};
use crate::domain::short_text::{ShortText, ShortTextError};
use crate::store::subscribers::Details;
use crate::store::topics::Topic;

use super::forms::Problems;

/// The longest name of a practice, in characters.
const MAX_PRACTICE: usize = 160;

/// The fields, as they were typed.
pub(super) struct PersonFields<'a> {
    pub(super) name: &'a str,
    pub(super) practice: &'a str,
    pub(super) region: &'a str,
    pub(super) role: &'a str,
    pub(super) mcnz_number: &'a str,
}

/// What they say, with every problem noted.
pub(super) fn check(fields: &PersonFields<'_>, problems: &mut Problems) -> Option<Details> {
    let name = problems.take("name", PersonName::parse(fields.name));
    let practice = problems.take(
        "practice",
        ShortText::optional(fields.practice, MAX_PRACTICE),
    );
    if practice
        .iter()
        .flatten()
        .any(|practice| holds_link(practice.as_str()))
    {
        problems.add(
            "practice",
            "Please give the practice’s name only, without a link or an address.",
        );
    }
    let region = problems.take(
        "region",
        choice(fields.region, "Please choose a region of the list."),
    );
    let role = problems.take(
        "role",
        choice(fields.role, "Please choose a role of the list."),
    );
    let mcnz_number = problems.take("mcnz_number", McnzNumber::optional(fields.mcnz_number));
    Some(Details {
        name: name?.as_str().to_owned(),
        practice: practice?.map(String::from),
        region: region?,
        role: role?,
        mcnz_number: mcnz_number?.map(|number| number.as_str().to_owned()),
    })
}

/// A choice of a list that may be left open.
pub(super) fn choice<T: FromStr>(
    given: &str,
    problem: &'static str,
) -> Result<Option<T>, &'static str> {
    if given.is_empty() {
        Ok(None)
    } else {
        given.parse().map(Some).map_err(|_| problem)
    }
}

/// The topics that were ticked, in the order of the form, each once.
pub(super) fn check_topics(
    ticked: &[String],
    known: &[Topic],
    problems: &mut Problems,
) -> Vec<String> {
    if ticked
        .iter()
        .any(|slug| known.iter().all(|topic| topic.slug != *slug))
    {
        problems.add("topics", "Please choose among the topics on the page.");
    }
    let chosen = known.iter().filter(|topic| ticked.contains(&topic.slug));
    chosen.map(|topic| topic.slug.clone()).collect()
}

/// The longest evidence of a consent, in characters.
const MAX_EVIDENCE: usize = 500;

/// On what ground somebody is added by staff, with its evidence: the sender has to prove consent
/// (Unsolicited Electronic Messages Act 2007, s 9(3)).
pub(super) fn check_ground(basis: &str, evidence: &str, problems: &mut Problems) -> Option<Ground> {
    let basis = basis
        .parse::<ConsentBasis>()
        .map_err(|_| "Please say why we may write to them: without consent we may not.");
    let basis = problems.take("consent_basis", basis);
    // A field of several lines, which the ledger keeps as one.
    let evidence = evidence.split(['\r', '\n']).collect::<Vec<_>>().join(" ");
    let evidence = match ShortText::parse(&evidence, MAX_EVIDENCE) {
        Err(ShortTextError::Empty) => {
            Err("Please say when and how they agreed, and where the record lies.".to_owned())
        }
        other => other.map_err(|error| error.to_string()),
    };
    let evidence = problems.take("consent_note", evidence);
    Some(Ground {
        basis: basis?,
        evidence: evidence?.into(),
    })
}
