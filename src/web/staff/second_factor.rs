//! One's own second factor: set up with an app, confirmed by a first code, taken off again.

use actix_web::web::Data;
use askama::Template;
use qrcode::{Color, EcLevel, QrCode};
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::second_factor::{self, Setup};
use crate::app::{Actor, App, AppError};
use crate::domain::local_time;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::Limits;
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other, see_other_saying};

/// A code, and where it is taken off the password. Neither is sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct FactorForm {
    code: String,
    password: SecretString,
    #[serde(skip)]
    problems: Problems,
}

checked!(FactorForm);

struct SetupView {
    typed: String,
    /// The same as an address, which opens the app on the phone itself.
    uri: String,
    picture: Picture,
}

/// A QR code as the shapes of a picture: dark squares on a light ground, with the margin that readers need.
struct Picture {
    size: usize,
    path: String,
}

impl Picture {
    fn of(text: &str) -> Result<Self, Problem> {
        const MARGIN: usize = 4;
        let code =
            QrCode::with_error_correction_level(text, EcLevel::M).map_err(Problem::internal)?;
        let width = code.width();
        let dark = code.to_colors().into_iter().enumerate();
        let squares = dark
            .filter(|(_, color)| *color == Color::Dark)
            .map(|(place, _)| {
                format!(
                    "M{} {}h1v1h-1z",
                    place % width + MARGIN,
                    place / width + MARGIN
                )
            });
        Ok(Self {
            size: width + 2 * MARGIN,
            path: squares.collect(),
        })
    }
}

#[derive(Template)]
#[template(path = "web/staff/second_factor.html")]
struct FactorPage {
    page: PageContext,
    since: Option<String>,
    recovery_codes: i64,
    setup: Option<SetupView>,
    must: bool,
    f: FactorForm,
}

impl FactorPage {
    async fn of(
        app: &App,
        actor: &Actor,
        page: PageContext,
        f: FactorForm,
    ) -> Result<Self, Problem> {
        let standing = second_factor::standing(app, actor).await?;
        let setup = second_factor::setup(app, actor).await?;
        let view = |Setup { typed, uri }| {
            Ok::<_, Problem>(SetupView {
                typed,
                picture: Picture::of(&uri)?,
                uri,
            })
        };
        Ok(Self {
            page,
            since: standing.since.map(local_time::display_date),
            recovery_codes: standing.recovery_codes,
            setup: setup.map(view).transpose()?,
            must: actor.must_set_up,
            f,
        })
    }
}

/// `GET /staff/account/second-factor`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, staff: Staff) -> Answer {
    show_page(&FactorPage::of(&app, &staff.0, page, FactorForm::default()).await?)
}

/// `POST /staff/account/second-factor/begin`: makes a secret, in place of one that was not taken into use.
pub(in crate::web) async fn begin(app: Data<App>, staff: Staff) -> Answer {
    second_factor::begin(&app, &staff.0).await?;
    Ok(see_other("/staff/account/second-factor"))
}

#[derive(Template)]
#[template(path = "web/staff/recovery_codes.html")]
struct CodesPage {
    page: PageContext,
    codes: Vec<String>,
    is_new: bool,
}

/// `POST /staff/account/second-factor/confirm`: takes it into use. The answer is the one page that shows the recovery codes.
pub(in crate::web) async fn confirm(
    app: Data<App>,
    limits: Data<Limits>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<FactorForm>,
) -> Answer {
    limits.code(staff.0.id)?;
    match second_factor::confirm(&app, &staff.0, std::mem::take(&mut form.code)).await {
        Ok(codes) => show_page(&CodesPage {
            page,
            codes,
            is_new: true,
        }),
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            show_again(&FactorPage::of(&app, &staff.0, page, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/account/second-factor/recovery-codes`.
pub(in crate::web) async fn recovery_codes(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
) -> Answer {
    let codes = second_factor::new_recovery_codes(&app, &staff.0).await?;
    show_page(&CodesPage {
        page,
        codes,
        is_new: false,
    })
}

/// `POST /staff/account/second-factor/remove`: by the password and a code.
pub(in crate::web) async fn remove(
    app: Data<App>,
    limits: Data<Limits>,
    page: PageContext,
    staff: Staff,
    Form(mut form): Form<FactorForm>,
) -> Answer {
    limits.code(staff.0.id)?;
    let code = std::mem::take(&mut form.code);
    match second_factor::remove(&app, &staff.0, form.password.clone(), code).await {
        Ok(()) => {
            let sentence =
                "Your second factor is taken off. Signing in needs your password alone now.";
            Ok(see_other_saying(&app, "/staff/account", sentence))
        }
        Err(AppError::Invalid(found)) => {
            form.problems.extend(found);
            show_again(&FactorPage::of(&app, &staff.0, page, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}
