//! DKIM: what the program signs is judged by two verifiers that others wrote, and so is what was changed on the way.

mod judges;
mod settings;

use std::path::Path;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, RsaKeyPair};
use practice_points::app::examine;
use practice_points::clock::Timestamp;
use practice_points::config::{Settings, Sources};
use practice_points::domain::person_name::PersonName;
use practice_points::mail::content::{Content, Slot};
use practice_points::mail::message::{CompiledMessage, Kind, OutgoingMessage};
use practice_points::mail::notice;
use practice_points::worker::Worker;

use self::judges::Dns;
use crate::app::{NOW, TestApp};
use crate::both_databases::Database;
use crate::desk::Desk;
use crate::mail::samples;
use crate::smtp_sink::SmtpSink;

/// A private key in PEM form (PKCS#8).
pub fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// Writes a fresh RSA key and a fresh one of Ed25519 into a folder. Returns the settings that sign with both.
pub fn keys_in(folder: &Path) -> [(&'static str, String); 2] {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let ed25519 = Ed25519KeyPair::generate().unwrap();
    let files = [
        ("rsa.pem", pem(rsa.as_der().unwrap().as_ref())),
        ("ed25519.pem", pem(ed25519.to_pkcs8v1().unwrap().as_ref())),
    ];
    let paths = files.map(|(name, text)| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    });
    [
        ("dkim.selector", "points2026,points2026e".to_owned()),
        ("dkim.key_file", paths.join(",")),
    ]
}

/// The records that the doctor says to publish for these settings.
fn published(settings: &Settings, now: Timestamp) -> Dns {
    let records = examine::dns_records(settings)
        .into_iter()
        .map(|record| (record.name, record.text))
        .collect();
    Dns { records, now }
}

/// Settings with both keys.
struct Signing {
    settings: Settings,
    _folder: tempfile::TempDir,
}

impl Signing {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        for (key, value) in keys_in(folder.path()) {
            sources.add_flag(key, value);
        }
        sources.add_flag("mail_from", "points@clinic.example".to_owned());
        let settings = Settings::from_sources(&sources).unwrap();
        Self {
            settings,
            _folder: folder,
        }
    }

    fn sign(&self, mut message: OutgoingMessage) -> OutgoingMessage {
        let dkim = self.settings.dkim.as_ref().unwrap();
        message.sign(&dkim.signer).unwrap();
        message
    }

    /// What both judges say of messages that may have been changed.
    #[track_caller]
    fn assert_judged(&self, messages: &[(&str, String)], passing: bool) {
        let bytes: Vec<&[u8]> = messages.iter().map(|(_, text)| text.as_bytes()).collect();
        let dns = published(&self.settings, samples::recipient("gp@practice.example").at);
        for (judge, verdicts) in judges::ask(&dns, &bytes) {
            for ((what, text), verdicts) in messages.iter().zip(verdicts) {
                if passing {
                    assert_eq!(verdicts, [true, true], "{judge} on {what}: {text}");
                } else {
                    assert!(!verdicts.contains(&true), "{judge} on {what}: {text}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_message_that_the_service_sends_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SmtpSink::start().await;
    let url = sink.url();
    let keys = keys_in(folder.path());
    let mut settings = vec![
        ("smtp_url", url.as_str()),
        (
            "mail_from",
            "GP Practice Points – Ngā Tohu <points@clinic.example>",
        ),
        ("reply_to", "reception@clinic.example"),
    ];
    settings.extend(keys.iter().map(|(key, value)| (*key, value.as_str())));
    let base_url = "https://points.clinic.example";
    let app = TestApp::start_with(Database::Sqlite, base_url, &settings).await;
    for email in ["aroha@practice.example", "gp@practice.example"] {
        app.subscribe(email).await;
    }
    for email in ["aroha@practice.example", "new@practice.example"] {
        app.sign_up(email).await.expect(303);
    }
    app.post_form("/manage", &[("email", "gp@practice.example")])
        .await
        .expect(200);
    let desk = Desk::open(&app).await;
    let subject = "Calcium scoring in practice: what Ngāti Whātua Ōrākei GPs asked us this spring";
    let path = desk.approved_bulletin(subject, &["news"]).await;
    let page = desk.author.get(&path).await;
    let me = page.attribute("input[name=to][checked]", "value");
    let test = format!("{path}/test");
    desk.author
        .post_form(&test, &[("to", &me)])
        .await
        .expect(303);
    desk.publisher
        .post_form(&format!("{path}/send"), &[("confirm", "yes")])
        .await
        .expect(303);
    let worker = Worker::start(&app.app).unwrap();
    // A confirmation, two welcomes, one to somebody who is on the list, one with a link, one test, and two bulletins.
    let messages = sink.wait_for(8).await;
    worker.stop().await;

    let bytes: Vec<&[u8]> = messages.iter().map(|it| it.bytes.as_slice()).collect();
    for (judge, verdicts) in judges::ask(&published(&app.app.settings, NOW), &bytes) {
        for (message, verdicts) in messages.iter().zip(verdicts) {
            let text = String::from_utf8_lossy(&message.bytes);
            assert_eq!(verdicts, [true, true], "{judge} on {text}");
        }
    }
}

#[test]
fn every_kind_of_text_verifies() {
    let signing = Signing::new();
    let mut messages = Vec::new();
    let texts = [
        (
            "blanks at line ends",
            "a \nb\t\n\t\n  c  d \n \n\n\n".to_owned(),
        ),
        ("nothing", String::new()),
        ("long words and macrons", "āēīōū".repeat(400)),
        ("full stops and Froms", ".\n..\nFrom here\n.\n".to_owned()),
        (
            "a large part",
            "Words of a bulletin, with  two blanks.\n".repeat(2_000),
        ),
    ];
    for (what, text) in texts {
        let content = Content {
            subject: "Ngā mihi: a subject with macrons that is long enough to be folded over several lines – truly".into(),
            html: format!("<p>Kia ora{},</p>\n<p>  {text}</p>", Slot::GreetingName.marker()),
            text: format!("Kia ora{},\n{}\n{text}", Slot::GreetingName.marker(), Slot::UnsubscribeUrl.marker()),
        };
        // The large one stands in the text part: the HTML part has a limit.
        let content = match text.len() {
            0..10_000 => content,
            _ => Content {
                html: "<p>See the text.</p>".into(),
                ..content
            },
        };
        messages.push((what, Kind::Bulletin, content));
    }
    let sender = samples::sender();
    let topics = ["News".to_owned(), "Case studies".to_owned()];
    let confirmation = notice::Confirmation {
        symposium: None,
        sender: &sender,
        topics: &topics,
        valid: "two days",
    };
    messages.push((
        "a confirmation",
        Kind::Notice,
        confirmation.render().unwrap(),
    ));
    let signed: Vec<(&str, String)> = messages
        .iter()
        .map(|(what, kind, content)| {
            let compiled = CompiledMessage::new(content, &sender, *kind).unwrap();
            let mut recipient = samples::recipient("gp@practice.example");
            recipient.name = Some(
                PersonName::parse(
                    "Māia Hinerangi O’Sample-Tūhoe of the Practice by the Long White Beach",
                )
                .unwrap(),
            );
            let message = signing.sign(compiled.for_recipient(&recipient).unwrap());
            (*what, message.as_str().to_owned())
        })
        .collect();
    signing.assert_judged(&signed, true);
}

#[test]
fn a_change_of_what_matters_breaks_every_signature() {
    let signing = Signing::new();
    let message = signing.sign(samples::message("gp@practice.example"));
    let text = message.as_str();
    let replaced = |from: &str, to: &str| {
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        text.replace(from, to)
    };
    let above = |line: &str| format!("{line}\r\n{text}");
    // Beside the headers that are there: some receivers look at the first of two, some at the last.
    let below = |line: &str| text.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1);
    let changed = [
        (
            "another From",
            replaced("From: \"GP Practice", "From: \"My Practice"),
        ),
        ("a second From above", above("From: mallory@evil.example")),
        ("a second From below", below("From: mallory@evil.example")),
        (
            "another way to unsubscribe",
            replaced(
                "List-Unsubscribe: <https://points.",
                "List-Unsubscribe: <https://evil.",
            ),
        ),
        (
            "a second way to unsubscribe",
            above("List-Unsubscribe: <https://evil.example/u>"),
        ),
        (
            "no unsubscribing by one click",
            replaced("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""),
        ),
        ("a second Subject", above("Subject: Invoice")),
        ("a second To", below("To: everybody@practice.example")),
        ("a Cc", above("Cc: everybody@practice.example")),
        ("a second Reply-To", above("Reply-To: mallory@evil.example")),
        ("a second Content-Type", above("Content-Type: text/html")),
        ("another list", replaced("List-Id: \"GP", "List-Id: \"PG")),
        ("another word in the body", replaced("hidden", "Hidden")),
        (
            "a line behind the body",
            format!("{text}P.S. Click here\r\n"),
        ),
    ];
    signing.assert_judged(&changed, false);
}

#[test]
fn what_mail_servers_do_on_the_way_breaks_no_signature() {
    let signing = Signing::new();
    let message = signing.sign(samples::message("gp@practice.example"));
    let text = message.as_str();
    let kept = [
        (
            "a trace",
            format!(
                "Received: from a by b;\r\n Wed, 18 Nov 2026 11:06:41 +0000\r\nReturn-Path: <x@y.example>\r\n{text}"
            ),
        ),
        ("blanks at line ends", text.replacen("=\r\n", "= \t\r\n", 1)),
        ("empty lines at the end", format!("{text}\r\n\r\n")),
        (
            "other folding",
            text.replacen("MIME-Version: 1.0", "mime-version:\r\n\t1.0 ", 1),
        ),
    ];
    signing.assert_judged(&kept, true);
}

#[test]
fn a_key_that_is_not_in_the_dns_vouches_for_nothing() {
    let (signing, other) = (Signing::new(), Signing::new());
    let message = other.sign(samples::message("gp@practice.example"));
    signing.assert_judged(&[("another's keys", message.as_str().to_owned())], false);
}
