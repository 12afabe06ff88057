//! The service: its start, its end, and what it says when it cannot start.

use std::time::Duration;

use rustix::process::Signal;

use crate::both_databases::{Database, on_both_databases};
use crate::leash::free_port;
use crate::process::{Installation as TestApp, mode};

async fn answers(page: &str) -> Option<u16> {
    Some(reqwest::get(page).await.ok()?.status().as_u16())
}

on_both_databases! {
    async fn a_fresh_start_says_where_it_is_and_how_to_begin_and_ends_cleanly(here: TestApp) {
        let mut service = here.service(&[]).await;
        let said = service.said();
        assert!(said.contains(&here.page("/")), "{said}");
        assert!(said.contains(&here.page("/staff/first-owner")), "{said}");
        assert!(said.contains("No mail server is set"), "{said}");
        assert!(said.contains(&here.page("/staff/mailbox")), "{said}");
        let code = service.code().expect("there is nobody on the staff");
        let groups: Vec<usize> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4], "{code}");
        assert_eq!(answers(&here.page("/healthz")).await, Some(200));
        assert_eq!(mode(&here.path("data")), 0o700);

        service.send(Signal::TERM);
        let status = service.end(Duration::from_secs(5)).await.expect("it ends within five seconds");
        assert_eq!(status.code(), Some(0), "{}", service.said());
        assert_eq!(answers(&here.page("/healthz")).await, None);
    }

    async fn the_code_changes_with_every_start_and_is_gone_once_somebody_is_on_the_staff(here: TestApp) {
        let first = here.service(&["serve"]).await.code().expect("a code");
        let second = here.service(&["serve"]).await.code().expect("a code");
        assert_ne!(first, second);
        here.add_staff("owner.sample@clinic.example", "owner");
        let service = here.service(&["serve"]).await;
        assert_eq!(service.code(), None, "{}", service.said());
    }

    async fn pages_and_delivery_can_be_two_processes(here: TestApp) {
        let pages = here.service(&["serve"]).await;
        assert!(pages.said().contains("practice-points worker"), "{}", pages.said());
        let mut worker = here.service(&["worker"]).await;
        let said = worker.said();
        assert!(!said.contains("one-time code") && !said.contains("Pages"), "{said}");
        assert_eq!(answers(&here.page("/healthz")).await, Some(200));
        worker.send(Signal::INT);
        let status = worker.end(Duration::from_secs(5)).await.expect("it ends within five seconds");
        assert_eq!(status.code(), Some(0));
        assert_eq!(answers(&here.page("/healthz")).await, Some(200), "the pages are still served");
    }
}

/// `/dev/full` refuses every line, as a full disk does.
#[tokio::test]
async fn a_log_that_cannot_be_written_stops_nothing() {
    let here = TestApp::start(Database::Sqlite).await;
    let _service = here.service_logging_to(std::path::Path::new("/dev/full"));
    let page = here.page("/articles");
    let mut status = None;
    for _ in 0..500 {
        status = answers(&page).await;
        if status.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(status, Some(200));
    assert_eq!(answers(&page).await, Some(200));
}

/// Begins a request whose body never comes.
fn half_a_request(here: &TestApp) -> std::net::TcpStream {
    use std::io::Write as _;
    let address = here.page("");
    let address = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /subscribe HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 1000\r\n\r\nemail="
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[tokio::test]
async fn a_request_that_hangs_does_not_hold_up_the_end() {
    let here = TestApp::start(Database::Sqlite).await;
    let mut service = here.service(&[]).await;
    let _hanging = half_a_request(&here);
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.send(Signal::TERM);
    let status = service
        .end(Duration::from_secs(5))
        .await
        .expect("it ends within five seconds");
    assert_eq!(status.code(), Some(0), "{}", service.said());
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let here = TestApp::start(Database::Sqlite).await;
    let mut service = here.service(&[]).await;
    let _hanging = half_a_request(&here);
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.send(Signal::TERM);
    assert_eq!(
        service.end(Duration::from_millis(500)).await,
        None,
        "it waits for the request"
    );
    service.send(Signal::TERM);
    let status = service
        .end(Duration::from_millis(1_500))
        .await
        .expect("it ends at once");
    assert_eq!(status.code(), Some(1), "{}", service.said());
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_plainly_and_the_running_service_keeps_its_code() {
    let here = TestApp::start(Database::Sqlite).await;
    let running = here.service(&[]).await;
    let told = here.run(&[]).failed(1);
    assert!(
        told.contains("Address already in use") && told.contains("setting listen"),
        "{told}"
    );
    assert!(told.contains("PRACTICE_POINTS_LISTEN="), "{told}");
    // The service itself writes to the file at its start, so its time tells nothing: the code that it
    // printed has to be good still.
    let code = running.code().expect("a new installation prints a code");
    let form = [
        ("code", code.as_str()),
        ("name", "Hine Sample"),
        ("email", "hine@clinic.example"),
        ("password", "korimako sings at dawn"),
    ];
    let answer = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .post(here.page("/staff/first-owner"))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(serde_html_form::to_string(form).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303, "the code was not touched");
}

#[tokio::test]
async fn a_database_that_is_away_is_said_plainly_and_its_password_is_not() {
    let mut here = TestApp::start(Database::Sqlite).await;
    here.set(
        "database_url",
        &format!("postgres://points:s3cret@127.0.0.1:{}/points", free_port()),
    );
    for command in [
        &[][..],
        &["worker"],
        &["migrate"],
        &["subscribers", "export"],
    ] {
        let told = here.run(command).failed(1);
        assert!(
            told.contains("the database cannot be used") && told.contains("refused"),
            "{told}"
        );
        assert!(
            told.contains("database_url") && !told.contains("s3cret"),
            "{told}"
        );
        assert!(told.lines().count() <= 2, "{told}");
    }
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_said_plainly() {
    let mut here = TestApp::start(Database::Sqlite).await;
    let file = here.write("a-file", "");
    here.set("data_dir", &format!("{file}/data"));
    let told = here.run(&[]).failed(1);
    assert!(
        told.contains("a-file/data cannot be made") && told.contains("data_dir"),
        "{told}"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};
    let here = TestApp::start(Database::Sqlite).await;
    here.run(&["migrate"]).succeeded();
    let file = here.path("data/practice-points.sqlite");
    let mut database = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')";
    database.batch_execute(newer).unwrap();
    let told = here.run(&[]).failed(1);
    assert!(
        told.contains("newer version of the program (20991231000001)"),
        "{told}"
    );
    assert!(here.run(&["doctor"]).failed(1).contains("one fault"));
}
