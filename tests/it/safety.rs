//! What keeps strangers out, and other sites' hands off.

use practice_points::domain::staff_member::StaffRole;
use practice_points::web::access::Verb;
use practice_points::web::routes::TABLE;
use reqwest::Method;

use crate::app::{TestApp, sign_up_form, urlencoded};
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

pub fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
    }
}

/// A path that a pattern matches.
pub fn path_of(pattern: &str) -> String {
    let parts = pattern
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

on_both_databases! {
    async fn no_staff_page_is_reached_without_a_session(app: TestApp) {
        app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        for route in TABLE.iter().filter(|route| route.access.role().is_some()) {
            let request = app.request(method(route.method), &path_of(route.pattern)).header("Sec-Fetch-Site", "same-origin");
            let answer = app.send(request).await;
            if route.method == Verb::Get {
                let location = answer.expect(303).location().to_owned();
                assert!(location.starts_with("/staff/sign-in?next=%2Fstaff"), "{route:?}: {location}");
            } else {
                assert!(answer.expect(403).text("h1").contains("not signed in"), "{route:?}");
            }
        }
    }

    async fn a_role_that_does_not_suffice_is_refused_everywhere(app: TestApp) {
        app.sign_in_as(StaffRole::Author).await;
        let mut refused = 0;
        for route in TABLE {
            if let Some(StaffRole::Publisher | StaffRole::Owner) = route.access.role() {
                let request = app.request(method(route.method), &path_of(route.pattern)).header("Sec-Fetch-Site", "same-origin");
                assert!(app.send(request).await.expect(403).text("h1").contains("may not"), "{route:?}");
                refused += 1;
            }
        }
        assert!(refused > 10);
        app.get("/staff").await.expect(200);
    }

    async fn a_made_up_session_is_none(app: TestApp) {
        app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        for cookie in ["pp_session=1", "pp_session=", "pp_session=' OR 1=1 --", "pp_session=0; pp_session=1"] {
            let request = app.request(Method::GET, "/staff").header("Cookie", cookie);
            app.send(request).await.expect(303);
        }
    }

    async fn every_answer_carries_the_headers_that_protect_it(app: TestApp) {
        let paths = ["/", "/nothing", "/u/x", "/staff", "/staff/sign-in", "/healthz", "/favicon.svg", "/robots.txt"];
        for path in paths {
            let answer = app.get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'self'") && policy.contains("object-src 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            for (name, value) in [("x-content-type-options", "nosniff"), ("cross-origin-opener-policy", "same-origin")] {
                assert_eq!(answer.header(name), value, "{path}");
            }
            assert!(!answer.header("permissions-policy").is_empty(), "{path}");
            assert!(!answer.header("referrer-policy").is_empty(), "{path}");
            assert_eq!(answer.header("strict-transport-security"), "", "{path}: without TLS there is nothing to promise");
        }
        let staff = app.get("/staff/sign-in").await;
        assert_eq!((staff.header("cache-control"), staff.header("x-robots-tag")), ("no-store", "noindex"));
    }

    async fn a_form_of_another_site_is_refused(app: TestApp) {
        app.sign_in_as(StaffRole::Owner).await;
        let origin = format!("http://{}", app.address);
        let cases: [(&[(&str, &str)], u16); 7] = [
            (&[("Sec-Fetch-Site", "cross-site")], 403),
            (&[("Sec-Fetch-Site", "same-site")], 403),
            (&[("Origin", "https://evil.example")], 403),
            (&[("Origin", "null")], 403),
            (&[], 403),
            (&[("Origin", &origin)], 422),
            (&[("Sec-Fetch-Site", "same-origin")], 422),
        ];
        for (headers, status) in cases {
            let mut request = app
                .request(Method::POST, "/staff/members/invitations")
                .header("Content-Type", "application/x-www-form-urlencoded");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = app.send(request).await;
            assert_eq!(answer.status, status, "{headers:?}");
        }
    }

    async fn a_program_without_a_session_may_send_the_sign_up_form(app: TestApp) {
        let request = app
            .request(Method::POST, "/subscribe")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(urlencoded(&sign_up_form(GP)));
        app.send(request).await.expect(303);
    }

    /// What is written for a known address takes its time; on a slow disk it would be told by the clock.
    async fn the_clock_does_not_tell_whether_an_address_is_known(app: TestApp) {
        app.subscribe(GP).await;
        for email in [GP, "nobody@practice.example"] {
            for _ in 0..3 {
                let start = std::time::Instant::now();
                app.post_form("/manage", &[("email", email)]).await.expect(200);
                assert!(start.elapsed() >= std::time::Duration::from_millis(60), "{email}: {:?}", start.elapsed());
            }
        }
    }

    async fn nothing_in_the_ledgers_is_changed_or_taken_away(app: TestApp) {
        use practice_points::store::{Db, StoreError};
        app.sign_in_as(StaffRole::Owner).await;
        app.subscribe(GP).await;
        for ledger in ["consent_event", "audit_event"] {
            let before = app.count(ledger).await;
            assert!(before > 0);
            let commands = app.app.store.write(move |db| {
                let away = match db {
                    Db::Pg(_) => format!("TRUNCATE {ledger}"),
                    Db::Sqlite(_) => format!("INSERT OR REPLACE INTO {ledger} SELECT * FROM {ledger} LIMIT 1"),
                };
                let commands = [format!("DELETE FROM {ledger}"), format!("UPDATE {ledger} SET detail = 'x'"), away];
                Ok::<_, StoreError>(commands)
            });
            for command in commands.await.unwrap() {
                let sent = command.clone();
                let refused = app.app.store.write(move |db| {
                    diesel::RunQueryDsl::execute(diesel::sql_query(sent), db).map_err(StoreError::from)
                });
                let refused = refused.await.expect_err(&command);
                assert!(format!("{refused:?}").contains("append-only"), "{command}: {refused:?}");
            }
            assert_eq!(app.count(ledger).await, before);
        }
    }

    async fn the_ways_in_are_limited_for_a_network(app: TestApp) {
        let limited = app.with_real_limits();
        for number in 0..5 {
            limited.sign_up(&format!("gp{number}@practice.example")).await.expect(303);
        }
        let answer = limited.sign_up("gp9@practice.example").await.expect(429);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 60);
        assert!(answer.text("main").contains("minutes"), "{}", answer.text("main"));
        assert!(app.find_subscriber("gp9@practice.example").await.is_none());
        limited.post_form("/manage", &[("email", GP)]).await.expect(429);
        limited.get("/").await.expect(200);
    }

    async fn an_inbox_is_not_filled_by_whoever_types_its_address(app: TestApp) {
        let limited = app.with_real_limits();
        for _ in 0..2 {
            assert_eq!(limited.sign_up(GP).await.expect(303).location(), "/subscribe/sent");
        }
        for _ in 0..3 {
            limited.post_form("/manage", &[("email", GP)]).await.expect(200);
        }
        let two_of_each = ["confirmation", "confirmation", "manage-link", "manage-link"];
        assert_eq!(app.notice_kinds(GP).await, two_of_each, "the fifth wish is dropped");
        for _ in 0..9 {
            app.sign_up(GP).await.expect(303);
        }
        assert_eq!(app.notices(GP).await.len(), 5, "the database's own cap");
    }

    async fn passwords_are_not_tried_without_end(app: TestApp) {
        app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        let limited = app.with_real_limits();
        for _ in 0..5 {
            limited.sign_in("owner@clinic.example", "a wrong password").await.expect(422);
        }
        let answer = limited.sign_in("Owner@clinic.example", crate::app::PASSWORD).await.expect(429);
        assert!(!answer.header("retry-after").is_empty());
    }

    async fn the_code_of_the_first_owner_is_not_guessed_without_end(app: TestApp) {
        let limited = app.with_real_limits();
        for _ in 0..5 {
            limited.post_form("/staff/first-owner", &[("code", "AAAA-AAAA-AAAA")]).await.expect(422);
        }
        limited.post_form("/staff/first-owner", &[("code", "AAAA-AAAA-AAAA")]).await.expect(429);
    }

    async fn a_forwarded_address_is_not_believed_from_anybody(app: TestApp) {
        let limited = app.with_real_limits();
        let mut last = 0;
        for number in 0..7 {
            let email = format!("gp{number}@practice.example");
            let request = limited
                .request(Method::POST, "/subscribe")
                .header("X-Forwarded-For", format!("192.0.2.{number}"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(urlencoded(&sign_up_form(&email)));
            last = limited.send(request).await.status.as_u16();
        }
        assert_eq!(last, 429);
    }
}

/// Everything that the program logs during the tests, at the level of an ordinary installation.
static LOG: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

struct IntoLog;

impl std::io::Write for IntoLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_routes_and_neither_addresses_nor_tokens_nor_what_was_typed() {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| IntoLog)
        .try_init()
        .unwrap();
    let app = TestApp::start(crate::both_databases::Database::Sqlite).await;
    app.subscribe("kept-private@practice.example").await;
    let link = app.unsubscribe_path("kept-private@practice.example").await;
    app.get(&link).await.expect(200);
    app.post_form(&link, &[]).await.expect(200);
    app.get("/articles?q=kept-private").await.expect(200);
    app.get("/kept-private").await.expect(404);
    app.sign_in("kept-private@clinic.example", "kept-private")
        .await
        .expect(422);
    app.post_form(
        "/calcium-score/referral-check",
        &[("age", "97"), ("risk", "kept-private")],
    )
    .await
    .expect(422);

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    for part in [
        "route=\"/u/{token}\"",
        "route=\"/articles\"",
        "method=POST",
        "status=422",
        "millis=",
    ] {
        assert!(log.contains(part), "{part} is not in:\n{log}");
    }
    let token = link.rsplit('/').next().unwrap();
    for secret in ["kept-private", token, "practice.example"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_that_we_trust_each_visitor_is_counted_alone() {
    let database = crate::both_databases::Database::Sqlite;
    let settings = [("trusted_proxies", "127.0.0.1")];
    let app = TestApp::start_with(database, "https://points.clinic.example", &settings).await;
    let limited = app.with_real_limits();
    for number in 0..7 {
        let email = format!("gp{number}@practice.example");
        let request = limited
            .request(Method::POST, "/subscribe")
            .header("X-Forwarded-For", format!("198.51.100.9, 192.0.2.{number}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(urlencoded(&sign_up_form(&email)));
        limited.send(request).await.expect(303);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_https_cookies_are_secure_and_browsers_are_told_to_stay_there() {
    let database = crate::both_databases::Database::Sqlite;
    let app = TestApp::start_with(database, "https://points.clinic.example", &[]).await;
    app.add_staff("owner@clinic.example", StaffRole::Owner)
        .await;
    let answer = app
        .sign_in("owner@clinic.example", crate::app::PASSWORD)
        .await
        .expect(303);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-pp_session="), "{cookie}");
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=")
    );
}
