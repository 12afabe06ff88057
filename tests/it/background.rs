//! Work in the background that goes wrong or stands still is on the staff's first page, with its next step.

use std::time::Duration;

use diesel::RunQueryDsl;
use practice_points::app::deliver;
use practice_points::app::{import_subscribers, send_bulletin};
use practice_points::domain::bulletin::BulletinId;
use practice_points::domain::staff_mail::HeldBecause;
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::{StoreError, bulk_changes, import_runs, link_checks};
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::{Database, on_both_databases};
use crate::desk::Desk;
use crate::people::{bring, file_of};

const HALF_AN_HOUR: Duration = Duration::from_secs(31 * 60);

/// Waits until somebody's first page says something of trouble, and gives the text.
async fn until_said(who: &TestApp, words: &str) -> String {
    for _ in 0..1_000 {
        let page = who.get("/staff").await.expect(200).text(".troubles");
        if page.contains(words) {
            return page;
        }
        // It is written by a task in the background: nothing tells when.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "{words} is not said: {}",
        who.get("/staff").await.text("main")
    );
}

async fn execute(app: &TestApp, query: &'static str) {
    let run = app.app.store.write(move |db| {
        let done = diesel::sql_query(query).execute(db);
        done.map_err(StoreError::from)
    });
    run.await.unwrap();
}

async fn trouble(who: &TestApp) -> String {
    who.get("/staff").await.expect(200).text(".troubles")
}

on_both_databases! {
    async fn an_import_that_does_not_get_on_is_told(app: TestApp) {
        let by = app.sign_in_as(StaffRole::Publisher).await;
        let report = bring(&app, file_of(700).as_bytes(), "dry-run").await.expect(303).location().to_owned();
        let run: i64 = report.rsplit('/').next().unwrap().parse().unwrap();
        let now = app.app.now();
        app.app.store.write(move |db| import_runs::start(db, run, by, now)).await.unwrap();
        assert_eq!(trouble(&app).await, "", "it has only just begun");
        app.app.clock.advance(HALF_AN_HOUR);
        let said = trouble(&app).await;
        assert!(said.contains("An import stands still") && said.contains("0 of 700 lines done"), "{said}");
        assert_eq!(app.get("/staff").await.attribute(".troubles a", "href"), report);
        // What cannot be gone on with says why, and what it is told of it ends with it.
        execute(&app, "UPDATE import_run SET mapping = 'nonsense'").await;
        import_subscribers::resume(&app.app).await.unwrap();
        assert!(trouble(&app).await.contains("The last try failed:"));
        let author = app.other_browser();
        author.sign_in_as(StaffRole::Author).await;
        assert!(!trouble(&author).await.contains("import"), "who cannot do anything is not told");
        execute(&app, "UPDATE import_run SET mapping = ''").await;
        import_subscribers::resume(&app.app).await.unwrap();
    }

    async fn a_change_to_many_that_does_not_get_on_is_told(app: TestApp) {
        let by = app.sign_in_as(StaffRole::Publisher).await;
        app.subscribe("gp@practice.example").await;
        let form = [("action", "unsubscribe"), ("scope", "all"), ("query", "")];
        let page = app.post_form("/staff/subscribers/bulk", &form).await.expect(303).location().to_owned();
        let id: i64 = page.rsplit('/').next().unwrap().parse().unwrap();
        let now = app.app.now();
        app.app.store.write(move |db| bulk_changes::start(db, id, by, None, "", now)).await.unwrap();
        app.app.clock.advance(HALF_AN_HOUR);
        let said = trouble(&app).await;
        assert!(said.contains("A change to many people stands still") && said.contains("0 of 1 people done"), "{said}");
        let worker = Worker::start(&app.app).unwrap();
        while app.count("bulk_change WHERE finished_at IS NOT NULL").await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.stop().await;
        assert!(!trouble(&app).await.contains("A change to many"));
    }

    async fn a_bulletin_that_the_program_paused_is_told_with_its_next_step(app: TestApp) {
        let desk = Desk::open(&app).await;
        app.subscribe("gp@practice.example").await;
        let path = desk.approved_bulletin("Refused", &["news"]).await;
        desk.publisher.post_form(&format!("{path}/send"), &[("confirm", "yes")]).await.expect(303);
        let id = BulletinId(path.rsplit('/').next().unwrap().parse().unwrap());
        for _ in 0..2 {
            let why = "The mail server refuses messages from us by its policy.".to_owned();
            deliver::pause_for_trouble(&app.app, id, HeldBecause::Policy, why).await.unwrap();
        }
        let said = trouble(&desk.publisher).await;
        assert!(said.contains("“Refused” is paused: The mail server refuses") && said.contains("then resume or cancel"), "{said}");
        assert_eq!(app.count("staff_mail WHERE kind = 'held'").await, 1, "the publisher, once");
        let by = app.add_staff("owner@clinic.example", StaffRole::Owner).await;
        send_bulletin::resume(&app.app, by, id).await.unwrap();
        assert!(!trouble(&desk.publisher).await.contains("Refused"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_cannot_be_read_is_told_until_it_can() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "imap://points:password@{}/INBOX",
        gone.local_addr().unwrap()
    );
    drop(gone);
    let settings = [
        ("inbound.address", "bounces@clinic.example"),
        ("mail_from", "GP Practice Points <points@clinic.example>"),
        ("inbound.mailbox_url", url.as_str()),
    ];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.sign_in_as(StaffRole::Publisher).await;
    let author = app.other_browser();
    author.sign_in_as(StaffRole::Author).await;
    let worker = Worker::start(&app.app).unwrap();
    let said = until_said(&app, "Returned mail is not read").await;
    assert!(
        said.contains("127.0.0.1") && said.contains("Since 23 November 2026"),
        "{said}"
    );
    assert!(!said.contains("password"), "{said}");
    let said = trouble(&author).await;
    assert!(
        said.contains("Returned mail is not read") && !said.contains("127.0.0.1"),
        "{said}"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_is_away_is_named_while_confirmations_wait() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", gone.local_addr().unwrap());
    drop(gone);
    let settings = [
        ("mail_from", "GP Practice Points <points@clinic.example>"),
        ("smtp_url", url.as_str()),
    ];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.sign_in_as(StaffRole::Publisher).await;
    app.sign_up("gp@practice.example").await.expect(303);
    let worker = Worker::start(&app.app).unwrap();
    app.app.clock.advance(Duration::from_secs(16 * 60));
    let said = until_said(&app, "The mail server is in trouble since").await;
    assert!(said.contains("Mail is waiting"), "{said}");
    worker.stop().await;
}

#[tokio::test]
async fn links_at_which_nobody_looks_are_told() {
    let settings = [("check_links", "true")];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.sign_in_as(StaffRole::Author).await;
    let now = app.app.now();
    app.app
        .store
        .write(move |db| link_checks::want(db, &["https://other.example/".to_owned()], now, now))
        .await
        .unwrap();
    assert_eq!(trouble(&app).await, "");
    app.app.clock.advance(HALF_AN_HOUR);
    let said = trouble(&app).await;
    assert!(
        said.contains("Links are not looked at") && said.contains("1 link of a bulletin"),
        "{said}"
    );
}
