//! What a use case says when it does not do what was asked.

use thiserror::Error;

use crate::store::StoreError;

/// Why a use case did nothing.
#[derive(Debug, Error)]
pub enum AppError {
    /// There is no such thing, or not for this person.
    #[error("There is nothing under this address.")]
    NotFound,
    /// It is not possible as things are; the text says why, to the person who asked.
    #[error("{0}")]
    Refused(String),
    /// What was typed cannot be taken: for each field, what is wrong with it.
    #[error("{}", .0.first().map_or("Please check what you entered.", |(_, problem)| problem))]
    Invalid(Vec<(&'static str, String)>),
    /// Somebody else has changed the same thing meanwhile.
    #[error("Somebody else has changed this meanwhile. Nothing of theirs was overwritten.")]
    Conflict,
    /// What came back cannot be kept now: there is no room for more.
    #[error("There is no room for more of what comes back.")]
    Full,
    /// The database.
    #[error("The database could not be used.")]
    Store(#[source] StoreError),
    /// A fault of the program.
    #[error("The program made a mistake.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// A fault of the program, with its cause.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(cause))
    }

    /// A refusal in words.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            other => Self::Store(other),
        }
    }
}
