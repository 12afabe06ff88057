//! What a browser has to fetch: how much for a first view, and how little when it has a page already.

use practice_points::domain::staff_member::StaffRole;
use reqwest::Method;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::both_databases::{Database, on_both_databases};
use crate::public_pages::publish;

/// So many bytes may come over the wire for a first view of any page.
const FIRST_VIEW: usize = 100 * 1024;

async fn ask_again(app: &TestApp, path: &str, tag: &str) -> Answer {
    let request = app.request(Method::GET, path);
    app.send(request.header("If-None-Match", tag)).await
}

/// What comes over the wire, still compressed.
async fn bytes_of(app: &TestApp, path: &str) -> Vec<u8> {
    let request = app.request(Method::GET, path);
    let answer = request.header("Accept-Encoding", "br").send().await;
    answer.unwrap().bytes().await.unwrap().to_vec()
}

on_both_databases! {
    async fn a_page_that_has_not_changed_is_not_sent_again(app: TestApp) {
        publish(&app, "Māori hearts", "2027-11-23").await;
        for path in ["/", "/articles", "/articles/maori-hearts", "/practice-points", "/calcium-score", "/privacy"] {
            let tag = app.get(path).await.expect(200).header("etag").to_owned();
            assert!(tag.starts_with("W/\""), "{path}: {tag}");
            for known in [tag.clone(), format!("\"another\", {tag}"), tag.replace("W/", "")] {
                let again = ask_again(&app, path, &known).await.expect(304);
                assert_eq!((again.body.as_str(), again.header("etag")), ("", tag.as_str()), "{path}");
                assert!(again.header("cache-control").contains("no-cache"), "{path}");
            }
            assert!(ask_again(&app, path, "W/\"another\"").await.expect(200).body.len() > 1000, "{path}");
        }
    }

    async fn a_page_that_has_changed_has_another_tag(app: TestApp) {
        let before = app.get("/articles").await.header("etag").to_owned();
        publish(&app, "Māori hearts", "2027-11-23").await;
        let after = ask_again(&app, "/articles", &before).await.expect(200);
        assert!(after.text("main").contains("Māori hearts"));
        assert_ne!(after.header("etag"), before);
    }

    async fn what_is_personal_or_of_staff_has_no_tag(app: TestApp) {
        app.subscribe("aroha@practice.example").await;
        app.sign_in_as(StaffRole::Owner).await;
        let manage = app.manage_path("aroha@practice.example").await;
        let leave = app.unsubscribe_path("aroha@practice.example").await;
        for path in [manage.as_str(), leave.as_str(), "/staff", "/healthz"] {
            let page = app.get(path).await.expect(200);
            assert_eq!((page.header("etag"), page.header("cache-control")), ("", "no-store"), "{path}");
        }
        assert_eq!(app.get("/nothing").await.expect(404).header("etag"), "");
    }
}

#[tokio::test]
async fn a_first_view_stays_small_with_its_fonts() {
    let app = TestApp::start(Database::Sqlite).await;
    publish(&app, "Māori hearts", "2027-11-23").await;
    for path in [
        "/",
        "/articles/maori-hearts",
        "/calcium-score",
        "/calcium-score/referral-check",
    ] {
        let page = app.get(path).await.expect(200);
        let sheet = page.attribute("link[rel='stylesheet']", "href");
        let mut files = vec![page.attribute("script[src]", "src")];
        let css = app.get(&sheet).await.expect(200).body;
        // All fonts are counted, also those that only a page with a macron needs.
        let fonts = css
            .split("url(\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('"'));
        files.extend(fonts.map(|(address, _)| address.to_owned()));
        assert_eq!(files.len(), 5, "{files:?}");
        files.push(sheet);
        let mut total = bytes_of(&app, path).await.len();
        for file in &files {
            let request = app.request(Method::GET, file);
            let answer = request
                .header("Accept-Encoding", "br")
                .send()
                .await
                .unwrap();
            assert!(
                answer.headers()["cache-control"]
                    .to_str()
                    .unwrap()
                    .contains("immutable"),
                "{file}"
            );
            total += bytes_of(&app, file).await.len();
        }
        assert!(total < FIRST_VIEW, "{path}: {total} bytes");
    }
}

#[tokio::test]
async fn the_fonts_come_as_they_are_and_the_pages_preload_the_first_ones() {
    let app = TestApp::start(Database::Sqlite).await;
    let page = app.get("/").await.expect(200);
    for preload in page
        .page()
        .select(&scraper::Selector::parse("link[rel='preload']").unwrap())
    {
        let address = preload.attr("href").unwrap();
        assert!(address.ends_with(".woff2") && preload.attr("crossorigin").is_some());
        let request = app.request(Method::GET, address);
        let answer = request
            .header("Accept-Encoding", "br, gzip")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "font/woff2");
        assert_eq!(answer.headers()["content-encoding"], "identity");
        // The signature of WOFF2 (W3C WOFF 2.0, section 4.1): it was not compressed once more.
        assert!(answer.bytes().await.unwrap().starts_with(b"wOF2"));
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
}
