//! The pages and the stylesheet, judged by the Nu HTML checker of the W3C: one run over all files.

use std::collections::BTreeSet;
use std::process::Command;

use scraper::Selector;
use serde_json::Value;

use crate::answer::Answer;
use crate::judges;

use super::list::PAGES;
use super::site::Site;

/// What the checker says and we do not follow, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// A complaint in a line; `None` for what is excepted.
fn complaint(message: &Value) -> Option<String> {
    let words = message["message"].as_str().unwrap_or_default();
    if EXCEPTIONS.iter().any(|(known, _)| words.contains(known)) {
        return None;
    }
    let file = message["url"].as_str().unwrap_or_default();
    Some(format!(
        "{}:{}: {} {words}: {}",
        file.rsplit('/').next().unwrap_or_default(),
        message["lastLine"],
        message["subType"]
            .as_str()
            .or(message["type"].as_str())
            .unwrap_or_default(),
        message["extract"].as_str().unwrap_or_default(),
    ))
}

#[tokio::test]
async fn every_page_and_the_stylesheet_are_sound() {
    let (Some(checker), Some(java)) = (judges::package("vnu-jar"), judges::java()) else {
        return;
    };
    let site = Site::start().await;
    let folder = tempfile::tempdir().unwrap();
    for page in PAGES {
        let answer = site.ask(page).await;
        std::fs::write(
            folder.path().join(format!("{}.html", page.name)),
            answer.body,
        )
        .unwrap();
    }
    let home = Answer::to(reqwest::Client::new().get(site.here.page("/"))).await;
    let sheet = home.attribute("link[rel=stylesheet]", "href");
    let sheet = Answer::to(reqwest::Client::new().get(site.here.page(&sheet))).await;
    std::fs::write(folder.path().join("site.css"), sheet.body).unwrap();

    let jar = checker.join("build/dist/vnu.jar");
    let said = judges::run(
        Command::new(java)
            .arg("-jar")
            .arg(jar)
            .args(["--format", "json", "--also-check-css", "--stdout"])
            .arg(folder.path()),
    );
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let messages = said["messages"].as_array().expect("a list of messages");
    let complaints: BTreeSet<String> = messages.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Nothing on a page may have the same name as something else on it, nor point to what is not there.
#[tokio::test]
async fn links_within_the_site_lead_somewhere() {
    let site = Site::start().await;
    let mut broken = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let links =
        Selector::parse("a[href^='/'], link[href^='/'], script[src^='/'], img[src^='/']").unwrap();
    for page in PAGES
        .iter()
        .filter(|page| page.status == 200 && page.name != "staff-message")
    {
        let html = site.ask(page).await.page();
        for link in html.select(&links) {
            let address = link.attr("href").or(link.attr("src")).unwrap_or_default();
            let path = address.split('#').next().unwrap_or_default().to_owned();
            if !seen.insert((page.who, path.clone())) {
                continue;
            }
            let status = site.status(page.who, &path).await;
            if !(200..400).contains(&status) {
                broken.insert(format!("{}: {address} ({status})", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
