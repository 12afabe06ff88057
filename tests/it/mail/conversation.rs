//! What becomes of a message when the server behaves, and when it does not.

use std::time::Duration;

use practice_points::mail::outcome::{SendResult, Stage};
use practice_points::mail::smtp::{SmtpConnection, SmtpServer, Timeouts};
use secrecy::SecretString;

use super::samples::{huge_message, message};
use crate::smtp_sink::{Act, At, SmtpSink};

fn timeouts() -> Timeouts {
    let short = Duration::from_millis(400);
    Timeouts {
        connect: Duration::from_secs(5),
        hello: short,
        command: short,
        content: short,
    }
}

async fn connect(sink: &SmtpSink) -> SmtpConnection {
    let server = SmtpServer::parse(&SecretString::from(sink.url())).unwrap();
    SmtpConnection::open(&server, "points.clinic.example", timeouts())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_arrives_byte_for_byte() {
    let sink = SmtpSink::start().await;
    let mut connection = connect(&sink).await;
    let sent = message("sample@practice.example");
    let SendResult::Accepted(reply) = connection.send(&sent).await else {
        panic!("not accepted")
    };
    assert_eq!(reply.to_string(), "250 2.0.0 Queued");
    let received = sink.wait_for(1).await.remove(0);
    assert_eq!(received.from, "points@clinic.example");
    assert_eq!(received.to, ["sample@practice.example"]);
    assert_eq!(String::from_utf8(received.bytes).unwrap(), sent.as_str());
    assert_eq!(sink.commands()[0], "EHLO points.clinic.example");
}

#[tokio::test]
async fn one_connection_carries_many_messages() {
    let sink = SmtpSink::start().await;
    let mut connection = connect(&sink).await;
    for number in 0..50 {
        let result = connection
            .send(&message(&format!("sample{number}@practice.example")))
            .await;
        assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
    }
    connection.quit().await;
    assert_eq!(sink.messages().len(), 50);
    assert_eq!(sink.count(At::Greeting), 1);
    assert_eq!(sink.commands().last().unwrap(), "QUIT");
}

#[tokio::test]
async fn a_refused_recipient_does_not_disturb_the_next() {
    let sink = SmtpSink::start().await;
    sink.set_behaviour(|moment| match moment.at {
        At::Rcpt if moment.address.starts_with("gone@") => Act::reply("550 5.1.1 No such user"),
        _ => None,
    });
    let mut connection = connect(&sink).await;
    let SendResult::Refused { stage, reply } =
        connection.send(&message("gone@practice.example")).await
    else {
        panic!("not refused")
    };
    assert_eq!(
        (stage, reply.to_string().as_str()),
        (Stage::Recipient, "550 5.1.1 No such user")
    );
    assert!(connection.is_open());
    let result = connection.send(&message("here@practice.example")).await;
    assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
    assert_eq!(sink.messages()[0].to, ["here@practice.example"]);
    assert_eq!((sink.count(At::Greeting), sink.count(At::Rset)), (1, 1));
}

#[tokio::test]
async fn each_refusal_is_known_by_its_stage_and_leaves_the_connection_open() {
    for (at, line, expected) in [
        (
            At::Rcpt,
            "451 4.3.0 Try later",
            "Deferred { stage: Recipient",
        ),
        (
            At::Rcpt,
            "554 5.7.1 Relay denied",
            "PolicyRefusal { stage: Recipient",
        ),
        (At::Data, "451 4.3.0 Try later", "Deferred { stage: Data"),
        (
            At::Content,
            "451 4.3.0 Try later",
            "Deferred { stage: Content",
        ),
        (
            At::Content,
            "550 5.7.1 Looks like spam",
            "PolicyRefusal { stage: Content",
        ),
        (At::Content, "554 5.6.0 Refused", "Refused { stage: Content"),
        (
            At::Mail,
            "550 5.7.1 Sender refused",
            "PolicyRefusal { stage: Mail",
        ),
    ] {
        let sink = SmtpSink::start().await;
        sink.set_behaviour(move |moment| {
            if moment.at == at && moment.nth == 0 {
                Act::reply(line)
            } else {
                None
            }
        });
        let mut connection = connect(&sink).await;
        let result = format!(
            "{:?}",
            connection.send(&message("sample@practice.example")).await
        );
        assert!(result.starts_with(expected), "{at:?} {line}: {result}");
        assert!(connection.is_open());
        let result = connection.send(&message("next@practice.example")).await;
        assert!(
            matches!(result, SendResult::Accepted(_)),
            "{at:?} {line}: {result:?}"
        );
        assert_eq!(sink.messages().len(), 1);
    }
}

#[tokio::test]
async fn the_servers_own_trouble_closes_the_connection_and_blames_nobody() {
    for (at, act) in [
        (At::Mail, Act::Reply("421 4.3.2 Shutting down".into())),
        (At::Rcpt, Act::Reply("421 4.3.2 Shutting down".into())),
        (
            At::Content,
            Act::ReplyThenDrop("421 4.3.2 Shutting down".into()),
        ),
        (At::Mail, Act::Reply("451 4.3.0 No space".into())),
        (
            At::Mail,
            Act::Reply("530 5.7.0 Must issue STARTTLS first".into()),
        ),
        (At::Mail, Act::Drop),
        (At::Rcpt, Act::Drop),
        (At::Data, Act::Drop),
        (At::Mail, Act::Hang),
        (At::Data, Act::Hang),
    ] {
        let sink = SmtpSink::start().await;
        let todo = act.clone();
        sink.set_behaviour(move |moment| {
            if moment.at == at {
                Some(todo.clone())
            } else {
                None
            }
        });
        let mut connection = connect(&sink).await;
        let result = connection.send(&message("sample@practice.example")).await;
        assert!(
            matches!(result, SendResult::ServerTrouble { .. }),
            "{at:?} {act:?}: {result:?}"
        );
        assert!(!connection.is_open(), "{at:?} {act:?}");
        let again = connection.send(&message("sample@practice.example")).await;
        assert!(
            matches!(again, SendResult::ServerTrouble { .. }),
            "a closed connection says so: {again:?}"
        );
        assert!(sink.messages().is_empty());
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_final_dot_leaves_the_message_in_doubt() {
    for act in [
        Act::Drop,
        Act::KeepThenDrop,
        Act::Hang,
        Act::RawThenDrop(b"what?\r\n".to_vec()),
    ] {
        let sink = SmtpSink::start().await;
        let todo = act.clone();
        sink.set_behaviour(move |moment| {
            if moment.at == At::Content {
                Some(todo.clone())
            } else {
                None
            }
        });
        let mut connection = connect(&sink).await;
        let result = connection.send(&message("sample@practice.example")).await;
        assert!(
            matches!(result, SendResult::InDoubt { .. }),
            "{act:?}: {result:?}"
        );
        assert!(!connection.is_open());
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_final_dot_is_not_in_doubt() {
    for sink in [
        SmtpSink::start().await,
        SmtpSink::start_with_implicit_tls().await,
    ] {
        sink.set_behaviour(|moment| match moment.at {
            At::Data => Some(Act::ReplyThenDrop("354 Go ahead".into())),
            _ => None,
        });
        let mut connection = connect(&sink).await;
        // More than the buffers between us hold, so that the end cannot have been handed to the network.
        let result = connection
            .send(&huge_message("sample@practice.example", 16 * 1024 * 1024))
            .await;
        assert!(
            matches!(
                result,
                SendResult::ServerTrouble {
                    stage: Stage::Content,
                    ..
                }
            ),
            "{result:?}"
        );
        assert!(!connection.is_open());
    }
}

#[tokio::test]
async fn gibberish_about_one_recipient_counts_as_their_deferral_and_ends_the_connection() {
    for raw in [
        &b"571 5.7.1 A code that does not exist\r\n"[..],
        b"550 Utilisateur supprim\xe9\r\n",
    ] {
        let sink = SmtpSink::start().await;
        sink.set_behaviour(move |moment| match moment.at {
            At::Rcpt => Some(Act::RawThenDrop(raw.to_vec())),
            _ => None,
        });
        let mut connection = connect(&sink).await;
        let result = connection.send(&message("sample@practice.example")).await;
        let SendResult::Deferred {
            stage: Stage::Recipient,
            reply,
        } = result
        else {
            panic!("{result:?}")
        };
        assert_eq!(reply.code, 0);
        assert!(!connection.is_open());
    }
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let sink = SmtpSink::start().await;
    sink.set_behaviour(|_| Some(Act::Slow(Duration::from_millis(30))));
    let mut connection = connect(&sink).await;
    let result = connection.send(&message("sample@practice.example")).await;
    assert!(matches!(result, SendResult::Accepted(_)), "{result:?}");
}

#[tokio::test]
async fn a_send_that_was_given_up_half_way_leaves_a_closed_connection() {
    let sink = SmtpSink::start().await;
    sink.set_behaviour(|moment| {
        if moment.at == At::Rcpt {
            Some(Act::Hang)
        } else {
            None
        }
    });
    let mut connection = connect(&sink).await;
    let sent = message("sample@practice.example");
    let given_up = tokio::time::timeout(Duration::from_millis(50), connection.send(&sent)).await;
    assert!(given_up.is_err());
    assert!(!connection.is_open());
}

#[tokio::test]
async fn a_server_that_is_away_or_refuses_to_talk_is_named_by_stage() {
    let sink = SmtpSink::start().await;
    let url = sink.url();
    let port = sink.stop().await;
    let server = SmtpServer::parse(&SecretString::from(url)).unwrap();
    let failure = SmtpConnection::open(&server, "points.clinic.example", timeouts())
        .await
        .unwrap_err();
    assert_eq!(failure.stage, Stage::Connect);
    assert!(
        failure
            .why
            .starts_with(&format!("127.0.0.1:{port}: cannot connect")),
        "{failure}"
    );

    let sink = SmtpSink::start_on(port).await;
    for (act, code) in [
        (Act::Reply("554 5.3.2 No service".into()), Some(554)),
        (Act::Reply("421 Busy".into()), Some(421)),
        (Act::Drop, None),
        (Act::Hang, None),
    ] {
        let todo = act.clone();
        sink.set_behaviour(move |moment| {
            if moment.at == At::Greeting {
                Some(todo.clone())
            } else {
                None
            }
        });
        let failure = SmtpConnection::open(&server, "points.clinic.example", timeouts())
            .await
            .unwrap_err();
        assert_eq!(
            (failure.stage, failure.reply.map(|reply| reply.code)),
            (Stage::Hello, code),
            "{act:?}"
        );
    }
    sink.behave();
    assert!(
        connect(&sink).await.is_open(),
        "and when it is back, mail goes again"
    );
}
