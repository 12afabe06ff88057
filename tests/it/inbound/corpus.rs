//! The messages in `tests/corpus/inbound`: written for these tests in the shapes of Postfix, Exim, OpenSMTPD, sendmail, qmail,
//! Exchange and Gmail, of complaints, of automatic replies and of people. None has come from anybody's mailbox.

use std::path::PathBuf;

use crate::both_databases::{Database, on_both_databases};
use crate::process::Installation;

use super::Returning as TestApp;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/inbound")
}

/// The names of all of them, in order.
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 40);
    names
}

pub fn message(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.eml"))).unwrap()
}

/// What the documented command says of each.
#[tokio::test]
async fn each_message_is_classified_as_it_was() {
    let here = Installation::start(Database::Sqlite).await;
    let folder = folder();
    let out = here
        .run(&["inbound", "--classify", folder.to_str().unwrap()])
        .succeeded();
    assert_eq!(out.lines().count(), names().len());
    for line in out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["token_valid"], false, "{line}");
        assert_eq!(line["would"], "keep", "{line}");
    }
    let table: Vec<String> = out.lines().map(short).collect();
    insta::assert_snapshot!(table.join("\n"));
}

/// A line of the snapshot: what a reader compares.
fn short(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let word = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{:<42} {:<17} {:<9} {:<7} {:<12} {}",
        word("file"),
        word("category"),
        word("action"),
        word("status"),
        word("if_believed"),
        word("recipient"),
    )
}

on_both_databases! {
    /// Each message about somebody of its own, with valid marks; and what became of them.
    async fn each_message_does_what_it_should(here: TestApp) {
        let mut table = String::new();
        for (number, name) in names().iter().enumerate() {
            let email = format!("gp{number}@practice.example");
            here.app.subscribe(&email).await;
            let taken = here.take_in(name, &email).await;
            assert!(!taken.was_known, "{name}");
            let acts: Vec<String> = taken
                .acts
                .iter()
                .map(|(category, remedy)| format!("{}: {}", category.as_str(), remedy.as_str()))
                .collect();
            let status = here.status(&email).await;
            let line = format!("{name:<40} {:<12} {}\n", status.as_str(), acts.join(", "));
            table.push_str(&line);
        }
        insta::assert_snapshot!("each_message_does_what_it_should", table);
    }
}
