//! TLS and AUTH.

use practice_points::mail::outcome::{SendFailure, SendResult, Stage};
use practice_points::mail::smtp::{SmtpConnection, SmtpServer, Timeouts};
use secrecy::SecretString;

use super::samples::message;
use crate::smtp_sink::{Act, At, SmtpSink};

async fn open(url: String) -> Result<SmtpConnection, SendFailure> {
    let server = SmtpServer::parse(&SecretString::from(url)).unwrap();
    SmtpConnection::open(&server, "points.clinic.example", Timeouts::default()).await
}

/// The sink's address with a user and a password in it.
fn with_password(sink: &SmtpSink) -> String {
    sink.url().replace("://", "://points:s3cret@")
}

#[tokio::test]
async fn messages_go_through_starttls_and_implicit_tls() {
    for sink in [
        SmtpSink::start_with_starttls().await,
        SmtpSink::start_with_implicit_tls().await,
    ] {
        sink.set_capabilities(&["STARTTLS", "AUTH PLAIN LOGIN"]);
        let mut connection = open(with_password(&sink)).await.unwrap();
        for to in ["one@practice.example", "two@practice.example"] {
            let result = connection.send(&message(to)).await;
            assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
        }
        assert_eq!(
            sink.messages()[1].bytes,
            message("two@practice.example").bytes()
        );
        assert_eq!(sink.count(At::Auth), 1);
    }
}

#[tokio::test]
async fn what_the_server_offers_inside_tls_is_known_without_asking_twice() {
    for (sink, hellos) in [
        (SmtpSink::start().await, 1),
        (SmtpSink::start_with_starttls().await, 2),
        (SmtpSink::start_with_implicit_tls().await, 1),
    ] {
        sink.set_capabilities(&["STARTTLS", "PIPELINING", "SIZE 1000000", "AUTH PLAIN"]);
        let connection = open(sink.url()).await.unwrap();
        let offered = connection.capabilities();
        assert!(offered.pipelining && !offered.smtp_utf8, "{offered:?}");
        assert_eq!(offered.size, Some(1_000_000));
        assert_eq!(offered.auth, ["PLAIN"]);
        assert_eq!(sink.count(At::Hello), hellos);
    }
}

#[tokio::test]
async fn a_connection_lost_inside_tls_after_the_final_dot_is_in_doubt() {
    for sink in [
        SmtpSink::start_with_starttls().await,
        SmtpSink::start_with_implicit_tls().await,
    ] {
        let mut connection = open(sink.url()).await.unwrap();
        sink.set_behaviour(|moment| match moment.at {
            At::Content => Some(Act::KeepThenDrop),
            At::Data if moment.nth > 0 => Some(Act::Drop),
            _ => None,
        });
        let result = connection.send(&message("one@practice.example")).await;
        assert!(matches!(result, SendResult::InDoubt { .. }), "{result:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    for sink in [
        SmtpSink::start_with_starttls().await,
        SmtpSink::start_with_implicit_tls().await,
    ] {
        let url = sink.url();
        let (url, _) = url.split_once("ca_file").unwrap();
        let failure = open(url.trim_end_matches(['?', '&']).to_owned())
            .await
            .unwrap_err();
        assert_eq!(failure.stage, Stage::Tls, "{failure}");
        assert!(
            failure.why.to_lowercase().contains("certificate"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_gets_no_mail_if_tls_is_required() {
    let sink = SmtpSink::start_with_starttls().await;
    sink.set_capabilities(&["AUTH PLAIN"]);
    let failure = open(with_password(&sink)).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Tls);
    assert!(failure.why.contains("offers no STARTTLS"), "{failure}");
    assert_eq!(sink.count(At::Auth), 0, "and no password");

    let opportunistic = sink.url().replace("tls=required", "tls=opportunistic");
    assert!(open(opportunistic).await.is_ok());
}

#[tokio::test]
async fn plain_bytes_slipped_in_behind_the_answer_to_starttls_are_not_taken_for_encrypted_ones() {
    let sink = SmtpSink::start_with_starttls().await;
    sink.set_behaviour(|moment| match moment.at {
        At::StartTls => Act::reply("220 2.0.0 Ready\r\n250-injected\r\n250 AUTH PLAIN"),
        _ => None,
    });
    let failure = open(sink.url()).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Tls, "{failure}");
    assert!(failure.reply.is_none(), "{failure}");
}

#[tokio::test]
async fn a_wrong_password_is_the_servers_answer_and_is_never_shown() {
    let sink = SmtpSink::start_with_implicit_tls().await;
    sink.set_capabilities(&["AUTH PLAIN"]);
    sink.set_behaviour(|moment| match moment.at {
        At::Auth => Act::reply("535 5.7.8 Authentication failed"),
        _ => None,
    });
    let failure = open(with_password(&sink)).await.unwrap_err();
    assert_eq!(
        (failure.stage, failure.reply.as_ref().unwrap().code),
        (Stage::Auth, 535)
    );
    assert!(!format!("{failure} {failure:?}").contains("s3cret"));

    sink.set_capabilities(&["AUTH CRAM-MD5"]);
    let failure = open(with_password(&sink)).await.unwrap_err();
    assert_eq!(
        failure.stage,
        Stage::Auth,
        "no way to sign in in common: {failure}"
    );
}
