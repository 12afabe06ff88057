//! Case studies: the order in which they tell, and on what ground one may be published.

use std::borrow::Cow;

use crate::domain::markdown;
use crate::domain::named::named;

/// The sections of a case study's text, in the order of the CARE guideline (Riley et al., 2017), each with a word to its
/// author. The guideline's last, informed consent, is no part of the text: the page says it from what is on record.
const SECTIONS: [(&str, &str); 8] = [
    (
        "Patient information",
        "Age group, what brought them, and what of their history matters. No name, no initials, no exact dates.",
    ),
    ("Clinical findings", "What the examination showed."),
    (
        "Timeline",
        "What happened in which order, in spans of time: “two weeks later”, not the day.",
    ),
    (
        "Diagnostic assessment",
        "Tests and what they said, what else was considered, and the diagnosis.",
    ),
    (
        "Intervention",
        "What was done, and what was changed on the way.",
    ),
    (
        "Follow-up and outcomes",
        "How it went on, and how that is known.",
    ),
    (
        "Discussion",
        "What a colleague takes from it, its limits, and what the literature says.",
    ),
    (
        PERSPECTIVE,
        "What the patient made of it, if they wish to tell. No praise of the clinic or of anybody in it.",
    ),
];

/// The only section that a case can do without: not every patient wishes to speak.
const PERSPECTIVE: &str = "Patient perspective";

/// With this the text of a new case study begins: the headings, and below each a comment that readers never see.
pub fn outline() -> String {
    SECTIONS
        .map(|(heading, hint)| format!("## {heading}\n\n<!-- {hint} -->\n"))
        .join("\n")
}

/// What keeps the text from telling the case in CARE's order, each in words for its author.
pub fn outline_problems(body: &str) -> Vec<String> {
    let sections = markdown::sections(body);
    let place = |heading: &str| {
        let same = |other: &str| other.to_lowercase() == heading.to_lowercase();
        SECTIONS.iter().position(|(one, _)| same(one))
    };
    let found: Vec<(usize, &markdown::Section)> = sections
        .iter()
        .filter_map(|section| Some((place(&section.heading)?, section)))
        .collect();
    let mut problems = Vec::new();
    for (number, (heading, _)) in SECTIONS.iter().enumerate() {
        let mut these = found.iter().filter(|(place, _)| *place == number);
        match these.next() {
            None if *heading == PERSPECTIVE => {}
            None => problems.push(format!("The section “{heading}” is missing.")),
            Some((_, section)) if section.is_empty && *heading == PERSPECTIVE => {
                problems.push(format!(
                    "The section “{heading}” (line {}) is empty. Fill it in, or take its heading out.",
                    section.line
                ));
            }
            Some((_, section)) if section.is_empty => problems.push(format!(
                "The section “{heading}” (line {}) is empty.",
                section.line
            )),
            Some(_) => {}
        }
        if let Some((_, again)) = these.next() {
            problems.push(format!(
                "The section “{heading}” stands twice (again in line {}).",
                again.line
            ));
        }
    }
    let late = found.windows(2).find(|pair| pair[1].0 < pair[0].0);
    if let Some([(_, before), (_, section)]) = late {
        problems.push(format!(
            "The section “{}” (line {}) stands before “{}” in a case study.",
            section.heading, section.line, before.heading
        ));
    }
    problems
}

named! {
    /// On what ground a case study is published.
    Ground, "ground of a case study" {
        /// The patient has agreed in writing.
        Consent = "consent", "Published with the patient’s written consent.";
        /// Nothing in it tells who the patient is.
        Deidentified = "de-identified", "Details have been changed or left out so that the patient cannot be recognised.";
    }
}

/// A text with its last section, which says on what ground it is published: never who the patient is.
pub fn with_ground(body: &str, ground: Option<Ground>) -> Cow<'_, str> {
    let Some(ground) = ground else {
        return Cow::Borrowed(body);
    };
    let sections = markdown::sections(body);
    let level = sections.iter().map(|section| section.level).min();
    let marks = "#".repeat(level.unwrap_or(2).into());
    Cow::Owned(format!("{body}\n\n{marks} Informed consent\n\n{ground}\n"))
}

named! {
    /// What is looked for before a case study counts as de-identified.
    ChecklistItem, "item of the checklist" {
        /// Names of the patient, and of people around them.
        Names = "names", "No names of the patient, their family, or others around them";
        /// Initials.
        Initials = "initials", "No initials";
        /// National Health Index numbers, and other numbers of records.
        Nhi = "nhi", "No NHI number, and no number of a record, image or sample";
        /// Dates of birth.
        BirthDates = "birth-dates", "No date of birth; the age in decades where that is enough";
        /// Other dates.
        ExactDates = "exact-dates", "No exact dates; spans of time instead";
        /// Phone numbers.
        PhoneNumbers = "phone-numbers", "No phone numbers or e-mail addresses";
        /// Addresses.
        Addresses = "addresses", "No addresses, and no place small enough to point at somebody";
        /// What few people share.
        RareDetail = "rare-detail", "No rare detail by which people who know the patient could tell who it is: occupation, event, family, diagnosis";
        /// Faces.
        Faces = "faces", "No faces in images, nor tattoos or other marks";
        /// Words in the pixels of an image.
        BurntInText = "burnt-in-text", "No text burnt into images, such as the name and date on a scan";
    }
}

/// What is still to be ticked.
pub fn open_items(ticked: &[ChecklistItem]) -> Vec<ChecklistItem> {
    let all = ChecklistItem::ALL.iter().copied();
    all.filter(|item| !ticked.contains(item)).collect()
}

/// Why a case study can be neither approved nor published, with what is missing.
pub fn no_ground(ticked: &[ChecklistItem]) -> String {
    let open = open_items(ticked);
    let listed: Vec<&str> = open.iter().map(|item| item.label()).collect();
    let checklist = if ticked.is_empty() {
        "the checklist for de-identification, with every item ticked for this very text".to_owned()
    } else {
        format!(
            "the rest of the checklist for de-identification (still open: {})",
            listed.join("; ")
        )
    };
    format!(
        "A case study can be neither approved nor published without one of two: the patient’s written consent on record, \
         or {checklist}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> String {
        outline().replace("<!-- ", "").replace(" -->", "")
    }

    #[test]
    fn a_fresh_outline_waits_to_be_filled_in() {
        let problems = outline_problems(&outline());
        assert_eq!(problems.len(), SECTIONS.len(), "{problems:?}");
        assert_eq!(
            problems[0],
            "The section “Patient information” (line 1) is empty."
        );
        assert_eq!(outline_problems(&told()), [""; 0]);
    }

    #[test]
    fn only_the_patients_own_view_may_be_left_out() {
        let (text, _) = told()
            .split_once("## Patient perspective")
            .map_or_else(Default::default, |(before, after)| {
                (before.to_owned(), after.to_owned())
            });
        assert_eq!(outline_problems(&text), [""; 0]);
        let without = text.replace("## Timeline", "## Something else");
        assert_eq!(
            outline_problems(&without),
            ["The section “Timeline” is missing."]
        );
    }

    #[test]
    fn the_order_is_cares() {
        let text = told()
            .replace("## Timeline", "## x")
            .replace("## Clinical findings", "## timeline")
            .replace("## x", "## Clinical findings");
        assert_eq!(
            outline_problems(&text),
            ["The section “Clinical findings” (line 9) stands before “timeline” in a case study."]
        );
    }

    #[test]
    fn the_last_section_says_on_what_ground() {
        assert_eq!(with_ground("# A", None), "# A");
        let told = with_ground("# A\n\n## B\n\nText", Some(Ground::Consent));
        let sections = markdown::sections(&told);
        assert_eq!(
            sections
                .last()
                .map(|last| (last.level, last.heading.as_str())),
            Some((1, "Informed consent"))
        );
    }

    #[test]
    fn what_is_still_open_is_named() {
        assert_eq!(open_items(ChecklistItem::ALL), []);
        let all_but_faces: Vec<ChecklistItem> = ChecklistItem::ALL
            .iter()
            .copied()
            .filter(|item| *item != ChecklistItem::Faces)
            .collect();
        assert!(no_ground(&all_but_faces).contains("still open: No faces in images"));
    }
}
