//! How soon every page of the staff opens on a large installation, and with how much memory.
//!
//!     cargo bench --bench pages                100,000 subscribers and 1,000,000 deliveries on SQLite: a few minutes
//!     cargo bench --bench pages -- quick       a small form of it, for a look
//!
//! The program is the real one. Each page is fetched some times over, one after another, as one person does; half of the
//! answers, and 99 of 100, were there in the times that are printed. What takes longer than 200 ms is named, and so is a
//! peak of memory above 150 MB; the large form then fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/leash.rs"]
#[allow(dead_code, unused_imports)] // What only the tests need of it.
mod leash;
#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports)]
mod postgres;
#[path = "../tests/it/programs.rs"]
#[allow(dead_code, unused_imports)]
mod programs;

#[path = "pages/content.rs"]
mod content;
#[path = "delivery/installation.rs"]
#[allow(dead_code)] // What only the other benchmark needs of it.
mod installation;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use installation::{Database, Installation, Service};

/// The slowest answer that is taken.
const SLOWEST: Duration = Duration::from_millis(200);

/// The most memory that is taken, in megabytes.
const MOST_MEMORY: u64 = 150;

/// The pages, each with what is looked at. `{middle}` stands for a person in the middle of the list.
const PAGES: [(&str, &str); 54] = [
    ("overview", "/staff"),
    ("subscribers, first page", "/staff/subscribers"),
    ("subscribers, last page", "/staff/subscribers?last=yes"),
    (
        "subscribers, a page in the middle",
        "/staff/subscribers?after={middle}&skipped=50000",
    ),
    (
        "subscribers, the page before it",
        "/staff/subscribers?before={middle}&skipped=49950",
    ),
    ("subscribers by name", "/staff/subscribers?sort=name"),
    (
        "subscribers by name, last page",
        "/staff/subscribers?sort=name&last=yes",
    ),
    (
        "subscribers by name, in the middle",
        "/staff/subscribers?sort=name&after={middle}",
    ),
    (
        "subscribers by address, last page",
        "/staff/subscribers?sort=email&down=yes&last=yes",
    ),
    (
        "found by the beginning of a name",
        "/staff/subscribers?q=aro",
    ),
    ("found by a rare word", "/staff/subscribers?q=gp77777"),
    (
        "found by a word that all have",
        "/staff/subscribers?q=practice&sort=name",
    ),
    (
        "found by two such words, last page",
        "/staff/subscribers?q=practice+example&sort=name&last=yes",
    ),
    ("nobody found", "/staff/subscribers?q=walrus"),
    (
        "nobody found by two common words",
        "/staff/subscribers?q=aroha+hemi&sort=name",
    ),
    ("active", "/staff/subscribers?status=active&sort=name"),
    (
        "suspended, last page",
        "/staff/subscribers?status=suspended&last=yes",
    ),
    (
        "by topic, region and role",
        "/staff/subscribers?topic=symposium&region=central&role=practice-nurse",
    ),
    (
        "by topic, region and role, by name, last page",
        "/staff/subscribers?topic=symposium&region=central&role=practice-nurse&sort=name&last=yes",
    ),
    (
        "a combination that nobody has",
        "/staff/subscribers?status=pending&region=te-waipounamu&role=other&sort=name",
    ),
    (
        "joined between two days",
        "/staff/subscribers?from=2025-03-01&to=2025-03-02&sort=name",
    ),
    ("from an import", "/staff/subscribers?source=sample"),
    (
        "with strikes",
        "/staff/subscribers?trouble=strikes&sort=name",
    ),
    ("mail has come back", "/staff/subscribers?trouble=bounced"),
    (
        "was at a symposium",
        "/staff/subscribers?attended=1&sort=name",
    ),
    (
        "received a bulletin",
        "/staff/subscribers?received=1&sort=name&last=yes",
    ),
    (
        "did not receive a bulletin",
        "/staff/subscribers?not_received=1&sort=name",
    ),
    ("a subscriber", "/staff/subscribers/{middle}"),
    ("a subscriber's form", "/staff/subscribers/{middle}/edit"),
    (
        "a subscriber, to be merged",
        "/staff/subscribers/{middle}/merge",
    ),
    ("a new subscriber", "/staff/subscribers/new"),
    ("import", "/staff/subscribers/import"),
    ("changes to many", "/staff/subscribers/bulk"),
    ("bulletins", "/staff/bulletins"),
    ("a sent bulletin", "/staff/bulletins/1"),
    ("its people", "/staff/bulletins/1/deliveries"),
    (
        "its people who were refused",
        "/staff/bulletins/1/deliveries?state=refused",
    ),
    (
        "its people by a word",
        "/staff/bulletins/1/deliveries?q=aroha",
    ),
    ("a new bulletin", "/staff/bulletins/new"),
    (
        "how many a topic reaches",
        "/staff/bulletins/audience?topics=news",
    ),
    ("articles", "/staff/articles"),
    ("images", "/staff/images"),
    ("symposia", "/staff/symposia"),
    ("the people of a symposium", "/staff/symposia/1/people"),
    ("what came back", "/staff/inbound"),
    (
        "what was understood of it",
        "/staff/inbound?view=understood",
    ),
    ("of one bulletin", "/staff/inbound?bulletin=1"),
    (
        "those from whom it bounced",
        "/staff/bulletins/1/deliveries?state=bounced",
    ),
    (
        "those from whom it bounced, by a word",
        "/staff/bulletins/1/deliveries?state=bounced&q=aroha",
    ),
    ("a report", "/staff/bulletins/1/report"),
    ("the audit", "/staff/audit"),
    ("the audit by words", "/staff/audit?q=subscriber+walrus"),
    ("the staff", "/staff/members"),
    ("settings", "/staff/settings"),
];

fn main() -> ExitCode {
    let is_quick = std::env::args().any(|argument| argument == "quick");
    let (people, bulletins, rounds) = if is_quick {
        (3_000, 3, 3)
    } else {
        (100_000, 10, 25)
    };
    println!(
        "{people} subscribers, {} deliveries, SQLite",
        people * bulletins
    );
    let here = Installation::new(Database::Sqlite, 1);
    let start = Instant::now();
    content::fill(&here, people, bulletins);
    println!("made in {:.1} s\n", start.elapsed().as_secs_f64());
    let service = here.service(&[]);
    println!("{:>8} {:>8} {:>8}", "p50 ms", "p99 ms", "max ms");
    let mut all = Vec::new();
    let mut slow = Vec::new();
    for (name, path) in PAGES {
        let path = path.replace("{middle}", &(people / 2).to_string());
        let mut took = here.block_on(fetch(&service, &path, rounds));
        took.sort();
        let worst = took.last().copied().unwrap_or_default();
        println!(
            "{:>8.1} {:>8.1} {:>8.1}  {name}",
            millis(share(&took, 50)),
            millis(share(&took, 99)),
            millis(worst)
        );
        if worst > SLOWEST {
            slow.push((name, path));
        }
        all.extend(took);
    }
    all.sort();
    println!(
        "{:>8.1} {:>8.1} {:>8.1}  all of them",
        millis(share(&all, 50)),
        millis(share(&all, 99)),
        millis(all.last().copied().unwrap_or_default())
    );
    let memory = service.peak_memory();
    println!("\npeak of memory: {memory} MB of {MOST_MEMORY}");
    for (name, path) in &slow {
        println!("over {} ms: {name} ({path})", SLOWEST.as_millis());
    }
    if slow.is_empty() {
        println!("no page over {} ms", SLOWEST.as_millis());
    }
    if !is_quick && (!slow.is_empty() || memory > MOST_MEMORY) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn fetch(service: &Service, path: &str, rounds: usize) -> Vec<Duration> {
    let (client, address) = service.page(path);
    let mut took = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        let answer = client.get(&address).send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        took.push(start.elapsed());
        assert!(status.is_success(), "{path}: {status} {body}");
    }
    took
}

fn share(took: &[Duration], percent: usize) -> Duration {
    let last = took.len().saturating_sub(1);
    took.get((took.len() * percent / 100).min(last))
        .copied()
        .unwrap_or_default()
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
