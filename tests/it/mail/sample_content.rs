//! A made-up bulletin, with everything in it that a mail reader could show wrongly.

use practice_points::domain::{local_time, markdown};
use practice_points::mail::bulletin::{BulletinArticle, BulletinMail, Form, Reference};
use practice_points::mail::sender::Sender;

const SITE: &str = "https://points.clinic.example";

const INTRODUCTION: &str = "Spring brings questions about **calcium scoring** from practices all over Tāmaki Makaurau. \
In this issue we answer the two that were asked most, and invite you to the [symposium](/symposium/spring).";

pub const GUIDANCE: &str = r#"The score helps most where the risk is **moderate or uncertain**, and where its result would change what you do next. Ngā mihi to the practices that sent us their questions.

## Who generally benefits

- People at a known moderate risk of heart disease
- People whose risk is uncertain after the usual assessment of age, sex, blood pressure, cholesterol and tobacco use
- Whānau members with early heart attacks in the family: *discuss with the cardiologist*

> A score is a measure of plaque that is there already, not a forecast for one person.

### Outside bands, side by side

| Source | Band | Meaning | Count |
|:-------|:-----|:--------|------:|
| Sample society A | 0 | No calcified plaque seen | 1,204 |
| Sample society A | 1–100 | Some | 877 |
| Sample society B | ≥400 & above | Extensive < severe | 12 |

1. Ask about symptoms first.
2. Ask about the family.
   Early means before the usual age.
3. Refer by the form at <https://points.clinic.example/calcium-score>.

.A line that begins with a full stop, and a very long address: <https://points.clinic.example/articles/who-generally-benefits-from-a-calcium-score-and-who-generally-does-not>
"#;

pub fn bulletin(sender: &Sender) -> BulletinMail<'_> {
    let date = |text: &str| Some(local_time::parse_date(text).unwrap());
    BulletinMail {
        sender,
        subject: "Calcium scoring in practice: what Ngāti Whātua Ōrākei GPs asked us this spring".into(),
        preheader: "Who generally benefits, who does not, and a case from Ōtara – five minutes’ reading.".into(),
        introduction_html: markdown::to_html_for_mail(INTRODUCTION, SITE),
        introduction_text: markdown::to_text_for_mail(INTRODUCTION, SITE),
        articles: vec![
            BulletinArticle {
                kind_label: "Guidance".into(),
                title: "Who generally benefits from a CT calcium score & who does not".into(),
                url: format!("{SITE}/articles/who-generally-benefits?a=1&b=2"),
                form: Form::Whole {
                    html: markdown::to_html_for_mail(GUIDANCE, SITE),
                    text: markdown::to_text_for_mail(GUIDANCE, SITE),
                },
                practice_points: vec![
                    "Generally useful at a known moderate risk, or when the risk is uncertain.".into(),
                    "Generally not recommended for men under 40 and women under 50, at low risk without an early family history, \
                     or at a known high risk."
                        .into(),
                    "Symptoms need clinical assessment, not a score.".into(),
                ],
                authors: vec!["Dr Sample Author, cardiologist (sample)".into(), "Sample Nurse, nurse practitioner (sample)".into()],
                reviewed: Some(("Dr Sample Reviewer, cardiologist (sample)".into(), date("2026-11-03").unwrap())),
                conflicts: Some("We provide CT calcium scoring at Ascot Radiology.".into()),
                references: vec![
                    Reference {
                        text: "Sample A, Sample B. A made-up study of calcium scores. Sample J Cardiol 2025;1:1–9.".into(),
                        url: Some("https://doi.example/10.0000/sample.2025.001".into()),
                    },
                    Reference { text: "Sample Society. Position statement <draft>. 2024.".into(), url: None },
                ],
                published: date("2026-11-23"),
                review_by: date("2027-11-23"),
            },
            BulletinArticle {
                kind_label: "Case study".into(),
                title: "“It’s only my shoulder”: a case from a Saturday clinic".into(),
                url: format!("{SITE}/articles/only-my-shoulder"),
                form: Form::Teaser {
                    summary: "A patient in their fifties comes with shoulder pain after mowing the lawn. What would you ask next? \
                              The answers, the ECG and how it went are on the web, for you to work through in ten minutes."
                        .into(),
                },
                practice_points: Vec::new(),
                authors: vec!["Dr Sample Author".into()],
                reviewed: None,
                conflicts: None,
                references: Vec::new(),
                published: date("2026-11-20"),
                review_by: None,
            },
        ],
        web_url: Some(format!("{SITE}/bulletins/spring-2026")),
    }
}
