//! How a problem becomes an answer: a page, or a document for programs.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ALLOW, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;
use tracing_actix_web::RequestId;

use crate::web::page::PageContext;

use super::{Problem, Report};

#[derive(Template)]
#[template(path = "web/problem.html")]
struct ProblemPage<'a> {
    page: PageContext,
    heading: &'a str,
    what_happened: &'a str,
    what_to_do: &'a str,
    sign_in: bool,
    status: u16,
    reference: Option<String>,
}

/// The same in the frame of the staff's pages.
#[derive(Template)]
#[template(path = "web/staff/problem.html")]
struct StaffProblemPage<'a> {
    page: &'a PageContext,
    problem: &'a ProblemPage<'a>,
}

/// Makes a page, or a document, of every error that a handler or an extractor returned.
///
/// # Errors
/// None of its own.
pub async fn into_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(error) = response.response().error() else {
        return Ok(response);
    };
    let foreign;
    let problem = match error.as_error::<Problem>() {
        Some(problem) => problem,
        None => {
            foreign = of_the_framework(error.as_response_error().status_code());
            &foreign
        }
    };
    let answer = answer(response.request(), &problem.0);
    Ok(response.into_response(answer))
}

/// What the framework itself refuses, in our words.
fn of_the_framework(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(64 << 10),
        status if status.is_client_error() => Problem::malformed(),
        _ => Report::fault().into(),
    }
}

fn answer(request: &HttpRequest, problem: &Report) -> HttpResponse {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(ToString::to_string);
    log(problem);
    let mut answer = HttpResponse::build(problem.status);
    if let Some(wait) = problem.retry_after {
        answer.insert_header((RETRY_AFTER, wait.as_secs().max(1)));
    }
    if let Some(allow) = &problem.allow {
        answer.insert_header((ALLOW, allow.as_str()));
    }
    let reference = id.filter(|_| problem.status.is_server_error());
    if wants_json(request) {
        let fields: Vec<_> = problem
            .fields
            .iter()
            .map(|(field, detail)| json!({ "field": field, "detail": detail }))
            .collect();
        let mut document = json!({
            "type": "about:blank",
            "title": problem.heading,
            "status": problem.status.as_u16(),
            "detail": problem.what_happened,
        });
        if !fields.is_empty() {
            document["errors"] = fields.into();
        }
        if let Some(reference) = reference {
            document["reference"] = reference.into();
        }
        return answer
            .content_type("application/problem+json")
            .body(document.to_string());
    }
    let page = ProblemPage {
        page: PageContext::of(request),
        heading: problem.heading,
        what_happened: &problem.what_happened,
        what_to_do: problem.what_to_do,
        sign_in: problem.sign_in,
        status: problem.status.as_u16(),
        reference,
    };
    let path = request.path();
    let html = if path == "/staff" || path.starts_with("/staff/") {
        let (problem, page) = (&page, &page.page);
        StaffProblemPage { page, problem }.render()
    } else {
        page.render()
    };
    match html {
        Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "the page for a problem cannot be made");
            answer
                .content_type("text/plain; charset=utf-8")
                .body(problem.heading)
        }
    }
}

/// Once, with the whole chain of causes: only what is not the sender's own slip has one.
fn log(problem: &Report) {
    let Some(cause) = &problem.cause else { return };
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(cause) = next {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        next = cause.source();
    }
    if problem.status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(cause = chain, "the database cannot be used");
    } else {
        tracing::error!(cause = chain, "the program made a mistake");
    }
}

/// Whether a program asks, which reads JSON, and not a person.
pub(in crate::web) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        !accept.contains("text/html")
            && (accept.contains("application/json") || accept.contains("application/problem+json"))
    })
}
