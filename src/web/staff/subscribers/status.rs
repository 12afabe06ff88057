//! Suspends, reinstates, unsubscribes and erases, when a person asks for it by another way.

use actix_web::web::{Data, Path};

use crate::app::keep_subscribers::Reinstated;
use crate::app::{App, keep_subscribers};
use crate::domain::short_text::ShortText;
use crate::domain::subscriber::SubscriberId;
use crate::web::forms::{Form, Problems};
use crate::web::page::{Answer, PageContext, show_again};
use crate::web::session::{Staff, see_other_saying};

use super::show::{ShowPage, StatusForm};

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

fn done(app: &App, id: SubscriberId, sentence: &str) -> Answer {
    Ok(see_other_saying(
        app,
        &format!("/staff/subscribers/{id}"),
        sentence,
    ))
}

/// `POST /staff/subscribers/{id}/suspend`.
pub(in crate::web) async fn suspend(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<i64>,
    Form(mut form): Form<StatusForm>,
) -> Answer {
    let id = SubscriberId(*id);
    let mut problems = Problems::default();
    match problems.take(
        "reason",
        ShortText::parse(&form.reason, MAX_REASON).map_err(|error| error.about("a reason")),
    ) {
        Some(reason) => {
            keep_subscribers::suspend(&app, staff.0.id, id, reason.into()).await?;
            done(
                &app,
                id,
                "Suspended. Nothing is sent until somebody reinstates the address.",
            )
        }
        None => {
            form.problems = problems;
            show_again(&ShowPage::of(&app, page, id, form).await?)
        }
    }
}

/// `POST /staff/subscribers/{id}/reinstate`.
pub(in crate::web) async fn reinstate(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    let id = SubscriberId(*id);
    let sentence = match keep_subscribers::reinstate(&app, staff.0.id, id).await? {
        Reinstated::AtOnce => "Reinstated.",
        Reinstated::AskedToConfirm => {
            "A message asks them to confirm their address. Bulletins go there again when they do."
        }
    };
    done(&app, id, sentence)
}

/// `POST /staff/subscribers/{id}/unsubscribe`.
pub(in crate::web) async fn unsubscribe(app: Data<App>, staff: Staff, id: Path<i64>) -> Answer {
    let id = SubscriberId(*id);
    keep_subscribers::unsubscribe(&app, staff.0.id, id).await?;
    done(&app, id, "Unsubscribed. It holds for queued mail too.")
}

/// `POST /staff/subscribers/{id}/erase`, with the box ticked.
pub(in crate::web) async fn erase(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<i64>,
    Form(mut form): Form<StatusForm>,
) -> Answer {
    let id = SubscriberId(*id);
    if form.confirm != "yes" {
        form.problems.add(
            "confirm",
            "Please tick the box: an erased person cannot be brought back.",
        );
        return show_again(&ShowPage::of(&app, page, id, form).await?);
    }
    keep_subscribers::erase(&app, staff.0.id, id).await?;
    Ok(see_other_saying(
        &app,
        "/staff/subscribers",
        "The person is erased.",
    ))
}
