//! TLS with a real server: what is insisted on, and which certificates are believed.

use practice_points::mail::outcome::{SendResult, Stage};

use super::open;
use super::postfix::{Port, Postfix};
use crate::mail::samples::message;

#[tokio::test]
async fn tls_is_as_the_setting_says() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let plain = postfix.port(Port::Plain);
    let required = format!("smtp://localhost:{plain}?tls=required");
    let failure = open(&required).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Tls);
    assert!(failure.why.contains("offers no STARTTLS"), "{failure}");

    let submission = postfix.url(Port::Submission);
    let opportunistic = submission.replace("tls=required", "tls=opportunistic");
    for (url, encrypted) in [
        (format!("smtp://localhost:{plain}?tls=none"), false),
        (format!("smtp://localhost:{plain}?tls=opportunistic"), false),
        (opportunistic, true),
        (submission, true),
        (postfix.url(Port::Smtps), true),
    ] {
        let mut connection = open(&url).await.unwrap();
        let tls = connection.facts().tls.clone();
        assert_eq!(tls.is_some(), encrypted, "{url}");
        if let Some(tls) = tls {
            assert_eq!(tls.version, "TLS 1.3");
            assert!(tls.cipher.starts_with("TLS_AES_"), "{tls:?}");
            let certificate = tls.certificate.unwrap();
            assert_eq!(certificate.names, ["localhost"]);
            assert_eq!(certificate.issuer, "Sample House Authority");
        }
        let offered = connection.capabilities();
        assert!(offered.pipelining && offered.eight_bit_mime && offered.size.is_some());
        assert_eq!(offered.auth.is_empty(), !encrypted, "{offered:?}");
        let result = connection.send(&message("gp@practice.example")).await;
        assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
        assert!(connection.round_trip().await.is_some() && connection.is_open());
    }
}

#[tokio::test]
async fn a_server_that_insists_on_tls_gets_no_mail_without_and_nobody_is_blamed() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let url = format!("smtp://127.0.0.1:{}", postfix.port(Port::Submission));
    let mut connection = open(&url).await.unwrap();
    let result = connection.send(&message("gp@practice.example")).await;
    let SendResult::ServerTrouble { stage, why, .. } = &result else {
        panic!("{result:?}")
    };
    assert_eq!(*stage, Stage::Mail);
    assert!(why.contains("STARTTLS"), "{why}");
}

#[tokio::test]
async fn a_certificate_that_is_not_good_is_refused_in_clear_words() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let without_ca_file = |port| {
        let url = postfix.url(port);
        let (url, _) = url.split_once("ca_file=").unwrap();
        url.trim_end_matches(['?', '&']).to_owned()
    };
    let swapped = |from: Port, scheme: &str| {
        let (_, rest) = postfix
            .url(from)
            .split_once("://")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        format!("{scheme}://{}", rest.replace("tls=required&", ""))
    };
    for (url, words) in [
        (
            without_ca_file(Port::Submission),
            "signed by an authority that is not trusted here",
        ),
        (without_ca_file(Port::Smtps), "add ca_file="),
        (
            postfix.url(Port::OtherName),
            "is not for localhost; smtp_url has to name the server as its certificate does: mail.elsewhere.example",
        ),
        (
            postfix.url(Port::AuthoritysOwn),
            "is an authority's own (CA:TRUE)",
        ),
        (postfix.url(Port::Expired), "expired on 31 March 2021"),
        (swapped(Port::Submission, "smtps"), "does not speak TLS"),
    ] {
        let failure = open(&url).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Tls, "{failure}");
        assert!(failure.why.contains(words), "{failure}");
        assert!(!failure.why.contains(super::PASSWORD), "{failure}");
    }
    assert!(
        !postfix.log().contains("sasl_username"),
        "and no password was sent"
    );
}
