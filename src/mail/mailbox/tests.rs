#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::super::content::Content;
use super::super::message::{CompiledMessage, Kind, Recipient};
use super::super::sender::tests::sample_sender;
use super::*;
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;

fn message(number: i64, at: i64) -> OutgoingMessage {
    let content = Content {
        subject: format!("Kōrero {number}"),
        html: "<p>Tēnā koe</p>".into(),
        text: "Tēnā koe\n".into(),
    };
    let address = EmailAddress::parse("sample@practice.example").unwrap();
    let mut recipient = Recipient::new(
        address,
        format!("d-{number}@points.example"),
        Timestamp::from_millis(at),
    );
    recipient.name = Some(PersonName::parse("Māia Sample").unwrap());
    CompiledMessage::new(&content, &sample_sender(), Kind::Notice)
        .unwrap()
        .for_recipient(&recipient)
        .unwrap()
}

fn mailbox() -> (tempfile::TempDir, Mailbox) {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::open(folder.path().join("mailbox")).unwrap();
    (folder, mailbox)
}

#[test]
fn a_delivered_message_is_listed_and_read_back() {
    let (_folder, mailbox) = mailbox();
    let sent = message(1, 1_795_000_000_000);
    mailbox.deliver(&sent).unwrap();
    let entries = mailbox.list(10, None).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].to, "Māia Sample <sample@practice.example>");
    assert_eq!(
        entries[0].from,
        "GP Practice Points <points@clinic.example>"
    );
    assert_eq!(entries[0].subject, "Kōrero 1");
    assert_eq!(entries[0].size, sent.bytes().len() as u64);
    assert_eq!(entries[0].at.as_millis(), 1_795_000_000_000);
    let id: MailboxId = entries[0].id.to_string().parse().unwrap();
    let stored = mailbox.read(id).unwrap().unwrap();
    assert_eq!(stored.raw, sent.bytes());
    assert_eq!(stored.html.as_deref(), Some("<p>Tēnā koe</p>"));
    assert_eq!(stored.text.as_deref(), Some("Tēnā koe\r\n"));
    assert!(
        stored
            .headers
            .contains(&("Auto-Submitted".into(), "auto-generated".into())),
        "{:?}",
        stored.headers
    );
}

#[test]
fn repeating_a_delivery_leaves_one_message() {
    let (_folder, mailbox) = mailbox();
    mailbox.deliver(&message(1, 1_000)).unwrap();
    mailbox.deliver(&message(1, 9_000)).unwrap();
    let entries = mailbox.list(10, None).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].at.as_millis(), 1_000, "it stays in its place");
    let again = Mailbox::open(mailbox.folder.clone()).unwrap();
    again.deliver(&message(1, 20_000)).unwrap();
    assert_eq!(mailbox.count().unwrap(), 1, "also after a restart");
}

#[test]
fn listings_go_back_in_time_page_by_page() {
    let (_folder, mailbox) = mailbox();
    for number in [3, 1, 5, 2, 4] {
        mailbox.deliver(&message(number, number * 1_000)).unwrap();
    }
    let subjects = |entries: &[MailboxEntry]| {
        entries
            .iter()
            .map(|entry| entry.subject.clone())
            .collect::<Vec<_>>()
    };
    let first = mailbox.list(2, None).unwrap();
    assert_eq!(subjects(&first), ["Kōrero 5", "Kōrero 4"]);
    let second = mailbox.list(9, Some(first[1].id)).unwrap();
    assert_eq!(subjects(&second), ["Kōrero 3", "Kōrero 2", "Kōrero 1"]);
    let found = mailbox.find("korero  MAIA 2", 9, None).unwrap();
    assert_eq!(subjects(&found), ["Kōrero 2"]);
    assert!(mailbox.find("walrus", 9, None).unwrap().is_empty());
}

#[test]
fn only_the_newest_messages_are_kept() {
    let (_folder, mut mailbox) = mailbox();
    mailbox.kept = 3;
    for number in 1..=i64::from(TIDY_EVERY) {
        mailbox.deliver(&message(number, number * 1_000)).unwrap();
    }
    let entries = mailbox.list(10, None).unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0].at.as_millis(), i64::from(TIDY_EVERY) * 1_000);
}

#[test]
fn no_text_but_an_id_names_a_file() {
    let id = MailboxId::of(&message(1, 1_795_000_000_000)).to_string();
    assert!(id.parse::<MailboxId>().is_ok());
    let long = format!("{id}0");
    for text in [
        "",
        "-",
        "../../etc/passwd",
        &id[1..],
        &long,
        &id.to_uppercase(),
        &id.replace('-', "/"),
    ] {
        assert_eq!(text.parse::<MailboxId>(), Err(MailboxIdError), "{text}");
    }
    let signed = format!("+{}", &id[1..]);
    assert_eq!(
        signed.parse::<MailboxId>(),
        Err(MailboxIdError),
        "numbers with a sign are not digits"
    );
}

#[test]
fn foreign_and_unfinished_files_are_not_listed() {
    let (_folder, mailbox) = mailbox();
    mailbox.deliver(&message(1, 1_000)).unwrap();
    fs::create_dir_all(mailbox.folder.join("00")).unwrap();
    fs::write(
        mailbox.folder.join("00").join("000000000001000-00.tmp"),
        "x",
    )
    .unwrap();
    fs::write(mailbox.folder.join("README"), "x").unwrap();
    assert_eq!(mailbox.count().unwrap(), 1);
    let missing: MailboxId = "000000000000001-00000000000000000000000000000000"
        .parse()
        .unwrap();
    assert_eq!(mailbox.read(missing).unwrap(), None);
}
