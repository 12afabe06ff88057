//! Several mail servers, and the limits that the settings or the servers set.

use std::time::Duration;

use practice_points::app::send_bulletin;
use practice_points::domain::bulletin::{BulletinId, BulletinState};
use practice_points::domain::delivery::DeliveryState;

use crate::both_databases::Database;
use crate::clinic::{Clinic, count_recipients};
use crate::smtp_sink::{Act, At, SmtpSink};

/// A clinic whose second mail server is `other`; both have these parameters.
async fn with_two_servers(other: &SmtpSink, first: &str, second: &str) -> Clinic {
    let sink = SmtpSink::start().await;
    let urls = format!("{}?{first}, {}?{second}", sink.url(), other.url());
    Clinic::start_with(Database::Sqlite, sink, &[("smtp_url", urls)]).await
}

/// Sends a bulletin to everybody.
async fn send(clinic: &Clinic) -> BulletinId {
    let id = clinic.approved_bulletin().await;
    send_bulletin::send_now(&clinic.app, clinic.reviewer, id)
        .await
        .unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_share_the_work_by_their_weights() {
    let other = SmtpSink::start().await;
    let clinic = with_two_servers(&other, "weight=3&connections=2", "connections=2").await;
    // Both could take everything: what is kept to is the weight.
    for sink in [&clinic.sink, &other] {
        sink.set_behaviour(|moment| {
            (moment.at == At::Content).then_some(Act::Slow(Duration::from_millis(5)))
        });
    }
    clinic.add_subscribers(200).await;
    let worker = clinic.worker();
    let id = send(&clinic).await;
    clinic.wait_for_state(id, BulletinState::Sent).await;
    let (first, second) = (clinic.sink.messages().len(), other.messages().len());
    assert_eq!(first + second, 200);
    assert!(
        (30..=90).contains(&second),
        "a quarter goes over the second: {first} and {second}"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fallback_is_used_only_while_the_others_are_in_trouble() {
    let spare = SmtpSink::start().await;
    let clinic = with_two_servers(&spare, "weight=1", "fallback=yes").await;
    clinic.add_subscribers(30).await;
    let worker = clinic.worker();
    let first = send(&clinic).await;
    clinic.wait_for_state(first, BulletinState::Sent).await;
    assert_eq!(
        (clinic.sink.messages().len(), spare.messages().len()),
        (30, 0)
    );

    clinic
        .sink
        .set_behaviour(|moment| (moment.at != At::Content).then_some(Act::Drop));
    let second = send(&clinic).await;
    clinic.wait_for_state(second, BulletinState::Sent).await;
    clinic.assert_adds_up(second).await;
    assert_eq!(
        (clinic.sink.messages().len(), spare.messages().len()),
        (30, 30)
    );
    assert!(count_recipients(&spare).values().all(|&count| count == 1));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_connections_after_some_messages_is_not_tempted_again() {
    let clinic = Clinic::start(Database::Sqlite).await;
    clinic.sink.set_behaviour(|moment| {
        (moment.at == At::Mail && moment.carried >= 5).then_some(Act::ReplyThenDrop(
            "421 4.7.0 Enough for one connection".into(),
        ))
    });
    clinic.add_subscribers(100).await;
    let worker = clinic.worker();
    let id = send(&clinic).await;
    clinic.wait_for_state(id, BulletinState::Sent).await;
    let counts = clinic.accepted();
    assert_eq!(counts.len(), 100);
    assert!(counts.values().all(|&count| count == 1), "{counts:?}");
    let rows = clinic.rows(id, DeliveryState::Accepted).await;
    assert!(rows.iter().all(|row| row.tries == 1), "{rows:?}");
    let tempted = clinic.sink.count(At::Mail) - 100;
    assert!(tempted <= 8, "once for each connection at most: {tempted}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_that_has_had_its_number_waits_and_the_page_says_so_while_others_go_on() {
    let sink = SmtpSink::start().await;
    let settings = [
        ("smtp_url", sink.url()),
        ("delivery.per_domain_per_minute", "4".to_owned()),
    ];
    let clinic = Clinic::start_with(Database::Sqlite, sink, &settings).await;
    clinic.add_subscribers(10).await;
    let worker = clinic.worker();
    let id = send(&clinic).await;
    clinic
        .wait_until(id, |progress| {
            let said = progress.bulletin.waiting_for.as_deref().unwrap_or_default();
            said.contains("practice.example are held to 4 a minute")
        })
        .await;
    clinic.wait_for_rows(id, DeliveryState::Accepted, 4).await;
    clinic.wait_for_rows(id, DeliveryState::Queued, 6).await;
    clinic.assert_adds_up(id).await;
    assert_eq!(clinic.sink.messages().len(), 4);
    worker.stop().await;
}
