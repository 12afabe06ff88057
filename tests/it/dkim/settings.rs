//! The keys as whoever keeps the machine meets them: in the settings, and with the doctor.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::keys_in;
use crate::both_databases::Database;
use crate::process::Installation;
use crate::programs::{find, left_out};

/// An installation that signs with both keys, for the domain of its sender.
async fn signing() -> Installation {
    let mut here = Installation::start(Database::Sqlite).await;
    for (key, value) in keys_in(&here.path("")) {
        here.set(key, &value);
    }
    here.set("mail_from", "GP Practice Points <points@clinic.example>");
    here
}

#[tokio::test]
async fn the_doctor_shows_the_record_of_every_key_and_that_the_signature_counts() {
    let here = signing().await;
    let told = here.run(&["doctor"]).succeeded();
    assert!(
        told.contains("dkim.domain = clinic.example\n"),
        "the domain of mail_from: {told}"
    );
    assert!(
        told.contains("ok     DKIM: Messages from clinic.example are signed for clinic.example"),
        "{told}"
    );
    assert!(
        told.contains("ok     DKIM: Key points2026 (RSA, 2048 bits, "),
        "{told}"
    );
    assert!(
        told.contains("ok     DKIM: Key points2026e (Ed25519, "),
        "{told}"
    );
    let record = |selector: &str| {
        let name = format!("  {selector}._domainkey.clinic.example  ");
        let line = told
            .lines()
            .find_map(|line| line.strip_prefix(name.as_str()));
        line.unwrap_or_else(|| panic!("no {selector}: {told}"))
            .to_owned()
    };
    let rsa = record("points2026");
    assert!(
        rsa.starts_with("\"v=DKIM1; k=rsa; p=MIIBIjANBgkqh"),
        "{rsa}"
    );
    let pieces: Vec<&str> = rsa.trim_matches('"').split("\" \"").collect();
    assert_eq!(pieces.len(), 2, "{rsa}");
    assert!(pieces.iter().all(|piece| piece.len() <= 255), "{rsa}");
    let ed25519 = record("points2026e");
    assert_eq!(
        ed25519.len(),
        "\"v=DKIM1; k=ed25519; p=\"".len() + 44,
        "{ed25519}"
    );
    assert!(!told.contains("PRIVATE"), "{told}");
}

#[tokio::test]
async fn the_doctor_looks_at_who_can_read_a_key_and_at_the_domain() {
    let mut here = signing().await;
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(here.path("rsa.pem"), readable).unwrap();
    here.set("dkim.domain", "mailer.example");
    let told = here.run(&["doctor"]).succeeded();
    assert!(told.contains("look   DKIM: Key points2026 (RSA"), "{told}");
    assert!(told.contains("(mode 644): chmod 600 "), "{told}");
    assert!(
        told.contains("look   DKIM: Messages from clinic.example are signed for mailer.example"),
        "{told}"
    );
    assert!(
        told.contains("points2026._domainkey.mailer.example"),
        "{told}"
    );
}

#[tokio::test]
async fn a_setting_that_cannot_sign_stops_the_start_with_what_would_be_right() {
    let mut here = signing().await;
    let refused = |here: &Installation, words: &[&str]| {
        let told = here.run(&["migrate"]).failed(2);
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
    };
    let key_files = |here: &mut Installation, files: &[&str]| {
        let paths: Vec<String> = files
            .iter()
            .map(|file| here.path(file).to_str().unwrap().to_owned())
            .collect();
        here.set("dkim.key_file", &paths.join(","));
    };
    here.set("dkim.selector", "points2026");
    refused(
        &here,
        &[
            "dkim.selector = \"points2026\"",
            "as many selectors as key files",
            "1 for 2",
        ],
    );
    here.set("dkim.selector", "one,one");
    refused(&here, &["every key a selector of its own"]);
    here.set("dkim.selector", "points 2026,x");
    refused(&here, &["dkim.selector", "letters, digits and hyphens"]);
    here.set("dkim.selector", "");
    refused(&here, &["dkim.selector is missing"]);
    here.set("dkim.selector", "points2026");
    here.set("dkim.domain", "clinic");
    refused(&here, &["dkim.domain = \"clinic\"", "give a domain, like"]);
    here.set("dkim.domain", "clinic.example");
    key_files(&mut here, &["none.pem"]);
    refused(
        &here,
        &["dkim.key_file", "none.pem: it cannot be read: No such file"],
    );
    here.write(
        "public.pem",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    );
    key_files(&mut here, &["public.pem"]);
    refused(&here, &["public.pem: it holds the public key"]);
    here.set("dkim.key_file", "");
    refused(&here, &["dkim.key_file is missing"]);
    here.set("dkim.key_file", here.path("rsa.pem").to_str().unwrap());
    here.run(&["migrate"]).succeeded();
}

#[tokio::test]
async fn keys_may_stand_in_a_list_in_the_file() {
    let here = Installation::start(Database::Sqlite).await;
    keys_in(&here.path(""));
    here.write(
        "practice-points.toml",
        "[dkim]\ndomain = \"tepūkenga.ac.nz\"\nselector = [\"s1\", \"s2\"]\nkey_file = [\"rsa.pem\", \"ed25519.pem\"]\n",
    );
    let told = here.run(&["doctor"]).succeeded();
    assert!(
        told.contains("  s1._domainkey.xn--tepkenga-szb.ac.nz  \"v=DKIM1; k=rsa;"),
        "{told}"
    );
    assert!(
        told.contains("  s2._domainkey.xn--tepkenga-szb.ac.nz  \"v=DKIM1; k=ed25519;"),
        "{told}"
    );
}

/// The README's way to make keys, word for word.
#[tokio::test]
async fn the_keys_that_the_readme_has_people_make_sign() {
    if find("openssl", &[]).is_none() {
        left_out("OpenSSL", "install openssl");
        return;
    }
    let mut here = Installation::start(Database::Sqlite).await;
    let readme = include_str!("../../../README.md");
    let commands: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("openssl genpkey "))
        .collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let mut words = command.split_whitespace();
        let made = Command::new(words.next().unwrap())
            .args(words)
            .current_dir(here.path(""))
            .output()
            .unwrap();
        assert!(made.status.success(), "{command}: {made:?}");
    }
    here.set("dkim.selector", "points2026,points2026e");
    here.set("dkim.key_file", "points2026.pem,points2026e.pem");
    let told = here.run(&["doctor"]).succeeded();
    assert!(told.contains("Key points2026 (RSA, 2048 bits"), "{told}");
    assert!(told.contains("Key points2026e (Ed25519"), "{told}");
    // The other form in which people have keys.
    let old = [
        "rsa",
        "-in",
        "points2026.pem",
        "-traditional",
        "-out",
        "old.pem",
    ];
    let written = Command::new("openssl")
        .args(old)
        .current_dir(here.path(""))
        .output()
        .unwrap();
    assert!(written.status.success(), "{written:?}");
    let text = std::fs::read_to_string(here.path("old.pem")).unwrap();
    assert!(
        text.starts_with("-----BEGIN RSA PRIVATE KEY-----"),
        "{text}"
    );
    here.set("dkim.key_file", "old.pem,points2026e.pem");
    let of_old = here.run(&["doctor"]).succeeded();
    let record = |told: &str| {
        let line = told.lines().find(|line| line.contains("k=rsa"));
        line.unwrap().to_owned()
    };
    assert_eq!(record(&told), record(&of_old));
}
