//! What has to be well before a bulletin goes out, and what of it somebody may let pass with a reason.

use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::domain::named::named;

named! {
    /// Something that is looked at before a bulletin goes out.
    CheckKind, "check" {
        /// A second person has approved what is going to be sent.
        Approval = "approval", "Approval by a second person";
        /// Subject and preheader are there, and what a mail has to have.
        Content = "content", "Subject, preheader and content";
        /// No patient's number is in it (DOMAIN: it never belongs there).
        PatientNumbers = "patient-numbers", "Patients’ numbers";
        /// Both parts have a link to unsubscribe (Unsolicited Electronic Messages Act 2007, s 11).
        Unsubscribe = "unsubscribe", "Link to unsubscribe";
        /// The HTML part is shown whole.
        Size = "size", "Size of the mail";
        /// Pictures have a text for those who do not see them.
        Pictures = "pictures", "Texts of pictures";
        /// Links lead somewhere.
        Links = "links", "Links";
        /// No article in it is past its day of review.
        ReviewDates = "review-dates", "Review dates";
        /// Every article in it is on the site, and none has a successor.
        Superseded = "superseded", "Articles are current";
        /// Who writes is somebody to whom replies can go.
        Sender = "sender", "Sender";
        /// Messages are signed.
        Signature = "signature", "Signature (DKIM)";
    }
}

impl CheckKind {
    /// Whether somebody may let it pass, with a reason. Never what the law, the second person or the mail itself asks for.
    pub fn may_be_overridden(self) -> bool {
        match self {
            Self::Approval
            | Self::Content
            | Self::PatientNumbers
            | Self::Unsubscribe
            | Self::Size => false,
            Self::Pictures
            | Self::Links
            | Self::ReviewDates
            | Self::Superseded
            | Self::Sender
            | Self::Signature => true,
        }
    }
}

named! {
    /// Whether an address answers.
    LinkOutcome, "outcome of a link" {
        /// It does.
        Answers = "answers", "Answers";
        /// It does not, or says that nothing is there.
        Broken = "broken", "Broken";
        /// It could not be found out from here.
        Unclear = "unclear", "Not clear";
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Fine,
    /// Worth a look; nothing is held up.
    Look,
    /// It is not known yet; it is being found out.
    Waiting,
    /// Not to be sent so.
    Blocker,
}

/// How one check came out, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub kind: CheckKind,
    /// How it came out.
    pub level: Level,
    /// In a sentence.
    pub text: String,
    /// Each thing that was found, in words.
    pub details: Vec<String>,
    /// Some of it is only being found out: there may be more.
    pub is_unfinished: bool,
    /// What was found, without what changes from look to look: what is let pass is this, and nothing else.
    pub substance: String,
}

impl Finding {
    /// A finding whose text is its substance.
    pub fn new(kind: CheckKind, level: Level, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            kind,
            level,
            substance: text.clone(),
            text,
            details: Vec::new(),
            is_unfinished: level == Level::Waiting,
        }
    }

    /// With each thing that was found, which are its substance.
    #[must_use]
    pub fn with(mut self, details: Vec<String>) -> Self {
        if !details.is_empty() {
            self.substance = details.join("\n");
        }
        self.details = details;
        self
    }

    /// Stands for the substance.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.substance.as_bytes());
        digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whether it holds a bulletin up by itself.
    pub fn blocks(&self) -> bool {
        matches!(self.level, Level::Waiting | Level::Blocker)
    }
}

/// What is found, and who let it pass, if somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is found.
    pub finding: Finding,
    /// Who let it pass.
    pub passed: Option<Passed>,
}

/// Who let something pass, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Their name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The reason that they gave.
    pub reason: String,
}

impl Entry {
    /// Whether it holds the bulletin up.
    pub fn blocks(&self) -> bool {
        self.finding.blocks() && self.passed.is_none()
    }
}

/// All that is looked at before a bulletin goes out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// In the order in which people read it.
    pub entries: Vec<Entry>,
}

impl Readiness {
    /// What holds it up; nothing where it may go.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.entries
            .iter()
            .filter(|entry| entry.blocks())
            .map(|entry| &entry.finding)
    }

    /// What holds it up that is known: not what is only being found out.
    pub fn blockers(&self) -> impl Iterator<Item = &Finding> {
        self.open()
            .filter(|finding| finding.level == Level::Blocker)
    }

    /// Whether it may go.
    pub fn is_ready(&self) -> bool {
        self.open().next().is_none()
    }
}

/// How long ago something was, in words: "3 minutes ago".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.since(at).as_secs() / 60;
    let words = |number: u64, unit: &str| match number {
        1 => format!("1 {unit} ago"),
        _ => format!("{number} {unit}s ago"),
    };
    match minutes {
        0 => "just now".to_owned(),
        1..60 => words(minutes, "minute"),
        60..2880 => words(minutes / 60, "hour"),
        _ => words(minutes / 1440, "day"),
    }
}

/// These findings in a sentence for each.
pub fn in_words<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let each: Vec<String> = findings
        .map(|finding| format!("{}: {}", finding.kind.label(), finding.text))
        .collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: CheckKind, level: Level, is_passed: bool) -> Entry {
        Entry {
            finding: Finding::new(kind, level, "Words."),
            passed: is_passed.then(|| Passed {
                by: "Sample".to_owned(),
                at: Timestamp::from_millis(0),
                reason: "Known.".to_owned(),
            }),
        }
    }

    #[test]
    fn what_is_neither_fine_nor_let_pass_holds_it_up() {
        let ready = |entries| Readiness { entries }.is_ready();
        assert!(ready(vec![entry(CheckKind::Links, Level::Fine, false)]));
        assert!(ready(vec![entry(CheckKind::Links, Level::Look, false)]));
        assert!(!ready(vec![entry(CheckKind::Links, Level::Waiting, false)]));
        assert!(!ready(vec![entry(CheckKind::Links, Level::Blocker, false)]));
        assert!(ready(vec![entry(CheckKind::Links, Level::Blocker, true)]));
    }

    #[test]
    fn the_second_person_and_the_law_are_never_let_pass() {
        for kind in [
            CheckKind::Approval,
            CheckKind::PatientNumbers,
            CheckKind::Unsubscribe,
        ] {
            assert!(!kind.may_be_overridden(), "{kind}");
        }
    }

    #[test]
    fn how_long_ago_is_said_in_words() {
        let seconds = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let said = |passed| ago(seconds(0), seconds(passed));
        assert_eq!(said(59), "just now");
        assert_eq!(said(60), "1 minute ago");
        assert_eq!(said(59 * 60), "59 minutes ago");
        assert_eq!(said(3 * 60 * 60), "3 hours ago");
        assert_eq!(said(72 * 60 * 60), "3 days ago");
    }

    #[test]
    fn another_finding_has_another_fingerprint() {
        let finding = |details: &[&str]| {
            let details = details.iter().map(|detail| (*detail).to_owned()).collect();
            Finding::new(CheckKind::Links, Level::Blocker, "Some.").with(details)
        };
        let one = finding(&["https://a.example"]).fingerprint();
        assert_eq!(one, finding(&["https://a.example"]).fingerprint());
        assert_ne!(one, finding(&["https://b.example"]).fingerprint());
        assert_eq!(one.len(), 32);
    }
}
