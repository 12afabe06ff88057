//! The referral check. What is entered is about a patient: it comes in the body of a request, is
//! compared, shown and forgotten. It is not stored, not logged, and kept by no cache.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use askama::Template;
use serde::Deserialize;

use crate::domain::referral_check::{
    Answers, Assessment, FamilyHistory, Risk, Rule, Sex, Verdict, evaluate,
};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show_as};

use super::calcium_score::{SOURCE, SOURCE_REVIEWED};

/// The form, as it was filled in. It asks for no name, number or birth date.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct CheckForm {
    age: String,
    sex: String,
    risk: String,
    family_history: String,
    symptoms: String,
    diagnosed: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(CheckForm);

/// An age above this is a slip.
const OLDEST: u16 = 120;

impl CheckForm {
    fn check(&mut self) -> Option<Answers> {
        let mut problems = Problems::default();
        let age = problems.take("age", age(&self.age));
        let sex = match self.sex.as_str() {
            "male" => Some(Sex::Male),
            "female" => Some(Sex::Female),
            "other" => Some(Sex::Other),
            _ => None,
        };
        let risk = match self.risk.as_str() {
            "low" => Some(Risk::Low),
            "moderate" => Some(Risk::Moderate),
            "high" => Some(Risk::High),
            "uncertain" => Some(Risk::Uncertain),
            _ => {
                problems.add(
                    "risk",
                    "Please give the risk as you assessed it, or “Uncertain”.",
                );
                None
            }
        };
        let family_history = match self.family_history.as_str() {
            "yes" => FamilyHistory::Yes,
            "no" => FamilyHistory::No,
            _ => FamilyHistory::Unknown,
        };
        self.problems = problems;
        Some(Answers {
            age: age?,
            sex,
            risk: risk?,
            family_history,
            symptoms: self.symptoms == "yes",
            diagnosed: self.diagnosed == "yes",
        })
    }
}

fn age(typed: &str) -> Result<Option<u16>, &'static str> {
    match typed.trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(age) if age <= OLDEST => Ok(Some(age)),
            _ => Err("Please give the age in whole years, up to 120."),
        },
    }
}

struct ReasonView {
    rule: String,
    text: &'static str,
}

struct ResultView {
    verdict_title: &'static str,
    verdict_class: &'static str,
    asked: String,
    reasons: Vec<ReasonView>,
    notes: Vec<&'static str>,
}

impl ResultView {
    fn of(answers: &Answers) -> Self {
        let assessment: Assessment = evaluate(answers);
        let (verdict_title, verdict_class) = match assessment.verdict {
            Verdict::GenerallyNotRecommended => ("Generally not recommended", "not-recommended"),
            Verdict::GenerallyUseful => ("Generally considered useful", "useful"),
            Verdict::DiscussWithCardiologist => ("Discuss with the cardiologist", "discuss"),
            Verdict::NeedsFamilyHistory => ("No answer yet: ask for the family history", "open"),
            Verdict::NoVerdict => ("No answer yet", "open"),
        };
        let reasons = Rule::ALL
            .into_iter()
            .filter_map(|rule| assessment.reasons.iter().find(|reason| reason.rule == rule))
            .map(|reason| ReasonView {
                rule: format!("{:?}", reason.rule),
                text: reason.text,
            })
            .collect();
        Self {
            verdict_title,
            verdict_class,
            asked: asked(answers),
            reasons,
            notes: assessment.notes.clone(),
        }
    }
}

/// What was entered, in a line: it stands beside the answer, also on paper.
fn asked(answers: &Answers) -> String {
    let person = match answers.sex {
        Some(Sex::Male) => "Man",
        Some(Sex::Female) => "Woman",
        Some(Sex::Other) | None => "Person",
    };
    let age = match answers.age {
        Some(age) => format!("{age} years"),
        None => "age not given".to_owned(),
    };
    let risk = match answers.risk {
        Risk::Low => "low risk",
        Risk::Moderate => "moderate risk",
        Risk::High => "high risk",
        Risk::Uncertain => "uncertain risk",
    };
    let family = match answers.family_history {
        FamilyHistory::Yes => "early heart attack in the family",
        FamilyHistory::No => "no early heart attack in the family",
        FamilyHistory::Unknown => "family history not known",
    };
    let symptoms = match (answers.symptoms, answers.diagnosed) {
        (true, true) => "; symptoms and diagnosed heart disease",
        (true, false) => "; symptoms",
        (false, true) => "; diagnosed heart disease",
        (false, false) => "",
    };
    format!("For: {person}, {age}; {risk}; {family}{symptoms}.")
}

#[derive(Template)]
#[template(path = "web/referral_check.html")]
struct CheckPage {
    page: PageContext,
    f: CheckForm,
    result: Option<ResultView>,
    source: &'static str,
    source_reviewed: &'static str,
}

fn show(page: PageContext, f: CheckForm, result: Option<ResultView>) -> Answer {
    let status = if f.has_errors() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = CheckPage {
        page,
        f,
        result,
        source: SOURCE,
        source_reviewed: SOURCE_REVIEWED,
    };
    let mut answer: HttpResponse = show_as(status, &page)?;
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// `GET /calcium-score/referral-check`.
pub(in crate::web) async fn ask(page: PageContext) -> Answer {
    show(page, CheckForm::default(), None)
}

/// `POST /calcium-score/referral-check`.
pub(in crate::web) async fn answer(page: PageContext, Form(mut form): Form<CheckForm>) -> Answer {
    let result = form.check().map(|answers| ResultView::of(&answers));
    show(page, form, result)
}
