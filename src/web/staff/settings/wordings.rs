//! To what people agree, and what they are told.

use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::app::site_settings::{self, Notices, Section};
use crate::app::{App, AppError};
use crate::domain::local_time;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

use super::{EarlierRow, earlier_rows, said};

const PATH: &str = "/staff/settings/wordings";

struct WordingRow {
    version: String,
    text: String,
    since: String,
    is_current: bool,
}

/// What was typed. The two forms of the page have their fields here together.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct WordingsForm {
    wording: String,
    carrier: String,
    privacy_officer: String,
    place: String,
    more: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(WordingsForm);

impl WordingsForm {
    fn notices_as_they_are(&mut self, app: &App) {
        let site = app.site();
        let notices = site.notices.clone();
        self.carrier = notices.carrier;
        self.privacy_officer = notices.privacy_officer;
        self.place = notices.place;
        self.more = notices.more;
    }
}

#[derive(Template)]
#[template(path = "web/staff/settings/wordings.html")]
struct WordingsPage {
    page: PageContext,
    f: WordingsForm,
    wordings: Vec<WordingRow>,
    earlier: Vec<EarlierRow>,
}

async fn page_of(app: &App, page: PageContext, f: WordingsForm) -> Result<WordingsPage, Problem> {
    let site = app.site();
    let row = |(version, text, since): (String, String, _)| WordingRow {
        is_current: version == site.wording.version,
        version,
        text,
        since: local_time::display(since),
    };
    let wordings = site_settings::wordings(app).await?;
    Ok(WordingsPage {
        page,
        f,
        wordings: wordings.into_iter().map(row).collect(),
        earlier: earlier_rows(site_settings::history(app, Section::Notices).await?),
    })
}

/// `GET /staff/settings/wordings`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let mut f = WordingsForm {
        wording: app.site().wording.text.clone(),
        ..WordingsForm::default()
    };
    f.notices_as_they_are(&app);
    show_page(&page_of(&app, page, f).await?)
}

/// `POST /staff/settings/wordings/consent`.
pub(in crate::web) async fn consent(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<WordingsForm>,
) -> Answer {
    match site_settings::set_wording(&app, actor.id, &f.wording).await {
        Ok(changed) => {
            let saved = "The new wording stands at the form. The earlier ones stay on record.";
            Ok(see_other_saying(&app, PATH, said(changed, saved)))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            f.notices_as_they_are(&app);
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/settings/wordings/notices`.
pub(in crate::web) async fn notices(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<WordingsForm>,
) -> Answer {
    let notices = Notices {
        carrier: f.carrier.clone(),
        privacy_officer: f.privacy_officer.clone(),
        place: f.place.clone(),
        more: f.more.clone(),
    };
    match site_settings::set_notices(&app, actor.id, &notices).await {
        Ok(changed) => {
            let saved = "Saved. The privacy page and the sign-up form say it.";
            Ok(see_other_saying(&app, PATH, said(changed, saved)))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            f.wording = app.site().wording.text.clone();
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}
