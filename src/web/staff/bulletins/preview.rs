//! How a bulletin will look in an inbox.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, compose_bulletin, write_bulletin};
use crate::domain::bulletin::BulletinId;
use crate::web::headers::MAIL_PREVIEW;
use crate::web::page::{Answer, PageContext, show as show_page};

use super::steps::size;

#[derive(Template)]
#[template(path = "web/staff/bulletins/preview.html")]
struct Preview {
    page: PageContext,
    id: BulletinId,
    subject: String,
    preheader: String,
    from: String,
    html_size: String,
    text: String,
}

/// `GET /staff/bulletins/{id}/preview`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, id: Path<i64>) -> Answer {
    let id = BulletinId(*id);
    let bulletin = write_bulletin::show(&app, id).await?.bulletin;
    let mail = compose_bulletin::preview(&app, id).await?;
    let sender = app.sender();
    show_page(&Preview {
        page,
        id,
        subject: mail.subject,
        preheader: bulletin.preheader,
        from: format!("{} <{}>", sender.from_name, sender.from_address),
        html_size: size(mail.html.len()),
        text: mail.text,
    })
}

/// `GET /staff/bulletins/{id}/preview.html`: the HTML part, for the frames of the preview.
pub(in crate::web) async fn mail(app: Data<App>, id: Path<i64>) -> Answer {
    let mail = compose_bulletin::preview(&app, BulletinId(*id)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, MAIL_PREVIEW))
        .body(mail.html))
}
