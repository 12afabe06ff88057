//! What is to become of a line.

use std::collections::HashSet;

use crate::app::Instance;
use crate::store::topics::{self, Topic};
use crate::store::{Db, StoreError, consent_events, subscribers};

use super::csv_file::Line;
use super::row::Row;

/// What is to become of a line.
pub(super) enum Verdict {
    Added,
    Unchanged,
    Refused(String),
}

/// What has to be known of some lines, asked for at once.
pub(super) struct Known {
    /// Keys of the addresses that are on the list.
    on_list: HashSet<String>,
    /// Hashes of the addresses whose owners were erased, or whose records were merged into others.
    erased: HashSet<String>,
    merged: HashSet<String>,
    pub(super) topics: Vec<Topic>,
}

impl Known {
    pub(super) fn of(db: &mut Db, instance: &Instance, piece: &[Line]) -> Result<Self, StoreError> {
        let keys: Vec<String> = piece
            .iter()
            .filter_map(|(_, row, _)| row.as_ref().ok().map(|row| row.email.key()))
            .collect();
        let hashes: Vec<String> = keys.iter().map(|key| instance.address_hash(key)).collect();
        Ok(Self {
            on_list: subscribers::known_keys(db, &keys)?.into_iter().collect(),
            erased: consent_events::erased_among(db, &hashes)?
                .into_iter()
                .collect(),
            merged: subscribers::merged_among(db, &hashes)?
                .into_iter()
                .collect(),
            topics: topics::all(db)?,
        })
    }

    /// A person who is on the list stays as they are: a file never brings back who has left, and never
    /// overwrites what a person said of themselves.
    pub(super) fn judge(&self, instance: &Instance, row: &Row) -> Verdict {
        let key = row.email.key();
        if self.on_list.contains(&key) {
            return Verdict::Unchanged;
        }
        let hash = instance.address_hash(&key);
        if self.merged.contains(&hash) {
            return Verdict::Unchanged;
        }
        if self.erased.contains(&hash) {
            let why = "The owner of this address asked to be erased, and must not be written to.";
            return Verdict::Refused(why.to_owned());
        }
        let mut retired = self.topics.iter().filter(|t| t.retired_at.is_some());
        if let Some(topic) = retired.find(|topic| row.topics.contains(&topic.slug)) {
            return Verdict::Refused(format!(
                "The topic “{}” is retired, and cannot be chosen any more.",
                topic.slug
            ));
        }
        let is_unknown = |slug: &&String| self.topics.iter().all(|t| t.slug != **slug);
        if let Some(slug) = row.topics.iter().find(is_unknown) {
            let known: Vec<&str> = self
                .topics
                .iter()
                .filter(|topic| topic.retired_at.is_none())
                .map(|topic| topic.slug.as_str())
                .collect();
            return Verdict::Refused(format!(
                "There is no topic “{slug}”. The topics are {}.",
                known.join(", ")
            ));
        }
        Verdict::Added
    }
}
