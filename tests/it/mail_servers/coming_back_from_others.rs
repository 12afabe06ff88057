//! A bulletin through a real Exim, and through a real OpenSMTPD, which hand it on to other people's servers and find out there
//! that people do not exist, are full, or are wanted later, or that we are not wanted. Each writes its own reports, and they come
//! back by every way: the pipe as the README has it, LMTP, and a mailbox.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::coming_back::{Shared, give_to_nobody, states};
use super::exim::{self, Exim};
use super::mailboxes::Mailboxes;
use super::opensmtpd::{OpenSmtpd, copy_program};
use crate::both_databases::{Database, on_both_databases};
use crate::leash::free_port;
use crate::process::Installation as TestApp;
use crate::sample_bulletin::{PUBLISHER, prepare, send};
use crate::smtp_sink::{Act, At, SmtpSink};
use crate::torture::page::Page;

/// Who there is: how their addresses begin, how many, and how they end.
type People = [(&'static str, usize, &'static str)];

/// With Exim. Its own mailbox is full, and it has no way to some; the others are refused elsewhere.
const OF_EXIM: &People = &[
    ("gp", 4, "active"),
    ("gone", 3, "suspended"),
    ("lost", 2, "suspended"),
    ("full", 3, "active"),
    ("policy", 2, "active"),
    ("slow", 2, "active"),
];

/// With OpenSMTPD, which tells of what it has tried in vain that it expired, and no more.
const OF_OPENSMTPD: &People = &[
    ("gp", 4, "active"),
    ("gone", 3, "suspended"),
    ("full", 3, "active"),
    ("policy", 2, "active"),
    ("slow", 2, "active"),
];

/// By which way things come back.
#[derive(Clone, Copy)]
enum By {
    Pipe,
    Lmtp,
    Mailbox,
}

/// Other people's server.
async fn others() -> SmtpSink {
    let sink = SmtpSink::start().await;
    sink.set_behaviour(|moment| {
        if moment.at != At::Rcpt {
            return None;
        }
        let begins = |kind: &str| moment.address.starts_with(kind);
        let to = moment.address;
        let line = if begins("gone") {
            format!("550 5.1.1 <{to}>: Recipient address rejected: User unknown")
        } else if begins("full") {
            format!("552 5.2.2 <{to}>: The mailbox is full")
        } else if begins("policy") {
            "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org"
                .to_owned()
        } else if begins("slow") {
            "451 4.7.1 Greylisted, please try again in 300 seconds".to_owned()
        } else {
            return None;
        };
        Some(Act::Reply(line))
    });
    sink
}

/// The settings that the pipe's program is started with.
fn pipe_settings(here: &TestApp, data_dir: &Path) -> String {
    let mut settings = format!(
        "data_dir = {data_dir:?}\nbase_url = {:?}\nmail_from = \"GP Practice Points <points@clinic.example>\"\n",
        here.page(""),
    );
    if let Some((_, url)) = here.postgres() {
        settings.push_str(&format!("database_url = {url:?}\n"));
    }
    settings.push_str("[inbound]\naddress = \"bounces@clinic.example\"\n");
    settings
}

fn import(here: &TestApp, people: &People) {
    let mut lines = String::from("email,topics\n");
    for (kind, number, _) in people {
        for n in 0..*number {
            lines.push_str(&format!("{kind}{n}@practice.example,news\n"));
        }
    }
    let import = "subscribers import - --source Sample --basis express --evidence Paper";
    let arguments: Vec<&str> = import.split(' ').collect();
    here.run_with_input(&arguments, lines.as_bytes())
        .succeeded();
}

/// Puts what a server has delivered into the mailbox that is looked into.
fn carry(from: &Path, to: &Mailboxes) {
    for entry in std::fs::read_dir(from.join("new")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        to.put(&name, &std::fs::read(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
    }
}

/// Sends the bulletin, and waits until everybody is in the right state and everything is counted.
async fn everybody_ends_in_the_right_state(
    here: &TestApp,
    people: &People,
    counts: &[&str],
    carry: impl Fn(),
    log: impl Fn() -> String,
) {
    let total: usize = people.iter().map(|(_, number, _)| number).sum();
    let told = send(here, &["--wait"]);
    assert!(told.contains(&format!("to {total} people")), "{told}");
    let page = Page::open(here, PUBLISHER).await;
    let expected: BTreeMap<String, String> = people
        .iter()
        .flat_map(|(kind, number, status)| {
            (0..*number).map(move |n| (format!("{kind}{n}@practice.example"), (*status).to_owned()))
        })
        .collect();
    let start = Instant::now();
    loop {
        carry();
        let returned = page
            .get("/staff/bulletins/1")
            .await
            .expect(200)
            .text("main");
        let is_all_there = counts.iter().all(|count| returned.contains(count));
        if is_all_there && states(here) == expected {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{returned}\n{:?}\n{}",
            states(here),
            log()
        );
        // Other programs work: nothing tells when they have ended.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let waiting = page.get("/staff/inbound").await.expect(200).text("main");
    assert!(waiting.contains("Nothing to look at"), "{waiting}");
}

/// A setting for the way by which things come back, and the place of the mailbox if that is the way.
fn open_way(here: &mut TestApp, by: By) -> Option<(u16, Option<Mailboxes>)> {
    let port = free_port();
    match by {
        By::Pipe => Some((port, None)),
        By::Lmtp => {
            here.set("inbound.lmtp", &format!("127.0.0.1:{port}"));
            Some((port, None))
        }
        By::Mailbox => {
            let mailboxes = Mailboxes::start(&[])?;
            here.set("inbound.mailbox_url", &mailboxes.imaps_url(""));
            Some((port, Some(mailboxes)))
        }
    }
}

async fn through_exim(mut here: TestApp, by: By) {
    let sink = others().await;
    let shared = Shared::new();
    let Some((lmtp, mailboxes)) = open_way(&mut here, by) else {
        return;
    };
    let settings = pipe_settings(&here, &here.path("data"));
    let settings = shared.write("practice-points.toml", &settings);
    let back = match by {
        // As the README has it.
        By::Pipe => format!(
            "driver = pipe\n  command = {} --config {} inbound\n  user = nobody\n  temp_errors = 75",
            shared.program().display(),
            settings.display()
        ),
        By::Lmtp => format!(
            "driver = smtp\n  protocol = lmtp\n  hosts = 127.0.0.1\n  port = {lmtp}\n  allow_localhost"
        ),
        By::Mailbox => exim::BOX.to_owned(),
    };
    let Some(exim) = Exim::start(sink.port(), &back) else {
        return;
    };
    prepare(&mut here, &exim.url());
    here.set("inbound.address", "bounces@clinic.example");
    import(&here, OF_EXIM);
    let service = here.service(&[]).await;
    if matches!(by, By::Pipe) {
        give_to_nobody(&here.path(""));
    }
    let counts = [
        "No such mailbox 5",
        "Mailbox full 3",
        "Refused by policy 2",
        "Not delivered in time 2",
    ];
    let carry = || {
        if let Some(mailboxes) = &mailboxes {
            carry(&exim.maildir(), mailboxes);
        }
    };
    let log = || format!("{}\n{}", exim.log(), service.said());
    everybody_ends_in_the_right_state(&here, OF_EXIM, &counts, carry, log).await;
}

on_both_databases! {
    async fn what_exim_reports_is_acted_on_through_its_pipe(here: TestApp) {
        through_exim(here, By::Pipe).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exim_reports_is_acted_on_by_lmtp() {
    through_exim(TestApp::start(Database::Sqlite).await, By::Lmtp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exim_reports_is_acted_on_from_a_mailbox() {
    through_exim(TestApp::start(Database::Sqlite).await, By::Mailbox).await;
}

async fn through_opensmtpd(mut here: TestApp, by: By) {
    let sink = others().await;
    let Some((lmtp, mailboxes)) = open_way(&mut here, by) else {
        return;
    };
    let back = match by {
        // As the README has it.
        By::Pipe => {
            "mda \"/practice-points --config /etc/practice-points.toml inbound\" virtual <nobodies>"
                .to_owned()
        }
        By::Lmtp => format!("lmtp \"127.0.0.1:{lmtp}\" rcpt-to virtual <nobodies>"),
        By::Mailbox => "maildir \"/mail/back\" virtual <nobodies>".to_owned(),
    };
    let rules = [
        "queue ttl 8s".to_owned(),
        "table nobodies { \"@\" = \"vmail\" }".to_owned(),
        format!("action \"bounces\" {back}"),
        format!(
            "action \"others\" relay host \"smtp://127.0.0.1:{}\"",
            sink.port()
        ),
        r#"match from any for rcpt-to regex "^bounces(\+.*)?@clinic\.example$" action "bounces""#
            .to_owned(),
        "match from any for domain \"practice.example\" action \"others\"".to_owned(),
    ];
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let data = Path::new("/data");
    let settings = pipe_settings(&here, data);
    let program = Path::new(env!("CARGO_BIN_EXE_practice-points"));
    let opensmtpd = OpenSmtpd::start_with(&rules, &|jail| {
        if matches!(by, By::Pipe) {
            copy_program(program, jail, "practice-points");
            std::fs::write(jail.join("etc/practice-points.toml"), &settings).unwrap();
            std::fs::create_dir(jail.join("data")).unwrap();
        }
    });
    let Some(opensmtpd) = opensmtpd else {
        return;
    };
    if matches!(by, By::Pipe) {
        let data = opensmtpd.folder().join("data");
        here.set("data_dir", data.to_str().unwrap());
    }
    prepare(&mut here, &opensmtpd.plain_url());
    here.set("inbound.address", "bounces@clinic.example");
    import(&here, OF_OPENSMTPD);
    let service = here.service(&[]).await;
    if matches!(by, By::Pipe) {
        give_to_nobody(&opensmtpd.folder().join("data"));
    }
    let counts = [
        "No such mailbox 3",
        "Mailbox full 3",
        "Refused by policy 2",
        "Mail server not reached 2",
    ];
    let carry = || {
        if let Some(mailboxes) = &mailboxes {
            carry(&opensmtpd.folder().join("mail/back"), mailboxes);
        }
    };
    let log = || format!("{}\n{}", opensmtpd.log(), service.said());
    everybody_ends_in_the_right_state(&here, OF_OPENSMTPD, &counts, carry, log).await;
}

on_both_databases! {
    async fn what_opensmtpd_reports_is_acted_on_through_its_pipe(here: TestApp) {
        through_opensmtpd(here, By::Pipe).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_opensmtpd_reports_is_acted_on_by_lmtp() {
    through_opensmtpd(TestApp::start(Database::Sqlite).await, By::Lmtp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_opensmtpd_reports_is_acted_on_from_a_mailbox() {
    through_opensmtpd(TestApp::start(Database::Sqlite).await, By::Mailbox).await;
}
