//! Readers search everything that is published.

use diesel::connection::SimpleConnection as _;
use practice_points::app::App;
use practice_points::clock::Clock;
use practice_points::store::{Db, StoreError};

use crate::app::{Answer, NOW, TestApp, urlencoded};
use crate::both_databases::on_both_databases;
use crate::desk::{Desk, Fields, guidance, post, with};

fn article(title: &str, body: &str) -> Fields {
    let fields = with(guidance(title), "body", body);
    with(
        fields,
        "practice_points",
        "Ask first.\nExamine.\nThen refer.",
    )
}

async fn search(app: &TestApp, typed: &str) -> Answer {
    search_with(app, &[("q", typed)]).await
}

async fn search_with(app: &TestApp, fields: &[(&str, &str)]) -> Answer {
    let page = app.get(&format!("/search?{}", urlencoded(fields))).await;
    page.expect(200)
}

/// The addresses of what a page of results shows, in order.
fn found(page: &Answer) -> Vec<String> {
    let selector = scraper::Selector::parse(".search-results h3 a").unwrap();
    let html = page.page();
    let links = html.select(&selector);
    links
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect()
}

/// The words that a page marks, in order.
fn marked(page: &Answer) -> Vec<String> {
    let selector = scraper::Selector::parse("mark").unwrap();
    let html = page.page();
    html.select(&selector)
        .map(|mark| mark.text().collect())
        .collect()
}

on_both_databases! {
    async fn macrons_case_and_endings_make_no_difference(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish_as(&article("Whom to refer", "For a calcium score in Māngere: O’Brien’s arteries.")).await;
        for typed in [
            "calcium score", "calcium scor", "CALCIUM SCORES", "Mangere", "māngere", "Ma\u{304}ng", "obrien",
            "O'Brien", "artery", "arteries", "the calcium score of arteries",
        ] {
            assert_eq!(found(&search(&app, typed).await), ["/articles/whom-to-refer"], "{typed}");
        }
        for typed in ["calcium xylophone", "alcium", "scoring"] {
            assert_eq!(found(&search(&app, typed).await), [""; 0], "{typed}");
        }
    }

    async fn the_words_are_marked_and_nothing_else_is_markup(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish_as(&article("Scores <b>&amp; risk", "Words with <script>alert('score')</script> and **scores** in Māngere.")).await;
        let page = search(&app, "score mangere").await;
        assert_eq!(marked(&page), ["Scores", "score", "score", "scores", "Māngere"]);
        assert!(page.body.contains("<mark>Scores</mark> &#60;b&#62;"), "{}", page.body);
        assert!(!page.body.contains("<script>alert"));
        let page = search(&app, "\"><script>alert(1)</script>").await;
        assert!(!page.body.contains("<script>alert"));
        assert_eq!(page.attribute("#search-q", "value"), "\"><script>alert(1)</script>");
    }

    async fn a_title_counts_more_than_a_text_and_each_practice_point_is_found_by_itself(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish_as(&article("A case", "A palpitation, a palpitation, and one more. More words about something else.")).await;
        desk.publish_as(&article("Palpitation in practice", "What to think of first, and what to do next.")).await;
        let fields = with(guidance("Rhythm"), "practice_points", "Feel the pulse.\nAsk about palpitations.\nThen record it.");
        desk.publish_as(&fields).await;
        let page = search(&app, "palpitation").await;
        let all = found(&page);
        assert_eq!(all[0], "/articles/palpitation-in-practice", "{all:?}");
        assert_eq!(all.len(), 4, "{all:?}");
        let points = search_with(&app, &[("q", "palpitation"), ("kind", "practice-point")]).await;
        assert_eq!(found(&points), ["/practice-points/rhythm/2"]);
        assert!(points.text(".search-results").contains("From Rhythm"));
        assert!(points.text(".filter-links").contains("Articles (3) Practice points (1) Bulletins (0)"));
    }

    async fn an_article_is_found_while_it_is_on_the_site_and_as_it_is_there(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Kererū").await;
        assert_eq!(found(&search(&app, "kereru").await), [""; 0], "a draft");
        desk.approve(&path).await;
        assert_eq!(found(&search(&app, "kereru").await), [""; 0], "approved");
        desk.publisher.post_form(&format!("{path}/publish"), &[]).await.expect(303);
        assert_eq!(found(&search(&app, "kereru").await), ["/articles/kereru"]);

        let again = with(with(guidance("Tūī"), "practice_points", "One tui.\nTwo.\nThree."), "version", "1");
        post(&desk.author, &path, &again).await.expect(303);
        assert_eq!(found(&search(&app, "kereru").await), ["/articles/kereru"], "the site shows the old text");
        assert_eq!(found(&search(&app, "tui").await), [""; 0]);
        desk.approve(&path).await;
        desk.publisher.post_form(&format!("{path}/publish"), &[]).await.expect(303);
        assert_eq!(found(&search(&app, "kereru").await), [""; 0]);
        let mut both = found(&search(&app, "tui").await);
        both.sort();
        assert_eq!(both, ["/articles/kereru", "/practice-points/kereru/1"]);

        desk.publisher.post_form(&format!("{path}/unpublish"), &[]).await.expect(303);
        assert_eq!(found(&search(&app, "tui").await), [""; 0]);
        assert_eq!(app.count("search_entry").await, 0);
    }

    async fn a_bulletin_is_found_when_its_sending_has_begun_and_not_by_what_stands_in_all(app: TestApp) {
        app.subscribe("aroha@practice.example").await;
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("Weka in spring", &["news"]).await;
        let only_bulletins = async |typed: &str| {
            found(&search_with(&app, &[("q", typed), ("kind", "bulletin")]).await)
        };
        assert_eq!(only_bulletins("weka").await, [""; 0]);
        desk.publisher.post_form(&format!("{path}/send"), &[("confirm", "yes")]).await.expect(303);
        for typed in ["weka", "what is new", "our news", "moderate risk"] {
            assert_eq!(only_bulletins(typed).await, ["/bulletins/weka-in-spring"], "{typed}");
        }
        for typed in ["unsubscribe", "registered professionals", "greeting_name"] {
            assert_eq!(only_bulletins(typed).await, [""; 0], "{typed}");
        }
    }

    /// Each of these means something to SQLite's or PostgreSQL's search, or nothing to anybody.
    async fn whatever_is_typed_is_only_words(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.publish_as(&article("Near and far", "Not a risk or a risk.")).await;
        for typed in [
            "\"", "'", "''", "\"\"", "*", "-", ":", "^", "(", ")", "()", "&", "|", "!", "<->", "\\", "%", "_", "?", "$1",
            "\"near", "near\"", "'near", "near'", "near*", "*near", "-far", "near -xylophone*:", "near:*", "near:A",
            "title_words:near", "{title_words} : near", "NEAR(near far, 2)", "near NEAR/2 far", "near AND", "AND near",
            "OR", "NOT", "near OR xylophone", "near NOT far", "near & ! far", "near <-> far", "near\\", "^near",
            "near + far", "🫀", "near 🫀", "🫀🫀🫀", "\u{feff}", "\u{301}", "né\u{301}ar", "½", "ﷺ",
            "near'); DROP TABLE search_entry; --", "\u{e000}greeting_name\u{e001}",
        ] {
            search(&app, typed).await;
        }
        for typed in ["near*", "\"near", "near'", "near:*", "near 🫀", "^near", "near AND", "-near", "risk NOT a"] {
            assert_eq!(found(&search(&app, typed).await), ["/articles/near-and-far"], "{typed}");
        }
        for path in ["/search", "/search?q=", "/search?page=9", "/search?kind=nonsense&q=near", "/search?q=near&page=4294967296"] {
            app.get(path).await.expect(200);
        }
        assert!(app.get("/search?q=%F0%28").await.status.as_u16() < 500);
    }

    async fn a_search_is_bounded_and_its_results_come_in_pages(app: TestApp) {
        let desk = Desk::open(&app).await;
        for number in 0..12 {
            desk.publish_as(&article(&format!("Kōkako {number}"), "Text.")).await;
        }
        let first = search(&app, "kokako").await;
        assert_eq!(found(&first).len(), 10);
        assert!(first.text(".pager").contains("1 to 10 of 12"));
        let next = first.attribute(".pager a[rel=next]", "href");
        assert_eq!(next, "/search?q=kokako&page=1");
        assert_eq!(found(&app.get(&next).await.expect(200)).len(), 2);
        assert_eq!(found(&search_with(&app, &[("q", "kokako"), ("page", "99999")]).await), [""; 0]);
        let long = format!("kokako {}", "word ".repeat(1_000));
        let page = search(&app, &long).await;
        assert_eq!(page.attribute("#search-q", "value").chars().count(), 200);
        assert_eq!(found(&search(&app, &format!("kokako {}", " ".repeat(4_000))).await).len(), 10);
    }

    async fn the_pages_of_the_site_itself_are_found_too(app: TestApp) {
        let desk = Desk::open(&app).await;
        let page = search(&app, "doughnut").await;
        assert_eq!(page.attribute(".site-results h3 a", "href"), "/calcium-score");
        assert!(page.text(".site-results").contains("The scanner has the shape of a large"));
        assert_eq!(page.text("#pages-heading"), "On this site");
        assert_eq!(page.text(".empty"), "");
        desk.publish_as(&article("Doughnuts", "In the lunch break.")).await;
        let page = search(&app, "doughnut").await;
        assert_eq!(found(&page), ["/articles/doughnuts"]);
        assert_eq!(page.text("#pages-heading"), "Also on this site");
        // What every page has in its frame is no word of it.
        assert_eq!(search(&app, "navigation menu").await.text(".site-results"), "");
        let of_kind = search_with(&app, &[("q", "doughnut"), ("kind", "article")]).await;
        assert_eq!(of_kind.text(".site-results"), "");
    }

    async fn the_page_says_what_to_do_when_there_is_nothing(app: TestApp) {
        let empty = app.get("/search").await.expect(200);
        assert_eq!(empty.text("h1"), "Search");
        assert!(!empty.text("main").contains("Nothing holds"));
        let none = search(&app, "nowhere").await;
        assert!(none.text(".empty").contains("Nothing holds all of these words."));
        assert!(search(&app, "***").await.text(".empty").contains("a word or a number"));
        let home = app.get("/").await;
        assert_eq!(home.attribute(".site-header form", "action"), "/search");
        assert_eq!(app.get("/articles?q=māo%26ri").await.attribute("main p.small a", "href"), "/search?q=m%C4%81o%26ri");
    }

    async fn what_was_published_before_there_was_an_index_is_found_after_the_next_start(app: TestApp) {
        app.subscribe("aroha@practice.example").await;
        let desk = Desk::open(&app).await;
        let path = desk.approved_bulletin("Takahē", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &[("confirm", "yes")]).await.expect(303);
        let before = found(&search(&app, "takahe").await);
        assert_eq!(before.len(), 2, "{before:?}");
        let forgotten = app.app.store.write(|db| {
            const FORGET: &str = "DELETE FROM search_entry; DELETE FROM instance_value WHERE name = 'search_index_version'";
            match db {
                Db::Sqlite(c) => c.batch_execute(FORGET)?,
                Db::Pg(c) => c.batch_execute(FORGET)?,
            }
            Ok::<_, StoreError>(())
        });
        forgotten.await.unwrap();
        assert_eq!(found(&search(&app, "takahe").await), [""; 0]);
        for _ in 0..2 {
            App::open((*app.app.settings).clone(), Clock::fixed(NOW)).await.unwrap();
            assert_eq!(found(&search(&app, "takahe").await), before);
        }
    }
}
