//! The database is locked, full or away in the middle of a sending: it waits and goes on, and nothing is lost.

use std::time::Duration;

use crate::both_databases::Database;
use crate::process::{Installation, Service};

use super::sending::{CONNECTIONS, Sending};
use super::wire::Locked;
use super::{installation, small_and_large};

/// The middle of a sending: the service at work, and a third of the messages out.
async fn middle(sending: &Sending, service: &Service) {
    sending.sink.wait_for_number(sending.people / 3).await;
    let progress = sending.ledger.progress().await;
    assert!(
        progress.count("accepted") < sending.people,
        "{progress:?}\n{}",
        service.said()
    );
}

/// Nothing is lost, and nothing came twice: the program itself went on all the time.
async fn all_is_well(sending: &Sending, service: &Service) {
    sending.wait_until_sent(service).await;
    sending.assert_everybody_has_it_once().await;
    sending.assert_nobodys_tries_are_used_up().await;
}

small_and_large! {
    /// Longer than the five seconds for which the program waits for a lock, in the large form.
    async fn a_locked_database_is_waited_for(here: TestApp, (people, seconds) = (300, 1), (1_000, 8)) {
        let sending = Sending::queued(here, people).await;
        sending.take(Duration::from_millis(8));
        let service = sending.here.service(&[]).await;
        middle(&sending, &service).await;
        let locked = Locked::take(&sending.ledger).await;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let (came, known) = (sending.sink.number(), sending.ledger.progress().await.count("accepted"));
        assert!(known < people, "the lock came in the middle");
        assert!(came <= known + CONNECTIONS, "{came} came, and {known} are known to have");
        locked.let_go().await;
        all_is_well(&sending, &service).await;
    }
}

async fn a_full_disk(people: usize, seconds: u64) {
    let here = Installation::start(Database::Sqlite).await;
    let sending = Sending::queued(here, people).await;
    sending.take(Duration::from_millis(8));
    let service = sending.here.service_with_limited_files().await;
    middle(&sending, &service).await;
    service.limit_files(Some(4096));
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (came, known) = (
        sending.sink.number(),
        sending.ledger.progress().await.count("accepted"),
    );
    assert!(
        known < people,
        "the disk was full in the middle, and nothing could be recorded"
    );
    assert!(
        came <= known + CONNECTIONS,
        "{came} came, and {known} are known to have"
    );
    service.limit_files(None);
    all_is_well(&sending, &service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_waited_for() {
    a_full_disk(300, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; see the README"]
async fn long_a_full_disk_is_waited_for() {
    a_full_disk(1_000, 8).await;
}

/// PostgreSQL's disk is full for whatever the ledger writes: a trigger says what the server would.
async fn a_full_disk_of_the_server(people: usize, seconds: u64) {
    const FULL: [&str; 2] = [
        "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file \"base/1/2\": No space left on device' \
         USING ERRCODE = 'disk_full'; END $$",
        "CREATE TRIGGER disk_is_full BEFORE UPDATE ON delivery EXECUTE FUNCTION disk_is_full()",
    ];
    let Some(here) = installation(true).await else {
        return;
    };
    let sending = Sending::queued(here, people).await;
    sending.take(Duration::from_millis(8));
    let service = sending.here.service(&[]).await;
    middle(&sending, &service).await;
    for statement in FULL {
        sending.ledger.execute(statement.to_owned()).await;
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (came, known) = (
        sending.sink.number(),
        sending.ledger.progress().await.count("accepted"),
    );
    assert!(known < people, "the disk was full in the middle");
    assert!(
        came <= known + CONNECTIONS,
        "{came} came, and {known} are known to have"
    );
    let room = "DROP TRIGGER disk_is_full ON delivery".to_owned();
    sending.ledger.execute(room).await;
    all_is_well(&sending, &service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_database_server_is_waited_for() {
    a_full_disk_of_the_server(300, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; see the README"]
async fn long_a_full_disk_of_the_database_server_is_waited_for() {
    a_full_disk_of_the_server(1_000, 8).await;
}

async fn a_database_that_is_away(people: usize, seconds: u64) {
    let Some(here) = installation(true).await else {
        return;
    };
    let sending = Sending::queued(here, people).await;
    sending.take(Duration::from_millis(8));
    let service = sending.here.service(&[]).await;
    middle(&sending, &service).await;
    let (server, url) = sending.here.postgres().unwrap();
    server.close_database(url);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let came = sending.sink.number();
    assert!(
        came < people,
        "nothing can be recorded, so the sending waits"
    );
    server.reopen_database(url);
    all_is_well(&sending, &service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_waited_for() {
    a_database_that_is_away(300, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; see the README"]
async fn long_a_database_that_is_away_is_waited_for() {
    a_database_that_is_away(1_000, 8).await;
}
