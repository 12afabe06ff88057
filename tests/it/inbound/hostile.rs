//! Mail from anybody: whatever the bytes, reading ends soon and without a panic.

use std::time::{Duration, Instant};

use practice_points::domain::harmless;
use practice_points::mail::inbound::{LONGEST, read, read_unguarded};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::corpus;

/// Far more than a reading takes, on a machine that does other things besides, built without optimisation.
const SOON: Duration = Duration::from_secs(20);

/// What the parser's own checks of itself say, which only builds for tests have: with them it stops at some broken
/// multiparts, and without them it goes on. Nothing else may end a reading early.
const CHECK_OF_THE_PARSER: &str = "Invalid part ID, could not find m";

fn read_soon(what: &str, message: &[u8]) {
    let start = Instant::now();
    let message = &message[..message.len().min(LONGEST)];
    let received = match std::panic::catch_unwind(|| read_unguarded(message)) {
        Ok(received) => received,
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().copied().map(str::to_owned);
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            let said = said.unwrap_or_default();
            assert!(said.contains(CHECK_OF_THE_PARSER), "{what}: {said}");
            read(message)
        }
    };
    assert!(start.elapsed() < SOON, "{what} takes {:?}", start.elapsed());
    assert!(
        !received.notices.is_empty() && received.notices.len() <= 20,
        "{what}"
    );
    for notice in &received.notices {
        assert!(notice.words.chars().count() <= 501, "{what}");
        assert_eq!(notice.words, harmless::line(&notice.words, 501), "{what}");
    }
    assert_eq!(
        received.subject,
        harmless::line(&received.subject, 201),
        "{what}"
    );
    assert!(received.anywhere.len() <= 8 * LONGEST, "{what}");
}

#[test]
fn messages_made_to_hurt_are_read_soon() {
    let fill = |piece: &str| piece.repeat(LONGEST / piece.len());
    let boundary = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    let deep: String = (0..LONGEST / 60).map(boundary).collect();
    let within: String = "Content-Type: message/rfc822\n\n".repeat(LONGEST / 31);
    let nested = "Content-Type: multipart/digest; boundary=b\n\n--b\n\n".repeat(LONGEST / 50);
    let report = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n";
    for (what, message) in [
        ("nested multiparts", deep),
        ("messages within messages", within),
        ("nothing", String::new()),
        ("one boundary for all", nested),
        (
            "parts without end",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n{}",
                fill("--b\n\n")
            ),
        ),
        ("headers without end", fill("X: y\n")),
        (
            "one header without end",
            format!("Subject: {}", fill("=?utf-8?q?=c3?= ")),
        ),
        (
            "addresses without end",
            format!("To: {}", fill("a@b.example, ")),
        ),
        ("comments without end", format!("From: {}", fill("("))),
        (
            "parameters without end",
            format!("Content-Type: a/b{}", fill("; x*1*=y")),
        ),
        ("no line ends", fill("x")),
        ("nothing but NULs", fill("\0")),
        ("carriage returns alone", fill("a: b\r")),
        (
            "recipients without end",
            format!(
                "{report}{}",
                fill("Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\n")
            ),
        ),
        (
            "a value without end",
            format!("{report}Diagnostic-Code: {}", fill(" x\n")),
        ),
        (
            "HTML without end",
            format!("Content-Type: text/html\n\n{}", fill("<b>&amp;")),
        ),
        (
            "base64 without end",
            format!(
                "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}",
                fill("////")
            ),
        ),
        (
            "marks without end",
            fill("b-1-0000000000000000000000000000000000 "),
        ),
        (
            "words without end",
            format!(
                "Return-Path: <>\nSubject: failure notice\n\n{}",
                fill("é @")
            ),
        ),
    ] {
        read_soon(what, message.as_bytes());
    }
}

/// What the corpus becomes when pieces of it are cut out, doubled, mixed and overwritten.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let messages: Vec<Vec<u8>> = corpus::names()
        .iter()
        .map(|name| corpus::message(name))
        .collect();
    let change = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..5u8,
        vec(any::<u8>(), 0..12),
    );
    let two = (
        prop::sample::select(messages.clone()),
        prop::sample::select(messages),
    );
    (two, vec(change, 0..12)).prop_map(|((mut message, other), changes)| {
        for (at, length, kind, bytes) in changes {
            if message.is_empty() {
                break;
            }
            let at = at.index(message.len());
            let end = (at + length.index(200)).min(message.len());
            match kind {
                0 => drop(message.drain(at..end)),
                1 => drop(message.splice(at..at, bytes)),
                2 => {
                    let piece = message[at..end].to_vec();
                    drop(message.splice(at..at, piece));
                }
                3 => {
                    let from = at.min(other.len());
                    drop(message.splice(at..end, other[from..].iter().copied()));
                }
                _ => {
                    for (place, byte) in message[at..].iter_mut().zip(bytes) {
                        *place = byte;
                    }
                }
            }
        }
        message
    })
}

fn run(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(
            &prop_oneof![1 => vec(any::<u8>(), 0..2000), 4 => mutated()],
            |message| {
                read_soon("a made-up message", &message);
                Ok(())
            },
        )
        .unwrap();
}

#[test]
fn no_bytes_at_all_make_the_reading_fail() {
    run(400);
}

/// For a long time: `FUZZ_MINUTES=60 cargo test --test it -- --ignored inbound::hostile::for_a_long_time`.
#[test]
#[ignore = "takes as many minutes as it is given"]
fn for_a_long_time() {
    let minutes = std::env::var("FUZZ_MINUTES")
        .ok()
        .and_then(|text| text.parse().ok());
    let until = Instant::now() + Duration::from_secs(60 * minutes.unwrap_or(1));
    let mut cases = 0_u64;
    while Instant::now() < until {
        run(2_000);
        cases += 2_000;
    }
    assert!(cases >= 2_000, "{cases} messages were read");
}
