use super::wording::{EARLIER_ASSESSMENT, GENERAL_GUIDANCE};
use super::*;

/// A woman of 60 at moderate risk, to whom nothing else applies.
const USEFUL: Answers = Answers {
    age: Some(60),
    sex: Some(Sex::Female),
    risk: Risk::Moderate,
    family_history: FamilyHistory::No,
    symptoms: false,
    diagnosed: false,
};

fn outcome(answers: Answers) -> (Verdict, Vec<Rule>) {
    let assessment = evaluate(&answers);
    let rules = assessment
        .reasons
        .iter()
        .map(|reason| reason.rule)
        .collect();
    (assessment.verdict, rules)
}

fn low_risk(family_history: FamilyHistory) -> Answers {
    Answers {
        risk: Risk::Low,
        family_history,
        ..USEFUL
    }
}

fn aged(age: u16, sex: Sex) -> Answers {
    Answers {
        age: Some(age),
        sex: Some(sex),
        ..USEFUL
    }
}

/// Every combination of answers, with the ages on both sides of every limit.
fn all_answers() -> Vec<Answers> {
    let mut all = Vec::new();
    for age in [
        None,
        Some(0),
        Some(29),
        Some(39),
        Some(40),
        Some(49),
        Some(50),
        Some(u16::MAX),
    ] {
        for sex in [None, Some(Sex::Male), Some(Sex::Female), Some(Sex::Other)] {
            for risk in [Risk::Low, Risk::Moderate, Risk::High, Risk::Uncertain] {
                for family_history in [
                    FamilyHistory::Yes,
                    FamilyHistory::No,
                    FamilyHistory::Unknown,
                ] {
                    for (symptoms, diagnosed) in
                        [(false, false), (false, true), (true, false), (true, true)]
                    {
                        all.push(Answers {
                            age,
                            sex,
                            risk,
                            family_history,
                            symptoms,
                            diagnosed,
                        });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn r1_symptoms_or_diagnosed_disease_speak_against_it() {
    for (symptoms, diagnosed) in [(true, false), (false, true), (true, true)] {
        let answers = Answers {
            symptoms,
            diagnosed,
            ..USEFUL
        };
        assert_eq!(
            outcome(answers),
            (Verdict::GenerallyNotRecommended, vec![Rule::R1])
        );
    }
}

#[test]
fn r2_a_known_high_risk_speaks_against_it() {
    let answers = Answers {
        risk: Risk::High,
        ..USEFUL
    };
    assert_eq!(
        outcome(answers),
        (Verdict::GenerallyNotRecommended, vec![Rule::R2])
    );
}

#[test]
fn r3_men_pass_at_forty_and_women_at_fifty() {
    let not_yet = (Verdict::GenerallyNotRecommended, vec![Rule::R3]);
    let useful = (Verdict::GenerallyUseful, vec![Rule::R7]);
    assert_eq!(outcome(aged(39, Sex::Male)), not_yet);
    assert_eq!(outcome(aged(40, Sex::Male)), useful);
    assert_eq!(outcome(aged(49, Sex::Female)), not_yet);
    assert_eq!(outcome(aged(50, Sex::Female)), useful);
}

#[test]
fn r4_to_r6_a_low_risk_depends_on_the_family_history() {
    assert_eq!(
        outcome(low_risk(FamilyHistory::No)),
        (Verdict::GenerallyNotRecommended, vec![Rule::R4])
    );
    assert_eq!(
        outcome(low_risk(FamilyHistory::Yes)),
        (Verdict::DiscussWithCardiologist, vec![Rule::R5])
    );
    assert_eq!(
        outcome(low_risk(FamilyHistory::Unknown)),
        (Verdict::NeedsFamilyHistory, vec![Rule::R6])
    );
}

#[test]
fn r7_a_moderate_or_uncertain_risk_speaks_for_it_whatever_the_family_history() {
    for risk in [Risk::Moderate, Risk::Uncertain] {
        for family_history in [
            FamilyHistory::Yes,
            FamilyHistory::No,
            FamilyHistory::Unknown,
        ] {
            let answers = Answers {
                risk,
                family_history,
                ..USEFUL
            };
            assert_eq!(outcome(answers), (Verdict::GenerallyUseful, vec![Rule::R7]));
        }
    }
}

#[test]
fn r8_without_age_or_sex_there_is_no_verdict_and_both_limits_are_shown() {
    for (age, sex) in [
        (None, None),
        (None, Some(Sex::Male)),
        (Some(60), None),
        (Some(60), Some(Sex::Other)),
        (Some(30), Some(Sex::Other)),
    ] {
        let assessment = evaluate(&Answers { age, sex, ..USEFUL });
        assert_eq!(assessment.verdict, Verdict::NoVerdict);
        assert_eq!(assessment.reasons.len(), 1);
        assert_eq!(assessment.reasons[0].rule, Rule::R8);
        assert!(assessment.reasons[0].text.contains("men under 40"));
        assert!(assessment.reasons[0].text.contains("women under 50"));
    }
}

#[test]
fn a_missing_age_does_not_hide_what_speaks_against_it() {
    let without_age = Answers {
        age: None,
        ..USEFUL
    };
    for (answers, rule) in [
        (
            Answers {
                symptoms: true,
                ..without_age
            },
            Rule::R1,
        ),
        (
            Answers {
                risk: Risk::High,
                ..without_age
            },
            Rule::R2,
        ),
        (
            Answers {
                risk: Risk::Low,
                ..without_age
            },
            Rule::R4,
        ),
    ] {
        assert_eq!(
            outcome(answers),
            (Verdict::GenerallyNotRecommended, vec![rule, Rule::R8])
        );
    }
}

#[test]
fn a_missing_age_leaves_the_rules_of_low_risk_without_a_verdict() {
    for (family_history, rule) in [
        (FamilyHistory::Yes, Rule::R5),
        (FamilyHistory::Unknown, Rule::R6),
    ] {
        let answers = Answers {
            age: None,
            ..low_risk(family_history)
        };
        assert_eq!(outcome(answers), (Verdict::NoVerdict, vec![rule, Rule::R8]));
    }
}

#[test]
fn every_reason_that_applies_is_shown() {
    let answers = Answers {
        symptoms: true,
        ..aged(39, Sex::Male)
    };
    let low = Answers {
        risk: Risk::Low,
        ..answers
    };
    let high = Answers {
        risk: Risk::High,
        ..answers
    };
    assert_eq!(outcome(low).1, [Rule::R1, Rule::R3, Rule::R4]);
    assert_eq!(outcome(high).1, [Rule::R1, Rule::R2, Rule::R3]);
}

#[test]
fn the_note_on_earlier_assessment_stands_beside_the_age_limits() {
    assert!(
        evaluate(&aged(39, Sex::Male))
            .notes
            .contains(&EARLIER_ASSESSMENT)
    );
    assert!(
        evaluate(&Answers {
            age: None,
            ..USEFUL
        })
        .notes
        .contains(&EARLIER_ASSESSMENT)
    );
    assert!(!evaluate(&USEFUL).notes.contains(&EARLIER_ASSESSMENT));
}

#[test]
fn the_limits_in_the_wording_are_those_of_the_rule() {
    for text in [Rule::R3.criterion(), wording::reason(Rule::R8, &USEFUL)] {
        assert!(
            text.to_lowercase()
                .contains(&format!("under {AGE_LIMIT_MEN}")),
            "{text}"
        );
        assert!(text.contains(&format!("under {AGE_LIMIT_WOMEN}")), "{text}");
    }
}

#[test]
fn in_every_combination_the_verdict_follows_from_the_reasons() {
    let all = all_answers();
    assert_eq!(all.len(), 8 * 4 * 4 * 3 * 4);
    for answers in all {
        let assessment = evaluate(&answers);
        let applies = |rule| assessment.applies(rule);
        let against = Rule::AGAINST.into_iter().any(applies);
        let context = format!("{answers:?} gave {assessment:?}");

        assert!(!assessment.reasons.is_empty(), "{context}");
        assert!(
            assessment.reasons.is_sorted_by(|a, b| a.rule < b.rule),
            "{context}"
        );
        assert_eq!(
            against,
            assessment.verdict == Verdict::GenerallyNotRecommended,
            "{context}"
        );
        assert_eq!(
            applies(Rule::R7),
            assessment.verdict == Verdict::GenerallyUseful,
            "{context}"
        );
        if applies(Rule::R7) {
            assert_eq!(assessment.reasons.len(), 1, "{context}");
            assert!(
                matches!(answers.risk, Risk::Moderate | Risk::Uncertain),
                "{context}"
            );
            assert!(
                answers.age >= Some(40) && !answers.symptoms && !answers.diagnosed,
                "{context}"
            );
        }
        if applies(Rule::R8) && !against {
            assert_eq!(assessment.verdict, Verdict::NoVerdict, "{context}");
        }
        if assessment.verdict == Verdict::NoVerdict {
            assert!(applies(Rule::R8), "{context}");
        }
        // One and only one of these for a low risk, none for any other.
        let low_rules = [Rule::R4, Rule::R5, Rule::R6]
            .into_iter()
            .filter(|rule| applies(*rule))
            .count();
        assert_eq!(
            low_rules,
            usize::from(answers.risk == Risk::Low),
            "{context}"
        );
        assert_eq!(
            applies(Rule::R1),
            answers.symptoms || answers.diagnosed,
            "{context}"
        );
    }
}

#[test]
fn every_recommendation_says_generally_and_every_answer_says_what_it_is() {
    for answers in all_answers() {
        let assessment = evaluate(&answers);
        for reason in &assessment.reasons {
            if reason.text.contains("recommended") || reason.text.contains("useful") {
                assert!(reason.text.contains("generally"), "{}", reason.text);
            }
            assert!(
                !reason.text.contains('%') && !reason.text.contains("  "),
                "{}",
                reason.text
            );
        }
        assert_eq!(assessment.notes.last(), Some(&GENERAL_GUIDANCE));
    }
    for rule in Rule::ALL {
        let text = rule.criterion();
        assert!(
            text.contains("generally") || matches!(rule, Rule::R5 | Rule::R6 | Rule::R8),
            "{text}"
        );
    }
}

#[test]
fn answers_have_the_names_that_forms_use() {
    assert_eq!(
        serde_json::to_string(&Risk::Uncertain).ok().as_deref(),
        Some("\"uncertain\"")
    );
    assert_eq!(
        serde_json::from_str::<Sex>("\"other\"").ok(),
        Some(Sex::Other)
    );
    assert_eq!(
        serde_json::to_string(&Verdict::GenerallyNotRecommended)
            .ok()
            .as_deref(),
        Some("\"generally-not-recommended\"")
    );
}
