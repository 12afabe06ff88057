//! The topics among which people choose.

use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::keep_topics::{DESCRIPTION_CHARS, NAME_CHARS};
use crate::app::{App, AppError, keep_topics};
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::topic::TopicId;
use crate::store::topics::Topic;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

const PATH: &str = "/staff/settings/topics";

struct TopicRow {
    id: i64,
    slug: String,
    name: String,
    description: String,
    people: String,
    retired: Option<String>,
    is_first: bool,
    is_last: bool,
}

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct TopicForm {
    name: String,
    description: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(TopicForm);

#[derive(Template)]
#[template(path = "web/staff/settings/topics.html")]
struct TopicsPage {
    page: PageContext,
    topics: Vec<TopicRow>,
    /// The topic that is being described; 0 while a new one is.
    editing: i64,
    max_name: usize,
    max_description: usize,
    f: TopicForm,
}

async fn page_of(
    app: &App,
    page: PageContext,
    editing: i64,
    f: TopicForm,
) -> Result<TopicsPage, Problem> {
    let all = keep_topics::all_with_people(app).await?;
    let count = all.len();
    let row = |(place, (topic, people)): (usize, (Topic, i64))| TopicRow {
        id: topic.id.0,
        slug: topic.slug,
        name: topic.name,
        description: topic.description,
        people: grouped(people),
        retired: topic.retired_at.map(local_time::display_date),
        is_first: place == 0,
        is_last: place + 1 == count,
    };
    Ok(TopicsPage {
        page,
        topics: all.into_iter().enumerate().map(row).collect(),
        editing,
        max_name: NAME_CHARS,
        max_description: DESCRIPTION_CHARS,
        f,
    })
}

/// `GET /staff/settings/topics`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext) -> Answer {
    show_page(&page_of(&app, page, 0, TopicForm::default()).await?)
}

/// `POST /staff/settings/topics`: a new one.
pub(in crate::web) async fn add(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<TopicForm>,
) -> Answer {
    match keep_topics::add(&app, actor.id, &f.name, &f.description).await {
        Ok(()) => {
            let said = "The topic is added, as the last one. It can be chosen from now on.";
            Ok(see_other_saying(&app, PATH, said))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            show_again(&page_of(&app, page, 0, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/settings/topics/{id}`: another name or description.
pub(in crate::web) async fn describe(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(mut f): Form<TopicForm>,
) -> Answer {
    match keep_topics::describe(&app, actor.id, TopicId(*id), &f.name, &f.description).await {
        Ok(()) => Ok(see_other_saying(&app, PATH, "The topic is saved.")),
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            show_again(&page_of(&app, page, *id, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a topic is moved.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct MoveForm {
    to: String,
}

/// `POST /staff/settings/topics/{id}/move`, with `to` = `up` or `down`.
pub(in crate::web) async fn move_by(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    Form(form): Form<MoveForm>,
) -> Answer {
    let up = match form.to.as_str() {
        "up" => true,
        "down" => false,
        _ => return Err(Problem::malformed()),
    };
    keep_topics::move_by(&app, actor.id, TopicId(*id), up).await?;
    let path = format!("{PATH}#topic-{id}");
    Ok(see_other_saying(&app, &path, "The order is saved."))
}

/// `POST /staff/settings/topics/{id}/retire`.
pub(in crate::web) async fn retire(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    keep_topics::set_retired(&app, actor.id, TopicId(*id), true).await?;
    let said = "The topic is not offered any more. Who has it keeps it.";
    Ok(see_other_saying(&app, PATH, said))
}

/// `POST /staff/settings/topics/{id}/offer`.
pub(in crate::web) async fn offer(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    keep_topics::set_retired(&app, actor.id, TopicId(*id), false).await?;
    Ok(see_other_saying(&app, PATH, "The topic is offered again."))
}
