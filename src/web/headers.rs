//! The headers of every answer.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use crate::app::App;

use super::access::{Access, Route};
use super::session;

/// What pages may load: what we serve ourselves, the images of articles included. No inline style, no inline script.
const PAGES: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; \
                     base-uri 'none'; frame-ancestors 'self'; form-action 'self'";

/// For a mail that is shown in a frame: its inline styles and pictures, and nothing that runs. Its links open windows of
/// their own, which are pages like others: in the frame, no form could be sent.
pub const MAIL_PREVIEW: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; \
                                frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// The same with pictures turned off, as many mail programs begin with.
pub const MAIL_PREVIEW_WITHOUT_IMAGES: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; \
                                               sandbox allow-popups allow-popups-to-escape-sandbox";

/// Adds what an answer does not carry yet.
///
/// # Errors
/// Those of the handlers.
pub async fn add<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let secure = app
        .as_ref()
        .is_some_and(|app| app.settings.base_url.is_https());
    let mut response = next.call(request).await?;
    if let Some(app) = app {
        take_back_flash(&app, &mut response);
    }
    let access = response
        .request()
        .extensions()
        .get::<&'static Route>()
        .map(|route| route.access);
    let headers = response.headers_mut();
    let mut set = |name, value| set(headers, name, value);
    set(CONTENT_SECURITY_POLICY, PAGES);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    match access {
        // The address holds the token: no site may learn it from a link that is followed.
        Some(Access::Token) => set(REFERRER_POLICY, "no-referrer"),
        _ => set(REFERRER_POLICY, "same-origin"),
    }
    match access {
        // Asked for again each time, and kept by nobody in between: a page shows who is signed in.
        Some(Access::Public) => set(CACHE_CONTROL, "private, no-cache"),
        _ => {
            set(CACHE_CONTROL, "no-store");
            set(HeaderName::from_static("x-robots-tag"), "noindex");
        }
    }
    if secure {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

/// A page has shown the sentence that came with a redirect: it is not shown again.
fn take_back_flash<B>(app: &App, response: &mut ServiceResponse<B>) {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if is_page && session::flash(response.request(), app).is_some() {
        let taken = response
            .response_mut()
            .add_cookie(&session::flash_shown(app));
        if let Err(error) = taken {
            tracing::warn!(%error, "a cookie cannot be taken back");
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
