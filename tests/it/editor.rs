//! The editor that browsers get is made of the sources beside it.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

/// What `editor/build.mjs` hashes, in its order.
fn hash_of_sources(folder: &Path) -> String {
    let mut names: Vec<_> = fs::read_dir(folder.join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names.push(folder.join("package-lock.json"));
    let mut hash = Sha256::new();
    for name in names {
        hash.update(fs::read(name).unwrap());
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_editor_is_made_of_the_sources_beside_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = fs::read_to_string(root.join("static/vendor/editor.js")).unwrap();
    let banner = made.lines().next().unwrap();
    let hash = hash_of_sources(&root.join("editor"));
    assert!(
        banner.contains(&hash),
        "editor/ has changed: make the file anew with “npm ci && npm run build” there ({banner})"
    );
}

#[test]
fn every_library_in_the_editor_has_its_licence_beside_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let licences = fs::read_to_string(root.join("static/vendor/editor-licences.txt")).unwrap();
    let lock = fs::read_to_string(root.join("editor/package.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&lock).unwrap();
    for (name, version) in package["dependencies"].as_object().unwrap() {
        let line = format!("{name} {} (MIT)", version.as_str().unwrap());
        assert!(licences.contains(&line), "{line}");
    }
}
