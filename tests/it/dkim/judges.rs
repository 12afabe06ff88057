//! Two verifiers that others wrote: dkimpy, and OpenDKIM, which stands before many mail servers. Neither asks the DNS here.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use practice_points::clock::Timestamp;

use crate::programs::{find, left_out};
use crate::python;

/// What becomes of each signature of a message, from the top.
pub type Verdicts = Vec<bool>;

/// TXT records by their names, and the time at which the messages are judged.
pub struct Dns {
    pub records: Vec<(String, String)>,
    pub now: Timestamp,
}

/// Asks both. Returns their verdicts on each message, with the judge's name.
pub fn ask(dns: &Dns, messages: &[&[u8]]) -> Vec<(&'static str, Vec<Verdicts>)> {
    let judges = [
        ("dkimpy", dkimpy(dns, messages)),
        ("OpenDKIM", opendkim(dns, messages)),
    ];
    judges
        .into_iter()
        .filter_map(|(name, verdicts)| Some((name, verdicts?)))
        .collect()
}

fn dkimpy(dns: &Dns, messages: &[&[u8]]) -> Option<Vec<Verdicts>> {
    let records: serde_json::Map<String, serde_json::Value> = dns
        .records
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into()))
        .collect();
    let task = serde_json::json!({
        "records": records,
        "now": dns.now.as_millis() / 1000,
        "messages": messages.iter().map(|bytes| BASE64.encode(bytes)).collect::<Vec<_>>(),
    });
    let script = include_str!("../../judge/verify_dkim.py");
    let said = python::run_with(&python::DKIMPY, script, task.to_string().as_bytes())?;
    let verdicts: Vec<Verdicts> = said
        .lines()
        .map(|line| line.split_whitespace().map(|word| word == "pass").collect())
        .collect();
    assert_eq!(verdicts.len(), messages.len(), "{said}");
    Some(verdicts)
}

fn opendkim(dns: &Dns, messages: &[&[u8]]) -> Option<Vec<Verdicts>> {
    let Some(program) = find("opendkim", &["/usr/sbin"]) else {
        left_out("OpenDKIM", "install opendkim");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let (keys, settings) = (folder.path().join("keys"), folder.path().join("settings"));
    let records: String = dns
        .records
        .iter()
        .map(|(name, text)| format!("{name} {text}\n"))
        .collect();
    std::fs::write(&keys, records).unwrap();
    // A signature of the future is none; it judges by the machine's clock, and the tests have one of their own. (Nine years;
    // with many more it overflows.)
    let lines = format!("TestPublicKeys {}\nClockDrift 300000000\n", keys.display());
    std::fs::write(&settings, lines).unwrap();
    let verdicts = messages.iter().map(|bytes| {
        let file = folder.path().join("message.eml");
        std::fs::write(&file, bytes).unwrap();
        let output = Command::new(&program)
            .arg("-x")
            .arg(&settings)
            .arg("-vv")
            .arg("-t")
            .arg(&file)
            .output()
            .unwrap();
        // Its Authentication-Results: "dkim=pass (2048-bit key) header.d=…; dkim=fail …".
        let said = String::from_utf8_lossy(&output.stdout);
        let results = said
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("dkim="));
        results.map(|word| word == "pass").collect()
    });
    Some(verdicts.collect())
}
