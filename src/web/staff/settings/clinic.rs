//! Who the clinic is, its logo and its colours.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::Data;
use askama::Template;
use futures_util::StreamExt;
use serde::Deserialize;

use crate::app::site_settings::{self, ClinicFields, Colours, Section};
use crate::app::{App, AppError};
use crate::domain::image::MAX_FILE_BYTES;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};
use crate::web::uploads;

use super::{EarlierRow, earlier_rows, said};

const PATH: &str = "/staff/settings/clinic";

/// A logo arrives within this time.
const UPLOAD_WITHIN: Duration = Duration::from_secs(5 * 60);

/// What was typed. The two forms of the page have their fields here together.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ClinicForm {
    name: String,
    street: String,
    postal: String,
    phone: String,
    email: String,
    conflicts: String,
    main_light: String,
    main_dark: String,
    accent_light: String,
    accent_dark: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(ClinicForm);

impl ClinicForm {
    fn clinic_as_it_is(&mut self, app: &App) {
        let site = app.site();
        self.name = site.clinic.name.clone();
        self.street = site.clinic.street.clone();
        self.postal = site.clinic.postal.clone();
        self.phone = site.phone.clone();
        self.email = site.clinic.email.to_string();
        self.conflicts = site.usual_conflicts.clone();
    }

    fn colours_as_they_are(&mut self, app: &App) {
        let site = app.site();
        let colours = site.look.colours.clone();
        self.main_light = colours.main_light;
        self.main_dark = colours.main_dark;
        self.accent_light = colours.accent_light;
        self.accent_dark = colours.accent_dark;
    }
}

#[derive(Template)]
#[template(path = "web/staff/settings/clinic.html")]
struct ClinicPage {
    page: PageContext,
    f: ClinicForm,
    max_bytes: usize,
    max_size: String,
    earlier: Vec<EarlierRow>,
}

async fn page_of(app: &App, page: PageContext, f: ClinicForm) -> Result<ClinicPage, Problem> {
    let versions = site_settings::history(app, Section::Clinic).await?;
    Ok(ClinicPage {
        page,
        f,
        max_bytes: MAX_FILE_BYTES,
        max_size: format!("{} MB", MAX_FILE_BYTES >> 20),
        earlier: earlier_rows(versions),
    })
}

/// `GET /staff/settings/clinic`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let mut f = ClinicForm::default();
    f.clinic_as_it_is(&app);
    f.colours_as_they_are(&app);
    show_page(&page_of(&app, page, f).await?)
}

/// `POST /staff/settings/clinic`.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<ClinicForm>,
) -> Answer {
    let fields = ClinicFields {
        name: f.name.clone(),
        street: f.street.clone(),
        postal: f.postal.clone(),
        phone: f.phone.clone(),
        email: f.email.clone(),
        conflicts: f.conflicts.clone(),
    };
    match site_settings::set_clinic(&app, actor.id, fields).await {
        Ok(changed) => {
            let saved = "Saved. Pages and new messages say it from now on.";
            Ok(see_other_saying(&app, PATH, said(changed, saved)))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            f.colours_as_they_are(&app);
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/settings/clinic/colours`.
pub(in crate::web) async fn colours(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<ClinicForm>,
) -> Answer {
    let colours = Colours {
        main_light: f.main_light.clone(),
        main_dark: f.main_dark.clone(),
        accent_light: f.accent_light.clone(),
        accent_dark: f.accent_dark.clone(),
    };
    match site_settings::set_colours(&app, actor.id, &colours).await {
        Ok(changed) => {
            let saved =
                "The colours are saved: they are on every page, and in messages from now on.";
            Ok(see_other_saying(&app, PATH, said(changed, saved)))
        }
        Err(AppError::Invalid(found)) => {
            f.problems.extend(found);
            f.clinic_as_it_is(&app);
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/settings/clinic/logo`, as `multipart/form-data` with `file`.
pub(in crate::web) async fn logo(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    body: Multipart,
) -> Answer {
    let read = tokio::time::timeout(UPLOAD_WITHIN, read(body)).await;
    let file = read.unwrap_or_else(|_| Err(Problem::too_slow()))?;
    match site_settings::set_logo(&app, actor.id, file).await {
        Ok(changed) => {
            let saved = "The logo is on every page and in messages from now on. It was made anew, without what was hidden in its file.";
            Ok(see_other_saying(&app, PATH, said(changed, saved)))
        }
        Err(AppError::Invalid(found)) => {
            let mut f = ClinicForm::default();
            f.problems.extend(found);
            f.clinic_as_it_is(&app);
            f.colours_as_they_are(&app);
            show_again(&page_of(&app, page, f).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn read(mut body: Multipart) -> Result<Vec<u8>, Problem> {
    let mut file = Vec::new();
    while let Some(field) = body.next().await {
        let mut field = field.map_err(uploads::unreadable)?;
        let content = uploads::bytes(&mut field, MAX_FILE_BYTES).await?;
        if field.name() == Some("file") {
            file = content;
        }
    }
    Ok(file)
}

/// `POST /staff/settings/clinic/logo/remove`.
pub(in crate::web) async fn remove_logo(app: Data<App>, Staff(actor): Staff) -> Answer {
    let changed = site_settings::take_logo_away(&app, actor.id).await?;
    let saved = "The logo is taken off pages and messages. Messages that went out keep it.";
    Ok(see_other_saying(&app, PATH, said(changed, saved)))
}
