//! What anybody reads.

use practice_points::app::{review_article, write_article};
use practice_points::domain::article::ArticleId;
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::articles::ArticleText;
use practice_points::store::topics;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

/// Publishes a guidance article, written by one person and approved by another.
pub async fn publish(app: &TestApp, title: &str, review_by: &str) -> ArticleId {
    let number = app.count("staff_member").await;
    let author = app
        .add_staff(&format!("author{number}@clinic.example"), StaffRole::Author)
        .await;
    let reviewer = app
        .add_staff(
            &format!("reviewer{number}@clinic.example"),
            StaffRole::Publisher,
        )
        .await;
    let all = app.app.store.read(topics::all).await.unwrap();
    let text = ArticleText {
        kind: "guidance".into(),
        topic_id: all
            .iter()
            .find(|topic| topic.slug == "calcium-score")
            .unwrap()
            .id,
        title: title.into(),
        summary: "What to think of first.".into(),
        body: "Words with <script>alert(1)</script> and **weight** in Māngere.".into(),
        practice_points: "Ask first.\nExamine.\nThen refer.".into(),
        authors: "Sample Author, cardiologist".into(),
        conflicts: "None".into(),
        reference_list: "Sample. 2017. doi:10.5694/mja16.01134".into(),
        reviewer_id: None,
        review_by: Some(review_by.into()),
    };
    let id = write_article::create(&app.app, author, text).await.unwrap();
    review_article::submit(&app.app, author, id).await.unwrap();
    review_article::approve(&app.app, reviewer, id, 1)
        .await
        .unwrap();
    review_article::publish(&app.app, reviewer, id)
        .await
        .unwrap();
    id
}

on_both_databases! {
    async fn every_page_is_there_and_is_a_whole_page(app: TestApp) {
        let pages = [
            "/", "/subscribe", "/subscribe/sent", "/manage", "/articles", "/practice-points", "/bulletins",
            "/symposium", "/calcium-score", "/calcium-score/referrers", "/calcium-score/referral-check",
            "/contact", "/privacy", "/staff/first-owner",
        ];
        for path in pages {
            let page = app.get(path).await.expect(200);
            assert_eq!(page.attribute("html", "lang"), "en-NZ", "{path}");
            assert!(!page.text("h1").is_empty(), "{path}");
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
            assert!(!page.body.contains("style=\"") && !page.body.contains("onclick"), "{path}");
        }
    }

    async fn the_stylesheet_is_found_and_kept_for_good(app: TestApp) {
        let page = app.get("/").await;
        let address = page.attribute("link[rel='stylesheet']", "href");
        let sheet = app.get(&address).await.expect(200);
        assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
        assert!(sheet.header("cache-control").contains("immutable"));
        let again = app.request(reqwest::Method::GET, &address).header("If-None-Match", sheet.header("etag"));
        assert_eq!(app.send(again).await.expect(304).body, "");
        let stale = format!("/assets/0000/{}", address.rsplit('/').next().unwrap());
        assert_eq!(app.get(&stale).await.expect(200).header("cache-control"), "no-cache");
        app.get("/assets/0000/nothing.css").await.expect(404);
        app.get("/assets/0000/..%2FCargo.toml").await.expect(404);
    }

    async fn pages_are_compressed_for_those_who_can_read_it(app: TestApp) {
        let request = app.request(reqwest::Method::GET, "/").header("Accept-Encoding", "br");
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "br");
        assert_eq!(app.get("/").await.header("content-encoding"), "");
    }

    async fn an_article_shows_who_answers_for_it(app: TestApp) {
        publish(&app, "Māori hearts", "2027-11-23").await;
        let page = app.get("/articles/maori-hearts").await.expect(200);
        let about = page.text(".governance");
        for words in ["Sample Author, cardiologist", "Sample Publisher, 23 November 2026", "None"] {
            assert!(about.contains(words), "{words}: {about}");
        }
        assert_eq!(page.attribute(".references a", "href"), "https://doi.org/10.5694/mja16.01134");
        assert!(page.text(".points-box").contains("Then refer."));
        assert!(page.body.contains("<strong>weight</strong>") && !page.body.contains("<script>alert"));
        assert!(!page.text("main").contains("Some of it may be out of date"));
        assert!(app.get("/").await.text("main").contains("Māori hearts"));
        assert!(app.get("/practice-points").await.text("main").contains("Examine."));
        assert!(app.get("/calcium-score/referrers").await.text("main").contains("Māori hearts"));
    }

    async fn an_article_has_a_short_address_that_can_be_handed_on(app: TestApp) {
        let ArticleId(id) = publish(&app, "Māori hearts & “minds”", "2027-11-23").await;
        let page = app.get("/articles/maori-hearts-minds").await.expect(200);
        let short = app.app.settings.base_url.join(&format!("/a/{id}"));
        assert_eq!(page.attribute(".share-address a", "href"), short);
        assert_eq!(page.attribute("[data-share]", "data-share"), short);
        let mail = page.attribute(".share a.button", "href");
        assert!(mail.starts_with("mailto:?subject=M%C4%81ori%20hearts%20%26%20%E2%80%9Cminds%E2%80%9D&body="), "{mail}");
        assert!(mail.ends_with(&format!("/a/{id}")) && !mail.contains(' '), "{mail}");
        let answer = app.get(&format!("/a/{id}")).await.expect(308);
        assert_eq!(answer.location(), "/articles/maori-hearts-minds");
        for missing in ["999", "0", "-1", "x", "99999999999999999999"] {
            app.get(&format!("/a/{missing}")).await.expect(404);
        }
    }

    async fn past_its_review_date_an_article_says_so(app: TestApp) {
        publish(&app, "Old guidance", "2026-11-30").await;
        app.app.clock.advance(std::time::Duration::from_secs(10 * 24 * 60 * 60));
        assert!(app.get("/articles/old-guidance").await.text(".notice.warn").contains("30 November 2026"));
        assert!(app.get("/practice-points").await.text("main").contains("due for review"));
    }

    async fn articles_are_found_without_regard_to_macrons_and_case(app: TestApp) {
        publish(&app, "Māori hearts", "2027-11-23").await;
        publish(&app, "Another matter", "2027-11-23").await;
        for (query, found) in [("q=maori", 1), ("q=MANGERE+hearts", 1), ("q=xylophone", 0), ("kind=guidance", 2), ("kind=news", 0), ("page=7", 0)] {
            let page = app.get(&format!("/articles?{query}")).await.expect(200);
            let selector = scraper::Selector::parse(".article-list > li").unwrap();
            assert_eq!(page.page().select(&selector).count(), found, "{query}");
        }
        app.get("/articles/nothing-of-this-name").await.expect(404);
    }

    async fn the_calcium_score_page_has_every_fact(app: TestApp) {
        let patients = app.get("/calcium-score").await.expect(200).text("main");
        let facts = [
            "coronary arteries", "calcium", "plaque", "early stage", "how severe", "moderate risk", "uncertain",
            "age", "sex", "blood pressure", "cholesterol", "tobacco", "radiation", "Men under 40 and women under 50",
            "low risk", "family history", "high risk", "symptoms", "diagnosed", "Ascot Radiology", "Level One",
            "doughnut", "lie flat", "moves slowly", "hold your breath", "5 minutes", "cardiologist", "follow-up",
            "letter", "very high",
        ];
        for fact in facts {
            assert!(patients.to_lowercase().contains(&fact.to_lowercase()), "{fact}");
        }
        assert!(patients.contains("generally not recommended"));
    }

    async fn machines_are_told_what_they_may_read_and_whether_all_is_well(app: TestApp) {
        let robots = app.get("/robots.txt").await.expect(200).body;
        for path in ["/staff", "/u/", "/confirm/", "/manage/"] {
            assert!(robots.contains(&format!("Disallow: {path}\n")), "{robots}");
        }
        let health = app.get("/healthz").await.expect(200);
        assert_eq!(health.body, r#"{"database":"ok"}"#);
        assert_eq!(health.header("cache-control"), "no-store");
    }

    async fn the_main_pages_say_what_they_said(app: TestApp) {
        // Each run has an address of its own.
        let said = |answer: crate::app::Answer| {
            answer.lines("main").replace(&app.address.to_string(), "points.clinic.example")
        };
        for (name, path) in [
            ("home", "/"),
            ("calcium_score", "/calcium-score"),
            ("calcium_score_referrers", "/calcium-score/referrers"),
            ("privacy", "/privacy"),
        ] {
            insta::assert_snapshot!(name, said(app.get(path).await));
        }
        app.subscribe("aroha@practice.example").await;
        let leave = app.get(&app.unsubscribe_path("aroha@practice.example").await).await;
        insta::assert_snapshot!("unsubscribe", said(leave));
        let manage = app.get(&app.manage_path("aroha@practice.example").await).await;
        insta::assert_snapshot!("manage", said(manage));
    }
}
