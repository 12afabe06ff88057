//! The same for OpenSMTPD, which offers no PIPELINING and takes a hundred messages over one connection.

use practice_points::mail::outcome::{SendResult, Stage};

use super::open;
use super::opensmtpd::OpenSmtpd;
use crate::mail::samples::{huge_message, message};

#[tokio::test]
async fn messages_arrive_in_opensmtpd_byte_for_byte() {
    let Some(opensmtpd) = OpenSmtpd::start(&[]) else {
        return;
    };
    let kinds = [
        ("plain", opensmtpd.plain_url(), "ESMTP"),
        ("submission", opensmtpd.submission_url(), "ESMTPSA"),
        ("smtps", opensmtpd.smtps_url(), "ESMTPSA"),
    ];
    for (name, url, with) in &kinds {
        let mut connection = open(url).await.unwrap();
        let offered = connection.capabilities();
        assert!(!offered.pipelining && offered.eight_bit_mime, "{offered:?}");
        let signed_in = connection.facts().signed_in_by;
        assert_eq!(signed_in, with.ends_with('A').then_some("PLAIN"));
        for number in 0..5 {
            let to = format!("{name}-{number}@practice.example");
            let result = connection.send(&message(&to)).await;
            assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
        }
        connection.quit().await;
    }
    let arrived = opensmtpd.maildir().wait_for(15).await;
    assert_eq!(arrived.len(), 15);
    for (name, _, with) in kinds {
        for number in 0..5 {
            let to = format!("{name}-{number}@practice.example");
            let copies: Vec<_> = arrived.iter().filter(|it| it.to == to).collect();
            assert_eq!(copies.len(), 1, "{to}");
            assert_eq!(copies[0].message, message(&to).as_str());
            assert_eq!(copies[0].with, with);
        }
    }
}

#[tokio::test]
async fn opensmtpd_judges_passwords_recipients_and_sizes() {
    let Some(opensmtpd) = OpenSmtpd::start(&["smtp max-message-size \"200K\""]) else {
        return;
    };
    let wrong = opensmtpd
        .submission_url()
        .replace(super::PASSWORD, "kea-sleeps");
    let failure = open(&wrong).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Auth);
    assert_eq!(failure.reply.unwrap().code, 535);

    let mut connection = open(&opensmtpd.submission_url()).await.unwrap();
    assert_eq!(connection.capabilities().size, Some(200 * 1024));
    let result = connection.send(&message("gone@practice.example")).await;
    assert!(
        matches!(
            result,
            SendResult::Refused {
                stage: Stage::Recipient,
                ..
            }
        ),
        "{result:?}"
    );
    let result = connection
        .send(&huge_message("big@practice.example", 300_000))
        .await;
    assert!(
        matches!(
            result,
            SendResult::Refused {
                stage: Stage::Content,
                ..
            }
        ),
        "{result:?}"
    );
    let result = connection.send(&message("small@practice.example")).await;
    assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
    let arrived = opensmtpd.maildir().wait_for(1).await;
    assert_eq!(arrived[0].to, "small@practice.example");
}

#[tokio::test]
async fn when_a_connection_has_carried_as_many_as_the_server_allows_another_one_goes_on() {
    let Some(opensmtpd) = OpenSmtpd::start(&["smtp limit max-mails 5"]) else {
        return;
    };
    let url = opensmtpd.submission_url();
    let mut connection = open(&url).await.unwrap();
    let mut connections = 1;
    for number in 0..12 {
        let message = message(&format!("gp{number}@practice.example"));
        let mut result = connection.send(&message).await;
        if let SendResult::ServerTrouble { stage, reply, .. } = &result {
            assert_eq!((*stage, reply.as_ref().unwrap().code), (Stage::Mail, 452));
            connection = open(&url).await.unwrap();
            connections += 1;
            result = connection.send(&message).await;
        }
        assert!(
            matches!(result, SendResult::Accepted(_)),
            "{number}: {result:?}"
        );
    }
    assert_eq!(connections, 3);
    assert_eq!(opensmtpd.maildir().wait_for(12).await.len(), 12);
    assert!(opensmtpd.log().contains("Too many messages sent"));
}
