//! Symposia are written: the form, and what becomes of two who write at once.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::write_symposium::{self, Saved, Shown};
use crate::app::{App, AppError};
use crate::domain::local_time;
use crate::domain::symposium::{SymposiumId, SymposiumState};
use crate::web::forms::{Checked as _, Form, TEXT_BYTES};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::session::{Staff, see_other_saying};

use super::form::SymposiumForm;
use super::{address, people_in_words};

/// Somebody saved another version while this one was being written.
struct Conflict {
    newest: i32,
    by: String,
    at: String,
    url: String,
}

#[derive(Template)]
#[template(path = "web/staff/symposia/edit.html")]
struct Edit {
    page: PageContext,
    id: Option<SymposiumId>,
    is_on_site: bool,
    notice: Option<String>,
    conflict: Option<Conflict>,
    f: SymposiumForm,
}

impl Edit {
    fn new(page: PageContext, shown: Option<&Shown>, f: SymposiumForm) -> Self {
        let symposium = shown.map(|shown| &shown.symposium);
        Self {
            page,
            id: symposium.map(|symposium| symposium.id),
            is_on_site: symposium
                .is_some_and(|symposium| symposium.state == SymposiumState::Published),
            notice: None,
            conflict: None,
            f,
        }
    }
}

/// `GET /staff/symposia/new`.
pub(in crate::web) async fn new(page: PageContext) -> Answer {
    let form = SymposiumForm {
        asks_dietary: "yes".to_owned(),
        asks_access: "yes".to_owned(),
        ..SymposiumForm::default()
    };
    show_as(StatusCode::OK, &Edit::new(page, None, form))
}

/// `POST /staff/symposia`.
pub(in crate::web) async fn create(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    Form(mut form): Form<SymposiumForm, TEXT_BYTES>,
) -> Answer {
    if let Some(text) = form.text() {
        match write_symposium::create(&app, actor.id, text).await {
            Ok(id) => {
                let said = "The symposium is saved as a draft.";
                return Ok(see_other_saying(&app, &address(id), said));
            }
            Err(AppError::Invalid(found)) => form.refuse(found),
            Err(error) => return Err(error.into()),
        }
    }
    let edit = Edit::new(page, None, form);
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &edit)
}

/// `GET /staff/symposia/{id}/edit`.
pub(in crate::web) async fn edit(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let shown = write_symposium::show(&app, SymposiumId(*id)).await?;
    let form = SymposiumForm::of(&shown.symposium);
    show_as(StatusCode::OK, &Edit::new(page, Some(&shown), form))
}

/// `POST /staff/symposia/{id}`.
pub(in crate::web) async fn save(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(mut form): Form<SymposiumForm, TEXT_BYTES>,
) -> Answer {
    let id = SymposiumId(*id);
    let shown = write_symposium::show(&app, id).await?;
    let (mut status, mut notice, mut conflict) = (StatusCode::UNPROCESSABLE_ENTITY, None, None);
    if let Some(text) = form.text() {
        match write_symposium::save(&app, &actor, id, form.replaces(), text).await {
            Ok(saved) => return Ok(see_other_saying(&app, &address(id), &what_follows(saved))),
            Err(AppError::Invalid(found)) => form.refuse(found),
            Err(AppError::Refused(why)) => {
                status = StatusCode::CONFLICT;
                notice = Some(format!("This is not saved. {why}"));
            }
            Err(AppError::Conflict) => {
                status = StatusCode::CONFLICT;
                let newest = write_symposium::show(&app, id).await?;
                conflict = Some(somebody_was_faster(&mut form, newest));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut edit = Edit::new(page, Some(&shown), form);
    edit.notice = notice;
    edit.conflict = conflict;
    show_as(status, &edit)
}

/// What saving led to, in words.
fn what_follows(saved: Saved) -> String {
    let mut said = "The symposium is saved.".to_owned();
    if saved.told > 0 {
        let told = people_in_words(saved.told as u64);
        said.push_str(&format!(" {told} are told of the new time or place."));
    }
    if saved.moved_up > 0 {
        let moved_up = people_in_words(saved.moved_up as u64);
        said.push_str(&format!(" {moved_up} moved up from the waiting list."));
    }
    said
}

fn somebody_was_faster(form: &mut SymposiumForm, now: Shown) -> Conflict {
    // Whatever was agreed to replace, it is not this one.
    form.over.clear();
    let newest = now.symposium.version;
    let by = now.updated_by;
    let said = format!(
        "{by} has saved version {newest} meanwhile; you opened version {}. What you typed stands below and is not saved.",
        form.version
    );
    form.refuse(vec![("over", said)]);
    Conflict {
        newest,
        by,
        at: local_time::display(now.symposium.updated_at),
        url: address(now.symposium.id),
    }
}
