//! Bulletins are assembled: subject, introduction, articles in their order, and who gets it.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::app::write_bulletin::{self, Shown};
use crate::app::{App, AppError, keep_subscribers};
use crate::domain::bulletin::BulletinId;
use crate::domain::symposium::SymposiumId;
use crate::domain::{local_time, markdown};
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, TEXT_BYTES};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};
use crate::web::staff::choice::Choice;

use super::form::{ArticleLine, BulletinForm, Choices, topic_ids};
use super::{address, people};

/// Somebody saved another version while this one was being put together.
struct Conflict {
    newest: i32,
    by: String,
    at: String,
    url: String,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/edit.html")]
struct Edit {
    page: PageContext,
    id: Option<BulletinId>,
    topics: Vec<Topic>,
    symposia: Vec<Choice>,
    audience: String,
    articles: Vec<ArticleLine>,
    preview_html: Option<String>,
    notice: Option<String>,
    conflict: Option<Conflict>,
    f: BulletinForm,
}

impl Edit {
    async fn new(
        app: &App,
        page: PageContext,
        id: Option<BulletinId>,
        choices: Choices,
        f: BulletinForm,
    ) -> Result<Self, Problem> {
        let chosen = f.topic_ids(&choices).unwrap_or_default();
        let symposium = f.symposium_id(&choices).unwrap_or_default();
        let symposia = choices.symposia.iter();
        let symposia = symposia.map(|one| {
            let date = local_time::display_date(one.starts_at);
            Choice::new(one.id, format!("{}, {date}", one.title))
        });
        let written = !f.introduction.trim().is_empty();
        Ok(Self {
            page,
            id,
            audience: people(write_bulletin::audience(app, chosen, symposium).await?),
            articles: f.article_lines(&choices),
            symposia: symposia.collect(),
            topics: choices.topics,
            preview_html: written.then(|| markdown::to_html(&f.introduction)),
            notice: None,
            conflict: None,
            f,
        })
    }
}

/// For whom a new bulletin is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NewQuery {
    symposium: String,
}

/// `GET /staff/bulletins/new?symposium=`.
pub(in crate::web) async fn new(
    app: Data<App>,
    page: PageContext,
    query: web::Query<NewQuery>,
) -> Answer {
    let choices = Choices::load(&app, None).await?;
    let form = BulletinForm::for_symposium(query.into_inner().symposium);
    let edit = Edit::new(&app, page, None, choices, form).await?;
    show_as(StatusCode::OK, &edit)
}

/// `POST /staff/bulletins`.
pub(in crate::web) async fn create(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    Form(mut form): Form<BulletinForm, TEXT_BYTES>,
) -> Answer {
    let choices = Choices::load(&app, None).await?;
    if form.action == "preview" {
        return show_as(
            StatusCode::OK,
            &Edit::new(&app, page, None, choices, form).await?,
        );
    }
    if let Some(text) = form.text(&choices) {
        match write_bulletin::create(&app, actor.id, text).await {
            Ok(id) => {
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
pub(in crate::web) async fn edit(app: Data<App>, page: PageContext, id: web::Path<i64>) -> Answer {
    let id = BulletinId(*id);
    let shown = write_bulletin::show(&app, id).await?;
    if !shown.bulletin.state.is_open() {
        return Err(AppError::refused(
            "Only a draft can be changed. Take the bulletin back to draft first; an approval is gone \
             then.",
        )
        .into());
    }
    let choices = Choices::load(&app, Some(&shown)).await?;
    let form = BulletinForm::of(&shown);
    show_as(
        StatusCode::OK,
        &Edit::new(&app, page, Some(id), choices, form).await?,
    )
}

/// `POST /staff/bulletins/{id}`.
pub(in crate::web) async fn save(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: web::Path<i64>,
    Form(mut form): Form<BulletinForm, TEXT_BYTES>,
) -> Answer {
    let id = BulletinId(*id);
    let shown = write_bulletin::show(&app, id).await?;
    let choices = Choices::load(&app, Some(&shown)).await?;
    if form.action == "preview" {
        return show_as(
            StatusCode::OK,
            &Edit::new(&app, page, Some(id), choices, form).await?,
        );
    }
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
                conflict = Some(somebody_was_faster(&mut form, newest));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut edit = Edit::new(&app, page, Some(id), choices, form).await?;
    edit.notice = notice;
    edit.conflict = conflict;
    show_as(status, &edit)
}

fn somebody_was_faster(form: &mut BulletinForm, now: Shown) -> Conflict {
    // Whatever was agreed to replace, it is not this one.
    form.over.clear();
    let newest = now.bulletin.version;
    let by = now.updated_by;
    let said = format!(
        "{by} has saved version {newest} meanwhile; you opened version {}. What you typed stands \
         below and is not saved.",
        form.version
    );
    form.refuse(vec![("over", said)]);
    Conflict {
        newest,
        by,
        at: local_time::display(now.bulletin.updated_at),
        url: address(now.bulletin.id),
    }
}

/// What is chosen at present.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AudienceQuery {
    topics: Vec<String>,
    symposium: String,
}

/// `GET /staff/bulletins/audience?topics=&topics=&symposium=`: how many people would get it, in words.
pub(in crate::web) async fn audience(app: Data<App>, request: HttpRequest) -> Answer {
    let query: AudienceQuery =
        serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let all = keep_subscribers::topics(&app).await?;
    let chosen = topic_ids(&all, &query.topics).ok_or_else(Problem::not_found)?;
    let symposium = match query.symposium.as_str() {
        "" => None,
        key => Some(SymposiumId(key.parse().map_err(|_| Problem::not_found())?)),
    };
    let count = write_bulletin::audience(&app, chosen, symposium).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(people(count)))
}
