//! The audit says in words what staff did.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use diesel::RunQueryDsl as _;
use practice_points::domain::bulletin::BulletinAction;
use practice_points::domain::staff_member::{StaffId, StaffRole};
use practice_points::store::{Db, StoreError, audit_events};

use crate::app::{NOW, PASSWORD, TestApp};
use crate::both_databases::{Database, on_both_databases};
use crate::desk::Desk;

/// What has one of these ends is a setting, a host or a file, and no action.
const NO_ACTIONS: [&str; 11] = [
    ".example", ".email", ".address", ".domain", ".lmtp", ".ics", ".sqlite", ".csv", ".pem",
    ".toml", ".md",
];

/// Every action that a use case can note.
fn actions() -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BulletinAction::ALL
        .iter()
        .map(|action| format!("bulletin.{}", action.as_str()))
        .collect();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let written = source.split('"').filter(|text| is_like_an_action(text));
            found.extend(written.map(str::to_owned));
        }
    }
    found
}

/// Two words of small letters with a dot between them, and the second perhaps with hyphens.
fn is_like_an_action(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    !NO_ACTIONS.iter().any(|end| text.ends_with(end))
        && text
            .split_once('.')
            .is_some_and(|(entity, verb)| is_word(entity) && is_word(verb))
}

on_both_databases! {
    async fn every_action_that_is_noted_anywhere_has_words(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let actions = actions();
        assert!(actions.contains("symposium.export") && actions.len() > 45, "{actions:?}");
        for action in actions {
            let now = app.app.now();
            let noted = action.clone();
            let append = app.app.store.write(move |db| audit_events::append(db, None, &noted, ("audit", None), None, now));
            append.await.unwrap();
            let newest = app.get("/staff/audit").await.expect(200).text("tbody tr:first-child");
            assert!(newest.contains("The program") && !newest.contains(&action), "{action} has no words: {newest}");
        }
    }

    async fn events_are_found_by_person_action_day_words_and_thing(app: TestApp) {
        let id = app.sign_in_as(StaffRole::Owner).await;
        let author = app.add_staff("author@clinic.example", StaffRole::Author).await;
        note(&app, Some(author), "article.save", ("article", Some(17)), None).await;
        app.app.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
        note(&app, Some(author), "article.submit", ("article", Some(17)), None).await;
        note(&app, None, "subscriber.suspend", ("subscriber", Some(5)), Some("asked by Māngere Practice")).await;
        app.app.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
        note(&app, Some(id), "subscriber.suspend", ("subscriber", Some(6)), Some("a full mailbox")).await;
        app.sign_in("owner@clinic.example", PASSWORD).await.expect(303);

        let (submitted, saved) = ("Asked for the review of an article", "Saved an article");
        let (asked, full) = ("Suspended a subscriber: asked by Māngere Practice", "Suspended a subscriber: a full mailbox");
        let by_author = format!("who={}", author.0);
        for (query, expected) in [
            (by_author.as_str(), vec![submitted, saved]),
            (&format!("{by_author}&what=article.save"), vec![saved]),
            ("who=program&what=subscriber", vec![asked]),
            ("what=article", vec![submitted, saved]),
            ("what=subscriber.suspend", vec![full, asked]),
            ("about=article%3A17", vec![submitted, saved]),
            ("about=subscriber%3A6", vec![full]),
            // Without capitals and macrons, the beginning of a word, and words of what was done.
            ("q=mangere", vec![asked]),
            ("q=MAILB", vec![full]),
            ("q=suspended", vec![full, asked]),
            ("q=suspended&who=program", vec![asked]),
            ("q=review", vec![submitted]),
            ("q=walrus", vec![]),
            // In Auckland's days: the first of it is the 23rd.
            ("what=article&until=2026-11-23", vec![saved]),
            ("what=subscriber&from=2026-11-26&until=2026-11-26", vec![asked]),
            ("what=subscriber&from=2026-11-27", vec![full]),
            ("what=article&from=nonsense", vec![submitted, saved]),
            ("what=nothing-of-this-name&who=nobody&about=x", vec![]),
        ] {
            let page = app.get(&format!("/staff/audit?{query}")).await.expect(200);
            let cells = scraper::Selector::parse("tbody td:nth-child(1)").unwrap();
            let found: Vec<String> = page.page().select(&cells).map(|cell| cell.text().collect()).collect();
            if query.starts_with("what=nothing") {
                // What is not understood leaves nothing out.
                assert!(found.len() > 4, "{query}: {found:?}");
            } else {
                assert_eq!(found, expected, "{query}");
            }
        }
        let page = app.get("/staff/audit?what=article&from=nonsense").await.expect(200);
        assert!(page.text(".telling").contains("could not be read"));
        let history = app.get("/staff/audit?q=review").await.expect(200).attribute("tbody td:nth-child(4) a", "href");
        assert_eq!(history, "/staff/audit?about=article%3A17");
    }

    async fn an_event_names_its_thing_and_is_found_by_the_title_of_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        let path = desk.write("Breathless on the hill").await;
        desk.author.post_form(&format!("{path}/submit"), &[]).await.expect(303);
        app.sign_in_as(StaffRole::Owner).await;
        let found = app.get("/staff/audit?q=breathless+HILL").await.expect(200);
        let told = found.text("tbody");
        assert!(told.contains("Asked for the review of an article: “Breathless on the hill”; version 1"), "{told}");
        assert!(told.contains("Began an article: “Breathless on the hill”") && !told.contains("Signed in"), "{told}");
        assert_eq!(found.attribute("tbody td:nth-child(1) a", "href"), path);
        let narrowed = app.get("/staff/audit?q=breathless&what=article.create").await.expect(200).text("tbody");
        assert!(narrowed.contains("Began") && !narrowed.contains("Asked"), "{narrowed}");
        let file = app.get("/staff/audit.csv?what=article.submit").await.expect(200);
        let mut reader = csv::Reader::from_reader(file.body.as_bytes());
        assert_eq!(reader.headers().unwrap().get(6), Some("thing_title"));
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!((&row[5], &row[6]), ("Asked for the review of an article: version 1", "Breathless on the hill"));

        // Of what is gone, its end has the name, once, and no link.
        desk.author.post_form(&format!("{path}/withdraw"), &[]).await.expect(303);
        desk.author.post_form(&format!("{path}/delete"), &[("confirm", "yes")]).await.expect(303);
        let end = app.get("/staff/audit?what=article.delete").await.expect(200);
        assert_eq!(end.text("tbody td:nth-child(1)"), "Deleted the draft of an article: Breathless on the hill");
        assert_eq!(end.attribute("tbody td:nth-child(1) a", "href"), "");

        let labels = scraper::Selector::parse("#what optgroup").unwrap();
        for group in end.page().select(&labels) {
            let label = group.value().attr("label").unwrap();
            assert!(label.starts_with(char::is_uppercase), "{label} has no words");
        }
    }

    async fn pages_go_on_by_key_and_keep_the_filters(app: TestApp) {
        let id = app.sign_in_as(StaffRole::Owner).await;
        for n in 0..250 {
            note(&app, Some(id), "article.save", ("article", Some(n)), Some(&format!("kiwi {n}"))).await;
        }
        for query in ["what=article.save", "q=kiwi", "q=saved", "what=article"] {
            let mut path = format!("/staff/audit?{query}");
            let mut seen = 0;
            for pages in 0.. {
                let page = app.get(&path).await.expect(200);
                seen += page.body.matches("Saved an article").count() - 1;
                if !page.body.contains("rel=\"next\"") {
                    assert_eq!(pages, 2, "{query}");
                    break;
                }
                path = page.attribute("a[rel=next]", "href");
                // An event that comes meanwhile moves nothing.
                note(&app, Some(id), "article.save", ("article", Some(n_of(pages))), Some("kiwi")).await;
            }
            assert_eq!(seen % 2, 0, "{query}: {seen}");
            assert!(seen >= 250, "{query}: {seen}");
        }
    }

    async fn what_is_filtered_is_taken_along_as_a_file_that_runs_nothing(app: TestApp) {
        let id = app.sign_in_as(StaffRole::Owner).await;
        for n in 0..1_234 {
            note(&app, Some(id), "article.save", ("article", Some(n)), Some("kiwi")).await;
        }
        note(&app, None, "=cmd|' /C calc'!A0", ("article", Some(1)), Some("moa, with \"marks\"")).await;
        let file = app.get("/staff/audit.csv?q=moa").await.expect(200);
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit.csv\"");
        let mut reader = csv::Reader::from_reader(file.body.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().next(), Some("at"));
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        // The first says that the file was taken, with this word.
        assert_eq!((rows.len(), &rows[0][2]), (2, "audit.export"));
        assert_eq!(&rows[1][2], "'=cmd|' /C calc'!A0");
        assert!(rows[1][5].starts_with("'=") && rows[1][5].ends_with("moa, with \"marks\""), "{:?}", rows[1]);

        let file = app.get("/staff/audit.csv?what=article.save").await.expect(200);
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(file.body.as_bytes()).records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1_234);
        assert_eq!((&rows[0][4], &rows[1_233][4]), ("1233", "0"));
        let audit = app.get("/staff/audit").await.expect(200).text("tbody tr:first-child");
        assert!(audit.contains("Exported the audit: what article.save"), "{audit}");

        let publisher = app.other_browser();
        publisher.sign_in_as(StaffRole::Publisher).await;
        publisher.get("/staff/audit.csv").await.expect(403);
    }
}

fn n_of(pages: usize) -> i64 {
    i64::try_from(pages).unwrap()
}

async fn note(
    app: &TestApp,
    by: Option<StaffId>,
    action: &str,
    about: (&'static str, Option<i64>),
    detail: Option<&str>,
) {
    let (action, detail) = (action.to_owned(), detail.map(str::to_owned));
    let now = app.app.now();
    let append =
        move |db: &mut Db| audit_events::append(db, by, &action, about, detail.as_deref(), now);
    app.app.store.write(append).await.unwrap();
}

/// Every kind of look-up among a million events, and how long it takes. Run it by hand:
/// `cargo test --test it -- --ignored --nocapture audit::a_million`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes a million events"]
#[allow(clippy::print_stdout)] // Its figures are what it is for.
async fn a_million_events_are_looked_through_quickly() {
    let servers = crate::postgres::server().map(Database::Postgres);
    for database in [Some(Database::Sqlite), servers].into_iter().flatten() {
        let name = match database {
            Database::Sqlite => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        };
        let app = TestApp::start(database).await;
        app.sign_in_as(StaffRole::Owner).await;
        app.add_staff("author@clinic.example", StaffRole::Author)
            .await;
        let started = NOW.as_millis() - 1_000_000 * 60_000;
        // A common action and a rare one, a common word and a rare one, one busy person.
        let columns =
            "INSERT INTO audit_event (at, staff_id, action, entity, entity_id, detail) SELECT";
        let values = format!(
            "{started} + n * 60000, CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END, \
             CASE WHEN n % 100000 = 0 THEN 'symposium.cancel' WHEN n % 3 = 0 THEN 'article.save' ELSE 'staff.sign-in' END, \
             CASE WHEN n % 3 = 0 THEN 'article' ELSE 'staff member' END, n % 1000, \
             CASE WHEN n % 200000 = 0 THEN 'a walrus' WHEN n % 2 = 0 THEN 'version of the text' END"
        );
        let fill = app.app.store.write(move |db| {
            let rows = match db {
                Db::Sqlite(_) => "FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers \
                                  WHERE n < 1000000) SELECT n FROM numbers)",
                Db::Pg(_) => "FROM generate_series(1::bigint, 1000000) AS n",
            };
            let filled = diesel::sql_query(format!("{columns} {values} {rows}")).execute(db);
            if matches!(db, Db::Pg(_)) {
                diesel::sql_query("ANALYZE audit_event").execute(db)?;
            }
            filled.map_err(StoreError::from)
        });
        assert_eq!(fill.await.unwrap(), 1_000_000);
        for query in [
            "",
            "before=1000",
            "who=1",
            "who=2",
            "who=program",
            "who=2&what=symposium.cancel",
            "what=symposium.cancel",
            "what=staff",
            "what=symposium",
            "about=article%3A3",
            "q=version",
            "q=walrus",
            "q=walrus&who=2",
            "q=signed",
            "q=cancelled",
            "q=nothing",
            "from=2025-03-01&until=2025-03-02",
            "from=2025-03-01&until=2025-03-02&who=2",
            "from=2030-01-01",
            "q=version&from=2025-03-01&until=2025-03-02",
        ] {
            let path = format!("/staff/audit?{query}");
            app.get(&path).await.expect(200);
            let start = std::time::Instant::now();
            app.get(&path).await.expect(200);
            let took = start.elapsed();
            let slow = if took > Duration::from_millis(200) {
                ", too long"
            } else {
                ""
            };
            println!("{name} {:>6} ms  {path}{slow}", took.as_millis());
        }
    }
}
