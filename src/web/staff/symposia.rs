//! Symposia: what they are, and who comes.

pub(in crate::web) mod edit;
mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod people;
pub(in crate::web) mod show;

use crate::domain::symposium::SymposiumId;

/// The path of a symposium's page.
fn address(id: SymposiumId) -> String {
    format!("/staff/symposia/{id}")
}

/// "1 person", "12 people".
fn people_in_words(count: impl TryInto<u64>) -> String {
    match count.try_into().unwrap_or_default() {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    }
}
