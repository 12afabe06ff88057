//! The second step of signing in: the code of the app, or one from paper.

use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::sign_in::code::{self, Finished};
use crate::web::forms::{Checked as _, Form, Problems, checked};
use crate::web::limits::Limits;
use crate::web::page::{Answer, PageContext, show as show_page, show_again};
use crate::web::problem::Problem;
use crate::web::session::{self, Waiting, see_other, see_other_saying};

use super::sign_in::{NextQuery, staff_path};

/// The form. The code is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct CodeForm {
    code: String,
    next: String,
    #[serde(skip)]
    problems: Problems,
}

checked!(CodeForm);

#[derive(Template)]
#[template(path = "web/staff/sign_in_code.html")]
struct CodePage {
    page: PageContext,
    name: String,
    f: CodeForm,
}

/// `GET /staff/sign-in/code?next=`. Without a password before it, it leads to the question for that.
pub(in crate::web) async fn ask(
    app: Data<App>,
    request: HttpRequest,
    page: PageContext,
    query: Query<NextQuery>,
) -> Answer {
    let waiting = match Waiting::Code.token(&request, &app) {
        Some(token) => code::waiting(&app, &token).await?,
        None => None,
    };
    let Some(member) = waiting else {
        return Ok(see_other("/staff/sign-in"));
    };
    show_page(&CodePage {
        page,
        name: member.name,
        f: CodeForm {
            next: staff_path(&query.next).unwrap_or_default().to_owned(),
            ..CodeForm::default()
        },
    })
}

/// `POST /staff/sign-in/code`.
pub(in crate::web) async fn take(
    app: Data<App>,
    limits: Data<Limits>,
    request: HttpRequest,
    page: PageContext,
    Form(mut form): Form<CodeForm>,
) -> Answer {
    let over = || {
        let sentence =
            "Please sign in anew: the time for the code has passed, or too many were tried.";
        let mut answer = see_other_saying(&app, "/staff/sign-in", sentence);
        answer
            .add_cookie(&Waiting::Code.ended(&app))
            .map_err(Problem::internal)?;
        Ok(answer)
    };
    let Some(token) = Waiting::Code.token(&request, &app) else {
        return over();
    };
    let Some(member) = code::waiting(&app, &token).await? else {
        return over();
    };
    // A code from paper is too long to be guessed: who is kept waiting by somebody who has their password still gets in.
    if form
        .code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .count()
        <= 8
    {
        limits.code(member.id)?;
    }
    match code::finish(&app, &token, std::mem::take(&mut form.code)).await? {
        Finished::SignedIn(session, left) => {
            let to = staff_path(&form.next).unwrap_or("/staff");
            let mut answer = match left {
                None => see_other(to),
                Some(left) => see_other_saying(&app, to, &recovery_codes_left(left)),
            };
            let begun = session::begun(&app, session);
            for cookie in begun.into_iter().chain([Waiting::Code.ended(&app)]) {
                answer.add_cookie(&cookie).map_err(Problem::internal)?;
            }
            Ok(answer)
        }
        Finished::Over => over(),
        Finished::Wrong => {
            form.problems.add("code", WRONG);
            form.next = staff_path(&form.next).unwrap_or_default().to_owned();
            show_again(&CodePage {
                page,
                name: member.name,
                f: form,
            })
        }
    }
}

const WRONG: &str = "That is not the code of this moment. Each code works once: wait for the next one if you have just \
                     used it. Is the time on your phone right?";

fn recovery_codes_left(left: i64) -> String {
    let then = "If you have lost your phone, take the second factor off under Account, and set it up on the new one.";
    match left {
        0 => {
            format!("That was your last recovery code. Please make new ones under Account. {then}")
        }
        1 => format!("You have one recovery code left. Please make new ones under Account. {then}"),
        left => format!("You have {left} recovery codes left. {then}"),
    }
}
