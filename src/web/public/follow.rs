//! The short addresses of links in bulletins.

use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderName, LOCATION, REFERRER_POLICY, USER_AGENT,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::{App, count_links};
use crate::web::page::Answer;

/// Words in the names of programs that follow links by themselves and say so. Most scanners do not: what is counted
/// includes them, and every page that shows a number says that.
const ROBOTS: [&str; 12] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "preview",
    "prefetch",
    "safelinks",
    "proofpoint",
    "mimecast",
    "barracuda",
    "facebookexternalhit",
    "headless",
];

/// `GET /l/{code}`: on to the link that the code stands for.
///
/// A GET changes nothing about anybody (mail scanners open every link), and this one does not either: what is counted is
/// that a link was followed on this day. No address, no cookie, no name of a program is kept, nothing that could be
/// brought together with a person or another count; and the answer is the same whether it is counted or not.
pub(in crate::web) async fn link(
    app: Data<App>,
    request: HttpRequest,
    code: Path<String>,
) -> Answer {
    let target = count_links::target(&app, &code).await?;
    if request.method() == Method::GET && !is_a_robots(request.headers()) {
        count_links::count(&app, target.link);
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, target.url))
        // Kept by a browser, the second time would not be counted.
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((HeaderName::from_static("x-robots-tag"), "noindex"))
        .finish())
}

/// Whether a program says that nobody has followed the link: a prefetch, or a robot.
fn is_a_robots(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, words: &[&str]| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        let value = value.unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| value.contains(word))
    };
    says(HeaderName::from_static("sec-purpose"), &["prefetch"])
        || says(HeaderName::from_static("purpose"), &["prefetch", "preview"])
        || says(HeaderName::from_static("x-purpose"), &["preview"])
        || says(HeaderName::from_static("x-moz"), &["prefetch"])
        || says(USER_AGENT, &ROBOTS)
}
