//! AUTH, judged by Dovecot.

use practice_points::mail::outcome::{SendResult, Stage};

use super::postfix::{Port, Postfix};
use super::{PASSWORD, USER, open};
use crate::mail::samples::message;

#[tokio::test]
async fn the_sign_in_is_by_whichever_way_the_server_offers() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    for (port, way) in [
        (Port::Submission, "PLAIN"),
        (Port::PlainOnly, "PLAIN"),
        (Port::LoginOnly, "LOGIN"),
    ] {
        let mut connection = open(&postfix.url(port)).await.unwrap();
        assert_eq!(connection.facts().signed_in_by, Some(way));
        let result = connection.send(&message("gp@practice.example")).await;
        assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
    }
    let log = postfix.log();
    for way in ["PLAIN", "LOGIN"] {
        let told = format!("sasl_method={way}, sasl_username={USER}");
        assert!(log.contains(&told), "{log}");
    }

    let failure = open(&postfix.url(Port::NeitherOfThem)).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Auth);
    assert!(failure.why.contains("it has CRAM-MD5"), "{failure}");
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_servers_words_and_never_shown() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    for port in [Port::Submission, Port::LoginOnly, Port::Smtps] {
        let url = postfix.url(port).replace(PASSWORD, "kea-sleeps");
        let failure = open(&url).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Auth);
        assert_eq!(failure.reply.as_ref().unwrap().code, 535, "{failure}");
        assert!(!format!("{failure} {failure:?}").contains("kea-sleeps"));
    }
}

#[tokio::test]
async fn without_signing_in_a_submission_port_refuses_by_its_policy() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let url = postfix
        .url(Port::Submission)
        .replace(&format!("{USER}:{PASSWORD}@"), "");
    let mut connection = open(&url).await.unwrap();
    assert_eq!(connection.facts().signed_in_by, None);
    let result = connection.send(&message("gp@practice.example")).await;
    assert!(
        matches!(result, SendResult::PolicyRefusal { .. }),
        "{result:?}"
    );
}
