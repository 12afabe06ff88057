//! The bulletins that were sent, as they were sent, without anything personal.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::app::{App, read_bulletins};
use crate::clock::Timestamp;
use crate::domain::local_time;
use crate::web::page::{Answer, PageContext, Pager, show as show_page};

/// The mail's own inline styles and pictures; its links lead the whole window on, when somebody
/// follows them.
const SHOWN_MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; \
                          frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation";

struct Row {
    slug: String,
    subject: String,
    preheader: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "web/bulletins/index.html")]
struct Archive {
    page: PageContext,
    bulletins: Vec<Row>,
    pager: Pager,
}

fn sent(started: Option<Timestamp>) -> String {
    started.map(local_time::display_date).unwrap_or_default()
}

/// `GET /bulletins`.
pub(in crate::web) async fn list(app: Data<App>, page: PageContext) -> Answer {
    let bulletins: Vec<Row> = read_bulletins::archive(&app)
        .await?
        .into_iter()
        .map(|bulletin| Row {
            sent: sent(bulletin.started_at),
            slug: bulletin.slug,
            subject: bulletin.subject,
            preheader: bulletin.preheader,
        })
        .collect();
    let total = i64::try_from(bulletins.len()).unwrap_or(i64::MAX);
    let pager = Pager::new(0, total.max(1), total, |_| "/bulletins".to_owned());
    show_page(&Archive {
        page,
        bulletins,
        pager,
    })
}

/// Another bulletin that belongs to this one.
struct Related {
    slug: String,
    subject: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "web/bulletins/show.html")]
struct Show {
    page: PageContext,
    slug: String,
    subject: String,
    preheader: String,
    sent: String,
    text: String,
    corrected: Vec<Related>,
    corrects: Option<Related>,
}

/// `GET /bulletins/{slug}`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext, slug: Path<String>) -> Answer {
    let read = read_bulletins::show(&app, &slug).await?;
    let corrections = read.corrections.corrections.into_iter();
    let corrects = read.corrections.corrects;
    show_page(&Show {
        page,
        slug: read.bulletin.slug,
        sent: sent(read.bulletin.started_at),
        subject: read.bulletin.subject,
        preheader: read.bulletin.preheader,
        text: read.content.text,
        corrected: corrections
            .map(|one| Related {
                slug: one.slug,
                subject: one.subject,
                sent: sent(one.started_at),
            })
            .collect(),
        corrects: corrects.map(|one| Related {
            slug: one.slug,
            subject: one.subject,
            sent: sent(one.started_at),
        }),
    })
}

/// `GET /bulletins/{slug}/mail.html`: for the frame on its page.
pub(in crate::web) async fn mail(app: Data<App>, slug: Path<String>) -> Answer {
    let read = read_bulletins::show(&app, &slug).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, SHOWN_MAIL))
        .body(with_links_to_the_window(&read.content.html)))
}

/// Without this a link would open within the frame.
fn with_links_to_the_window(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_top\">", 1)
}
