//! Cookies: the session of a member of staff, and the word that a page shows once after a redirect.

use std::future::{Ready, ready};

use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::app::sign_in::{Begun, KNOWN_FOR, known_browser, who_is_known};
use crate::app::{Actor, App};
use crate::domain::staff_member::StaffId;

use super::problem::Problem;

/// Who asks: a member of staff, whom the gate has let through to a route that needs one.
pub(super) struct Staff(pub(super) Actor);

impl FromRequest for Staff {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Actor>().cloned();
        ready(actor.map(Staff).ok_or_else(Problem::signed_out))
    }
}

/// With TLS the prefix makes browsers refuse a cookie of this name from anywhere but this very host
/// (RFC 6265bis, section 4.1.3).
fn name(app: &App, secure: &'static str, plain: &'static str) -> &'static str {
    if app.settings.base_url.is_https() {
        secure
    } else {
        plain
    }
}

fn session_name(app: &App) -> &'static str {
    name(app, "__Host-pp_session", "pp_session")
}

fn flash_name(app: &App) -> &'static str {
    name(app, "__Host-pp_flash", "pp_flash")
}

/// A sign-in that waits for its code, and the browser that asked for a link by mail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waiting {
    /// For the code.
    Code,
    /// For the link in a message.
    Link,
}

impl Waiting {
    fn name(self, app: &App) -> &'static str {
        match self {
            Self::Code => name(app, "__Host-pp_sign_in", "pp_sign_in"),
            Self::Link => name(app, "__Host-pp_link", "pp_link"),
        }
    }

    /// The cookie's value, if one came.
    pub(super) fn token(self, request: &HttpRequest, app: &App) -> Option<String> {
        request
            .cookie(self.name(app))
            .map(|cookie| cookie.value().to_owned())
    }

    /// The cookie of what waits. It ends with the browser; the row in the database ends it at the latest.
    pub(super) fn begun(self, app: &App, token: String) -> Cookie<'static> {
        cookie(app, self.name(app), token)
    }

    /// Takes the cookie back.
    pub(super) fn ended(self, app: &App) -> Cookie<'static> {
        gone(cookie(app, self.name(app), String::new()))
    }
}

fn cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.settings.base_url.is_https())
        .finish()
}

/// The value of the session's cookie, if one came.
pub(super) fn token(request: &HttpRequest, app: &App) -> Option<String> {
    request
        .cookie(session_name(app))
        .map(|cookie| cookie.value().to_owned())
}

/// The cookies of a session that has begun: its own, which ends with the browser (the row in the database ends it at the
/// latest), and the one by which the browser is known from then on.
pub(super) fn begun(app: &App, begun: Begun) -> [Cookie<'static>; 2] {
    let mut known = cookie(app, known_name(app), known_browser(app, begun.staff));
    known.set_max_age(CookieDuration::seconds(
        i64::try_from(KNOWN_FOR.as_secs()).unwrap_or(0),
    ));
    [cookie(app, session_name(app), begun.token), known]
}

/// Who has signed in before in the browser that sends this.
pub(super) fn known(request: &HttpRequest, app: &App) -> Option<StaffId> {
    let cookie = request.cookie(known_name(app))?;
    who_is_known(app, cookie.value())
}

fn known_name(app: &App) -> &'static str {
    name(app, "__Host-pp_known", "pp_known")
}

/// Takes the cookie back.
pub(super) fn ended(app: &App) -> Cookie<'static> {
    gone(cookie(app, session_name(app), String::new()))
}

fn gone(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.set_max_age(CookieDuration::ZERO);
    cookie
}

/// Sends the browser on to another page of ours (RFC 9110, section 15.4.4: by GET).
pub(super) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}

/// The same, with a sentence that the next page shows once. It holds nothing that somebody typed.
pub(super) fn see_other_saying(app: &App, path: &str, sentence: &str) -> HttpResponse {
    let mut response = see_other(path);
    let value = utf8_percent_encode(sentence, NON_ALPHANUMERIC).to_string();
    let mut flash = cookie(app, flash_name(app), value);
    flash.set_max_age(CookieDuration::minutes(1));
    // A cookie that cannot be written costs a sentence, not the answer.
    if response.add_cookie(&flash).is_err() {
        tracing::warn!("a page's sentence does not fit into a cookie");
    }
    response
}

/// The sentence that came with the redirect, if there is one.
pub(super) fn flash(request: &HttpRequest, app: &App) -> Option<String> {
    let cookie = request.cookie(flash_name(app))?;
    let sentence = percent_decode_str(cookie.value()).decode_utf8().ok()?;
    let shown = sentence
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    Some(shown)
}

/// Takes the sentence back, once it is shown.
pub(super) fn flash_shown(app: &App) -> Cookie<'static> {
    gone(cookie(app, flash_name(app), String::new()))
}
