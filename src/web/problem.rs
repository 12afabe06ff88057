//! The one place where whatever went wrong becomes a page with ways back, or, for programs that ask
//! for JSON, a problem document (RFC 9457).

mod answer;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};

use crate::app::AppError;
use crate::store::StoreError;

use super::limits::TooMany;

pub use answer::into_pages;
pub(super) use answer::wants_json;

/// The database is asked again after this long.
const RETRY_DATABASE: Duration = Duration::from_secs(10);

/// What went wrong, as the person is told it, and why, as the log is.
#[derive(Debug)]
pub struct Problem(Box<Report>);

#[derive(Debug)]
struct Report {
    status: StatusCode,
    heading: &'static str,
    what_happened: Cow<'static, str>,
    what_to_do: &'static str,
    fields: Vec<(&'static str, String)>,
    /// Whether to sign in again is what helps.
    sign_in: bool,
    retry_after: Option<Duration>,
    allow: Option<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Report {
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
            sign_in: false,
            retry_after: None,
            allow: None,
            cause: None,
        }
    }
}

impl From<Report> for Problem {
    fn from(report: Report) -> Self {
        Self(Box::new(report))
    }
}

impl Problem {
    pub(super) fn not_found() -> Self {
        Report::new(
            StatusCode::NOT_FOUND,
            "This page does not exist",
            "There is nothing under this address.",
            "It may have been mistyped, or the page may have been taken away.",
        )
        .into()
    }

    pub(super) fn wrong_method(allow: String) -> Self {
        Report {
            allow: Some(allow),
            ..Report::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This cannot be done here",
                "This address does not take requests of this kind.",
                "Please go back and use the page’s own buttons.",
            )
        }
        .into()
    }

    pub(super) fn from_elsewhere() -> Self {
        Report::new(
            StatusCode::FORBIDDEN,
            "This came from another site",
            "The request did not come from one of our own pages, so nothing was done.",
            "Please open the page here and use its own form.",
        )
        .into()
    }

    pub(super) fn signed_out() -> Self {
        Report {
            sign_in: true,
            ..Report::new(
                StatusCode::FORBIDDEN,
                "You are not signed in",
                "Your session has ended, so nothing was done.",
                "Please sign in on another tab, go back to this form, and send it again: what you typed \
                 is still there.",
            )
        }
        .into()
    }

    pub(super) fn second_factor_missing() -> Self {
        Report::new(
            StatusCode::FORBIDDEN,
            "Please set up a second factor first",
            "An owner has decided that everybody with your role signs in with a second factor, so nothing was done.",
            "Please open your account on another tab, set it up, go back to this form, and send it again: \
             what you typed is still there.",
        )
        .into()
    }

    pub(super) fn not_confirmed() -> Self {
        Report::new(
            StatusCode::FORBIDDEN,
            "Please give your password again",
            "It is a while since you gave your password, and this changes accounts, so nothing was done.",
            "Please open your account on another tab, give it under “Confirm your password”, go back to this \
             form, and send it again: what you typed is still there.",
        )
        .into()
    }

    pub(super) fn forbidden(why: String) -> Self {
        Report::new(
            StatusCode::FORBIDDEN,
            "You may not do this",
            why,
            "An owner can give you another role.",
        )
        .into()
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let limit = if limit >= 1 << 20 {
            format!("{} MB", limit >> 20)
        } else {
            format!("{} KB", limit >> 10)
        };
        Report::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too much at once",
            format!("What was sent is larger than {limit}, so it was not taken."),
            "Please shorten it, or send it in parts.",
        )
        .into()
    }

    pub(super) fn malformed() -> Self {
        Report::new(
            StatusCode::BAD_REQUEST,
            "This could not be read",
            "The form arrived in a shape that cannot be read, so nothing was done.",
            "Please go back, load the page anew, and try again.",
        )
        .into()
    }

    pub(super) fn not_a_form(wanted: &'static str) -> Self {
        Report::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This could not be read",
            format!("This address takes forms of the type {wanted} only."),
            "Please use the form on the page.",
        )
        .into()
    }

    pub(super) fn too_slow() -> Self {
        Report::new(
            StatusCode::REQUEST_TIMEOUT,
            "This took too long",
            "The form did not arrive in time, so nothing was done.",
            "Please check your connection and try again.",
        )
        .into()
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
        Report {
            retry_after: Some(wait),
            ..Report::new(
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
        .into()
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let said = error.to_string();
        let report = match error {
            AppError::NotFound => return Self::not_found(),
            AppError::Refused(why) => Report::new(
                StatusCode::CONFLICT,
                "This is not possible now",
                why,
                "Nothing was changed.",
            ),
            AppError::Conflict => Report::new(
                StatusCode::CONFLICT,
                "Somebody was faster",
                said,
                "Please go back, copy what you wrote, and load the page anew to see what has changed.",
            ),
            AppError::Invalid(fields) => Report {
                fields,
                ..Report::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Please look at this again",
                    said,
                    "Nothing was changed. Go back, mend it, and send it again.",
                )
            },
            AppError::Full => Report {
                retry_after: Some(RETRY_DATABASE),
                ..Report::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "There is no room for it",
                    said,
                    "It can be sent again when the clinic has looked at what waits there.",
                )
            },
            AppError::Store(cause @ StoreError::Unavailable(_)) => Report {
                retry_after: Some(RETRY_DATABASE),
                cause: Some(Box::new(cause)),
                ..Report::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Please try again in a moment",
                    "The database cannot be used just now. Nothing was changed.",
                    "Wait ten seconds, then load the page anew or send the form again.",
                )
            },
            AppError::Store(cause) => Report {
                cause: Some(Box::new(cause)),
                ..Report::fault()
            },
            AppError::Internal(cause) => Report {
                cause: Some(cause),
                ..Report::fault()
            },
        };
        report.into()
    }
}

impl Report {
    fn fault() -> Self {
        Report::new(
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
        f.write_str(self.0.heading)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// Without a body: [`into_pages`] makes it, knowing who asks and how.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.0.status)
    }
}

/// A part of a path that cannot be read (a number that is too long, say) leads to nothing.
pub(super) fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}

/// Every path that no route has.
pub(super) async fn unknown_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}
