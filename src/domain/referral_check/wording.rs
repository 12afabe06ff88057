//! What the decision aid says. Every recommendation keeps its "generally".

use super::{Answers, Reason, Rule, Sex};

/// Earlier assessment for some groups: Ministry of Health, HP 6747 (2018).
pub(super) const EARLIER_ASSESSMENT: &str = "For Māori, Pacific and South Asian people, New Zealand's 2018 statement on \
     cardiovascular risk starts risk assessment earlier: at 30 for men and at 40 for women. If your patient is one of \
     them, please discuss with the cardiologist.";

/// On every answer.
pub(super) const GENERAL_GUIDANCE: &str = "This is general guidance for registered health professionals. It is not a \
     diagnosis, and it is not for emergencies: in an emergency, call 111.";

pub(super) fn criterion(rule: Rule) -> &'static str {
    match rule {
        Rule::R1 => "Symptoms, or diagnosed heart disease: generally not recommended",
        Rule::R2 => "Known high risk: generally not recommended",
        Rule::R3 => "Man under 40, or woman under 50: generally not recommended",
        Rule::R4 => {
            "Low risk and no family history of early heart attack: generally not recommended"
        }
        Rule::R5 => {
            "Low risk and a family history of early heart attack: discuss with the cardiologist"
        }
        Rule::R6 => "Low risk and family history unknown: ask for it first",
        Rule::R7 => {
            "Moderate or uncertain risk, and none of the above against it: generally considered useful"
        }
        Rule::R8 => {
            "Age missing, or sex neither male nor female: no verdict, both age limits shown"
        }
    }
}

pub(super) fn reason(rule: Rule, answers: &Answers) -> &'static str {
    match rule {
        Rule::R1 => match (answers.symptoms, answers.diagnosed) {
            (true, true) => {
                "With symptoms and diagnosed heart disease, a calcium score is generally not recommended. \
                 Symptoms need clinical assessment, not a score."
            }
            (true, false) => {
                "With symptoms, a calcium score is generally not recommended. \
                 Symptoms need clinical assessment, not a score."
            }
            _ => {
                "With diagnosed heart disease, a calcium score is generally not recommended. \
                 New or changed symptoms need clinical assessment, not a score."
            }
        },
        Rule::R2 => {
            "At a known high risk, a calcium score is generally not recommended: it adds nothing to guide treatment, \
             and the scan uses radiation."
        }
        Rule::R3 => match answers.sex {
            Some(Sex::Female) => {
                "For women under 50, a calcium score is generally not recommended, because of the radiation."
            }
            _ => {
                "For men under 40, a calcium score is generally not recommended, because of the radiation."
            }
        },
        Rule::R4 => {
            "At a low risk without a family history of early heart attack, a calcium score is generally not \
             recommended, because of the radiation."
        }
        Rule::R5 => {
            "The risk is low, but there is a family history of early heart attack. \
             Low risk alone then does not speak against the scan: please discuss with the cardiologist."
        }
        Rule::R6 => {
            "At a low risk, the answer depends on the family history: \
             please ask whether a close relative had an early heart attack."
        }
        Rule::R7 => {
            "At a moderate or uncertain risk, and with nothing above against it, a calcium score is generally \
             considered useful, if the result would change management."
        }
        Rule::R8 => match (answers.age, answers.sex) {
            (_, Some(Sex::Other)) => {
                "The guidance has age limits for men and for women only: a calcium score is generally not recommended \
                 for men under 40 and for women under 50. There is no verdict here: please discuss with the \
                 cardiologist."
            }
            (None, None) => {
                "Age and sex are missing. A calcium score is generally not recommended for men under 40 and for women \
                 under 50, so there is no verdict without both."
            }
            (None, _) => {
                "The age is missing. A calcium score is generally not recommended for men under 40 and for women \
                 under 50, so there is no verdict without it."
            }
            _ => {
                "The sex is missing. A calcium score is generally not recommended for men under 40 and for women \
                 under 50, so there is no verdict without it."
            }
        },
    }
}

pub(super) fn notes(reasons: &[Reason], answers: &Answers) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if answers.symptoms {
        notes.push("If the symptoms could be a heart attack, call 111 now.");
    }
    // Wherever the age limits are shown.
    if reasons
        .iter()
        .any(|reason| matches!(reason.rule, Rule::R3 | Rule::R8))
    {
        notes.push(EARLIER_ASSESSMENT);
    }
    notes.push(GENERAL_GUIDANCE);
    notes
}
