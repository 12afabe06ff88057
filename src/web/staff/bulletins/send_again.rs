//! A bulletin goes out again to those whose messages failed: first who that is, then a tick, then it is done once.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::send_again::{self, Failed, LeftOut, Which};
use crate::clock::Timestamp;
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::page::{Answer, PageContext, show_as};
use crate::web::problem::Problem;
use crate::web::session::{Staff, see_other_saying};

use super::{address, people};

/// Who gets it again.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct AgainForm {
    /// `failed` and `refused`, each where it is ticked.
    which: Vec<String>,
    /// What was looked at.
    finished: String,
    /// "yes" where it is meant.
    confirm: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(AgainForm);

impl AgainForm {
    fn is_ticked(&self, which: &str) -> bool {
        self.which.iter().any(|one| one == which)
    }
}

/// Why some are left out, and how many.
struct LeftOutLine {
    why: &'static str,
    count: String,
}

impl LeftOutLine {
    fn of((why, count): (LeftOut, i64)) -> Self {
        Self {
            why: match why {
                LeftOut::Suspended => "Suspended, because the address does not work or by staff",
                LeftOut::Unsubscribed => "Unsubscribed",
                LeftOut::Erased => "Erased",
                LeftOut::Pending => "Not confirmed",
                LeftOut::Paused => "Paused bulletins for a while",
                LeftOut::OtherTopics => "Chose other topics since",
            },
            count: grouped(count),
        }
    }
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/send_again.html")]
struct Ask {
    page: PageContext,
    id: BulletinId,
    subject: String,
    finished: i64,
    given_up: i64,
    given_up_people: String,
    refused: i64,
    refused_people: String,
    left_out: Vec<LeftOutLine>,
    f: AgainForm,
}

fn answer(page: PageContext, failed: Failed, form: AgainForm, status: StatusCode) -> Answer {
    show_as(
        status,
        &Ask {
            page,
            id: failed.bulletin.id,
            subject: failed.bulletin.subject,
            finished: failed.finished_at.as_millis(),
            given_up: failed.given_up,
            given_up_people: people(failed.given_up),
            refused: failed.refused,
            refused_people: people(failed.refused),
            left_out: failed.left_out.into_iter().map(LeftOutLine::of).collect(),
            f: form,
        },
    )
}

/// `GET /staff/bulletins/{id}/send-again`.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let failed = send_again::look(&app, BulletinId(*id)).await?;
    let form = AgainForm {
        which: vec!["failed".to_owned()],
        ..AgainForm::default()
    };
    answer(page, failed, form, StatusCode::OK)
}

/// `POST /staff/bulletins/{id}/send-again`.
pub(in crate::web) async fn take(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(mut form): Form<AgainForm>,
) -> Answer {
    let id = BulletinId(*id);
    let which = Which {
        given_up: form.is_ticked("failed"),
        refused: form.is_ticked("refused"),
    };
    if !which.given_up && !which.refused {
        form.problems
            .add("which", "Please choose to whom it goes again.");
    }
    if form.confirm != "yes" {
        let sentence = "Please tick that it is to go out again.";
        form.problems.add("confirm", sentence);
    }
    if form.has_errors() {
        let failed = send_again::look(&app, id).await?;
        return answer(page, failed, form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let finished = form.finished.parse().map_err(|_| Problem::malformed())?;
    let finished = Timestamp::from_millis(finished);
    let count = send_again::send_again(&app, actor.id, id, finished, which).await?;
    let count = people(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(see_other_saying(
        &app,
        &address(id),
        &format!("It is on its way again to {count}."),
    ))
}
