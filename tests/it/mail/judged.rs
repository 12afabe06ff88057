//! Every message that the program sends, as a mail server gets it, judged by programs of others: what Gmail and Outlook
//! would not show by caniemail, and how much it looks like spam by SpamAssassin's local rules.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use practice_points::app::import_subscribers::{self, Import};
use practice_points::app::keep_subscribers::Ground;
use practice_points::domain::consent::ConsentBasis;
use practice_points::worker::Worker;
use serde::Deserialize;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::{self, Desk, guidance, with};
use crate::images::{DRAWING, uploaded};
use crate::programs::{find, left_out};
use crate::smtp_sink::{Received, SmtpSink};
use crate::symposium::{Event, evening};
use crate::{judges, python};

use super::sample_content::GUIDANCE;

const GP: &str = "aroha@practice.example";

/// Gmail shows no more of a message than this, and hides the unsubscribe link with the rest.
const GMAIL_SHOWS: usize = 102 * 1024;

/// From this score on a message is suspicious; SpamAssassin's own limit for spam is 5.
const SUSPICIOUS: f64 = 2.0;

/// What some Gmail or Outlook lacks, and why it does not matter there.
const LACKING: &[(&str, &str)] = &[
    (
        "<body> element",
        "The Mac's Outlook takes its content, which has colours of its own.",
    ),
    (
        "@media",
        "Only narrows the margins on a phone, and darkens; without it the message is light and wide.",
    ),
    (
        "Chaining selectors",
        "Only among the dark colours, in @media.",
    ),
    (
        "aria-label attribute",
        "Only names the whole for those who do not see; it is read without.",
    ),
    ("border-radius", "Corners are square instead."),
    ("cursor", "The pointer over a button is the client's own."),
    (
        "opacity",
        "Only of the preheader, which is hidden by other means too.",
    ),
    (
        "outline",
        "Only of pictures in links, of which there are none.",
    ),
    (
        "overflow",
        "Only to round corners, and of the preheader, which is hidden by other means too.",
    ),
    (
        "role attribute",
        "The tables have no header cells, and are read row by row.",
    ),
    (
        "target attribute",
        "Links open in a new window in any case.",
    ),
    (
        "transform",
        "The messages have none: text-transform is taken for it.",
    ),
    (
        "word-break",
        "A long address in the references is broken by the client, or widens only its line.",
    ),
    ("word-spacing", "Says what is the case anyway: normal."),
];

/// Has every kind of message sent. Returns them by name, as the mail server got them.
async fn messages() -> BTreeMap<String, Received> {
    let sink = SmtpSink::start().await;
    let settings = [
        ("smtp_url", sink.url()),
        (
            "mail_from",
            "GP Practice Points <points@clinic.example>".to_owned(),
        ),
        ("reply_to", "replies@clinic.example".to_owned()),
    ];
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.subscribe(GP).await;
    app.sign_up(GP).await.expect(303);
    // Whoever has confirmed is not asked for it any more: another still has to.
    app.sign_up("mere@practice.example").await.expect(303);
    app.post_form("/manage", &[("email", GP)]).await.expect(200);
    let import = Import {
        file_name: "sample.csv".into(),
        content: b"email,name,practice\nhemi@practice.example,Hemi Sample,Sample Practice\n"
            .to_vec(),
        source: "the list of practices that referred to the clinic in 2026".into(),
        ground: Ground {
            basis: ConsentBasis::Express,
            evidence: "on paper".into(),
        },
        topics: vec!["calcium-score".into()],
        notify: true,
    };
    import_subscribers::import(&app.app, import, |_| ())
        .await
        .unwrap();
    let desk = Desk::open(&app).await;
    let (_, image, _) = uploaded(&desk.author, DRAWING.to_vec(), "A heartbeat").await;
    let whole = with(
        guidance("Who generally benefits & who does not"),
        "body",
        format!("{GUIDANCE}\n\n{image}").replace('\n', "\r\n"),
    );
    let whole = desk.publish_as(&whole).await;
    let teaser = desk.publish("A case from Ōtara").await;
    let number = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let mut form = desk::bulletin(
        "Calcium scores: what Ngāti Whātua GPs asked",
        &whole,
        &["calcium-score"],
    );
    form.extend([
        ("article", number(&teaser)),
        ("position", "2".into()),
        ("form", "teaser".into()),
    ]);
    let saved = desk::post(&desk.author, "/staff/bulletins", &form).await;
    let bulletin = saved.expect(303).location().to_owned();
    desk.approve(&bulletin).await;
    let send = format!("{bulletin}/send");
    desk.publisher
        .post_form(&send, &[("confirm", "yes")])
        .await
        .expect(303);

    let event = Event::publish_by(desk.publisher, &evening()).await;
    let ask_for_link = format!("{}/link", event.page());
    app.post_form(&ask_for_link, &[("email", GP)])
        .await
        .expect(200);
    event.register(&app, GP).await;

    let worker = Worker::start(&app.app).unwrap();
    // Confirmation, welcome, already subscribed, link to the settings, notice to the imported, link to register, a place at
    // an event, and two bulletins.
    let received = sink.wait_for(9).await;
    worker.stop().await;
    let mut messages = BTreeMap::new();
    for message in received {
        messages.insert(name(&message), message);
    }
    assert_eq!(messages.len(), 8, "{:?}", messages.keys());
    messages
}

/// What a message is called in complaints: its subject, as it stands in its header.
fn name(message: &Received) -> String {
    let text = String::from_utf8_lossy(&message.bytes);
    let (_, rest) = text.split_once("\r\nSubject: ").expect("it has a subject");
    rest.lines().next().unwrap_or_default().to_owned()
}

/// The HTML parts by the messages' names, as Python's own library reads them.
fn html_parts(messages: &BTreeMap<String, Received>) -> Option<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Read {
        html: String,
    }
    let mut input = Vec::new();
    for message in messages.values() {
        input.extend(format!("{}\n", message.bytes.len()).bytes());
        input.extend(&message.bytes);
    }
    let read = python::run(include_str!("../../judge/read_messages.py"), &input)?;
    let read: Vec<Read> = serde_json::from_str(&read).unwrap();
    let parts = read.into_iter().map(|message| message.html);
    Some(messages.keys().cloned().zip(parts).collect())
}

#[derive(Deserialize)]
struct Lack {
    name: String,
    feature: String,
    client: String,
    note: String,
}

#[tokio::test]
async fn gmail_and_outlook_show_all_messages_as_they_are_meant() {
    if judges::package("caniemail").is_none() {
        return;
    }
    let Some(parts) = html_parts(&messages().await) else {
        return;
    };
    for (name, html) in &parts {
        assert!(html.len() < GMAIL_SHOWS, "{name}: {} bytes", html.len());
    }
    let said = judges::ask_in_node(
        include_str!("../../judge/read_support.mjs"),
        serde_json::to_string(&parts).unwrap().as_bytes(),
    );
    let lacking: Vec<Lack> =
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let found: BTreeSet<&str> = lacking.iter().map(|lack| lack.feature.as_str()).collect();
    let unknown: BTreeSet<String> = lacking
        .iter()
        .filter(|lack| !LACKING.iter().any(|(feature, _)| *feature == lack.feature))
        .map(|lack| {
            format!(
                "{}: {} lacks {}. {}",
                lack.name, lack.client, lack.feature, lack.note
            )
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    for (feature, _) in LACKING {
        assert!(
            found.contains(feature),
            "{feature} is not used any more: take it from the list"
        );
    }
}

#[tokio::test]
async fn no_message_looks_like_spam() {
    let Some(judge) = find("spamassassin", &["/usr/bin"]) else {
        left_out("SpamAssassin", "install spamassassin");
        return;
    };
    let messages = messages().await;
    let folder = tempfile::tempdir().unwrap();
    let mailbox = folder.path().join("mailbox");
    let mut content = Vec::new();
    for message in messages.values() {
        content.extend(b"From points@clinic.example Mon Nov 23 10:00:00 2026\n");
        // In a mailbox a line that begins like the separator is quoted.
        let text = String::from_utf8_lossy(&message.bytes)
            .replace("\r\n", "\n")
            .replace("\nFrom ", "\n>From ");
        content.extend(text.bytes());
        content.extend(b"\n");
    }
    std::fs::write(&mailbox, content).unwrap();
    // One run over all; no network, and nothing kept for the next time.
    let said = judges::run(
        Command::new(judge)
            .args(["--local", "--test-mode", "--mbox"])
            .arg(&mailbox)
            .env("HOME", folder.path()),
    );
    let said = said.replace("\n\t", " ").replace("\n ", " ");
    let verdicts: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("X-Spam-Status:"))
        .collect();
    assert_eq!(verdicts.len(), messages.len(), "{said}");
    for verdict in verdicts {
        let score = verdict
            .split_once("score=")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
        assert!(score.is_some_and(|score| score < SUSPICIOUS), "{verdict}");
    }
}
