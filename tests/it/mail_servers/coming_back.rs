//! A bulletin to two hundred people through a real Postfix, which finds out later that some do not exist, are full, cannot
//! be reached or do not want us; some complain and some answer "unsubscribe". Everything that comes back goes through
//! Postfix's own ways, and everybody ends in the right state without a person doing anything.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::geteuid;
use submission::send_mail;

use super::arrived::Arrived;
use super::postfix::{Port, Postfix};
use crate::both_databases::{Database, on_both_databases};
use crate::leash::{User, folder, free_port};
use crate::process::Installation as TestApp;
use crate::sample_bulletin::{PUBLISHER, prepare, send};
use crate::torture::page::Page;

/// Who there is: how their addresses begin, how many, and how they end.
const PEOPLE: [(&str, usize, &str); 8] = [
    ("gp", 110, "active"),
    ("gone", 20, "suspended"),
    ("full", 20, "active"),
    ("slow", 20, "active"),
    ("policy", 5, "active"),
    ("complains", 10, "unsubscribed"),
    ("leaves", 10, "unsubscribed"),
    ("mailto", 5, "unsubscribed"),
];

/// What comes back: each of the people but the first kind, once.
const RETURNING: usize = 90;

/// How Postfix hands over what comes back.
enum By {
    Pipe,
    Lmtp,
}

/// Files that Postfix's users have to reach.
pub(super) struct Shared(tempfile::TempDir);

impl Shared {
    pub(super) fn new() -> Self {
        let folder = folder(User::named("root"));
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program, in a place into which every user can go.
    pub(super) fn program(&self) -> PathBuf {
        let (from, to) = (
            Path::new(env!("CARGO_BIN_EXE_practice-points")),
            self.0.path().join("practice-points"),
        );
        if std::fs::hard_link(from, &to).is_err() {
            std::fs::copy(from, &to).unwrap();
        }
        to
    }
}

/// Where each address leads. The bounces of a whole domain, and the clinic's own mailbox, come back to us.
fn transports(back: &str) -> String {
    format!(
        r"/^full[0-9]+@practice\.example$/ error:5.2.2 mailbox full
/^policy[0-9]+@practice\.example$/ error:5.7.1 blocked using zen.spamhaus.org
/^slow[0-9]+@practice\.example$/ retry:4.2.1 not now
/^(bounces|points)(\+.*)?@clinic\.example$/ {back}
"
    )
}

fn start_postfix(shared: &Shared, by: &By, here: &mut TestApp) -> Option<Postfix> {
    let (back, service) = match by {
        By::Lmtp => {
            let port = free_port();
            here.set("inbound.lmtp", &format!("127.0.0.1:{port}"));
            (
                format!("lmtp:inet:127.0.0.1:{port}"),
                "lmtp unix - - n - - lmtp".to_owned(),
            )
        }
        By::Pipe => {
            let mut settings = format!(
                "data_dir = {:?}\nbase_url = {:?}\nmail_from = \"GP Practice Points <points@clinic.example>\"\n",
                here.path("data"),
                here.page(""),
            );
            if let Some((_, url)) = here.postgres() {
                settings.push_str(&format!("database_url = {url:?}\n"));
            }
            settings.push_str("[inbound]\naddress = \"bounces@clinic.example\"\n");
            let settings = shared.write("practice-points.toml", &settings);
            let service = format!(
                "points-back unix - n n - 4 pipe flags=Rq user=nobody argv={} --config {} inbound --recipient ${{original_recipient}}",
                shared.program().display(),
                settings.display(),
            );
            ("points-back:".to_owned(), service)
        }
    };
    let transport = shared.write("transport", &transports(&back));
    Postfix::start_with(
        &[
            &format!("transport_maps = regexp:{}", transport.display()),
            "relay_domains = clinic.example",
            "recipient_delimiter = +",
            "smtpd_relay_restrictions = permit_mynetworks, reject",
            "smtpd_reject_unlisted_recipient = no",
            "points-back_destination_recipient_limit = 1",
            "maximal_queue_lifetime = 6s",
            "minimal_backoff_time = 2s",
            "maximal_backoff_time = 4s",
            "queue_run_delay = 2s",
        ],
        &[&service],
    )
}

fn import(here: &TestApp) {
    let mut people = String::from("email,topics\n");
    for (kind, number, _) in PEOPLE {
        for n in 0..number {
            people.push_str(&format!("{kind}{n}@practice.example,news\n"));
        }
    }
    let import = "subscribers import - --source Sample --basis express --evidence Paper";
    let arguments: Vec<&str> = import.split(' ').collect();
    here.run_with_input(&arguments, people.as_bytes())
        .succeeded();
}

/// Lets the pipe's user into the data, as an installation whose service has a user of its own does from the beginning.
pub(super) fn give_to_nobody(folder: &Path) {
    let nobody = User::unprivileged().unwrap();
    nobody.owns(folder);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            give_to_nobody(&path);
        } else {
            nobody.owns(&path);
        }
    }
}

/// What a person answers to a message that arrived.
fn answer(arrived: &Arrived) -> Option<(&'static str, String)> {
    let from = &arrived.to;
    let header = |name: &str| {
        let unfolded = arrived.message.replace("\r\n ", " ");
        let line = unfolded
            .lines()
            .find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.unwrap_or_default()
    };
    let id = header("Message-ID: ");
    if from.starts_with("complains") {
        return Some(("bounces@clinic.example", complaint(from, &arrived.message)));
    }
    if from.starts_with("leaves") {
        let text = format!(
            "From: <{from}>\r\nTo: points@clinic.example\r\nSubject: Re: A sample\r\nIn-Reply-To: {id}\r\n\
             Message-ID: <reply-{from}>\r\n\r\nUnsubscribe\r\n"
        );
        return Some(("points@clinic.example", text));
    }
    if from.starts_with("mailto") {
        // As a mail program follows the address in List-Unsubscribe.
        let list = header("List-Unsubscribe: ");
        let (_, mailto) = list.split_once("<mailto:").expect("there is an address");
        let (to, rest) = mailto.split_once("?subject=").expect("with a subject");
        assert_eq!(to, "bounces@clinic.example");
        let subject = rest.trim_end_matches('>').replace("%20", " ");
        let text = format!(
            "From: <{from}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <leave-{from}>\r\n\r\n"
        );
        return Some(("bounces@clinic.example", text));
    }
    None
}

/// A report of abuse (RFC 5965) as a provider sends it, with the message.
fn complaint(from: &str, message: &str) -> String {
    format!(
        "From: <feedback@provider.example>\r\nTo: bounces@clinic.example\r\nSubject: FW: A sample\r\nMessage-ID: <arf-{from}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"arf\"\r\n\r\n\
         --arf\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n\
         --arf\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Sample/1\r\nVersion: 1\r\n\r\n\
         --arf\r\nContent-Type: message/rfc822\r\n\r\n{message}\r\n--arf--\r\n"
    )
}

/// How everybody stands: address and status.
pub(super) fn states(here: &TestApp) -> BTreeMap<String, String> {
    let out = here.run(&["subscribers", "export"]).succeeded();
    let mut lines = out.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| names.iter().position(|n| *n == name).unwrap();
    let (email, status) = (column("email"), column("status"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[email].to_owned(), fields[status].to_owned())
        })
        .collect()
}

async fn everybody_ends_in_the_right_state(mut here: TestApp, by: By) {
    if !geteuid().is_root() {
        return;
    }
    let shared = Shared::new();
    let Some(postfix) = start_postfix(&shared, &by, &mut here) else {
        return;
    };
    prepare(&mut here, &postfix.url(Port::Plain));
    here.set("inbound.address", "bounces@clinic.example");
    import(&here);
    let service = here.service(&[]).await;
    if matches!(by, By::Pipe) {
        give_to_nobody(&here.path(""));
    }
    let told = send(&here, &["--wait"]);
    assert!(
        told.contains("to 200 people") && told.ends_with("  Accepted: 200\n"),
        "{told}"
    );

    // Who has a mailbox has the message; some of them answer.
    let reached: usize = 110 + 10 + 10 + 5;
    let mut answers = 0;
    for arrived in postfix.maildir().wait_for(reached).await {
        if let Some((to, text)) = answer(&arrived) {
            send_mail(postfix.port(Port::Plain), &arrived.to, to, &text).await;
            answers += 1;
        }
    }
    assert_eq!(answers, 25);

    let page = Page::open(&here, PUBLISHER).await;
    let start = Instant::now();
    let expected: BTreeMap<String, String> = PEOPLE
        .iter()
        .flat_map(|(kind, number, status)| {
            (0..*number).map(move |n| (format!("{kind}{n}@practice.example"), (*status).to_owned()))
        })
        .collect();
    loop {
        let returned = page
            .get("/staff/bulletins/1")
            .await
            .expect(200)
            .text("main");
        let counts = [
            "No such mailbox 20",
            "Mailbox full 20",
            "Not delivered in time 20",
            "Refused by policy 5",
            "Complaint 10",
        ];
        let is_all_there = counts.iter().all(|count| returned.contains(count));
        if is_all_there && states(&here) == expected {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(150),
            "{returned}\n{:?}\n{}\n{}",
            states(&here)
                .iter()
                .filter(|(who, state)| expected.get(*who) != Some(state))
                .collect::<Vec<_>>(),
            postfix.log(),
            service.said()
        );
        // Two other programs work: nothing tells when they have ended.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    // Seen on their pages, without a person having done anything.
    for (kind, said) in [
        ("gone0", "unknown user: "),
        ("full0", "mailbox full"),
        ("slow0", "not now"),
        ("policy0", "blocked using zen.spamhaus.org"),
        ("complains0", "Complaint"),
        ("leaves0", "Reply by e-mail"),
    ] {
        let list = page
            .get(&format!("/staff/subscribers?q={kind}@"))
            .await
            .expect(200);
        let person = page
            .get(&list.attribute("main tbody a", "href"))
            .await
            .expect(200);
        let main = person.text("main");
        assert!(
            main.contains("What came back") && main.contains(said),
            "{kind}: {main}"
        );
    }
    let overview = page.get("/staff").await.expect(200).text("main");
    assert!(overview.contains("Our mail is being refused"), "{overview}");
    let waiting = page.get("/staff/inbound").await.expect(200).text("main");
    assert!(waiting.contains("Nothing to look at"), "{waiting}");
    let understood = page.get("/staff/inbound?view=understood").await.expect(200);
    let rows = scraper::Selector::parse("main tbody tr").unwrap();
    assert_eq!(
        understood.page().select(&rows).count(),
        50,
        "a page of the {RETURNING}"
    );
}

on_both_databases! {
    async fn a_bulletin_to_two_hundred_leaves_everybody_in_the_right_state(here: TestApp) {
        everybody_ends_in_the_right_state(here, By::Pipe).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_so_by_lmtp_as_well() {
    let here = TestApp::start(Database::Sqlite).await;
    everybody_ends_in_the_right_state(here, By::Lmtp).await;
}

/// A mail program's way to its server.
mod submission {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpStream;

    pub async fn send_mail(port: u16, from: &str, to: &str, text: &str) {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut stream = BufReader::new(stream);
        let content = text.replace("\r\n.", "\r\n..");
        for (line, code) in [
            ("", "220"),
            ("HELO gp.practice.example\r\n", "250"),
            (&format!("MAIL FROM:<{from}>\r\n"), "250"),
            (&format!("RCPT TO:<{to}>\r\n"), "250"),
            ("DATA\r\n", "354"),
            (&format!("{content}\r\n.\r\n"), "250"),
            ("QUIT\r\n", "221"),
        ] {
            stream.get_mut().write_all(line.as_bytes()).await.unwrap();
            let mut reply = String::new();
            stream.read_line(&mut reply).await.unwrap();
            assert!(reply.starts_with(code), "{line}: {reply}");
        }
    }
}
