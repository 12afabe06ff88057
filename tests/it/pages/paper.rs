//! Pages on paper: a clean A4 handout, read back from the PDF that Chromium prints.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::person::{Person, target_folder};
use crate::judges;
use crate::programs::{find, left_out};

use super::list::PAGES;
use super::site::Site;
use super::visitor::{Visitors, devtools, evaluate};

/// A page of the list, how many sheets it may take, and words that have to be on them.
const PRINTED: [(&str, usize, &[&str]); 7] = [
    (
        "article",
        2,
        &[
            "Practice points",
            "About this article",
            "doi:10.5694/mja16.01134",
        ],
    ),
    (
        "article-case-study",
        2,
        &["Sample point: ask for the recording"],
    ),
    ("calcium-score", 2, &["111"]),
    // What is closed on the screen is open on paper.
    ("calcium-score-referrers", 3, &["Bands it names"]),
    ("referral-check-answer", 2, &["Generally not"]),
    ("bulletin", 4, &["IN THIS ISSUE", "Address: http"]),
    ("staff-symposium-people", 2, &["With a place (12)"]),
];

/// What only helps on a screen.
const NOT_ON_PAPER: [&str; 5] = [
    "Skip to the content",
    "Search",
    "All practice points",
    "Staff sign in",
    "Sign up",
];

/// Prints the page as somebody does who chooses A4 and leaves out backgrounds; into `target/screenshots`, to be looked at.
async fn print(person: &Person, name: &str) -> std::path::PathBuf {
    let wish = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false, "preferCSSPageSize": true });
    let answer = devtools(person, "Page.printToPDF", wish).await;
    let printed = STANDARD
        .decode(answer["data"].as_str().expect("a PDF is a text"))
        .expect("it is encoded in base64");
    let file = target_folder("screenshots").join(format!("paper-{name}.pdf"));
    std::fs::write(&file, printed).expect("the PDF can be written");
    file
}

#[tokio::test]
async fn pages_are_clean_on_paper() {
    let Some(reader) = find("pdftotext", &["/usr/bin"]) else {
        left_out("pdftotext", "install poppler-utils");
        return;
    };
    let site = Site::start().await;
    let Some(visitors) = Visitors::start(&site).await else {
        return;
    };
    for (name, sheets, words) in PRINTED {
        let page = PAGES.iter().find(|page| page.name == name).expect(name);
        let person = visitors.open(page).await;
        // The typefaces come by themselves after the page.
        evaluate(person, "document.fonts.ready.then(() => null)").await;
        let file = print(person, name).await;
        let text = judges::run(
            Command::new(&reader)
                .args(["-layout", "-enc", "UTF-8"])
                .arg(&file)
                .arg("-"),
        );
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A form feed ends each sheet.
        let printed = text.matches('\u{c}').count();
        assert!(printed <= sheets, "{name} takes {printed} sheets:\n{text}");
        for word in words {
            assert!(joined.contains(word), "{name} lacks “{word}”:\n{text}");
        }
        // Once, and not in its frame as well.
        let issues = joined.to_lowercase().matches("in this issue").count();
        assert_eq!(issues, usize::from(name == "bulletin"), "{name}:\n{text}");
        if name == "staff-symposium-people" {
            let first = text.split('\u{c}').next().unwrap_or_default();
            assert!(
                first.contains("@practice.example"),
                "the list begins on the first sheet:\n{text}"
            );
        }
        for word in NOT_ON_PAPER {
            assert!(!joined.contains(word), "{name} has “{word}”:\n{text}");
        }
    }
}
