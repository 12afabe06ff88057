//! On what ground a case study may be published: the patient's written consent, or a checklist for de-identification that
//! people have gone through for the very text.

use crate::domain::article::{ArticleId, ArticleKind, ArticleState};
use crate::domain::case_study::{ChecklistItem, Ground, no_ground, open_items};
use crate::domain::clinical_text::nhi_problems;
use crate::domain::local_time::{self, LocalTimeError};
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::articles::{self, Article};
use crate::store::case_grounds::{self, NewConsent, PatientConsent, Tick};
use crate::store::{Db, audit_events, publications};

use super::{App, AppError, index_site};

/// What is on record of a case study.
#[derive(Debug, Clone)]
pub struct CaseRecord {
    /// The patient's consents, the newest first; also those that were taken back.
    pub consents: Vec<PatientConsent>,
    /// What is ticked for the text as it is now.
    pub ticks: Vec<Tick>,
    /// On what ground it may be published as it is now.
    pub ground: Option<Ground>,
    /// Why not, if it may not.
    pub why_not: Option<String>,
}

/// What is on record of an article; nothing unless it is a case study.
pub(super) fn record(db: &mut Db, article: &Article) -> Result<Option<CaseRecord>, AppError> {
    if article.kind != ArticleKind::CaseStudy {
        return Ok(None);
    }
    let consents = case_grounds::consents(db, article.id)?;
    let ticks = case_grounds::ticks(db, article.id, article.version)?;
    let ticked: Vec<ChecklistItem> = ticks.iter().map(|tick| tick.item).collect();
    let ground = if one_stands(&consents) {
        Some(Ground::Consent)
    } else if open_items(&ticked).is_empty() {
        Some(Ground::Deidentified)
    } else {
        None
    };
    Ok(Some(CaseRecord {
        consents,
        why_not: ground.is_none().then(|| no_ground(&ticked)),
        ticks,
        ground,
    }))
}

fn one_stands(consents: &[PatientConsent]) -> bool {
    consents
        .iter()
        .any(|consent| consent.withdrawn_at.is_none())
}

/// The ground on which an article may be approved and published; none for kinds that need none.
///
/// # Errors
/// [`AppError::Refused`] when it is a case study without one.
pub(super) fn ground(db: &mut Db, article: &Article) -> Result<Option<Ground>, AppError> {
    match record(db, article)? {
        None => Ok(None),
        Some(CaseRecord {
            why_not: Some(why), ..
        }) => Err(AppError::Refused(why)),
        Some(record) => Ok(record.ground),
    }
}

/// A consent as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedConsent {
    /// Who asked the patient.
    pub taken_by: String,
    /// When the patient signed, as `YYYY-MM-DD`.
    pub taken_on: String,
    /// To what the patient agreed.
    pub scope: String,
}

/// Records that the patient has agreed in writing. Who the patient is does not stand in it: the form lies in the
/// clinic's records.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::NotFound`]; [`AppError::Refused`] when it is no
/// case study.
pub async fn record_consent(
    app: &App,
    by: StaffId,
    id: ArticleId,
    typed: TypedConsent,
) -> Result<(), AppError> {
    let now = app.now();
    let consent = checked(typed, local_time::CalendarDate::of(now))?;
    app.store
        .write(move |db| {
            case_study(db, id)?;
            case_grounds::insert_consent(db, id, &consent, by, now)?;
            let detail = format!("taken on {} by {}", consent.taken_on, consent.taken_by);
            Ok(audit_events::note(
                db,
                by,
                "article.consent",
                ("article", id.0),
                &detail,
                now,
            )?)
        })
        .await
}

fn checked(typed: TypedConsent, today: local_time::CalendarDate) -> Result<NewConsent, AppError> {
    let mut problems: Vec<(&'static str, String)> = Vec::new();
    let mut line = |field: &'static str, name: &str, what: &str, text: &str, longest: usize| {
        match ShortText::parse(text, longest) {
            Ok(line) => {
                let numbers = nhi_problems(name, line.as_str());
                problems.extend(numbers.into_iter().map(|problem| (field, problem)));
                line.as_str().to_owned()
            }
            Err(error) => {
                problems.push((field, error.about(what)));
                String::new()
            }
        }
    };
    let taken_by = line(
        "taken_by",
        "name",
        "the name of who asked the patient",
        &typed.taken_by,
        120,
    );
    let scope = line(
        "scope",
        "scope",
        "the scope of the consent",
        &typed.scope,
        500,
    );
    let taken_on = match local_time::parse_date(&typed.taken_on) {
        Ok(day) if day.iso() > today.iso() => Err("This day is still to come.".to_owned()),
        Ok(day) => Ok(day),
        Err(LocalTimeError::MalformedDate) => Err(
            "Please give the day on which the consent was signed, such as 30 March 2027."
                .to_owned(),
        ),
        Err(error) => Err(error.to_string()),
    };
    match taken_on {
        Ok(taken_on) if problems.is_empty() => Ok(NewConsent {
            taken_by,
            taken_on,
            scope,
        }),
        taken_on => {
            problems.extend(taken_on.err().map(|problem| ("taken_on", problem)));
            Err(AppError::Invalid(problems))
        }
    }
}

/// Notes that the patient has taken their consent back. What rested on it goes at once: the approval, and the article
/// from the site.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such consent, or it was taken back before.
pub async fn withdraw_consent(
    app: &App,
    by: StaffId,
    id: ArticleId,
    consent: i64,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            if !case_grounds::withdraw_consent(db, id, consent, by, now)? {
                return Err(AppError::NotFound);
            }
            audit_events::note(
                db,
                by,
                "article.consent-withdraw",
                ("article", id.0),
                &format!("record {consent}"),
                now,
            )?;
            if one_stands(&case_grounds::consents(db, id)?) {
                return Ok(());
            }
            let on_site = publications::of_article(db, id)?;
            if on_site.is_some_and(|on_site| on_site.case_ground == Some(Ground::Consent)) {
                publications::remove(db, id)?;
                index_site::article(db, id)?;
                audit_events::note(
                    db,
                    by,
                    "article.unpublish",
                    ("article", id.0),
                    "its consent was taken back",
                    now,
                )?;
            }
            // What was approved was approved on this ground, also where a checklist is complete: whoever approves looks anew.
            let state = articles::get(db, id)?.state;
            if matches!(state, ArticleState::Approved | ArticleState::Published) {
                articles::set_state(db, id, state, ArticleState::Draft)?;
                articles::set_approval(db, id, None)?;
                audit_events::note(
                    db,
                    by,
                    "article.withdraw",
                    ("article", id.0),
                    "its consent was taken back",
                    now,
                )?;
            }
            Ok(())
        })
        .await
}

/// Ticks the checklist for the text of `version`: `items` are all that are ticked now.
///
/// # Errors
/// [`AppError::Conflict`] when another text was saved since; [`AppError::Refused`] when the text is approved already, or
/// is no case study; [`AppError::NotFound`].
pub async fn tick(
    app: &App,
    by: StaffId,
    id: ArticleId,
    version: i32,
    items: Vec<ChecklistItem>,
) -> Result<(), AppError> {
    let now = app.now();
    app.store
        .write(move |db| {
            let article = case_study(db, id)?;
            if article.version != version {
                return Err(AppError::Conflict);
            }
            if !matches!(article.state, ArticleState::Draft | ArticleState::InReview) {
                return Err(AppError::refused(
                    "The text is approved on this checklist. Take it back to draft before you change it.",
                ));
            }
            case_grounds::set_ticks(db, id, version, &items, by, now)?;
            let all = ChecklistItem::ALL.len();
            let detail = format!("version {version}: {} of {all} ticked", items.len());
            Ok(audit_events::note(db, by, "article.checklist", ("article", id.0), &detail, now)?)
        })
        .await
}

fn case_study(db: &mut Db, id: ArticleId) -> Result<Article, AppError> {
    let article = articles::get(db, id)?;
    if article.kind == ArticleKind::CaseStudy {
        Ok(article)
    } else {
        Err(AppError::refused("This article is no case study."))
    }
}
