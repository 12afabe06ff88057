//! What programs read by themselves, and what a page says of itself where it is shared.

mod judged;

use std::time::Duration;

use crate::app::{Answer, TestApp};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, guidance, with};

const SURE: [(&str, &str); 1] = [("confirm", "yes")];

/// The texts of all elements of a name, in order; as they stand, escaped.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = xml.split(&open).skip(1);
    pieces
        .filter_map(|piece| piece.split_once(&close))
        .map(|(text, _)| text.to_owned())
        .collect()
}

fn property(page: &Answer, name: &str) -> String {
    page.attribute(&format!("meta[property='{name}']"), "content")
}

on_both_databases! {
    async fn a_feed_has_the_newest_articles_and_bulletins(app: TestApp) {
        let empty = app.get("/feed.atom").await.expect(200);
        assert_eq!(empty.header("content-type"), "application/atom+xml; charset=utf-8");
        assert_eq!(texts(&empty.body, "updated"), ["1970-01-01T00:00:00Z"]);

        app.subscribe("aroha@practice.example").await;
        let desk = Desk::open(&app).await;
        let strange = with(guidance("Risk < 5 % & <b>Māori</b>"), "body", "See [the page](/calcium-score) & <b>think</b>.\u{ffff}");
        desk.publish_as(&strange).await;
        app.app.clock.advance(Duration::from_secs(60));
        let bulletin = desk.approved_bulletin("Spring", &["news"]).await;
        desk.publisher.post_form(&format!("{bulletin}/send"), &SURE).await.expect(303);
        let feed = app.get("/feed.atom").await.expect(200).body;
        let base = &app.app.settings.base_url;
        let ids: Vec<String> = ["/feed.atom", "/articles/guidance-for-spring", "/bulletins/spring", "/articles/risk-5-b-maori-b"].map(|path| base.join(path)).into();
        assert_eq!(texts(&feed, "id"), ids);
        assert_eq!(texts(&feed, "title")[3], "Risk &#60; 5 % &#38; &#60;b&#62;Māori&#60;/b&#62;");
        assert_eq!(texts(&feed, "updated")[0], "2026-11-22T21:01:00Z");
        assert_eq!(texts(&feed, "published")[2], "2026-11-22T21:00:00Z");
        assert!(feed.contains(&base.join("/calcium-score")) && !feed.contains('\u{ffff}'));
        assert!(feed.contains("<author><name>Sample Author, cardiologist</name></author>"));
    }

    async fn each_topic_has_a_feed(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish_as(&with(guidance("A case"), "topic", "case-studies")).await;
        desk.publish_as(&with(guidance("A score"), "topic", "calcium-score")).await;
        let feed = app.get("/topics/case-studies/feed.atom").await.expect(200).body;
        assert_eq!(texts(&feed, "title").last().unwrap(), "A case");
        assert!(!feed.contains("A score"));
        let page = app.get("/articles/a-case").await.expect(200);
        assert!(page.body.contains("href=\"/topics/case-studies/feed.atom\""));
        assert_eq!(page.attribute("link[type='application/atom+xml']", "href"), "/feed.atom");
        app.get("/topics/nowhere/feed.atom").await.expect(404);
    }

    async fn the_sitemap_has_what_is_published(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.publish("On the site").await;
        desk.write("A draft").await;
        let base = &app.app.settings.base_url;
        let sitemap = app.get("/sitemap.xml").await.expect(200);
        assert_eq!(sitemap.header("content-type"), "application/xml; charset=utf-8");
        let places = texts(&sitemap.body, "loc");
        for path in ["/", "/calcium-score", "/articles/on-the-site", "/practice-points/on-the-site/3"] {
            assert!(places.contains(&base.join(path)), "{path}: {places:?}");
        }
        for place in &places {
            app.get(&place[base.join("").len()..]).await.expect(200);
        }
        assert!(!sitemap.body.contains("draft"));
        desk.publisher.post_form(&format!("{path}/unpublish"), &[]).await.expect(303);
        assert!(!app.get("/sitemap.xml").await.body.contains("on-the-site"));
        let robots = app.get("/robots.txt").await.body;
        assert!(robots.ends_with(&format!("Sitemap: {}\n", base.join("/sitemap.xml"))), "{robots}");
    }

    async fn a_page_says_what_it_is_where_it_is_shared(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish("\"Whom\" & how").await;
        let page = app.get("/articles/whom-how?from=mail").await.expect(200);
        let url = app.app.settings.base_url.join("/articles/whom-how");
        assert_eq!(property(&page, "og:title"), "\"Whom\" & how");
        assert_eq!(property(&page, "og:type"), "article");
        assert_eq!(property(&page, "og:url"), url);
        assert_eq!(property(&page, "og:site_name"), "GP Practice Points");
        assert_eq!(property(&page, "og:description"), "When a calcium score helps, and when it does not.");
        assert_eq!(page.attribute("link[rel=canonical]", "href"), url);
        assert_eq!(property(&app.get("/").await, "og:type"), "website");
        assert_eq!(property(&app.get("/practice-points/whom-how/1").await, "og:description"), "First point.");
    }

    async fn an_article_says_how_long_it_takes_and_what_comes_before_and_after(app: TestApp) {
        let desk = Desk::open(&app).await;
        for title in ["One", "Two"] {
            desk.publish(title).await;
        }
        desk.publish_as(&with(guidance("Three"), "body", "word ".repeat(450))).await;
        let neighbours = async |path: &str| {
            let page = app.get(path).await.expect(200);
            let link = |rel: &str| page.attribute(&format!(".neighbours a[rel={rel}]"), "href");
            (link("prev"), link("next"), page.text(".eyebrow"))
        };
        let (before, after, eyebrow) = neighbours("/articles/two").await;
        assert_eq!((before.as_str(), after.as_str()), ("/articles/one", "/articles/three"));
        assert!(eyebrow.ends_with("1 minute to read"), "{eyebrow}");
        let (before, after, eyebrow) = neighbours("/articles/three").await;
        assert_eq!((before.as_str(), after.as_str()), ("/articles/two", ""));
        assert!(eyebrow.ends_with("3 minutes to read"), "{eyebrow}");
        assert_eq!(neighbours("/articles/one").await.0, "");
    }
}
