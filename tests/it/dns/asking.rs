//! One question at a time, to servers that are slow, broken or hostile. Nobody waits longer than the limits say.

use std::time::{Duration, Instant};

use practice_points::app::examine::{self, DnsRecord, RecordKind};
use practice_points::domain::published::Outcome;
use practice_points::mail::dns::{Dns, DnsError, Limits};

use super::server::{DnsServer, Reply, txt};

const NAME: &str = "clinic.example";

/// Limits that no test waits for, and no answer on this machine misses.
const SHORT: Limits = Limits {
    each: Duration::from_millis(400),
    all: Duration::from_millis(600),
};

const LONG: Limits = Limits {
    each: Duration::from_secs(60),
    all: Duration::from_secs(60),
};

fn asking(server: &DnsServer, limits: Limits) -> Dns {
    Dns::at(Some(server.address())).with_limits(limits)
}

#[tokio::test]
async fn the_answer_to_our_question_is_taken_whatever_comes_before_it() {
    let server = DnsServer::start();
    for before in [
        Reply::WrongId,
        Reply::WrongName,
        Reply::Garbage,
        Reply::Loop,
        Reply::Long,
        Reply::Question,
    ] {
        server.set(
            NAME,
            Reply::Both(Box::new(before), Box::new(txt(&["right"]))),
        );
        assert_eq!(
            asking(&server, LONG).texts(NAME).await,
            Ok(vec!["right".to_owned()])
        );
    }
}

#[tokio::test]
async fn what_is_cut_short_is_asked_for_again_by_tcp() {
    let server = DnsServer::start();
    let long = "x".repeat(3000);
    server.set(NAME, Reply::ByTcp(Box::new(txt(&[&long, "v=spf1 -all"]))));
    assert_eq!(
        asking(&server, LONG).texts(NAME).await,
        Ok(vec![long, "v=spf1 -all".to_owned()])
    );
}

#[tokio::test]
async fn a_server_that_is_of_no_use_is_left_when_the_time_is_over() {
    let server = DnsServer::start();
    let address = server.address();
    for (reply, error) in [
        (Reply::Silence, DnsError::Silent(address)),
        (Reply::WrongId, DnsError::Unreadable(address)),
        (Reply::Garbage, DnsError::Unreadable(address)),
        (Reply::Loop, DnsError::Unreadable(address)),
        (
            Reply::ByTcp(Box::new(Reply::Silence)),
            DnsError::Silent(address),
        ),
        (
            Reply::ByTcp(Box::new(Reply::Garbage)),
            DnsError::Unreadable(address),
        ),
        (
            Reply::ByTcp(Box::new(Reply::WrongName)),
            DnsError::Unreadable(address),
        ),
        (
            Reply::ByTcp(Box::new(Reply::Long)),
            DnsError::TooLong(address),
        ),
        (Reply::Code(2), DnsError::Failed(address)),
        (
            Reply::Code(5),
            DnsError::Refused(address, "REFUSED".to_owned()),
        ),
    ] {
        let what = format!("{reply:?}");
        server.set(NAME, reply);
        let start = Instant::now();
        assert_eq!(
            asking(&server, SHORT).texts(NAME).await,
            Err(error),
            "{what}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{what}: {:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn a_question_that_was_lost_is_asked_again() {
    let server = DnsServer::start();
    server.set(NAME, Reply::LostOnce(Box::new(txt(&["right"]))));
    assert_eq!(
        asking(&server, SHORT).texts(NAME).await,
        Ok(vec!["right".to_owned()])
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn all_records_together_have_a_limit_too_and_what_has_answered_stays() {
    let server = DnsServer::start();
    server.set("quick.example", txt(&["v=spf1 mx -all"]));
    server.set("slow.example", Reply::Silence);
    let record = |name: &str| DnsRecord {
        kind: RecordKind::Spf,
        name: name.to_owned(),
        text: "v=spf1 ip4:<address of the mail server> -all".to_owned(),
        purpose: "",
    };
    let records = [
        record("slow.example"),
        record("quick.example"),
        record("no name at all"),
    ];
    let limits = Limits {
        all: Duration::from_millis(300),
        ..LONG
    };
    let found = examine::published(&records, &asking(&server, limits)).await;
    let outcomes: Vec<Outcome> = found.iter().map(|found| found.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Unasked, Outcome::Found, Outcome::Missing]
    );
    assert_eq!(found[0].words, "There was no time left to ask.");
    let too_long = record(&"a".repeat(300));
    let found = examine::published(&[too_long], &asking(&server, limits)).await;
    assert!(
        found[0].words.contains("is no name that the DNS can have"),
        "{found:?}"
    );
}
