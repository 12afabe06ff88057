//! A bulletin is tried out, sent now or at its time, held, gone on with, or given up.

use std::time::Duration;

use actix_web::web::{Data, Path};

use crate::app::send_in_waves::{self, Way};
use crate::app::{Actor, App, AppError, check_links, send_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::staff_member::StaffId;
use crate::domain::wave::wait_in_words;
use crate::web::forms::Form;
use crate::web::page::{Answer, PageContext};
use crate::web::session::{Staff, see_other_saying};

use super::show::{SendForm, refused};
use super::{address, people};

/// So long sending waits for links that nobody has looked at yet.
const LINKS_WITHIN: Duration = Duration::from_secs(8);

/// The page again, with what is wrong beside its field.
pub(super) async fn refuse(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: BulletinId,
    mut form: SendForm,
    (field, sentence): (&'static str, &str),
) -> Answer {
    if field != "to" {
        // Another form of the page was sent; this one stands as it did before.
        form.to = SendForm::untouched(actor).to;
    }
    form.problems.add(field, sentence);
    refused(app, actor, page, id, form).await
}

/// `POST /staff/bulletins/{id}/test`.
pub(in crate::web) async fn test(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<SendForm>,
) -> Answer {
    let id = BulletinId(*id);
    let to: Vec<StaffId> = form
        .to
        .iter()
        .filter_map(|to| to.parse().ok())
        .map(StaffId)
        .collect();
    if to.is_empty() {
        let problem = ("to", "Please choose who gets the test.");
        return refuse(&app, &actor, page, id, form, problem).await;
    }
    let count = send_bulletin::send_test(&app, actor.id, id, to).await?;
    let count = people(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(see_other_saying(
        &app,
        &address(id),
        &format!("A test is on its way to {count}."),
    ))
}

/// `POST /staff/bulletins/{id}/send`.
pub(in crate::web) async fn now(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<SendForm>,
) -> Answer {
    let id = BulletinId(*id);
    if form.confirm != "yes" {
        let problem = ("confirm_send", "Please tick that it is to go out now.");
        return refuse(&app, &actor, page, id, form, problem).await;
    }
    // Whoever approves and sends in one go need not come back when the links are looked at.
    check_links::until_known(&app, id, LINKS_WITHIN).await?;
    let way = form.wave().map_or(Way::AsSaved, |wave| wave.way());
    match send_bulletin::send_now_so(&app, actor.id, id, way).await {
        Ok(audience) => {
            let said = match way {
                Way::Chosen(Some((first, minutes)))
                | Way::ChosenOver(Some((first, minutes)), _) => format!(
                    "It is on its way: first to {} of {}, and {} later to the rest.",
                    grouped(first),
                    people(audience),
                    wait_in_words(minutes)
                ),
                _ => format!("It is on its way to {}.", people(audience)),
            };
            Ok(see_other_saying(&app, &address(id), &said))
        }
        Err(AppError::Invalid(found)) => refuse_all(&app, &actor, page, id, form, found).await,
        Err(error) => Err(error.into()),
    }
}

/// The page again, with all that a use case finds wrong beside its fields.
async fn refuse_all(
    app: &App,
    actor: &Actor,
    page: PageContext,
    id: BulletinId,
    mut form: SendForm,
    found: Vec<(&'static str, String)>,
) -> Answer {
    form.to = SendForm::untouched(actor).to;
    form.problems.extend(found);
    refused(app, actor, page, id, form).await
}

/// `POST /staff/bulletins/{id}/schedule`.
pub(in crate::web) async fn schedule(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<SendForm>,
) -> Answer {
    let id = BulletinId(*id);
    check_links::until_known(&app, id, LINKS_WITHIN).await?;
    let way = form.wave().map_or(Way::AsSaved, |wave| wave.way());
    match send_bulletin::schedule_so(&app, actor.id, id, &form.at, way).await {
        Ok(at) => {
            let twice = match local_time::comes_twice(at) {
                true => " The clock shows this time twice that night; it is the first of the two.",
                false => "",
            };
            let at = format!("{} {}", local_time::display(at), local_time::offset(at));
            let wave = send_in_waves::show(&app, id).await?;
            let how = wave.map_or("", |_| " It goes out in two waves.");
            let said = format!("It goes out on {at}.{how}{twice}");
            Ok(see_other_saying(&app, &address(id), &said))
        }
        Err(AppError::Invalid(found)) => {
            let found = found.into_iter().map(|(field, sentence)| match field {
                "scheduled_for" => ("at", sentence),
                other => (other, sentence),
            });
            refuse_all(&app, &actor, page, id, form, found.collect()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/bulletins/{id}/unschedule`.
pub(in crate::web) async fn unschedule(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
) -> Answer {
    let id = BulletinId(*id);
    send_bulletin::unschedule(&app, actor.id, id).await?;
    let said = "It is off the schedule, and stays approved.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/bulletins/{id}/pause`.
pub(in crate::web) async fn pause(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    send_bulletin::pause(&app, actor.id, id).await?;
    let said = "It is held. What is on the wire at this moment still goes.";
    Ok(see_other_saying(&app, &address(id), said))
}

/// `POST /staff/bulletins/{id}/resume`.
pub(in crate::web) async fn resume(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    send_bulletin::resume(&app, actor.id, id).await?;
    Ok(see_other_saying(&app, &address(id), "It goes on."))
}

/// `POST /staff/bulletins/{id}/cancel`.
pub(in crate::web) async fn cancel(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    Form(form): Form<SendForm>,
) -> Answer {
    let id = BulletinId(*id);
    if form.confirm != "yes" {
        let problem = ("confirm_cancel", "Please tick that it is to be given up.");
        return refuse(&app, &actor, page, id, form, problem).await;
    }
    send_bulletin::cancel(&app, actor.id, id).await?;
    Ok(see_other_saying(
        &app,
        &address(id),
        "It is cancelled. Nothing more of it is sent.",
    ))
}
