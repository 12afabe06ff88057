//! What the fuzz targets check of anything that comes back, checked with every file that they were fed and have found.

use std::path::Path;

/// The checks of the fuzz targets.
#[path = "../../../fuzz/src/checks.rs"]
mod checks;

fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with('.') {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn whatever_the_fuzzing_has_found_is_read_as_it_should_be() {
    let mut seen = 0;
    for folder in [
        "fuzz/corpus/everything",
        "tests/corpus/inbound",
        "tests/corpus/webhooks",
    ] {
        for (name, content) in files(folder) {
            let checked = std::panic::catch_unwind(|| checks::everything(&content));
            assert!(checked.is_ok(), "{folder}/{name}");
            seen += 1;
        }
    }
    assert!(seen >= 80, "{seen}");
}

/// Each sample is named after its provider, and read as that provider's.
#[test]
fn each_sample_of_a_providers_notification_is_understood() {
    let mut table = String::new();
    for (name, content) in files("tests/corpus/webhooks") {
        let provider = name.split('-').next().unwrap();
        let told = checks::told(provider, &content);
        let told: Vec<String> = told
            .iter()
            .map(|told| {
                let notice = &told.notice;
                let code = notice.code.map(|code| code.to_string());
                format!("{} {}", notice.category.as_str(), code.unwrap_or_default())
            })
            .map(|line| line.trim_end().to_owned())
            .collect();
        table.push_str(&format!("{name:<36} {}\n", told.join(", ")));
    }
    insta::assert_snapshot!(table);
}
