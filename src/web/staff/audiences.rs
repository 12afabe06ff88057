//! Saved audiences: what they are, renamed and deleted. They are saved where a bulletin is assembled.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::choose_audience::{self, Saved};
use crate::app::{App, AppError};
use crate::domain::audience::SavedAudienceId;
use crate::domain::local_time;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

/// A new name, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct NameForm {
    audience_name: String,
    /// Whose name it is to be.
    #[serde(skip)]
    of: Option<SavedAudienceId>,
    #[serde(skip)]
    problems: Problems,
}

checked!(NameForm);

struct Row {
    id: SavedAudienceId,
    name: String,
    topics: String,
    narrowing: String,
    saved: String,
}

impl Row {
    fn of(saved: Saved) -> Self {
        let audience = saved.audience;
        Self {
            id: audience.id,
            name: audience.name,
            topics: saved.topics.join(", "),
            narrowing: saved.narrowing.join(", and "),
            saved: format!(
                "by {} on {}",
                audience.updated_by,
                local_time::display(audience.updated_at)
            ),
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/audiences/index.html")]
struct Index {
    page: PageContext,
    audiences: Vec<Row>,
    f: NameForm,
}

impl Index {
    /// What stands in the field of a row's new name.
    fn typed<'a>(&'a self, row: &'a Row) -> &'a str {
        match self.f.of {
            Some(of) if of == row.id => &self.f.audience_name,
            _ => &row.name,
        }
    }

    /// What is wrong with it; mostly nothing.
    fn wrong(&self, row: &Row) -> &str {
        match self.f.of {
            Some(of) if of == row.id => self.f.error("audience_name"),
            _ => "",
        }
    }
}

/// `GET /staff/audiences`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext) -> Answer {
    answer(&app, page, NameForm::default(), StatusCode::OK).await
}

async fn answer(app: &App, page: PageContext, f: NameForm, status: StatusCode) -> Answer {
    let audiences = choose_audience::all_saved(app).await?;
    let index = Index {
        page,
        audiences: audiences.into_iter().map(Row::of).collect(),
        f,
    };
    show_as(status, &index)
}

/// `POST /staff/audiences/{id}/rename`.
pub(in crate::web) async fn rename(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(mut form): Form<NameForm>,
) -> Answer {
    let id = SavedAudienceId(*id);
    match choose_audience::rename(&app, actor.id, id, &form.audience_name).await {
        Ok(()) => Ok(see_other_saying(
            &app,
            "/staff/audiences",
            "It has its new name.",
        )),
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            form.of = Some(id);
            answer(&app, page, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(Problem::from(error)),
    }
}

/// `POST /staff/audiences/{id}/delete`.
pub(in crate::web) async fn delete(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let name = choose_audience::delete(&app, actor.id, SavedAudienceId(*id)).await?;
    let said = format!("“{name}” is deleted. Bulletins that were made with it stay as they are.");
    Ok(see_other_saying(&app, "/staff/audiences", &said))
}
