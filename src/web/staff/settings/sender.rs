//! Whom messages come from.

use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::app::site_settings::{self, Section, SenderFields};
use crate::app::{App, AppError};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

use super::{EarlierRow, earlier_rows, said};

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SenderForm {
    from_name: String,
    from_address: String,
    reply_to: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(SenderForm);

#[derive(Template)]
#[template(path = "web/staff/settings/sender.html")]
struct SenderPage {
    page: PageContext,
    f: SenderForm,
    /// For which domain messages are signed, where that is another than the address's.
    signed_for: Option<String>,
    earlier: Vec<EarlierRow>,
}

async fn page_of(app: &App, page: PageContext, f: SenderForm) -> Result<SenderPage, Problem> {
    let site = app.site();
    let domain = site.dkim.as_ref().map(|dkim| dkim.signer.domain());
    let signed_for = domain.filter(|domain| *domain != site.mail_from.email.domain());
    Ok(SenderPage {
        page,
        f,
        signed_for: signed_for.map(str::to_owned),
        earlier: earlier_rows(site_settings::history(app, Section::Sender).await?),
    })
}

/// `GET /staff/settings/sender`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let site = app.site();
    let f = SenderForm {
        from_name: app.sender().from_name,
        from_address: site.mail_from.email.to_string(),
        reply_to: site
            .reply_to
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        problems: Problems::default(),
    };
    show_page(&page_of(&app, page, f).await?)
}

/// `POST /staff/settings/sender`.
pub(in crate::web) async fn save(
    app: Data<App>,
    page: PageContext,
    Staff(actor): Staff,
    Form(mut f): Form<SenderForm>,
) -> Answer {
    let fields = SenderFields {
        from_name: f.from_name.clone(),
        from_address: f.from_address.clone(),
        reply_to: f.reply_to.clone(),
    };
    match site_settings::set_sender(&app, actor.id, fields).await {
        Ok(changed) => {
            let saved = "Saved. Messages that are made from now on come from there. Look at the records under Mail and DNS.";
            Ok(see_other_saying(
                &app,
                "/staff/settings/sender",
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
