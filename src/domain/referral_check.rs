//! The decision aid for referrers: should this patient have a coronary artery calcium score?
//!
//! A displayed checklist of the clinic's own criteria and nothing more. Every rule is evaluated, every reason that
//! applies is shown, and the word "generally" is kept. The risk category is the GP's own input; there is no equation
//! here and no percentage, because sources differ in both. Nothing about a patient is stored.

use serde::{Deserialize, Serialize};

mod wording;

/// The age from which the scan is generally considered for men, in years.
pub const AGE_LIMIT_MEN: u16 = 40;
/// The age from which the scan is generally considered for women, in years.
pub const AGE_LIMIT_WOMEN: u16 = 50;

/// The patient's sex, as the age limits distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Neither of the two, for which the guidance has no age limit.
    Other,
}

/// The risk of a cardiovascular event, as the GP assessed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Known to be low.
    Low,
    /// Known to be moderate.
    Moderate,
    /// Known to be high.
    High,
    /// Not certain.
    Uncertain,
}

/// Whether a close relative had an early heart attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FamilyHistory {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not asked, or the patient does not know.
    Unknown,
}

/// What the referrer knows. No name, no identifier, no birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answers {
    /// In completed years; `None` when not given.
    pub age: Option<u16>,
    /// `None` when not given.
    pub sex: Option<Sex>,
    /// The GP's assessment.
    pub risk: Risk,
    /// Of early heart attack.
    pub family_history: FamilyHistory,
    /// Symptoms that could come from the heart.
    pub symptoms: bool,
    /// Heart disease that is already diagnosed.
    pub diagnosed: bool,
}

/// The rules, by the numbers under which the clinic knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Rule {
    /// Symptoms, or diagnosed heart disease.
    R1,
    /// Known high risk.
    R2,
    /// A man under 40 or a woman under 50.
    R3,
    /// Low risk without a family history.
    R4,
    /// Low risk with a family history.
    R5,
    /// Low risk, family history unknown.
    R6,
    /// Moderate or uncertain risk, and nothing against it.
    R7,
    /// Age missing, or no age limit for this sex.
    R8,
}

/// The answer as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At least one of R1 to R4 applies.
    GenerallyNotRecommended,
    /// R7 applies.
    GenerallyUseful,
    /// R5 applies, and nothing against it.
    DiscussWithCardiologist,
    /// R6 applies, and nothing else decides.
    NeedsFamilyHistory,
    /// Age or sex is missing, so that R3 cannot be judged.
    NoVerdict,
}

/// A rule that applies, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Which.
    pub rule: Rule,
    /// Why it applies and what follows, in full sentences.
    pub text: &'static str,
}

/// Everything there is to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The answer as a whole.
    pub verdict: Verdict,
    /// Every rule that applies, in the order of the rules. Never empty.
    pub reasons: Vec<Reason>,
    /// What belongs beside the reasons.
    pub notes: Vec<&'static str>,
}

impl Assessment {
    /// Whether a rule is among the reasons, to tick it in the checklist.
    pub fn applies(&self, rule: Rule) -> bool {
        self.reasons.iter().any(|reason| reason.rule == rule)
    }
}

/// Evaluates every rule.
///
/// R1 to R4 each suffice for "generally not recommended", whatever is missing besides. Without them, a missing age
/// or sex leaves R3 open, so nothing can be recommended either: no verdict, and both age limits are shown.
pub fn evaluate(answers: &Answers) -> Assessment {
    let reasons: Vec<Reason> = Rule::ALL
        .into_iter()
        .filter(|rule| rule.applies_to(answers))
        .map(|rule| Reason {
            rule,
            text: wording::reason(rule, answers),
        })
        .collect();
    let any = |rules: &[Rule]| reasons.iter().any(|reason| rules.contains(&reason.rule));
    let verdict = if any(&Rule::AGAINST) {
        Verdict::GenerallyNotRecommended
    } else if any(&[Rule::R8]) {
        Verdict::NoVerdict
    } else if any(&[Rule::R5]) {
        Verdict::DiscussWithCardiologist
    } else if any(&[Rule::R6]) {
        Verdict::NeedsFamilyHistory
    } else {
        Verdict::GenerallyUseful
    };
    let notes = wording::notes(&reasons, answers);
    Assessment {
        verdict,
        reasons,
        notes,
    }
}

impl Rule {
    /// All rules, in order.
    pub const ALL: [Self; 8] = [
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::R5,
        Self::R6,
        Self::R7,
        Self::R8,
    ];

    /// Those that each speak against the scan.
    const AGAINST: [Self; 4] = [Self::R1, Self::R2, Self::R3, Self::R4];

    /// The criterion as the checklist prints it, whether it applies or not.
    pub fn criterion(self) -> &'static str {
        wording::criterion(self)
    }

    fn applies_to(self, answers: &Answers) -> bool {
        let low = answers.risk == Risk::Low;
        match self {
            Self::R1 => answers.symptoms || answers.diagnosed,
            Self::R2 => answers.risk == Risk::High,
            Self::R3 => match (answers.age, answers.sex) {
                (Some(age), Some(Sex::Male)) => age < AGE_LIMIT_MEN,
                (Some(age), Some(Sex::Female)) => age < AGE_LIMIT_WOMEN,
                _ => false,
            },
            Self::R4 => low && answers.family_history == FamilyHistory::No,
            Self::R5 => low && answers.family_history == FamilyHistory::Yes,
            Self::R6 => low && answers.family_history == FamilyHistory::Unknown,
            // That R3 does not apply is known only where R8 does not.
            Self::R7 => {
                matches!(answers.risk, Risk::Moderate | Risk::Uncertain)
                    && !Self::AGAINST.iter().any(|rule| rule.applies_to(answers))
                    && !Self::R8.applies_to(answers)
            }
            Self::R8 => {
                answers.age.is_none() || !matches!(answers.sex, Some(Sex::Male | Sex::Female))
            }
        }
    }
}

#[cfg(test)]
mod tests;
