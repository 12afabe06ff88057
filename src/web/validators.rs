//! Validators of public pages (RFC 9110, section 8.8.3): a browser that has a page asks whether it is still the same,
//! and is spared the body when it is.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use sha2::{Digest, Sha256};

use super::access::{Access, Route, Verb};

/// Whether one of the tags with which a browser asks is this one, by the weak comparison (RFC 9110, section 13.1.2).
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tag = tag.trim_start_matches("W/");
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Gives public pages a tag over their content, and answers 304 to whoever has that content already.
///
/// The tag is a weak one: it is made before the compression, and so stands for all encodings of a page. What has a tag
/// of its own, says `no-store`, or is no complete page in memory stays as it is.
///
/// # Errors
/// Those of the handlers.
pub async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if !can_have_a_tag(&response) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => {
            let response = response.set_body(body);
            return Ok(ServiceResponse::new(request, response));
        }
    };
    let tag = tag(&body);
    let known = is_known(request.headers(), &tag);
    let mut response = response.set_body(if known {
        BoxBody::new(())
    } else {
        BoxBody::new(body)
    });
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, value);
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        for header in [CONTENT_TYPE, CONTENT_LENGTH] {
            response.headers_mut().remove(header);
        }
    }
    Ok(ServiceResponse::new(request, response))
}

fn can_have_a_tag(response: &ServiceResponse<BoxBody>) -> bool {
    let is_public = response
        .request()
        .extensions()
        .get::<&'static Route>()
        .is_some_and(|route| route.access == Access::Public && route.method == Verb::Get);
    let headers = response.headers();
    let is_kept = headers
        .get(CACHE_CONTROL)
        .is_none_or(|value| !value.as_bytes().starts_with(b"no-store"));
    is_public && is_kept && response.status() == StatusCode::OK && !headers.contains_key(ETAG)
}

fn tag(body: &[u8]) -> String {
    format!("W/\"{}\"", content_hash(body, 12))
}

/// The first so many bytes of a content's SHA-256, in hexadecimal.
pub(super) fn content_hash(content: &[u8], bytes: usize) -> String {
    let digest = Sha256::digest(content);
    let first = digest.iter().take(bytes);
    first.map(|byte| format!("{byte:02x}")).collect()
}
