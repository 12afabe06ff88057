//! A draft that came to nothing is thrown away.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, AppError, write_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::web::page::{Answer, PageContext, show as show_page};
use crate::web::session::{Staff, see_other_saying};

#[derive(Template)]
#[template(path = "web/staff/bulletins/delete.html")]
struct Ask {
    page: PageContext,
    id: BulletinId,
    subject: String,
}

/// `GET /staff/bulletins/{id}/delete`: asks once more.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let shown = write_bulletin::show(&app, BulletinId(*id)).await?;
    if !shown.may_discard {
        return Err(AppError::refused(
            "Only a draft for which nobody ever asked for a review can be deleted. Cancel it instead.",
        )
        .into());
    }
    show_page(&Ask {
        page,
        id: shown.bulletin.id,
        subject: shown.bulletin.subject,
    })
}

/// `POST /staff/bulletins/{id}/delete`.
pub(in crate::web) async fn discard(app: Data<App>, Staff(actor): Staff, id: Path<i64>) -> Answer {
    write_bulletin::discard(&app, actor.id, BulletinId(*id)).await?;
    let said = "The draft is deleted.";
    Ok(see_other_saying(&app, "/staff/bulletins", said))
}
