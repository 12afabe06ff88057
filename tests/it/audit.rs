//! The audit says in words what staff did.

use std::collections::BTreeSet;
use std::path::Path;

use practice_points::domain::bulletin::BulletinAction;
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::audit_events;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

/// What has one of these ends is a setting, a host or a file, and no action.
const NO_ACTIONS: [&str; 10] = [
    ".example", ".email", ".address", ".domain", ".ics", ".sqlite", ".csv", ".pem", ".toml", ".md",
];

/// Every action that a use case can note.
fn actions() -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BulletinAction::ALL
        .iter()
        .map(|action| format!("bulletin.{}", action.as_str()))
        .collect();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let written = source.split('"').filter(|text| is_like_an_action(text));
            found.extend(written.map(str::to_owned));
        }
    }
    found
}

/// Two words of small letters with a dot between them, and the second perhaps with hyphens.
fn is_like_an_action(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    !NO_ACTIONS.iter().any(|end| text.ends_with(end))
        && text
            .split_once('.')
            .is_some_and(|(entity, verb)| is_word(entity) && is_word(verb))
}

on_both_databases! {
    async fn every_action_that_is_noted_anywhere_has_words(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let actions = actions();
        assert!(actions.contains("symposium.export") && actions.len() > 45, "{actions:?}");
        for action in actions {
            let now = app.app.now();
            let noted = action.clone();
            let append = app.app.store.write(move |db| audit_events::append(db, None, &noted, ("audit", None), None, now));
            append.await.unwrap();
            let newest = app.get("/staff/audit").await.expect(200).text("tbody tr:first-child");
            assert!(newest.contains("The program") && !newest.contains(&action), "{action} has no words: {newest}");
        }
    }
}
