//! How long things are kept.

use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::app::site_settings::{self, Retention, RetentionFields, Section};
use crate::app::{App, AppError};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

use super::{EarlierRow, earlier_rows, said};

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct RetentionForm {
    unconfirmed_days: String,
    inbound_days: String,
    unsaved_days: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(RetentionForm);

#[derive(Template)]
#[template(path = "web/staff/settings/retention.html")]
struct RetentionPage {
    page: PageContext,
    f: RetentionForm,
    unconfirmed: String,
    inbound: String,
    unsaved: String,
    earlier: Vec<EarlierRow>,
}

async fn page_of(app: &App, page: PageContext, f: RetentionForm) -> Result<RetentionPage, Problem> {
    let bounds = |bounds: site_settings::Bounds| {
        let (least, most) = bounds.into_inner();
        format!("From {least} to {most} days.")
    };
    Ok(RetentionPage {
        page,
        f,
        unconfirmed: bounds(Retention::UNCONFIRMED),
        inbound: bounds(Retention::INBOUND),
        unsaved: bounds(Retention::UNSAVED),
        earlier: earlier_rows(site_settings::history(app, Section::Retention).await?),
    })
}

/// `GET /staff/settings/retention`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let kept = app.site().retention;
    let f = RetentionForm {
        unconfirmed_days: kept.unconfirmed_days.to_string(),
        inbound_days: kept.inbound_days.to_string(),
        unsaved_days: kept.unsaved_days.to_string(),
        problems: Problems::default(),
    };
    show_page(&page_of(&app, page, f).await?)
}

/// `POST /staff/settings/retention`.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<RetentionForm>,
) -> Answer {
    let fields = RetentionFields {
        unconfirmed_days: f.unconfirmed_days.clone(),
        inbound_days: f.inbound_days.clone(),
        unsaved_days: f.unsaved_days.clone(),
    };
    match site_settings::set_retention(&app, actor.id, &fields).await {
        Ok(changed) => {
            let saved = "Saved. What is older goes within the hour.";
            Ok(see_other_saying(
                &app,
                "/staff/settings/retention",
                said(changed, saved),
            ))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}
