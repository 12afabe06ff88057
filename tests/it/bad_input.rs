//! Bad input gets a clear answer and loses nothing.

use practice_points::domain::staff_member::StaffRole;
use reqwest::Method;

use crate::app::{TestApp, sign_up_form};
use crate::both_databases::{Database, on_both_databases};

const FORM: &str = "application/x-www-form-urlencoded";

on_both_databases! {
    async fn an_unknown_path_gets_a_page_with_ways_back(app: TestApp) {
        for path in ["/nothing", "/staff/nothing", "/articles/a/b", "/%00", "/..%2f..%2fetc/passwd", "/u/", "/index.php"] {
            let page = app.get(path).await.expect(404);
            assert_eq!(page.text("h1"), "This page does not exist", "{path}");
            let way = if path.starts_with("/staff") { "/staff/sign-in" } else { "/contact" };
            assert!(page.body.contains(&format!("href=\"{way}\"")), "{path}");
        }
        app.post_form("/nothing", &[]).await.expect(404);
    }

    async fn a_wrong_method_is_told_which_are_right(app: TestApp) {
        let cases = [
            (Method::POST, "/", "GET, HEAD"),
            (Method::DELETE, "/subscribe", "GET, HEAD, POST"),
            (Method::PUT, "/u/x", "GET, HEAD, POST"),
            (Method::GET, "/u/x/undo", "POST"),
            (Method::OPTIONS, "/staff/sign-out", "POST"),
        ];
        for (method, path, allowed) in cases {
            let answer = app.send(app.request(method, path)).await.expect(405);
            assert_eq!(answer.header("allow"), allowed, "{path}");
        }
    }

    async fn head_is_answered_where_get_is_and_without_a_body(app: TestApp) {
        for path in ["/", "/articles", "/healthz", "/favicon.svg", "/staff/first-owner"] {
            let answer = app.send(app.request(Method::HEAD, path)).await.expect(200);
            assert_eq!(answer.body, "", "{path}");
        }
        app.send(app.request(Method::HEAD, "/nothing")).await.expect(404);
    }

    async fn a_body_that_is_too_large_is_refused_in_words(app: TestApp) {
        let body = format!("name={}", "a".repeat(200_000));
        let request = app.request(Method::POST, "/subscribe").header("Content-Type", FORM).body(body);
        let answer = app.send(request).await.expect(413);
        assert!(answer.text("main").contains("64 KB"));
        app.sign_up("gp@practice.example").await.expect(303);
    }

    async fn a_malformed_form_is_refused_in_words(app: TestApp) {
        let broken = ["email=a&email=b", "name=%FF%FE", "name=a&name=b"];
        for body in broken {
            let request = app.request(Method::POST, "/subscribe").header("Content-Type", FORM).body(body);
            let answer = app.send(request).await.expect(400);
            assert!(answer.text("main").contains("nothing was done"), "{body}");
        }
        let json = app.request(Method::POST, "/subscribe").header("Content-Type", "application/json").body("{}");
        app.send(json).await.expect(415);
        let empty = app.request(Method::POST, "/subscribe").header("Content-Type", FORM);
        app.send(empty).await.expect(422);
        assert_eq!(app.count("subscriber").await, 0);
    }

    async fn a_program_that_asks_for_json_gets_a_problem_document(app: TestApp) {
        let request = app.request(Method::GET, "/nothing").header("Accept", "application/json");
        let answer = app.send(request).await.expect(404);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], 404);
        assert_eq!(problem["title"], "This page does not exist");
    }

    async fn a_number_that_is_none_in_an_address_leads_nowhere(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        for id in ["x", "-", "99999999999999999999", "1.5", "999"] {
            app.get(&format!("/staff/subscribers/{id}")).await.expect(404);
            app.get(&format!("/staff/subscribers/import/{id}")).await.expect(404);
        }
    }

    /// PostgreSQL's texts hold none.
    async fn a_nul_in_an_address_is_refused_and_no_fault_of_the_program(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        for path in ["/articles/%00", "/articles/a%00b", "/bulletins/%00/mail.html", "/confirm/%00", "/staff/mailbox/%00"] {
            app.get(path).await.expect(404);
        }
        for path in ["/staff/subscribers?q=%00", "/articles?q=a%00", "/staff/articles?q=%00"] {
            app.get(path).await.expect(400);
        }
        app.get("/articles?q=%2500").await.expect(200);
    }

    async fn odd_queries_do_no_harm(app: TestApp) {
        for query in ["page=-1", "page=99999999999999999999", "page=x", "kind=%00", "q=%25%27%22", "q=a&q=b"] {
            let status = app.get(&format!("/articles?{query}")).await.status.as_u16();
            assert!(status == 200 || status == 400, "{query}: {status}");
        }
    }
}

/// A database that somebody else holds locked: nothing is half-written, and it works again afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_answered_with_503_and_a_hint_when_to_come_back() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    let app = TestApp::start(Database::Sqlite).await;
    let path = app.data_dir().join("practice-points.sqlite");
    let mut other = diesel::sqlite::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let answer = app
        .post_form("/subscribe", &sign_up_form("gp@practice.example"))
        .await
        .expect(503);
    assert_eq!(answer.header("retry-after"), "10");
    assert!(answer.text("main").contains("Nothing was changed"));
    app.get("/articles").await.expect(200);
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(app.count("subscriber").await, 0);
    app.sign_up("gp@practice.example").await.expect(303);
}

/// PostgreSQL waits for a lock as long as it is held, unless it is told otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_is_answered_with_503_too() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    let Some(server) = crate::postgres::server() else {
        return;
    };
    let url = server.fresh_database(None);
    let settings = [("database_url", url.as_str())];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    let mut other = diesel::pg::PgConnection::establish(&url).unwrap();
    other
        .batch_execute("BEGIN; LOCK TABLE subscriber IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    let form = sign_up_form("gp@practice.example");
    let waiting = app.post_form("/subscribe", &form);
    let answer = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
    let answer = answer
        .expect("an answer comes while the lock is held")
        .expect(503);
    assert_eq!(answer.header("retry-after"), "10");
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(app.count("subscriber").await, 0);
    app.sign_up("gp@practice.example").await.expect(303);
    server.drop_database(&url);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_answered_with_503_and_pages_that_need_none_still_come() {
    let Some(server) = crate::postgres::server() else {
        return;
    };
    let url = server.fresh_database(None);
    let settings = [("database_url", url.as_str())];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.get("/articles").await.expect(200);
    server.drop_database(&url);
    let answer = app.get("/articles").await.expect(503);
    assert_eq!(answer.header("retry-after"), "10");
    let health = app.get("/healthz").await.expect(503);
    assert_eq!(health.body, r#"{"database":"unavailable"}"#);
    app.get("/contact").await.expect(200);
}
