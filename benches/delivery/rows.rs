//! What is measured, and against what.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::installation::{Database, Installation, Service};
use crate::leash;
use crate::pages::Visitors;
use crate::programs::find;
use crate::sink::{self, Seen, Sink};
use crate::smtp_source;

/// A rate of the program, and of `smtp-source` in turn with it.
struct Row {
    name: &'static str,
    what: &'static str,
    database: Database,
    /// Connections; none as installed.
    connections: Option<usize>,
    server: Server,
    /// Whether every message has a return path of its own.
    return_path: bool,
    paragraphs: usize,
    people: u64,
    /// The share of `smtp-source`'s rate that is asked for.
    least: f64,
}

#[derive(Clone, Copy)]
enum Server {
    /// The benchmark's own, with this round trip in milliseconds.
    Fast(u64),
    /// Postfix's `smtp-sink`.
    Postfix,
}

/// The frame and thirty links alone take nearly 20 KiB.
const PARAGRAPHS_SHORT: usize = 1;
const PARAGRAPHS_30K: usize = 36;

const ROWS: [Row; 10] = [
    row(
        "sqlite-30k",
        "SQLite, 16 connections, 30 KiB",
        Some(16),
        PARAGRAPHS_30K,
        30_000,
        1.5,
    ),
    // What it costs that every envelope is another, and signed.
    Row {
        return_path: true,
        ..row(
            "return-path",
            "SQLite, 16 connections, return paths",
            Some(16),
            PARAGRAPHS_30K,
            30_000,
            1.5,
        )
    },
    row(
        "sqlite-20k",
        "SQLite, 16 connections, 20 KiB",
        Some(16),
        PARAGRAPHS_SHORT,
        30_000,
        1.5,
    ),
    row(
        "as-installed",
        "SQLite, settings as installed, 30 KiB",
        None,
        PARAGRAPHS_30K,
        30_000,
        1.0,
    ),
    Row {
        database: Database::Postgres,
        ..row(
            "postgres",
            "PostgreSQL, 32 connections, 30 KiB",
            Some(32),
            PARAGRAPHS_30K,
            30_000,
            1.2,
        )
    },
    Row {
        server: Server::Postfix,
        ..row(
            "postfix",
            "SQLite, into Postfix's smtp-sink",
            Some(16),
            PARAGRAPHS_30K,
            15_000,
            1.0,
        )
    },
    Row {
        server: Server::Fast(1),
        ..row(
            "1-ms",
            "1 ms a reply, 8 connections",
            Some(8),
            PARAGRAPHS_30K,
            8_000,
            3.5,
        )
    },
    Row {
        server: Server::Fast(10),
        ..row(
            "10-ms",
            "10 ms a reply, 8 connections",
            Some(8),
            PARAGRAPHS_30K,
            2_000,
            3.5,
        )
    },
    Row {
        server: Server::Fast(50),
        ..row(
            "50-ms",
            "50 ms a reply, 8 connections",
            Some(8),
            PARAGRAPHS_30K,
            500,
            3.5,
        )
    },
    Row {
        server: Server::Fast(10),
        ..row(
            "10-ms-installed",
            "10 ms a reply, settings as installed",
            None,
            PARAGRAPHS_30K,
            1_500,
            3.5,
        )
    },
];

const fn row(
    name: &'static str,
    what: &'static str,
    connections: Option<usize>,
    paragraphs: usize,
    people: u64,
    least: f64,
) -> Row {
    Row {
        name,
        what,
        database: Database::Sqlite,
        connections,
        server: Server::Fast(0),
        return_path: false,
        paragraphs,
        people,
        least,
    }
}

/// Runs what is asked for, or everything that takes minutes only.
pub fn run(asked: &[String]) {
    let is_quick = asked.iter().any(|name| name == "quick");
    let names: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "quick")
        .collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let rounds = if is_quick { 1 } else { 5 };
    println!("a rate is in messages a second; each is the median of {rounds}, measured in turn\n");
    println!(
        "{:40} {:>8} {:>12} {:>12} {:>7} {:>8}   memory",
        "", "bytes", "smtp-source", "this", "ratio", "asked"
    );
    for row in ROWS.iter().filter(|row| wanted(row.name)) {
        let people = if is_quick {
            row.people / 10
        } else {
            row.people
        };
        row.measure(people, rounds);
    }
    if wanted("signed") {
        signed(if is_quick { 1_000 } else { 8_000 }, rounds);
    }
    if wanted("5000") {
        whole(5_000);
    }
    if names.contains(&"million") {
        whole(10_000);
        whole(1_000_000);
    }
}

impl Row {
    fn measure(&self, people: u64, rounds: usize) {
        let here = Installation::new(self.database, people);
        let mut settings = vec![];
        if let Some(connections) = self.connections {
            settings.push(("delivery.connections", connections.to_string()));
        }
        if self.return_path {
            let address = "bounces@clinic.example".to_owned();
            settings.push(("inbound.address", address));
        }
        let (mut own, postfix);
        // Postfix's sink does not tell how large what it got was: ours says so before it begins.
        let (port, mut sink, size) = match self.server {
            Server::Fast(millis) => {
                own = Sink::start(Duration::from_millis(millis));
                (own.port, Some(&mut own), 0)
            }
            Server::Postfix => {
                let size = self.size_of_a_message(&here, people);
                postfix = Postfix::start();
                (postfix.port, None, size)
            }
        };
        settings.push(("smtp_url", format!("smtp://127.0.0.1:{port}")));
        let service = here.service(&settings);
        let connections = self.connections.unwrap_or(AS_INSTALLED);
        // Once without counting: the size of a message, and everything warm.
        let size = match &mut sink {
            Some(sink) => send_all(&here, &service, sink, self.paragraphs, people)
                .0
                .size(),
            None => size,
        };
        let (mut theirs, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (their_rate, our_rate) = match &mut sink {
                Some(sink) => {
                    sink.reset();
                    smtp_source::send(sink.port, connections, size, people.min(20_000));
                    let their_rate = sink.reset().rate();
                    let (seen, _) = send_all(&here, &service, sink, self.paragraphs, people);
                    assert_eq!((seen.messages, seen.twice), (people, 0), "everybody, once");
                    (their_rate, seen.rate())
                }
                None => {
                    let start = Instant::now();
                    smtp_source::send(port, connections, size, people.min(20_000));
                    let their_rate = people.min(20_000) as f64 / start.elapsed().as_secs_f64();
                    let id = here.bulletin(self.paragraphs);
                    let start = Instant::now();
                    here.send(&service, id);
                    while !here.is_sent(id) {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    (their_rate, people as f64 / start.elapsed().as_secs_f64())
                }
            };
            theirs.push(their_rate);
            ours.push(our_rate);
            ratios.push(our_rate / their_rate);
        }
        println!(
            "{:40} {size:8} {:12.0} {:12.0} {:7.2} {:>8.1}   {} MB",
            self.what,
            median(&mut theirs),
            median(&mut ours),
            median(&mut ratios),
            self.least,
            service.peak_memory()
        );
    }
}

impl Row {
    /// What our own sink counts for one message of this row, in bytes.
    fn size_of_a_message(&self, here: &Installation, people: u64) -> u64 {
        let mut sink = Sink::start(Duration::ZERO);
        let service = here.service(&[("smtp_url", format!("smtp://127.0.0.1:{}", sink.port))]);
        let (seen, _) = send_all(here, &service, &mut sink, self.paragraphs, people);
        seen.size()
    }
}

/// Connections on a new installation.
const AS_INSTALLED: usize = 8;

/// Sends a bulletin to everybody. Returns what the sink saw, and when the button was pressed.
fn send_all(
    here: &Installation,
    service: &Service,
    sink: &mut Sink,
    paragraphs: usize,
    people: u64,
) -> (Seen, u64) {
    let id = here.bulletin(paragraphs);
    sink.reset();
    let pressed = sink::now();
    here.send(service, id);
    let start = Instant::now();
    loop {
        let seen = sink.seen();
        if seen.messages >= people && here.is_sent(id) {
            return (sink.seen(), pressed);
        }
        assert!(
            start.elapsed() < Duration::from_secs(600),
            "{} of {people} after ten minutes",
            seen.messages
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// RSA-2048: against what two cores can sign.
fn signed(people: u64, rounds: usize) {
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der =
        aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap();
    let here = Installation::new(Database::Sqlite, people);
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    let file = here.write("dkim.pem", &pem);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut sink = Sink::start(Duration::ZERO);
    let service = here.service(&[
        ("delivery.connections", "16".to_owned()),
        ("smtp_url", format!("smtp://127.0.0.1:{}", sink.port)),
        ("dkim.selector", "s1".to_owned()),
        ("dkim.key_file", file),
    ]);
    send_all(&here, &service, &mut sink, PARAGRAPHS_30K, people);
    let (mut bare, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let signatures = bare_signatures(&key);
        let (seen, _) = send_all(&here, &service, &mut sink, PARAGRAPHS_30K, people);
        bare.push(signatures);
        ours.push(seen.rate());
        ratios.push(seen.rate() / signatures);
    }
    println!(
        "{:40} {:>8} {:12.0} {:12.0} {:7.2} {:>8.1}   {} MB",
        "SQLite, RSA-2048 (against bare signing)",
        "",
        median(&mut bare),
        median(&mut ours),
        median(&mut ratios),
        0.7,
        service.peak_memory()
    );
}

/// What two cores sign in a second, doing nothing else.
fn bare_signatures(key: &aws_lc_rs::rsa::KeyPair) -> f64 {
    let start = Instant::now();
    let count: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let random = aws_lc_rs::rand::SystemRandom::new();
                    let mut signature = vec![0; key.public_modulus_len()];
                    let mut count = 0;
                    while start.elapsed() < Duration::from_secs(1) {
                        key.sign(
                            &aws_lc_rs::signature::RSA_PKCS1_SHA256,
                            &random,
                            b"practice points",
                            &mut signature,
                        )
                        .unwrap();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    count as f64 / start.elapsed().as_secs_f64()
}

/// The whole of one sending: how soon it begins, how fast it goes, how the pages do meanwhile, and how much memory it takes.
fn whole(people: u64) {
    let here = Installation::new(Database::Sqlite, people);
    let mut sink = Sink::start(Duration::ZERO);
    let service = here.service(&[
        ("delivery.connections", "16".to_owned()),
        ("smtp_url", format!("smtp://127.0.0.1:{}", sink.port)),
    ]);
    let id = here.bulletin(PARAGRAPHS_30K);
    let visitors = here.block_on(async { Visitors::come(&service) });
    let pressed = sink::now();
    let freezing = here.send(&service, id);
    let (_, _, while_freezing) = here.block_on(visitors.leave());
    let visitors = here.block_on(async { Visitors::come(&service) });
    let mut seen = sink.seen();
    while seen.messages < people || !here.is_sent(id) {
        std::thread::sleep(Duration::from_millis(200));
        seen = sink.seen();
    }
    let (visits, half, most) = here.block_on(visitors.leave());
    assert_eq!((seen.messages, seen.twice), (people, 0), "everybody, once");
    println!(
        "\n{people} recipients: frozen in {:.1} s (pages' p99 meanwhile {:.0} ms), first message accepted {:.0} ms after \
         the button was pressed, {:.0} a second; pages while sending: {visits} opened, p50 {:.0} ms, p99 {:.0} ms; \
         memory at most {} MB, {} MB of it its own at the end",
        freezing.as_secs_f64(),
        while_freezing.as_secs_f64() * 1e3,
        seen.first.saturating_sub(pressed) as f64 / 1e3,
        seen.rate(),
        half.as_secs_f64() * 1e3,
        most.as_secs_f64() * 1e3,
        service.peak_memory(),
        service.own_memory(),
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Postfix's `smtp-sink`, which keeps nothing.
struct Postfix {
    server: leash::Leashed,
    port: u16,
}

impl Postfix {
    fn start() -> Self {
        let program = find("smtp-sink", &["/usr/sbin", "/usr/local/sbin"]);
        let program = program.expect("smtp-sink is installed (the package postfix)");
        let user = leash::User::unprivileged();
        let port = leash::free_port();
        let mut command = Command::new(program);
        command
            .args(["-4", "-h", "sink.example"])
            .arg(format!("127.0.0.1:{port}"))
            .arg("256")
            .stdout(Stdio::null());
        let server = leash::Leashed::start(command, leash::folder(user), user, "TERM").unwrap();
        let postfix = Self { server, port };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "smtp-sink does not answer: {}",
                postfix.server.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        postfix
    }
}
