//! The words by which people are found.

use diesel::prelude::*;

use crate::domain::search_key::search_key;
use crate::domain::subscriber::SubscriberId;
use crate::domain::subscriber_filter::words_of;
use crate::store::composed::Composed;
use crate::store::schema::subscriber_word;
use crate::store::{Db, StoreError, each};

/// Keeps the words of a person; those that they had before are gone.
pub(super) fn set(db: &mut Db, id: SubscriberId, search_key: &str) -> Result<(), StoreError> {
    forget(db, id)?;
    add(db, id, search_key)
}

/// Keeps the words of a person who has none yet.
pub(super) fn add(db: &mut Db, id: SubscriberId, search_key: &str) -> Result<(), StoreError> {
    let mut words = words_of(search_key);
    words.sort_unstable();
    words.dedup();
    let rows: Vec<_> = words
        .iter()
        .map(|word| {
            (
                subscriber_word::subscriber_id.eq(id.0),
                subscriber_word::word.eq(word),
            )
        })
        .collect();
    each!(db, c => diesel::insert_into(subscriber_word::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}

/// Takes the words of a person away.
pub(super) fn forget(db: &mut Db, id: SubscriberId) -> Result<(), StoreError> {
    diesel::delete(subscriber_word::table.filter(subscriber_word::subscriber_id.eq(id.0)))
        .execute(db)?;
    Ok(())
}

/// So many people at most are found by a word first, and brought in order then; one that more have is looked for in one
/// person after the other, in the order of the list.
const RARE: i64 = 2_000;

/// Adds to the conditions that all the words are found: the rarest of them by its index, if it is rare, and the others by
/// looking at each person.
pub(super) fn look_for(
    db: &mut Db,
    words: &[String],
    conditions: &mut Composed,
) -> Result<(), StoreError> {
    let mut rarest: Option<(usize, i64)> = None;
    for (place, word) in words.iter().enumerate() {
        let found = subscriber_word::table
            .filter(subscriber_word::word.ge(word))
            .filter(subscriber_word::word.lt(after(word)))
            .select(subscriber_word::subscriber_id)
            .limit(RARE + 1)
            .load::<i64>(db)?
            .len();
        let found = i64::try_from(found).unwrap_or(i64::MAX);
        if found <= RARE && rarest.is_none_or(|(_, least)| found < least) {
            rarest = Some((place, found));
        }
    }
    for (place, word) in words.iter().enumerate() {
        if rarest.is_some_and(|(rarest, _)| rarest == place) {
            conditions.push(
                " AND s.id IN (SELECT w.subscriber_id FROM subscriber_word w \
                 WHERE w.word >= ? AND w.word < ?)",
            );
        } else {
            // The text is looked at first: it is at hand in the index, and most people do not have the word.
            conditions
                .push(" AND s.search_key LIKE ?")
                .text(format!("%{word}%"))
                .push(
                    " AND EXISTS (SELECT 1 FROM subscriber_word w WHERE w.subscriber_id = s.id \
                     AND w.word >= ? AND w.word < ?)",
                );
        }
        conditions.text(word.as_str()).text(after(word));
    }
    Ok(())
}

/// The end of the words that begin with this one, in the order of their octets.
fn after(word: &str) -> String {
    format!("{word}\u{10FFFF}")
}

/// For each word that is searched for, the pattern that `search_key` has to be like.
pub(in crate::store) fn search_patterns(words: &str) -> Vec<String> {
    search_key(words)
        .split_whitespace()
        .map(|word| format!("%{}%", like_literal(word)))
        .collect()
}

/// Escapes what has a meaning in a LIKE pattern.
fn like_literal(word: &str) -> String {
    let mut literal = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}
