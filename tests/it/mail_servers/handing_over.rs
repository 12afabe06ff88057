//! Messages handed over to real servers, and what they refuse.

use practice_points::mail::outcome::{SendResult, Stage};

use super::open;
use super::postfix::{Port, Postfix};
use crate::mail::samples::{huge_message, message};

#[tokio::test]
async fn messages_arrive_in_postfix_byte_for_byte() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let kinds = [
        (Port::Plain, "ESMTP"),
        (Port::Submission, "ESMTPSA"),
        (Port::Smtps, "ESMTPSA"),
    ];
    for (port, _) in kinds {
        let mut connection = open(&postfix.url(port)).await.unwrap();
        for number in 0..10 {
            let to = format!("{port:?}-{number}@practice.example").to_lowercase();
            let result = connection.send(&message(&to)).await;
            assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
        }
        connection.quit().await;
    }
    let arrived = postfix.maildir().wait_for(30).await;
    assert_eq!(arrived.len(), 30);
    for (port, with) in kinds {
        for number in 0..10 {
            let to = format!("{port:?}-{number}@practice.example").to_lowercase();
            let copies: Vec<_> = arrived.iter().filter(|it| it.to == to).collect();
            assert_eq!(copies.len(), 1, "{to}");
            assert_eq!(copies[0].message, message(&to).as_str());
            assert_eq!(copies[0].with, with);
        }
    }
}

#[tokio::test]
async fn a_refused_recipient_between_others_is_known_and_disturbs_nobody() {
    let Some(postfix) = Postfix::start(&[]) else {
        return;
    };
    let mut connection = open(&postfix.url(Port::Submission)).await.unwrap();
    for to in ["first", "gone", "second", "gone.too", "third"] {
        let result = connection
            .send(&message(&format!("{to}@practice.example")))
            .await;
        match (to.starts_with("gone"), result) {
            (false, SendResult::Accepted(_)) => {}
            (true, SendResult::Refused { stage, reply }) => {
                assert_eq!(stage, Stage::Recipient);
                assert!(reply.to_string().starts_with("550 5.1.1 "), "{reply}");
            }
            (_, other) => panic!("{to}: {other:?}"),
        }
        assert!(connection.is_open());
    }
    let mut arrived: Vec<String> = postfix
        .maildir()
        .wait_for(3)
        .await
        .into_iter()
        .map(|it| it.to)
        .collect();
    arrived.sort();
    assert_eq!(
        arrived,
        [
            "first@practice.example",
            "second@practice.example",
            "third@practice.example"
        ]
    );
    assert_eq!(
        postfix.log().matches(": connect from").count(),
        2,
        "one for the test's start"
    );
}

#[tokio::test]
async fn a_message_that_is_too_big_for_the_server_is_refused_and_the_next_one_goes() {
    let Some(postfix) = Postfix::start(&["message_size_limit = 200000"]) else {
        return;
    };
    let mut connection = open(&postfix.url(Port::Submission)).await.unwrap();
    assert_eq!(connection.capabilities().size, Some(200_000));
    let result = connection
        .send(&huge_message("big@practice.example", 300_000))
        .await;
    let SendResult::Refused { reply, .. } = &result else {
        panic!("{result:?}")
    };
    assert!(reply.to_string().starts_with("552 5.3.4 "), "{reply}");
    assert!(connection.is_open());
    let result = connection.send(&message("small@practice.example")).await;
    assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
    let arrived = postfix.maildir().wait_for(1).await;
    assert_eq!(arrived[0].to, "small@practice.example");
}

#[tokio::test]
async fn a_limit_of_the_servers_own_is_its_trouble_and_never_the_recipients() {
    let Some(postfix) = Postfix::start(&[
        "smtpd_client_message_rate_limit = 3",
        "smtpd_client_event_limit_exceptions =",
    ]) else {
        return;
    };
    let mut connection = open(&postfix.url(Port::Submission)).await.unwrap();
    for number in 0..4 {
        let result = connection
            .send(&message(&format!("gp{number}@practice.example")))
            .await;
        match (number, &result) {
            (0..3, SendResult::Accepted(_)) => {}
            (3, SendResult::ServerTrouble { stage, reply, .. }) => {
                assert_eq!(*stage, Stage::Mail);
                assert_eq!(reply.as_ref().unwrap().code, 450, "{result:?}");
            }
            _ => panic!("{number}: {result:?}"),
        }
    }
    assert_eq!(postfix.maildir().wait_for(3).await.len(), 3);
}
