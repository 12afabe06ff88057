//! The one place where whatever went wrong becomes a page with ways back, or, for programs that ask
//! for JSON, a problem document (RFC 9457).

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ALLOW, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use serde_json::json;
use tracing_actix_web::RequestId;

use crate::app::AppError;
use crate::store::StoreError;

use super::limits::TooMany;
use super::page::PageContext;

/// The database is asked again after this long.
const RETRY_DATABASE: Duration = Duration::from_secs(10);

/// What went wrong, as the person is told it, and why, as the log is.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    heading: &'static str,
    what_happened: Cow<'static, str>,
    what_to_do: &'static str,
    fields: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
    allow: Option<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    fn new(
        status: StatusCode,
        heading: &'static str,
        what_happened: impl Into<Cow<'static, str>>,
        what_to_do: &'static str,
    ) -> Self {
        Self {
            status,
            heading,
            what_happened: what_happened.into(),
            what_to_do,
            fields: Vec::new(),
            retry_after: None,
            allow: None,
            cause: None,
        }
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "This page does not exist",
            "There is nothing under this address.",
            "It may have been mistyped, or the page may have been taken away.",
        )
    }

    pub(super) fn wrong_method(allow: String) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This cannot be done here",
                "This address does not take requests of this kind.",
                "Please go back and use the page’s own buttons.",
            )
        }
    }

    pub(super) fn from_elsewhere() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This came from another site",
            "The request did not come from one of our own pages, so nothing was done.",
            "Please open the page here and use its own form.",
        )
    }

    pub(super) fn signed_out() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "You are not signed in",
            "Your session has ended, so nothing was done.",
            "Please sign in on another tab, go back to this form, and send it again: what you typed \
             is still there.",
        )
    }

    pub(super) fn forbidden(why: String) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "You may not do this",
            why,
            "An owner can give you another role.",
        )
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let limit = if limit >= 1 << 20 {
            format!("{} MB", limit >> 20)
        } else {
            format!("{} KB", limit >> 10)
        };
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too much at once",
            format!("What was sent is larger than {limit}, so it was not taken."),
            "Please shorten it, or send it in parts.",
        )
    }

    pub(super) fn malformed() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This could not be read",
            "The form arrived in a shape that cannot be read, so nothing was done.",
            "Please go back, load the page anew, and try again.",
        )
    }

    pub(super) fn not_a_form(wanted: &'static str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This could not be read",
            format!("This address takes forms of the type {wanted} only."),
            "Please use the form on the page.",
        )
    }

    pub(super) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "This took too long",
            "The form did not arrive in time, so nothing was done.",
            "Please check your connection and try again.",
        )
    }

    pub(super) fn missing_state() -> Self {
        Self::internal(std::io::Error::other(
            "the server was built without its state",
        ))
    }

    /// A fault of the program, with its cause for the log.
    pub(super) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::from(AppError::internal(cause))
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany(wait): TooMany) -> Self {
        let minutes = wait.as_secs() / 60 + 1;
        let plural = if minutes == 1 { "" } else { "s" };
        Self {
            retry_after: Some(wait),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "One moment, please",
                format!(
                    "This was asked for very often just now, so nothing was done. Please try again \
                     in {minutes} minute{plural}."
                ),
                "If you are in a practice with many colleagues behind one connection, a little \
                 patience is all it takes; or write to us.",
            )
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let said = error.to_string();
        match error {
            AppError::NotFound => Self::not_found(),
            AppError::Refused(why) => Self::new(
                StatusCode::CONFLICT,
                "This is not possible now",
                why,
                "Nothing was changed.",
            ),
            AppError::Conflict => Self::new(
                StatusCode::CONFLICT,
                "Somebody was faster",
                said,
                "Please go back, copy what you wrote, and load the page anew to see what has changed.",
            ),
            AppError::Invalid(fields) => Self {
                fields,
                ..Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Please look at this again",
                    said,
                    "Nothing was changed. Go back, mend it, and send it again.",
                )
            },
            AppError::Store(cause @ StoreError::Unavailable(_)) => Self {
                retry_after: Some(RETRY_DATABASE),
                cause: Some(Box::new(cause)),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Please try again in a moment",
                    "The database cannot be used just now. Nothing was changed.",
                    "Wait ten seconds, then load the page anew or send the form again.",
                )
            },
            AppError::Store(cause) => Self {
                cause: Some(Box::new(cause)),
                ..Self::fault()
            },
            AppError::Internal(cause) => Self {
                cause: Some(cause),
                ..Self::fault()
            },
        }
    }
}

impl Problem {
    fn fault() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The program made a mistake",
            "It is noted in the log, with the reference below. Nothing was half done.",
            "Please try again; if it stays, tell the clinic the reference.",
        )
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.heading)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Without a body: [`into_pages`] makes it, knowing who asks and how.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}

#[derive(Template)]
#[template(path = "web/problem.html")]
struct ProblemPage<'a> {
    page: PageContext,
    heading: &'a str,
    what_happened: &'a str,
    what_to_do: &'a str,
    status: u16,
    reference: Option<String>,
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
    let answer = answer(response.request(), problem);
    Ok(response.into_response(answer))
}

/// What the framework itself refuses, in our words.
fn of_the_framework(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(64 << 10),
        status if status.is_client_error() => Problem::malformed(),
        _ => Problem::fault(),
    }
}

fn answer(request: &HttpRequest, problem: &Problem) -> HttpResponse {
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
        status: problem.status.as_u16(),
        reference,
    };
    match page.render() {
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
fn log(problem: &Problem) {
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

fn wants_json(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        !accept.contains("text/html")
            && (accept.contains("application/json") || accept.contains("application/problem+json"))
    })
}

/// A part of a path that cannot be read (a number that is too long, say) leads to nothing.
pub(super) fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}

/// Every path that no route has.
pub(super) async fn unknown_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}
