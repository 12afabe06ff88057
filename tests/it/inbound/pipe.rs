//! The pipe of a mail server's alias: what it is given, and what its exit code says.

use crate::both_databases::{Database, on_both_databases};
use crate::process::Installation as TestApp;

on_both_databases! {
    async fn a_message_is_taken_in_and_the_server_is_told_so(here: TestApp) {
        let message = b"From: a@b.example\nSubject: Question\n\nKia ora\n";
        for _ in 0..2 {
            let done = here.run_with_input(&["inbound"], message);
            assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
        }
        let done = here.run_with_input(&["inbound", "--recipient", "bounces@clinic.example"], b"\0\xff");
        assert_eq!(done.code, Some(0), "{done:?}");
    }
}

#[tokio::test]
async fn trouble_of_ours_has_the_server_try_again() {
    let mut here = TestApp::start(Database::Sqlite).await;
    let message = b"From: a@b.example\n\nKia ora\n";
    here.run_with_input(&["inbound"], b"").failed(65);
    here.set("inbound.strikes", "none");
    let said = here.run_with_input(&["inbound"], message).failed(75);
    assert!(said.contains("inbound.strikes"), "{said}");
    here.set("inbound.strikes", "3");
    here.set("database_url", "postgres://nobody@127.0.0.1:1/none");
    here.run_with_input(&["inbound"], message).failed(75);
    here.set("database_url", "sqlite:///proc/none/here.sqlite");
    here.run_with_input(&["inbound"], message).failed(75);
}

/// Reports end with a copy of what was sent, and a mail server that is cut off tries again for days.
#[tokio::test]
async fn a_large_message_is_read_to_its_end_and_its_beginning_counts() {
    let here = TestApp::start(Database::Sqlite).await;
    let mut message = b"From: a@b.example\nSubject: Large\n\nunsubscribe\n".to_vec();
    message.resize(64 * 1024 * 1024, b'x');
    let done = here.run_with_input(&["inbound"], &message);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
}
