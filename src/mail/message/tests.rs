#![allow(clippy::unwrap_used, clippy::expect_used)]

use mail_parser::MessageParser;

use super::super::sender::tests::sample_sender;
use super::*;

fn content() -> Content {
    Content {
        subject: "Kōrero: coronary calcium in practice, what Ngāti Whātua GPs asked us in spring – and our answers".into(),
        html: format!(
            "<p>Kia ora{},</p>\n<p>.dot āēīōū</p><a href=\"{}\">Leave</a>",
            Slot::GreetingName.marker(),
            Slot::UnsubscribeUrl.marker()
        ),
        text: format!(
            "Kia ora{},\n\n.dot āēīōū\n..\nFrom here\n{}\n.\n",
            Slot::GreetingName.marker(),
            Slot::UnsubscribeUrl.marker()
        ),
    }
}

fn recipient() -> Recipient {
    let mut recipient = Recipient::new(
        EmailAddress::parse("sample.gp@practice.example").unwrap(),
        "d-42@points.clinic.example",
        Timestamp::from_millis(1_795_000_000_000),
    );
    recipient.name = Some(PersonName::parse("Māia O’Sample-Tūhoe & Co").unwrap());
    recipient.unsubscribe = Some(Unsubscribe {
        url: "https://points.clinic.example/u/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789".into(),
        token: "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789".into(),
    });
    recipient
}

fn message(kind: Kind) -> OutgoingMessage {
    CompiledMessage::new(&content(), &sample_sender(), kind)
        .unwrap()
        .for_recipient(&recipient())
        .unwrap()
}

#[test]
fn a_message_reads_back_as_it_was_written() {
    let message = message(Kind::Bulletin);
    let parsed = MessageParser::default().parse(message.bytes()).unwrap();
    assert_eq!(parsed.subject().unwrap(), content().subject);
    let to = parsed.to().unwrap().first().unwrap();
    assert_eq!(to.name().unwrap(), "Māia O’Sample-Tūhoe & Co");
    assert_eq!(to.address().unwrap(), "sample.gp@practice.example");
    assert_eq!(
        parsed.body_text(0).unwrap().replace("\r\n", "\n"),
        "Kia ora Māia O’Sample-Tūhoe & Co,\n\n.dot āēīōū\n..\nFrom here\n\
         https://points.clinic.example/u/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789\n.\n"
    );
    let html = parsed.body_html(0).unwrap();
    assert!(
        html.contains("Kia ora Māia O’Sample-Tūhoe &amp; Co,"),
        "{html}"
    );
    assert!(
        html.contains("href=\"https://points.clinic.example/u/AbC"),
        "{html}"
    );
}

#[test]
fn a_message_needs_no_dot_stuffing_and_keeps_to_short_lines() {
    let message = message(Kind::Bulletin);
    let text = message.as_str();
    assert!(text.is_ascii() && text.ends_with("\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    let (headers, body) = text.split_once("\r\n\r\n").unwrap();
    // One word may pass 78, as the unsubscribe link does; none may pass 998.
    let long = headers
        .split("\r\n")
        .filter(|line| line.len() > 78)
        .collect::<Vec<_>>();
    assert!(
        long.iter()
            .all(|line| line.starts_with("List-Unsubscribe: <") && line.len() < 100),
        "{long:?}"
    );
    for line in body.split("\r\n") {
        assert!(line.len() <= 76 && !line.starts_with('.'), "{line}");
    }
}

#[test]
fn a_bulletin_carries_its_list_headers_and_a_notice_does_not() {
    let bulletin = message(Kind::Bulletin);
    for line in [
        "List-Unsubscribe: <https://points.clinic.example/u/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789>,\r\n \
         <mailto:points@clinic.example?subject=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "List-Id: \"GP Practice Points\" <practice-points.points.clinic.example>\r\n",
        "List-Help: <https://points.clinic.example/contact>\r\n",
        "List-Owner: <mailto:contact@clinic.example>\r\n",
        "Precedence: bulk\r\n",
        "Message-ID: <d-42@points.clinic.example>\r\n",
    ] {
        assert!(
            bulletin.as_str().contains(line),
            "{line} in {}",
            bulletin.as_str()
        );
    }
    assert!(!bulletin.as_str().contains("Auto-Submitted"));
    let notice = message(Kind::Notice);
    assert!(
        notice
            .as_str()
            .contains("Auto-Submitted: auto-generated\r\n")
    );
    assert!(!notice.as_str().contains("List-Id") && !notice.as_str().contains("Precedence"));
}

#[test]
fn a_notice_without_a_way_out_has_no_unsubscribe_headers_and_a_bulletin_is_refused() {
    let plain = Content {
        subject: "s".into(),
        html: "<p>h</p>".into(),
        text: "t".into(),
    };
    let mut recipient = recipient();
    recipient.unsubscribe = None;
    let notice = CompiledMessage::new(&plain, &sample_sender(), Kind::Notice)
        .unwrap()
        .for_recipient(&recipient)
        .unwrap();
    assert!(!notice.as_str().contains("List-Unsubscribe"));
    let bulletin = CompiledMessage::new(&plain, &sample_sender(), Kind::Bulletin).unwrap();
    assert_eq!(
        bulletin.for_recipient(&recipient).unwrap_err(),
        SpliceError::MissingValue(Slot::UnsubscribeUrl)
    );
}

#[test]
fn a_person_without_a_name_is_greeted_without_one() {
    let mut recipient = recipient();
    recipient.name = None;
    let message = CompiledMessage::new(&content(), &sample_sender(), Kind::Bulletin)
        .unwrap()
        .for_recipient(&recipient)
        .unwrap();
    let parsed = MessageParser::default().parse(message.bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().starts_with("Kia ora,"));
}

#[test]
fn every_try_differs_only_in_its_date() {
    let compiled = CompiledMessage::new(&content(), &sample_sender(), Kind::Bulletin).unwrap();
    let first = compiled.for_recipient(&recipient()).unwrap();
    let mut later = recipient();
    later.at = Timestamp::from_millis(1_795_100_000_000);
    let second = compiled.for_recipient(&later).unwrap();
    assert_ne!(first.as_str(), second.as_str());
    let rest =
        |message: &OutgoingMessage| message.as_str().split_once("\r\n").unwrap().1.to_owned();
    assert_eq!(rest(&first), rest(&second));
}

#[test]
fn what_cannot_stand_in_a_header_is_refused() {
    let compiled = CompiledMessage::new(&content(), &sample_sender(), Kind::Bulletin).unwrap();
    let mut bad = recipient();
    bad.message_id = "x@y>\r\nBcc: z".into();
    assert_eq!(
        compiled.for_recipient(&bad).unwrap_err(),
        SpliceError::NotAToken("the Message-ID")
    );
    let mut bad = recipient();
    bad.unsubscribe = Some(Unsubscribe {
        url: "https://x/ y".into(),
        token: "t".into(),
    });
    assert_eq!(
        compiled.for_recipient(&bad).unwrap_err(),
        SpliceError::NotAToken("the unsubscribe link")
    );
    let mut bad = recipient();
    bad.unsubscribe = Some(Unsubscribe {
        url: format!("https://x/{}", "y".repeat(300)),
        token: "t".into(),
    });
    assert_eq!(
        compiled.for_recipient(&bad).unwrap_err(),
        SpliceError::LongValue(Slot::UnsubscribeUrl)
    );
}

#[test]
fn a_subject_of_one_endless_word_is_refused() {
    let content = Content {
        subject: "a".repeat(1200),
        ..content()
    };
    assert_eq!(
        CompiledMessage::new(&content, &sample_sender(), Kind::Bulletin).unwrap_err(),
        CompileError::LongHeader("Subject")
    );
    let content = Content {
        subject: " \r\n ".into(),
        ..content
    };
    assert_eq!(
        CompiledMessage::new(&content, &sample_sender(), Kind::Bulletin).unwrap_err(),
        CompileError::NoSubject
    );
}

#[test]
fn an_html_part_that_gmail_would_clip_is_refused_with_its_size() {
    let fill = |bytes: usize| Content {
        html: "a".repeat(bytes),
        ..content()
    };
    assert!(CompiledMessage::new(&fill(HTML_LIMIT), &sample_sender(), Kind::Bulletin).is_ok());
    let error =
        CompiledMessage::new(&fill(HTML_LIMIT + 1), &sample_sender(), Kind::Bulletin).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the HTML part takes up to 103 KB"),
        "{error}"
    );
    let mut nearly = fill(HTML_LIMIT - 10);
    nearly.html.push_str(Slot::UnsubscribeUrl.marker());
    assert!(
        CompiledMessage::new(&nearly, &sample_sender(), Kind::Bulletin).is_err(),
        "slots count at their longest"
    );
}
