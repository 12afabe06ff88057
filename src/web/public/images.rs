//! The images of articles, under the hash of their content: nothing about them ever changes.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::{App, keep_images};
use crate::domain::image;
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::validators;

/// For a file that somebody opens by itself: it shows pixels, and loads and runs nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// `GET /images/{hash}.{ending}`.
pub(in crate::web) async fn show(
    app: Data<App>,
    name: Path<String>,
    request: HttpRequest,
) -> Answer {
    let address = format!("/images/{name}");
    let (hash, format) = image::parse_address(&address).ok_or_else(Problem::not_found)?;
    let content = keep_images::content(&app, hash.to_owned(), format).await?;
    let tag = format!("\"{hash}\"");
    let known = validators::is_known(request.headers(), &tag);
    let mut answer = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((CONTENT_SECURITY_POLICY, NOTHING))
        .insert_header((ETAG, tag));
    if known {
        return Ok(answer.finish());
    }
    Ok(answer
        // It is compressed already: this keeps the server from trying once more.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((CONTENT_TYPE, format.content_type()))
        .body(content))
}
