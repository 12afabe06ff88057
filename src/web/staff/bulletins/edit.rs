//! Bulletins are assembled: subject, introduction, articles in their order, and who gets it.

use std::ops::ControlFlow;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::app::keep_working_copy::{self, TypedBulletin, Unsaved};
use crate::app::write_bulletin::{self, Shown};
use crate::app::{Actor, App, AppError, choose_audience};
use crate::domain::audience::Attendance;
use crate::domain::bulletin::{BulletinId, COMPUTER_SUBJECT, PHONE_SUBJECT};
use crate::domain::subscriber::{Region, Role};
use crate::domain::working_copy::{CopyOf, Written};
use crate::domain::{local_time, markdown};
use crate::store::topics::Topic;
use crate::web::assets;
use crate::web::forms::{Checked as _, Form, TEXT_BYTES};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};
use crate::web::staff::articles::marks::as_json;
use crate::web::staff::choice::Choice;
use crate::web::staff::comparison::{FieldView, differs_in};
use crate::web::staff::working_copy::{UnsavedView, not_kept, writes_too};

use super::audience::{Chosen, Somebody, somebodies};
use super::comparison::differences;
use super::correct::CorrectionView;
use super::form::{ArticleLine, BulletinForm, Choices};
use super::working_copy::places;
use super::{address, people};

/// Somebody saved another version while this one was being put together.
struct Conflict {
    newest: i32,
    by: String,
    at: String,
    url: String,
    differs_in: String,
    /// What the newest says, and what was typed in its place.
    differences: Vec<FieldView>,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/edit.html")]
struct Edit {
    page: PageContext,
    /// Address of the script of this page.
    script: &'static str,
    /// How much of a subject inboxes show, for the script and in words.
    subject_attributes: String,
    subject_hint: String,
    id: Option<BulletinId>,
    topics: Vec<Topic>,
    symposia: Vec<Choice>,
    regions: Vec<Choice>,
    roles: Vec<Choice>,
    attendances: Vec<Choice>,
    started: Vec<Choice>,
    saved: Vec<Choice>,
    audience: String,
    sample: Vec<Somebody>,
    correction: Option<CorrectionView>,
    articles: Vec<ArticleLine>,
    preview_html: Option<String>,
    notice: Option<String>,
    /// Who asked for changes in the draft, when, and their words.
    asked: Option<String>,
    /// It came back from a button that saves nothing.
    is_unsaved: bool,
    conflict: Option<Conflict>,
    /// That the form shows what was typed and not saved.
    unsaved: Option<UnsavedView>,
    /// Who else writes at it, in sentences.
    others: Vec<String>,
    /// The places that may tell who a patient is, as JSON for the script.
    marks: String,
    f: BulletinForm,
}

impl Edit {
    async fn new(
        app: &App,
        page: PageContext,
        shown: Option<&Shown>,
        choices: Choices,
        mut f: BulletinForm,
    ) -> Result<Self, Problem> {
        let id = shown.map(|shown| shown.bulletin.id);
        f.bulletin = id.map(|id| id.to_string()).unwrap_or_default();
        let correction = shown.and_then(CorrectionView::of);
        let draft = shown.filter(|shown| shown.bulletin.state.is_open());
        let (mut audience, mut sample) = ("Not known yet".to_owned(), Vec::new());
        if let (Some(shown), true) = (shown, correction.is_some()) {
            audience = people(shown.audience);
        } else if let Some(Chosen { whom, narrowing }) = f.chosen(&choices) {
            let count = choose_audience::count(app, whom.clone(), narrowing.clone()).await?;
            audience = people(count);
            if page.staff.as_ref().is_some_and(|staff| staff.may_publish) {
                sample = somebodies(app, Chosen { whom, narrowing }).await?;
            }
        }
        let symposia = choices.symposia.iter();
        let symposia = symposia.map(|one| {
            let date = local_time::display_date(one.starts_at);
            Choice::new(one.id, format!("{}, {date}", one.title))
        });
        let started = choices.started.iter().map(|(id, subject, at)| {
            let date = local_time::display_date(*at);
            Choice::new(id, format!("{subject}, {date}"))
        });
        let saved = choices.saved.iter();
        let saved = saved.map(|one| Choice::new(one.audience.id, &one.audience.name));
        // A retired topic is no new choice; where it was chosen before, it is shown.
        let is_shown = |topic: &&Topic| {
            let had = shown.is_some_and(|shown| shown.topics.iter().any(|one| one.id == topic.id));
            topic.retired_at.is_none() || had || f.has_topic(&topic.slug)
        };
        let topics = choices.topics.iter().filter(is_shown).cloned();
        let topics: Vec<Topic> = topics.collect();
        let written = !f.introduction.trim().is_empty();
        let named = |(name, label): (&str, &str)| Choice::new(name, label);
        let regions = Region::ALL.iter().map(|one| (one.as_str(), one.label()));
        let roles = Role::ALL.iter().map(|one| (one.as_str(), one.label()));
        let attendances = Attendance::ALL.iter();
        let attendances = attendances.map(|one| (one.as_str(), one.label()));
        Ok(Self {
            page,
            script: assets::address("assembling.js"),
            subject_attributes: format!(
                " maxlength='150' required data-length='{PHONE_SUBJECT} {COMPUTER_SUBJECT}'"
            ),
            subject_hint: format!(
                "What the inbox shows in bold. About {PHONE_SUBJECT} characters are seen on a phone, {COMPUTER_SUBJECT} on a computer."
            ),
            id,
            audience,
            sample,
            correction,
            articles: f.article_lines(&choices),
            symposia: symposia.collect(),
            started: started.collect(),
            saved: saved.collect(),
            regions: regions.map(named).collect(),
            roles: roles.map(named).collect(),
            attendances: attendances.map(named).collect(),
            topics,
            preview_html: written.then(|| markdown::to_html(&f.introduction)),
            notice: None,
            asked: draft.and_then(|draft| draft.bulletin.waiting_for.clone()),
            is_unsaved: false,
            conflict: None,
            unsaved: None,
            others: Vec::new(),
            marks: as_json(&places(&f.typed())),
            f,
        })
    }
}

/// Does what a button asks for that saves no bulletin, and shows the form again; nothing for the button that does.
async fn without_saving(
    app: &App,
    actor: &Actor,
    page: PageContext,
    shown: Option<&Shown>,
    form: BulletinForm,
) -> Result<ControlFlow<HttpResponse, (PageContext, BulletinForm)>, Problem> {
    let mut form = form;
    let mut notice = None;
    match form.action.as_str() {
        "preview" => {}
        "use-audience" => {
            form = form.take_over(&Choices::load(app, shown).await?);
        }
        "save-audience" => {
            if let Some(criteria) = form.criteria(&Choices::load(app, shown).await?) {
                match choose_audience::save(app, actor.id, &form.audience_name, criteria).await {
                    Ok(id) => {
                        let name = std::mem::take(&mut form.audience_name);
                        form.saved = id.to_string();
                        notice = Some(format!(
                            "The audience is saved as “{}”. The bulletin itself is not saved yet.",
                            name.trim()
                        ));
                    }
                    Err(AppError::Invalid(found)) => form.refuse(found),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        _ => return Ok(ControlFlow::Continue((page, form))),
    }
    let status = match form.has_errors() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let choices = Choices::load(app, shown).await?;
    let mut edit = Edit::new(app, page, shown, choices, form).await?;
    edit.notice = notice;
    edit.is_unsaved = true;
    show_as(status, &edit).map(ControlFlow::Break)
}

/// For whom a new bulletin is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NewQuery {
    symposium: String,
    /// What was typed of it before.
    copy: String,
}

/// `GET /staff/bulletins/new?symposium=&copy=`.
pub(in crate::web) async fn new(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    query: web::Query<NewQuery>,
) -> Answer {
    let choices = Choices::load(&app, None).await?;
    if let Ok(copy) = query.copy.parse() {
        let kept = keep_working_copy::show(&app, actor.id, Written::Bulletin, copy).await;
        if let Err(AppError::NotFound) = kept {
            return Ok(not_kept(&app, "/staff/bulletins"));
        }
        let unsaved = kept?;
        let view = UnsavedView::from(&unsaved);
        let mut form = BulletinForm::of_typed(unsaved.typed, 0);
        form.copy = copy.to_string();
        let mut edit = Edit::new(&app, page, None, choices, form).await?;
        edit.unsaved = Some(view);
        return show_as(StatusCode::OK, &edit);
    }
    let form = BulletinForm::for_symposium(query.into_inner().symposium);
    let edit = Edit::new(&app, page, None, choices, form).await?;
    show_as(StatusCode::OK, &edit)
}

/// `POST /staff/bulletins`.
pub(in crate::web) async fn create(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    Form(form): Form<BulletinForm, TEXT_BYTES>,
) -> Answer {
    let (page, mut form) = match without_saving(&app, &actor, page, None, form).await? {
        ControlFlow::Break(answer) => return Ok(answer),
        ControlFlow::Continue(to_save) => to_save,
    };
    let choices = Choices::load(&app, None).await?;
    if let Some(text) = form.text(&choices) {
        match write_bulletin::create(&app, actor.id, text).await {
            Ok(id) => {
                if let Ok(copy) = form.copy.parse() {
                    // It is saved; where nothing was kept before, nothing is thrown away.
                    let _ = keep_working_copy::discard(&app, actor.id, copy).await;
                }
                return Ok(see_other_saying(
                    &app,
                    &address(id),
                    "The bulletin is saved.",
                ));
            }
            Err(AppError::Invalid(found)) => form.refuse(found),
            Err(error) => return Err(error.into()),
        }
    }
    let edit = Edit::new(&app, page, None, choices, form).await?;
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &edit)
}

/// `GET /staff/bulletins/{id}/edit`.
///
/// What this person typed and did not save stands in the form, with what was saved meanwhile beside it.
pub(in crate::web) async fn edit(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: web::Path<i64>,
) -> Answer {
    let id = BulletinId(*id);
    let shown = write_bulletin::show(&app, id).await?;
    let of = CopyOf::Bulletin(Some(id));
    let (unsaved, others) = keep_working_copy::of(&app, actor.id, of).await?;
    let unsaved: Option<Unsaved<TypedBulletin>> = unsaved;
    if !shown.bulletin.state.is_open() {
        let kept = match unsaved {
            Some(_) => " What you typed and did not save is kept for you.",
            None => "",
        };
        let why = write_bulletin::why_closed(shown.bulletin.state);
        return Err(AppError::Refused(format!("{why}{kept}")).into());
    }
    let choices = Choices::load(&app, Some(&shown)).await?;
    let saved = BulletinForm::of(&shown);
    let unsaved = unsaved.map(|mut unsaved| {
        if shown.bulletin.corrects_id.is_some() {
            // The form of a correction has no audience to choose.
            unsaved.typed = unsaved.typed.with_audience_of(saved.typed());
        }
        unsaved
    });
    let unsaved = unsaved.filter(|unsaved| !unsaved.typed.is_same(&saved.typed()));
    let view = unsaved.as_ref().map(UnsavedView::from);
    let mut form = match unsaved {
        Some(unsaved) => BulletinForm::of_typed(unsaved.typed, unsaved.version),
        None => saved,
    };
    let mut conflict = None;
    if shown.bulletin.version > form.version {
        conflict = Some(somebody_was_faster(&mut form, &shown, &choices).await?);
    }
    let mut edit = Edit::new(&app, page, Some(&shown), choices, form).await?;
    edit.conflict = conflict;
    edit.unsaved = view;
    edit.others = others
        .iter()
        .map(|other| writes_too(other, "bulletin"))
        .collect();
    show_as(StatusCode::OK, &edit)
}

/// `POST /staff/bulletins/{id}`.
pub(in crate::web) async fn save(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: web::Path<i64>,
    Form(form): Form<BulletinForm, TEXT_BYTES>,
) -> Answer {
    let id = BulletinId(*id);
    let shown = write_bulletin::show(&app, id).await?;
    let (page, mut form) = match without_saving(&app, &actor, page, Some(&shown), form).await? {
        ControlFlow::Break(answer) => return Ok(answer),
        ControlFlow::Continue(to_save) => to_save,
    };
    let choices = Choices::load(&app, Some(&shown)).await?;
    let (mut status, mut notice, mut conflict) = (StatusCode::UNPROCESSABLE_ENTITY, None, None);
    if let Some(text) = form.text(&choices) {
        match write_bulletin::save(&app, actor.id, id, form.replaces(), text).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &app,
                    &address(id),
                    "The bulletin is saved.",
                ));
            }
            Err(AppError::Invalid(found)) => form.refuse(found),
            Err(AppError::Refused(why)) => {
                status = StatusCode::CONFLICT;
                notice = Some(format!("This is not saved. {why}"));
            }
            Err(AppError::Conflict) => {
                status = StatusCode::CONFLICT;
                let newest = write_bulletin::show(&app, id).await?;
                conflict = Some(somebody_was_faster(&mut form, &newest, &choices).await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut edit = Edit::new(&app, page, Some(&shown), choices, form).await?;
    edit.notice = notice;
    edit.conflict = conflict;
    show_as(status, &edit)
}

async fn somebody_was_faster(
    form: &mut BulletinForm,
    now: &Shown,
    choices: &Choices,
) -> Result<Conflict, AppError> {
    let saved = BulletinForm::of(now);
    let has_audience = now.bulletin.corrects_id.is_none();
    let differences = differences(&saved, form, choices, has_audience).await?;
    // Whatever was agreed to replace, it is not this one.
    form.over.clear();
    let newest = now.bulletin.version;
    let by = now.updated_by.clone();
    let said = format!(
        "{by} has saved version {newest} meanwhile; you opened version {}. What you typed stands \
         below and is not saved.",
        form.version
    );
    form.refuse(vec![("over", said)]);
    Ok(Conflict {
        newest,
        by,
        at: local_time::display(now.bulletin.updated_at),
        url: address(now.bulletin.id),
        differs_in: differs_in(&differences),
        differences,
    })
}
