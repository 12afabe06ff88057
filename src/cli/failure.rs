//! Why a command failed, in a line or two for whoever runs it.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::app::AppError;
use crate::config::SettingsError;
use crate::store::StoreError;

/// Why a command failed: what happened with its causes, and what can be done about it.
#[derive(Debug)]
pub(super) struct Failure {
    what: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// A failure in words.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            code: 1,
        }
    }

    /// A failure with what lies behind it.
    pub(super) fn caused(what: impl fmt::Display, cause: &dyn Error) -> Self {
        Self::new(format!("{what}: {}", chain(cause)))
    }

    /// Adds what can be done about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Ends the program with this exit code.
    pub(super) fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Adds what can be done about it, unless that is said already.
    pub(super) fn or_hint(self, hint: impl Into<String>) -> Self {
        if self.hint.is_some() {
            self
        } else {
            self.hint(hint)
        }
    }

    /// What can be done about it, if that is known.
    pub(super) fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self {
            code: 2,
            ..Self::new(chain(&error))
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => {
                Self::new(format!("the database cannot be used: {}", one_line(&why)))
                    .hint("It is named by the setting database_url; “practice-points doctor” shows where it is looked for.")
            }
            other => Self::new(chain(&other)),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            AppError::Invalid(problems) => {
                let problems: Vec<String> =
                    problems.into_iter().map(|(_, problem)| problem).collect();
                Self::new(problems.join(" "))
            }
            AppError::NotFound => Self::new("there is no such record"),
            other => Self::new(chain(&other)),
        }
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = one_line(&error.to_string());
    let mut next = error.source();
    while let Some(cause) = next {
        let words = one_line(&cause.to_string());
        // Some libraries repeat the cause in the words of the error above it.
        if !text.ends_with(&words) {
            text = format!("{}: {words}", text.trim_end_matches('.'));
        }
        next = cause.source();
    }
    text
}

/// PostgreSQL's library answers in several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_with_its_causes() {
        let locked = AppError::Store(StoreError::Unavailable("no\n\tanswer\n".to_owned()));
        assert_eq!(
            Failure::from(locked).to_string(),
            "the database cannot be used: no answer"
        );
        let broken = AppError::internal(std::io::Error::other("disk on fire"));
        assert_eq!(
            Failure::from(broken).to_string(),
            "The program made a mistake: disk on fire"
        );
    }
}
