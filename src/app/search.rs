//! Anybody searches what the clinic has published.

use crate::domain::search_entry::EntryKind;
use crate::domain::search_words::SearchWords;
use crate::store::search_entries::{self, Found};

use super::{App, AppError};

/// What was found.
#[derive(Debug, Default)]
pub struct Results {
    /// The pages of this part of the list, the best first.
    pub found: Vec<Found>,
    /// How many there are of each kind; nothing of kinds without any.
    pub counts: Vec<(EntryKind, i64)>,
}

impl Results {
    /// How many there are of a kind, or of all kinds.
    pub fn count(&self, kind: Option<EntryKind>) -> i64 {
        let wanted = |of: &&(EntryKind, i64)| kind.is_none_or(|kind| of.0 == kind);
        self.counts.iter().filter(wanted).map(|of| of.1).sum()
    }
}

/// The articles, practice points and bulletins in which all the words stand: `limit` of them from `offset` on, perhaps of
/// one kind only. Nothing without words.
///
/// # Errors
/// [`AppError::Store`].
pub async fn search(
    app: &App,
    words: SearchWords,
    kind: Option<EntryKind>,
    limit: i64,
    offset: i64,
) -> Result<Results, AppError> {
    if words.is_empty() {
        return Ok(Results::default());
    }
    app.store
        .read(move |db| {
            Ok(Results {
                found: search_entries::search(db, &words, kind, limit, offset)?,
                counts: search_entries::count(db, &words)?,
            })
        })
        .await
}
