//! The library of practice points: those of every published article.

use std::time::Duration;

use crate::app::{Answer, PASSWORD, TestApp, urlencoded};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, guidance, with};

/// The addresses of the points that a page shows, in order.
fn points(page: &Answer) -> Vec<String> {
    let selector = scraper::Selector::parse(".point-list a").unwrap();
    let html = page.page();
    let links = html.select(&selector);
    links
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect()
}

async fn library(app: &TestApp, fields: &[(&str, &str)]) -> Vec<String> {
    let page = app
        .get(&format!("/practice-points?{}", urlencoded(fields)))
        .await;
    points(&page.expect(200))
}

on_both_databases! {
    async fn points_are_narrowed_by_words_topic_and_year(app: TestApp) {
        let desk = Desk::open(&app).await;
        let rhythm = with(guidance("Rhythm"), "practice_points", "Feel the pulse.\nAsk about palpitations.\nThen record it.");
        desk.publish_as(&with(rhythm, "topic", "case-studies")).await;
        // From 23 November 2026 into the next year.
        app.app.clock.advance(Duration::from_secs(60 * 24 * 60 * 60));
        for (who, name) in [(&desk.author, "author"), (&desk.reviewer, "reviewer"), (&desk.publisher, "publisher")] {
            who.sign_in(&format!("{name}@clinic.example"), PASSWORD).await.expect(303);
        }
        let pressure = with(guidance("Pressure"), "practice_points", "Measure twice.\nMāngere has a clinic.\nThe pulse counts too.");
        desk.publish_as(&with(pressure, "topic", "news")).await;

        let (rhythm, pressure) = ("/practice-points/rhythm", "/practice-points/pressure");
        let all: Vec<String> = [pressure, rhythm].iter().flat_map(|path| (1..=3).map(move |n| format!("{path}/{n}"))).collect();
        assert_eq!(library(&app, &[]).await, all, "those of the newest article first");
        assert_eq!(library(&app, &[("year", "2027")]).await, all[..3]);
        assert_eq!(library(&app, &[("year", "2026")]).await, all[3..]);
        assert_eq!(library(&app, &[("year", "2025")]).await, [""; 0]);
        assert_eq!(library(&app, &[("topic", "case-studies")]).await, all[3..]);
        assert_eq!(library(&app, &[("topic", "news"), ("year", "2026")]).await, [""; 0]);
        assert_eq!(library(&app, &[("q", "PULSE")]).await, [all[2].clone(), all[3].clone()]);
        assert_eq!(library(&app, &[("q", "pulse"), ("topic", "news")]).await, all[2..3]);
        assert_eq!(library(&app, &[("q", "mangere clin")]).await, all[1..2]);
        assert_eq!(library(&app, &[("q", "rhythm")]).await, [""; 0], "the title of the article is none of its points");

        let page = app.get("/practice-points?q=mangere&year=2027&topic=news").await.expect(200);
        assert_eq!(page.text("mark"), "Māngere");
        assert_eq!(page.attribute("#year option[selected]", "value"), "2027");
        assert_eq!(page.attribute("#topic option[selected]", "value"), "news");
        assert!(page.text("#year").contains("2027 2026"));
        assert!(app.get("/practice-points?q=nowhere").await.text(".empty").contains("No point matches"));
    }

    async fn strange_filters_do_no_harm(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish("On the site").await;
        for (name, value) in [("year", "x"), ("year", "-1"), ("year", "32767"), ("year", "99999999"), ("page", "-1"), ("q", "***"), ("year", "")] {
            assert_eq!(library(&app, &[(name, value)]).await.len(), 3, "{name}={value}");
        }
        for (name, value) in [("year", "9998"), ("year", "0001"), ("topic", "' OR 1 = 1"), ("topic", "nothing"), ("q", "\"NEAR("), ("page", "4294967295")] {
            assert_eq!(library(&app, &[(name, value)]).await.len(), 0, "{name}={value}");
        }
        library(&app, &[("topic", "\u{1}")]).await;
        library(&app, &[("topic", &"ā".repeat(5_000))]).await;
    }

    async fn a_point_has_an_address_of_its_own_with_its_source(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.publish("Whom to refer").await;
        let page = app.get("/practice-points/whom-to-refer/2").await.expect(200);
        assert_eq!(page.text("blockquote"), "Second point.");
        assert_eq!(page.attribute("h1 a", "href"), "/articles/whom-to-refer#point-2");
        let cite = page.text(".citation");
        assert!(cite.contains("Sample Author, cardiologist. Whom to refer, practice point 2."), "{cite}");
        assert!(cite.contains("23 November 2026") && cite.ends_with("/practice-points/whom-to-refer/2"), "{cite}");
        assert!(page.text(".governance .facts").contains("Sample Reviewer"));
        assert_eq!(app.get("/articles/whom-to-refer").await.text("#point-2"), "Second point.");
        for missing in ["whom-to-refer/0", "whom-to-refer/4", "whom-to-refer/x", "nowhere/1", "whom-to-refer/99999999999999999999"] {
            app.get(&format!("/practice-points/{missing}")).await.expect(404);
        }
        desk.publisher.post_form(&format!("{path}/unpublish"), &[]).await.expect(303);
        app.get("/practice-points/whom-to-refer/2").await.expect(404);
    }
}
