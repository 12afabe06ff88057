//! The rule of dependency, read from the sources: imports point down only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each layer may use of the others; the lowest first.
const LAYERS: [(&str, &[&str]); 7] = [
    ("domain", &["clock", "domain"]),
    ("store", &["clock", "domain", "store"]),
    ("mail", &["clock", "domain", "mail"]),
    (
        "app",
        &["app", "clock", "config", "domain", "mail", "store"],
    ),
    (
        "worker",
        &[
            "app", "clock", "config", "domain", "mail", "store", "worker",
        ],
    ),
    (
        "web",
        &["app", "clock", "config", "domain", "mail", "store", "web"],
    ),
    (
        "cli",
        &[
            "app", "cli", "clock", "config", "domain", "mail", "store", "web", "worker",
        ],
    ),
];

/// Libraries that one layer keeps to itself.
const KEPT: [(&str, &str); 9] = [
    ("diesel", "store"),
    ("diesel_migrations", "store"),
    ("lettre", "mail"),
    ("mail_parser", "mail"),
    ("mrml", "mail"),
    ("simple_dns", "mail"),
    ("actix_web", "web"),
    ("actix_multipart", "web"),
    ("clap", "cli"),
];

fn sources(layer: &str) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(layer),
    ];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && !path
                    .file_stem()
                    .is_some_and(|name| name.to_string_lossy().ends_with("tests"))
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let code: Vec<&str> = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .collect();
                files.insert(path, code.join("\n"));
            }
        }
    }
    assert!(!files.is_empty(), "no sources in {layer}");
    files
}

/// The modules of the crate that a source names as `crate::x`, alone or in braces.
fn modules_used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let list = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split('}').next())
            .unwrap_or(rest);
        let names = if rest.starts_with('{') {
            list.split(',').collect()
        } else {
            vec![list]
        };
        for name in names {
            let name: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            used.push(name);
        }
    }
    used
}

fn uses_library(code: &str, library: &str) -> bool {
    code.match_indices(&format!("{library}::"))
        .any(|(place, _)| {
            !code[..place].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':')
        })
}

#[test]
fn imports_point_down_only() {
    let all: Vec<&str> = LAYERS
        .iter()
        .map(|(layer, _)| *layer)
        .chain(["clock", "config"])
        .collect();
    let mut wrong = Vec::new();
    for (layer, allowed) in LAYERS {
        for (path, code) in sources(layer) {
            for module in modules_used(&code) {
                if all.contains(&module.as_str()) && !allowed.contains(&module.as_str()) {
                    wrong.push(format!("{} uses crate::{module}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_library_stays_in_its_layer() {
    let mut wrong = Vec::new();
    for (layer, _) in LAYERS {
        for (path, code) in sources(layer) {
            for (library, home) in KEPT {
                if layer != home && uses_library(&code, library) {
                    wrong.push(format!(
                        "{} uses {library}, which belongs to {home}",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rules_have_no_clock_and_no_files() {
    for (path, code) in sources("domain") {
        for forbidden in [
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "Clock::",
            "std::fs",
            "std::net::Tcp",
            "tokio",
        ] {
            assert!(
                !code.contains(forbidden),
                "{} uses {forbidden}",
                path.display()
            );
        }
    }
}
