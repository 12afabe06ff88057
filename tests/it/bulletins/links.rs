//! How often links are followed: redirected, counted without anybody's name, and not at all where that is switched off.

use practice_points::app::count_links;
use reqwest::Method;

use crate::app::{Answer, path_of};
use crate::both_databases::{Database, on_both_databases};
use crate::desk::Desk;

use super::mailing::Mailing;

/// A clinic that counts.
struct TestApp(Mailing);

impl TestApp {
    async fn start(database: Database) -> Self {
        Self(Mailing::start_with(database, &[("count_links", "on")]).await)
    }
}

/// The address of the first link of a mail whose words are these.
fn link(html: &str, words: &str) -> String {
    let page = scraper::Html::parse_document(html);
    let links = scraper::Selector::parse("a[href]").unwrap();
    let found = page
        .select(&links)
        .find(|link| link.text().collect::<String>().trim() == words);
    let found = found.unwrap_or_else(|| panic!("no link {words} in {html}"));
    found.attr("href").unwrap().to_owned()
}

/// How often the link with these words was followed, as the report says.
fn followed(report: &Answer, words: &str) -> String {
    let rows = scraper::Selector::parse("section[aria-labelledby=links-heading] tbody tr").unwrap();
    let cells = scraper::Selector::parse("th, td").unwrap();
    let page = report.page();
    for row in page.select(&rows) {
        let cells: Vec<String> = row
            .select(&cells)
            .map(|cell| cell.text().collect())
            .collect();
        if cells[0] == words {
            return cells[1].clone();
        }
    }
    panic!("no {words}: {}", report.text("main"))
}

const TITLE: &str = "Guidance for The news";

on_both_databases! {
    async fn a_link_leads_on_and_is_counted_without_anybodys_name(mailing: TestApp) {
        let here = &mailing.0;
        let desk = Desk::open(&here.app).await;
        let path = here.send(&desk, 2).await;
        here.deliver(&desk, &path, 2).await;
        let mail = here.mail_to("gp1@practice.example");
        let short = link(&mail.html, TITLE);
        assert!(short.starts_with("http://points.clinic.example/l/"), "{short}");
        assert_eq!(short, link(&here.mail_to("gp2@practice.example").html, TITLE), "one for everybody");
        assert!(mail.text.contains(&short), "{}", mail.text);
        for (words, personal) in [("Unsubscribe", "/u/"), ("Change topics or details", "/manage")] {
            assert!(link(&mail.html, words).contains(personal), "{words}");
        }
        // A reference leads to its place itself, and says so once.
        let doi = "https://doi.org/10.1016/j.hlc.2017.05.130";
        assert_eq!(link(&mail.html, "Sample study. doi:10.1016/j.hlc.2017.05.130"), doi);

        let report = format!("{path}/report");
        let follow = path_of(&short);
        let before = desk.author.get(&report).await.expect(200);
        assert_eq!(followed(&before, TITLE), "0");
        assert!(before.text("main").contains("security scanners"));
        assert!(before.text("main").contains("Links inside references are not counted."));
        let reader = here.app.other_browser();
        let answer = reader.get(&follow).await.expect(303);
        assert_eq!(answer.location(), "http://points.clinic.example/articles/guidance-for-the-news");
        assert_eq!((answer.header("set-cookie"), answer.header("cache-control")), ("", "no-store"));
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        for (method, header) in [
            (Method::HEAD, ("Accept", "*/*")),
            (Method::GET, ("Sec-Purpose", "prefetch;prerender")),
            (Method::GET, ("Purpose", "prefetch")),
            (Method::GET, ("User-Agent", "Mozilla/5.0 (compatible; ExampleBot/1.0)")),
        ] {
            let request = reader.request(method.clone(), &follow).header(header.0, header.1);
            reader.send(request).await.expect(303);
        }
        reader.get(&follow).await.expect(303);
        assert_eq!(followed(&desk.author.get(&report).await, TITLE), "2", "before it is written");
        count_links::write(&here.app.app).await.unwrap();
        reader.get(&follow).await.expect(303);
        count_links::write(&here.app.app).await.unwrap();
        count_links::write(&here.app.app).await.unwrap();
        let after = desk.author.get(&report).await;
        assert_eq!(followed(&after, TITLE), "3");
        assert!(after.text("#links-wide-words").starts_with("3 in all"));
        assert_eq!(here.app.count("bulletin_link_day WHERE count = 3 AND day = '2026-11-23'").await, 1);
        reader.get("/l/aaaaaaaaaa").await.expect(404);
        reader.get("/l/https%3A%2F%2Fevil.example").await.expect(404);
    }

    async fn the_archive_and_the_preview_have_the_links_themselves(mailing: TestApp) {
        let here = &mailing.0;
        let desk = Desk::open(&here.app).await;
        let path = here.send(&desk, 1).await;
        here.deliver(&desk, &path, 1).await;
        let public = here.app.get("/bulletins/the-news/mail.html").await.expect(200);
        let preview = desk.author.get(&format!("{path}/preview.html")).await.expect(200);
        for page in [public, preview] {
            assert!(!page.body.contains("/l/"), "{}", page.body);
            assert_eq!(link(&page.body, TITLE), "http://points.clinic.example/articles/guidance-for-the-news");
        }
        let privacy = here.app.get("/privacy").await.text("main");
        assert!(privacy.contains("count how often each of them is followed"), "{privacy}");
    }
}

/// A clinic as it is installed.
mod not_counted {
    use super::*;
    use crate::bulletins::mailing::Mailing as TestApp;

    on_both_databases! {
        async fn links_are_not_counted_unless_the_clinic_wants_it(here: TestApp) {
            let desk = Desk::open(&here.app).await;
            let path = here.send(&desk, 1).await;
            here.deliver(&desk, &path, 1).await;
            let mail = here.mail_to("gp1@practice.example");
            assert!(!mail.html.contains("/l/") && !mail.text.contains("/l/"));
            let page = desk.author.get(&format!("{path}/report")).await.expect(200);
            assert!(page.text("main").contains("more private choice"));
            let privacy = here.app.get("/privacy").await.text("main");
            assert!(privacy.contains("We do not count how often"), "{privacy}");
            // Links that went out while they were counted lead on, and are not counted any more.
            here.execute("INSERT INTO bulletin_link (bulletin_id, code, url, label, position) \
                VALUES (1, 'abcdefghij', 'https://clinic.example/?a=1&b=2', 'Old', 0)").await;
            let answer = here.app.get("/l/abcdefghij").await.expect(303);
            assert_eq!(answer.location(), "https://clinic.example/?a=1&b=2");
            count_links::write(&here.app.app).await.unwrap();
            assert_eq!(here.app.count("bulletin_link_day").await, 0);
        }
    }
}
