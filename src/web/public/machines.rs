//! What machines ask: whether all is well, and what they may look through.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::json;

use crate::app::{App, keep_subscribers};
use crate::web::page::Answer;

/// `GET /healthz`: 200 when the database answers, 503 when it does not.
pub(in crate::web) async fn health(app: Data<App>) -> Answer {
    let (mut answer, database) = match keep_subscribers::topics(&app).await {
        Ok(_) => (HttpResponse::Ok(), "ok"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (HttpResponse::ServiceUnavailable(), "unavailable")
        }
    };
    Ok(answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "database": database })))
}

/// `GET /robots.txt`.
pub(in crate::web) async fn robots(app: Data<App>) -> Answer {
    const RULES: &str =
        "User-agent: *\nDisallow: /staff\nDisallow: /u/\nDisallow: /confirm/\nDisallow: /manage/\n";
    let sitemap = app.settings.base_url.join("/sitemap.xml");
    let rules = format!("{RULES}\nSitemap: {sitemap}\n");
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(rules))
}
