//! The README says what there is, and nothing that there is not.

use practice_points::config::KEYS;

use crate::both_databases::Database;
use crate::process::Installation;

const README: &str = include_str!("../../README.md");

#[test]
fn every_setting_stands_in_the_table_with_its_value_on_a_new_installation() {
    for (key, built_in) in KEYS {
        let row = README
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("the README has no row for {key}"));
        if let Some(value) = built_in.filter(|value| !value.is_empty()) {
            assert!(
                row.contains(&format!("`{value}`")),
                "{key} = {value}: {row}"
            );
        }
    }
}

#[test]
fn every_setting_that_the_readme_sets_exists() {
    let known: Vec<String> = KEYS
        .iter()
        .map(|(key, _)| key.to_uppercase().replace('.', "__"))
        .collect();
    for part in README.split("PRACTICE_POINTS_").skip(1) {
        let name: String = part
            .chars()
            .take_while(|c| c.is_ascii_uppercase() || *c == '_')
            .collect();
        let is_known = name.is_empty() || name == "CONFIG" || known.contains(&name);
        assert!(is_known, "the README sets PRACTICE_POINTS_{name}");
    }
}

#[tokio::test]
async fn every_command_that_the_readme_gives_exists() {
    let here = Installation::start(Database::Sqlite).await;
    let mut seen = 0;
    for line in README.lines().map(str::trim_start) {
        let Some(rest) = line.strip_prefix("practice-points ") else {
            continue;
        };
        // What it does stands after two spaces.
        let words: Vec<&str> = rest
            .split("  ")
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
        let names: Vec<&str> = words.iter().copied().take_while(is_name).collect();
        let help = here.run(&[&names[..], &["--help"]].concat()).succeeded();
        for word in words {
            let flag = word.trim_matches(['[', ']']);
            assert!(
                !flag.starts_with('-') || help.contains(flag),
                "{line}: no {flag} in {help}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 8, "the README gives {seen} commands only");
}
