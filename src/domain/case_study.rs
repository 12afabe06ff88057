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
    SECTIONS.map(|section| to_fill_in("##", section)).join("\n")
}

fn to_fill_in(marks: &str, (heading, hint): (&str, &str)) -> String {
    format!("{marks} {heading}\n\n<!-- {hint} -->\n")
}

/// The place of a heading in CARE's order.
fn place(heading: &str) -> Option<usize> {
    let same = |other: &str| other.to_lowercase() == heading.to_lowercase();
    SECTIONS.iter().position(|(one, _)| same(one))
}

/// The places of the headings that are missing; the patient's own view may be left out.
fn missing(sections: &[markdown::Section]) -> Vec<usize> {
    let stands = |number| {
        let mut places = sections.iter().map(|section| place(&section.heading));
        places.any(|place| place == Some(number))
    };
    let numbers = SECTIONS.iter().enumerate();
    numbers
        .filter(|(number, (heading, _))| *heading != PERSPECTIVE && !stands(*number))
        .map(|(number, _)| number)
        .collect()
}

/// Whether a heading is missing that a case cannot do without.
pub fn lacks_headings(body: &str) -> bool {
    !missing(&markdown::sections(body)).is_empty()
}

/// The text with the headings that it lacks, each before the first that comes later in CARE's order, or at the end.
pub fn with_all_headings(body: &str) -> String {
    if body.trim().is_empty() {
        return outline();
    }
    let sections = markdown::sections(body);
    let found: Vec<(usize, &markdown::Section)> = sections
        .iter()
        .filter_map(|section| Some((place(&section.heading)?, section)))
        .collect();
    let level = found.iter().map(|(_, section)| section.level).min();
    let marks = "#".repeat(level.unwrap_or(2).into());
    let added: Vec<(Option<usize>, String)> = missing(&sections)
        .into_iter()
        .map(|number| {
            let later = found.iter().filter(|(place, _)| *place > number);
            let before = later.map(|(_, section)| section.line).min();
            (before, to_fill_in(&marks, SECTIONS[number]))
        })
        .collect();
    let mut text = String::new();
    for (index, line) in body.lines().enumerate() {
        for (_, part) in added.iter().filter(|(at, _)| *at == Some(index + 1)) {
            text.push_str(part);
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
    for (_, part) in added.iter().filter(|(at, _)| at.is_none()) {
        text.push('\n');
        text.push_str(part);
    }
    text
}

/// What keeps the text from telling the case in CARE's order, each in words for its author.
pub fn outline_problems(body: &str) -> Vec<String> {
    let sections = markdown::sections(body);
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

impl Ground {
    /// What the section is headed that says it: of consent only where there is one.
    fn heading(self) -> &'static str {
        match self {
            Self::Consent => "Informed consent",
            Self::Deidentified => "The patient’s privacy",
        }
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
    let heading = ground.heading();
    Cow::Owned(format!("{body}\n\n{marks} {heading}\n\n{ground}\n"))
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
        let told = with_ground("## B\n\nText", Some(Ground::Deidentified));
        assert!(told.contains("\n## The patient’s privacy\n"), "{told}");
        assert!(!told.contains("consent"), "nobody has given one: {told}");
    }

    #[test]
    fn missing_headings_are_added_at_their_places() {
        assert_eq!(with_all_headings(" "), outline());
        assert!(lacks_headings("") && !lacks_headings(&outline()));
        let begun = "What came first.\r\n\r\n### Timeline\r\n\r\nTwo weeks.\r\n\r\n### Discussion\r\n\r\nA lot.";
        let whole = with_all_headings(begun);
        let headings: Vec<String> = markdown::sections(&whole)
            .into_iter()
            .map(|section| section.heading)
            .collect();
        let all: Vec<&str> = SECTIONS.iter().map(|(heading, _)| *heading).collect();
        assert_eq!(headings, all[..7]);
        assert!(whole.starts_with("What came first.\n\n### Patient information\n"));
        assert!(
            whole.contains("Two weeks.") && whole.ends_with("A lot.\n"),
            "{whole}"
        );
        assert!(!lacks_headings(&whole));
        assert_eq!(with_all_headings(&whole), whole);
        let without = with_all_headings("Told as it came.");
        assert!(without.starts_with("Told as it came.\n\n## Patient information\n"));
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
