//! On what ground a case study may be published: its record, and the forms that add to it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::clear_case_study::{self, CaseRecord, TypedConsent};
use crate::app::{App, AppError};
use crate::domain::article::ArticleId;
use crate::domain::case_study::{ChecklistItem, Ground};
use crate::domain::local_time;
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::session::{Staff, see_other_saying};

use super::address;
use super::show::{Typed, page_of};

/// The record of a case study, as its page shows it.
pub(super) struct CaseView {
    /// In a sentence: on what ground, or why not.
    pub(super) status: String,
    pub(super) is_clear: bool,
    pub(super) consents: Vec<ConsentRow>,
    pub(super) items: Vec<ItemRow>,
    /// Whether the checklist can be changed now.
    pub(super) may_tick: bool,
}

pub(super) struct ConsentRow {
    pub(super) id: i64,
    pub(super) taken: String,
    pub(super) scope: String,
    pub(super) recorded: String,
    pub(super) withdrawn: Option<String>,
}

pub(super) struct ItemRow {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// By whom and when, if it is ticked.
    pub(super) ticked: Option<String>,
}

impl CaseView {
    pub(super) fn of(record: CaseRecord, may_tick: bool) -> Self {
        let status = match (record.ground, record.why_not) {
            (Some(Ground::Consent), _) => {
                "The patient’s written consent is on record. Readers are told that it is, and not who the patient is."
                    .to_owned()
            }
            (Some(Ground::Deidentified), _) => {
                "The checklist is complete for this text. Readers are told that details were changed or left out."
                    .to_owned()
            }
            (None, why) => why.unwrap_or_default(),
        };
        let ticks = record.ticks;
        let item = |item: &ChecklistItem| ItemRow {
            name: item.as_str(),
            label: item.label(),
            ticked: ticks.iter().find(|tick| tick.item == *item).map(|tick| {
                format!(
                    "{}, {}",
                    tick.ticked_by,
                    local_time::display(tick.ticked_at)
                )
            }),
        };
        Self {
            status,
            is_clear: record.ground.is_some(),
            items: ChecklistItem::ALL.iter().map(item).collect(),
            consents: record
                .consents
                .into_iter()
                .map(|consent| ConsentRow {
                    id: consent.id,
                    taken: format!("on {} by {}", consent.taken_on, consent.taken_by),
                    scope: consent.scope,
                    recorded: format!(
                        "{} by {}",
                        local_time::display(consent.recorded_at),
                        consent.recorded_by
                    ),
                    withdrawn: consent.withdrawn_at.map(local_time::display),
                })
                .collect(),
            may_tick,
        }
    }
}

/// `POST /staff/articles/{id}/consent`.
pub(in crate::web) async fn consent(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(mut form): Form<Typed>,
) -> Answer {
    let id = ArticleId(*id);
    let typed = TypedConsent {
        taken_by: form.taken_by.clone(),
        taken_on: form.taken_on.clone(),
        scope: form.scope.clone(),
    };
    match clear_case_study::record_consent(&app, actor.id, id, typed).await {
        Ok(()) => {
            let said = "The consent is recorded.";
            Ok(see_other_saying(&app, &address(id), said))
        }
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            let fields = ["taken_by", "taken_on", "scope"];
            form.problems = form.problems.in_order(&fields);
            let page = page_of(&app, &actor, page, id, form).await?;
            show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/articles/{id}/consent/{consent}/withdraw`.
pub(in crate::web) async fn withdraw_consent(
    app: Data<App>,
    Staff(actor): Staff,
    path: Path<(i64, i64)>,
) -> Answer {
    let (id, consent) = path.into_inner();
    let id = ArticleId(id);
    clear_case_study::withdraw_consent(&app, actor.id, id, consent).await?;
    let said = "The consent is marked as taken back, and what rested on it is withdrawn.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// What is ticked of the checklist.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ChecklistForm {
    /// The version of the text that was looked through.
    version: i32,
    item: Vec<String>,
}

/// `POST /staff/articles/{id}/checklist`.
pub(in crate::web) async fn checklist(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<ChecklistForm>,
) -> Answer {
    let id = ArticleId(*id);
    let items = form.item.iter().filter_map(|item| item.parse().ok());
    let items: Vec<ChecklistItem> = items.collect();
    let is_whole = ChecklistItem::ALL.iter().all(|item| items.contains(item));
    clear_case_study::tick(&app, actor.id, id, form.version, items).await?;
    let said = if is_whole {
        "The checklist is saved, and complete for this text."
    } else {
        "The checklist is saved. Not every item is ticked yet."
    };
    Ok(see_other_saying(&app, &address(id), said))
}
