//! An article's page: its text as the site would show it, and the next step on its way.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::delete_draft;
use crate::app::supersede_article::Place;
use crate::app::write_article::{self, Shown};
use crate::app::{Actor, App};
use crate::domain::article::{ArticleId, ArticleKind, ArticleState, may_approve};
use crate::domain::case_study::{lacks_headings, with_ground};
use crate::domain::staff_member::StaffRole;
use crate::domain::{local_time, markdown};
use crate::web::forms::{Checked as _, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::problem::Problem;
use crate::web::public::articles::ArticleView;
use crate::web::session::Staff;
use crate::web::staff::working_copy::BegunView;

use super::case::CaseView;
use super::marks::words_to_mark;
use super::remarks::RemarkRow;
use super::view::view;
use super::working_copy::changed_in;

struct Row {
    number: i32,
    at: String,
    by: String,
    note: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/staff/articles/show.html")]
pub(super) struct Show {
    page: PageContext,
    id: ArticleId,
    version: i32,
    state: &'static str,
    state_label: &'static str,
    updated: String,
    written_by: String,
    asked: Option<String>,
    approved: Option<String>,
    on_site: Option<OnSite>,
    next: NextStep,
    /// What this person changed since, and has not saved.
    unsaved: Option<BegunView>,
    missing: Vec<String>,
    lacks_headings: bool,
    patient_numbers: Vec<String>,
    warnings: Vec<String>,
    case_view: Option<CaseView>,
    place: Place,
    may_supersede: bool,
    may_delete: bool,
    f: Typed,
    article: ArticleView,
    body_html: String,
    remarks: Vec<RemarkRow>,
    revisions: Vec<Row>,
}

/// What was typed into one of the page's forms: a consent, or a remark.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    pub(super) taken_by: String,
    pub(super) taken_on: String,
    pub(super) scope: String,
    pub(super) words: String,
    #[serde(skip)]
    pub(super) problems: Problems,
}

checked!(Typed);

/// What the site shows of an article.
struct OnSite {
    url: String,
    version: i32,
    since: String,
}

/// What this person can do with the article, and why not what comes next.
#[derive(Debug, Default, PartialEq, Eq)]
struct NextStep {
    may_submit: bool,
    may_approve: bool,
    may_ask_for_changes: bool,
    may_withdraw: bool,
    withdraw_label: &'static str,
    may_publish: bool,
    may_unpublish: bool,
    why_not: Option<String>,
}

impl NextStep {
    fn of(shown: &Shown, actor: &Actor) -> Self {
        let state = shown.article.state;
        let publisher = actor.role.includes(StaffRole::Publisher);
        let record = shown.case_record.as_ref();
        let lacks_ground = record.is_some_and(|record| record.ground.is_none());
        let waits = state == ArticleState::InReview;
        let second = may_approve(waits, &shown.writers, actor.id);
        let mut step = Self {
            may_withdraw: state != ArticleState::Draft,
            withdraw_label: match state {
                ArticleState::Draft | ArticleState::InReview => "Take back to draft",
                ArticleState::Approved | ArticleState::Published => "Withdraw the approval",
            },
            may_unpublish: publisher && shown.on_site.is_some(),
            may_ask_for_changes: actor.role.includes(StaffRole::Reviewer) && second.is_ok(),
            ..Self::default()
        };
        match state {
            ArticleState::Draft => {
                step.may_submit = shown.missing.is_empty() && shown.patient_numbers.is_empty();
                // Said before it is submitted, while somebody can still be found.
                step.why_not = shown.nobody_approves.clone().filter(|_| step.may_submit);
            }
            ArticleState::InReview if shown.nobody_approves.is_some() => {
                step.why_not.clone_from(&shown.nobody_approves);
            }
            ArticleState::InReview if !actor.role.includes(StaffRole::Reviewer) => {
                step.why_not = Some(format!(
                    "It waits for approval by a second person with the role “{}” or higher.",
                    StaffRole::Reviewer
                ));
            }
            ArticleState::InReview => match may_approve(true, &shown.writers, actor.id) {
                Ok(()) if lacks_ground => {
                    let why = "You can approve it once the patient’s consent is recorded or the checklist below is complete.";
                    step.why_not = Some(why.to_owned());
                }
                Ok(()) => step.may_approve = true,
                Err(refused) => step.why_not = Some(refused.to_string()),
            },
            ArticleState::Approved if lacks_ground => {}
            ArticleState::Approved if publisher => step.may_publish = true,
            ArticleState::Approved => {
                step.why_not = Some(format!(
                    "It is approved. Somebody with the role “{}” or higher puts it on the site.",
                    StaffRole::Publisher
                ));
            }
            ArticleState::Published => {}
        }
        step
    }
}

/// `GET /staff/articles/{id}`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
) -> Answer {
    let form = Typed::default();
    show_page(&page_of(&app, &actor, page, ArticleId(*id), form).await?)
}

/// The page, with what was typed of a consent.
pub(super) async fn page_of(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: ArticleId,
    f: Typed,
) -> Result<Show, Problem> {
    let shown = write_article::show(app, id).await?;
    let next = NextStep::of(&shown, actor);
    let unsaved = changed_in(app, actor, &shown.article).await?;
    let Shown {
        article,
        on_site,
        revisions,
        missing,
        patient_numbers,
        warnings,
        case_record,
        place,
        remarks,
        image_sizes,
        ..
    } = shown;
    let case_ground = case_record.as_ref().and_then(|record| record.ground);
    let may_tick = matches!(article.state, ArticleState::Draft | ArticleState::InReview);
    let may_delete = on_site.is_none() && delete_draft::may_delete(&article, actor);
    let may_supersede = on_site.is_some() && actor.role.includes(StaffRole::Publisher);
    let approval = shown.approved_by.zip(article.approved_at);
    let approved = approval
        .as_ref()
        .map(|(by, at)| format!("by {by} on {}", local_time::display_date(*at)));
    let first_published = on_site.as_ref().map(|on_site| on_site.first_published_at);
    let site_version = on_site.as_ref().map(|on_site| on_site.version);
    let row = |revision: crate::store::articles::Revision| Row {
        note: if site_version == Some(revision.version) {
            "On the site"
        } else if revision.version == article.version && approval.is_some() {
            "Approved"
        } else {
            ""
        },
        number: revision.version,
        at: local_time::display(revision.saved_at),
        by: revision.saved_by_name,
        current: revision.version == article.version,
    };
    let revisions = revisions.into_iter().map(row).collect();
    let on_site = on_site.map(|on_site| OnSite {
        url: format!("/articles/{}", on_site.slug),
        version: on_site.version,
        since: local_time::display_date(on_site.published_at),
    });
    Ok(Show {
        page,
        id: article.id,
        version: article.version,
        state: article.state.as_str(),
        state_label: article.state.label(),
        updated: local_time::display(article.updated_at),
        written_by: shown.created_by,
        asked: shown.reviewer.filter(|_| approved.is_none()),
        approved,
        on_site,
        next,
        unsaved,
        missing,
        lacks_headings: article.kind == ArticleKind::CaseStudy && lacks_headings(&article.body),
        patient_numbers,
        warnings,
        case_view: case_record.map(|record| CaseView::of(record, may_tick)),
        place,
        may_supersede,
        may_delete,
        f,
        remarks: remarks.into_iter().map(RemarkRow::from).collect(),
        body_html: markdown::with_marks(
            &image_sizes.on_a_page(&markdown::to_html(&with_ground(&article.body, case_ground))),
            &words_to_mark(article.kind, &article.body),
        ),
        article: view(article.text(), approval, first_published, app.now()),
        revisions,
    })
}
