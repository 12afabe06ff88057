//! What is typed into the forms of articles and bulletins is kept by itself until it is saved: what both tell of it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::keep_working_copy::{self, Kept, Unsaved};
use crate::app::{Actor, App, AppError};
use crate::domain::local_time;
use crate::domain::working_copy::{CopyOf, Written};
use crate::store::working_copies::Other;
use crate::web::page::Answer;
use crate::web::session::{Staff, see_other_saying};

use super::articles::marks::Mark;

/// The answer to the form's script.
#[derive(Serialize)]
struct KeptAnswer {
    copy: i64,
    at: String,
    newest: Option<NewestAnswer>,
    others: Vec<String>,
    marks: Vec<Mark>,
}

/// A text that somebody saved meanwhile.
#[derive(Serialize)]
struct NewestAnswer {
    version: i32,
    by: String,
    at: String,
    url: String,
}

/// Tells the form's script what was kept. `noun` is what the text is called; `url` is where a version that was saved
/// meanwhile is read.
pub(super) fn kept_answer(
    kept: Kept,
    noun: &str,
    url: impl Fn(i32) -> String,
    marks: Vec<Mark>,
) -> HttpResponse {
    let mut others: Vec<String> = Vec::new();
    if let Some(state) = kept.closed {
        others.push(format!(
            "This {noun} is no draft any more: {}. What you type is kept for you, and can be saved when it is a draft again.",
            state.label().to_lowercase()
        ));
    }
    others.extend(kept.others.iter().map(|other| writes_too(other, noun)));
    HttpResponse::Ok().json(KeptAnswer {
        copy: kept.id,
        at: local_time::display(kept.at),
        newest: kept.newest.map(|newest| NewestAnswer {
            version: newest.version,
            url: url(newest.version),
            by: newest.by,
            at: local_time::display(newest.at),
        }),
        others,
        marks,
    })
}

/// Who else writes, in a sentence.
pub(super) fn writes_too(other: &Other, noun: &str) -> String {
    format!(
        "{} has changes in this {noun} that are not saved, from {}.",
        other.name,
        local_time::display(other.kept_at)
    )
}

/// `POST /staff/articles/working-copies/{copy}/discard`, `POST /staff/bulletins/working-copies/{copy}/discard`.
pub(in crate::web) async fn discard(
    app: Data<App>,
    Staff(actor): Staff,
    copy: Path<i64>,
) -> Answer {
    let to = match keep_working_copy::discard(&app, actor.id, *copy).await? {
        CopyOf::Article(None) => "/staff/articles".to_owned(),
        CopyOf::Article(Some(id)) => format!("/staff/articles/{id}"),
        CopyOf::Bulletin(None) => "/staff/bulletins".to_owned(),
        CopyOf::Bulletin(Some(id)) => format!("/staff/bulletins/{id}"),
    };
    Ok(see_other_saying(
        &app,
        &to,
        "What you had not saved is thrown away.",
    ))
}

/// The way to a list from the form of a copy that is not there any more, as after the button Back.
pub(super) fn not_kept(app: &App, list: &str) -> HttpResponse {
    see_other_saying(app, list, "That draft was saved or thrown away.")
}

/// What is told of a copy that the form shows.
pub(super) struct UnsavedView {
    pub(super) id: i64,
    pub(super) at: String,
}

impl<T> From<&Unsaved<T>> for UnsavedView {
    fn from(unsaved: &Unsaved<T>) -> Self {
        Self {
            id: unsaved.id,
            at: local_time::display(unsaved.kept_at),
        }
    }
}

/// A copy of something that is not begun yet, or differs from what is saved, in its list.
pub(super) struct BegunView {
    pub(super) url: String,
    /// Where to say that it is to be thrown away.
    pub(super) discard_url: String,
    pub(super) title: String,
    pub(super) at: String,
}

impl BegunView {
    /// A copy of what is saved under this title; `list` and `page` are the addresses of its list and of its page.
    pub(super) fn of_saved<T>(list: &str, page: &str, title: String, copy: &Unsaved<T>) -> Self {
        Self {
            url: format!("{page}/edit"),
            discard_url: format!("{list}/working-copies/{}/discard", copy.id),
            title,
            at: local_time::display(copy.kept_at),
        }
    }
}

/// What somebody typed for things of this kind that are not begun yet; `new` is the address of their form, and `title` and
/// `untitled` are what each is called.
pub(super) async fn begun<T: DeserializeOwned + Send + 'static>(
    app: &App,
    actor: &Actor,
    kind: Written,
    new: &str,
    (title, untitled): (fn(&T) -> &str, &str),
) -> Result<Vec<BegunView>, AppError> {
    let copies = keep_working_copy::of_new::<T>(app, actor.id, kind).await?;
    let view = |copy: Unsaved<T>| BegunView {
        url: format!("{new}?copy={}", copy.id),
        discard_url: format!(
            "{}/working-copies/{}/discard",
            new.trim_end_matches("/new"),
            copy.id
        ),
        title: match title(&copy.typed).trim() {
            "" => untitled.to_owned(),
            title => title.to_owned(),
        },
        at: local_time::display(copy.kept_at),
    };
    Ok(copies.into_iter().map(view).collect())
}
