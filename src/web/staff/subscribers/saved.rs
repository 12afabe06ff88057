//! Filters that are kept under a name.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::app::{App, AppError, list_subscribers};
use crate::domain::short_text::ShortText;
use crate::web::forms::{Form, Problems};
use crate::web::page::{Answer, PageContext, show_again};
use crate::web::session::{Staff, see_other_saying};

use super::filter::FilterQuery;
use super::list::{ListForms, ListPage};

/// The longest name, in characters.
const MAX_NAME: usize = 60;

/// A filter and its name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SaveForm {
    name: String,
    /// What stands in the address of the list.
    query: String,
}

/// `POST /staff/subscribers/filters`: what the list shows now is kept under a name.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    Form(form): Form<SaveForm>,
) -> Answer {
    let filter = read(&form.query);
    let mut problems = Problems::default();
    let name = problems.take(
        "name",
        ShortText::parse(&form.name, MAX_NAME).map_err(|error| error.about("a name")),
    );
    let query = filter.as_saved();
    if query.is_empty() {
        problems.add(
            "name",
            "Please choose a filter first: this is the whole list.",
        );
    }
    if let (Some(name), true) = (name, problems.is_empty()) {
        match list_subscribers::save_filter(&app, staff.0.id, name.into(), query.clone()).await {
            Ok(()) => {
                let address = format!("/staff/subscribers?{query}");
                return Ok(see_other_saying(&app, &address, "The filter is saved."));
            }
            Err(AppError::Invalid(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    let forms = ListForms {
        name: form.name,
        problems,
        ..ListForms::default()
    };
    show_again(&ListPage::of(&app, page, filter, forms).await?)
}

/// `POST /staff/subscribers/filters/{id}/delete`.
pub(in crate::web) async fn delete(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    list_subscribers::delete_filter(&app, staff.0.id, *id).await?;
    Ok(see_other_saying(
        &app,
        "/staff/subscribers",
        "The filter is deleted.",
    ))
}

/// The filters of an address; whatever is none of them is left out.
pub(super) fn read(query: &str) -> FilterQuery {
    serde_html_form::from_str(query).unwrap_or_default()
}
