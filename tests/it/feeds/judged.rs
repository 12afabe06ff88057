//! Feeds and sitemap, judged by programs of others: a feed reader and the rules of RFC 4287, and the schema of
//! sitemaps.org.

use std::process::Command;

use serde::Deserialize;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::{Desk, guidance, with};
use crate::programs::{find, left_out};
use crate::{judges, python};

use super::SURE;

#[derive(Debug, Deserialize)]
struct Read {
    wrong: Vec<String>,
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    title: String,
    link: String,
    author: String,
    content: String,
}

/// A site with what could break a feed: markup and macrons in titles, a bulletin, and links within the site.
async fn site() -> TestApp {
    let app = TestApp::start(Database::Sqlite).await;
    app.subscribe("aroha@practice.example").await;
    let desk = Desk::open(&app).await;
    let body = "See [the page](/calcium-score) & <b>think</b>, ]]> and &amp;amp;.\r\n\r\n| A | B |\r\n|---|---|\r\n| 1 | 2 |";
    let strange = with(guidance("Risk < 5 % & <b>Māori</b> “hearts”"), "body", body);
    desk.publish_as(&with(strange, "topic", "calcium-score"))
        .await;
    let bulletin = desk.approved_bulletin("Spring", &["news"]).await;
    let send = format!("{bulletin}/send");
    desk.publisher.post_form(&send, &SURE).await.expect(303);
    app
}

#[tokio::test]
async fn feed_readers_understand_the_feeds_and_the_standard_allows_them() {
    let app = site().await;
    for (path, number) in [
        ("/feed.atom", 3),
        ("/topics/calcium-score/feed.atom", 2),
        ("/topics/symposium/feed.atom", 0),
    ] {
        let feed = app.get(path).await.expect(200).body;
        let script = include_str!("../../judge/read_feed.py");
        let Some(read) = python::run_with(&python::FEEDPARSER, script, feed.as_bytes()) else {
            return;
        };
        let read: Read = serde_json::from_str(&read).unwrap();
        assert!(read.wrong.is_empty(), "{path}: {:#?}", read.wrong);
        assert_eq!(read.entries.len(), number, "{path}: {:#?}", read.entries);
        let entry = read
            .entries
            .iter()
            .find(|entry| entry.link.contains("/articles/risk"));
        assert_eq!(entry.is_some(), number > 0, "{path}");
        if let Some(entry) = entry {
            assert_eq!(entry.title, "Risk < 5 % & <b>Māori</b> “hearts”");
            assert_eq!(
                (&entry.id, entry.author.as_str()),
                (&entry.link, "Sample Author, cardiologist")
            );
            assert!(entry.content.contains("<td>1</td>"), "{}", entry.content);
        }
    }
}

#[tokio::test]
async fn the_sitemap_is_as_its_schema_says() {
    let Some(package) = judges::package("sitemap") else {
        return;
    };
    let Some(xmllint) = find("xmllint", &["/usr/bin"]) else {
        left_out("xmllint", "install libxml2-utils");
        return;
    };
    let app = site().await;
    let sitemap = app.get("/sitemap.xml").await.expect(200).body;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &sitemap).unwrap();
    let output = Command::new(xmllint)
        .args(["--nonet", "--noout", "--schema"])
        .arg(package.join("schema/sitemap.xsd"))
        .arg(file.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{sitemap}");
}
