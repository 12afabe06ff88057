//! Files of subscribers, in and out.

use crate::both_databases::{Database, on_both_databases};
use crate::process::Installation as TestApp;
use crate::sample_subscribers::{BAD, DUPLICATES, GOOD, RECORDS, file};

const TOLD: [&str; 6] = [
    "--source",
    "List of the 2025 symposium",
    "--basis",
    "express",
    "--evidence",
    "Paper forms, March 2026",
];

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["subscribers", "import", file], &TOLD[..], more].concat()
}

fn rows(csv: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(csv.as_bytes())
        .into_records()
        .map(|row| row.expect("it is CSV"))
        .collect()
}

on_both_databases! {
    async fn two_thousand_people_are_checked_then_taken_over_once_and_come_out_again(here: TestApp) {
        let people = here.write("subscribers.csv", file());
        assert_eq!(RECORDS, 2_000);
        let refused = DUPLICATES + BAD;

        let told = here.run(&["subscribers", "import", &people, "--dry-run"]).succeeded();
        assert!(told.starts_with(&format!("1,926 would be added, 0 on the list already, {refused} refused.\n")), "{told}");
        assert_eq!(GOOD, 1_926);
        assert!(told.ends_with("Nothing was changed.\n"), "{told}");
        assert!(rows(&here.run(&["subscribers", "export"]).succeeded()).is_empty());

        let dry = told;
        let told = here.run(&import(&people, &[])).succeeded();
        assert!(told.starts_with(&format!("1,926 added, 0 on the list already, {refused} refused.\n")), "{told}");
        let lines = |told: &str| told.lines().filter(|l| l.starts_with("  row ")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(&told).len(), refused, "{told}");
        assert_eq!(lines(&told), lines(&dry));

        let told = here.run(&import(&people, &[])).succeeded();
        assert!(told.starts_with(&format!("0 added, 1,926 on the list already, {refused} refused.\n")), "{told}");

        let export = here.run(&["subscribers", "export"]);
        assert_eq!(export.err, "1,926 written.\n");
        let all = rows(&export.succeeded());
        assert_eq!(all.len(), GOOD);
        let third = &all[2];
        assert_eq!(&third[0], "sample.10002@xn--tepkenga-szb.example");
        assert_eq!((&third[1], &third[2]), ("Tāne O'Sample", "Sample \"Harbour\" Doctors"));
        assert_eq!((&third[6], &third[7], &third[8]), ("news;case-studies", "active", "List of the 2025 symposium"));
        assert!(all.iter().any(|row| row[2].starts_with("'=Sample")), "formulas are made harmless");
        assert!(all.iter().all(|row| !row[2].starts_with(['=', '+', '-', '@'])));
    }

    async fn a_list_is_exported_by_status_and_topic_into_a_new_file(here: TestApp) {
        let people = here.write("subscribers.csv", file());
        here.run(&import(&people, &["--topics", "symposium"])).succeeded();
        let news = rows(&here.run(&["subscribers", "export", "--topic", "case-studies"]).succeeded());
        assert!(!news.is_empty() && news.len() < GOOD);
        assert!(news.iter().all(|row| row[6].contains("case-studies")));
        let silent = rows(&here.run(&["subscribers", "export", "--topic", "symposium"]).succeeded());
        assert!(silent.iter().any(|row| &row[6] == "symposium"), "lines without topics took the named one");
        assert!(rows(&here.run(&["subscribers", "export", "--status", "suspended"]).succeeded()).is_empty());

        let told = here.run(&["subscribers", "export", "-o", "out.csv"]);
        assert_eq!((told.out.as_str(), told.err.as_str(), told.code), ("", "1,926 written.\n", Some(0)));
        assert_eq!(crate::process::mode(&here.path("out.csv")), 0o600);
        let told = here.run(&["subscribers", "export", "-o", "out.csv"]).failed(1);
        assert!(told.contains("is there already"), "{told}");
    }
}

#[tokio::test]
async fn a_line_is_refused_under_its_row_in_a_spreadsheet() {
    let here = TestApp::start(Database::Sqlite).await;
    let people = file();
    let told = here
        .run_with_input(&["subscribers", "import", "-", "--dry-run"], &people)
        .succeeded();
    let mut rows: Vec<Vec<u8>> = vec![Vec::new()];
    let mut is_quoted = false;
    for byte in people.iter().copied() {
        is_quoted ^= byte == b'"';
        match byte {
            b'\n' if !is_quoted => rows.push(Vec::new()),
            _ => rows.last_mut().unwrap().push(byte),
        }
    }
    let said = |part: &str| {
        let line = told
            .lines()
            .find(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part}: {told}"));
        let number = line
            .trim_start()
            .trim_start_matches("row ")
            .split(':')
            .next()
            .unwrap();
        String::from_utf8_lossy(&rows[number.parse::<usize>().unwrap() - 1]).into_owned()
    };
    assert!(said("“Atlantis” is not a region").contains("Atlantis"));
    assert!(said("Medical Council").contains("MCNZ 12345"));
    assert!(said("not text in UTF-8").starts_with("bad.15@"));
    assert!(said("on one line").starts_with("bad.14@"));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_with_code_1() {
    let here = TestApp::start(Database::Sqlite).await;
    let told = here.run(&import("none.csv", &[])).failed(1);
    assert!(
        told.contains("none.csv cannot be read: No such file"),
        "{told}"
    );
    let letter = here.write("letter.txt", "Kia ora\n\nThis is a letter.\n");
    let told = here.run(&import(&letter, &[])).failed(1);
    assert!(
        told.contains("letter.txt: There is no column “email”"),
        "{told}"
    );
    let huge = here.write("huge.csv", vec![b'a'; 21 * 1024 * 1024]);
    assert!(
        here.run(&import(&huge, &[]))
            .failed(1)
            .contains("larger than 20 MB")
    );
    let told = here.run(&import(&letter, &["--topics", "golf"])).failed(1);
    assert!(
        told.contains("no topic “golf”") && told.contains("calcium-score"),
        "{told}"
    );
}

#[tokio::test]
async fn a_line_of_ten_megabytes_is_one_refused_line() {
    let here = TestApp::start(Database::Sqlite).await;
    let mut people = b"email,name\nfirst.sample@practice.example,First Sample\n".to_vec();
    people.extend(b"second.sample@practice.example,\"");
    people.extend(vec![b'x'; 10 * 1024 * 1024]);
    people.extend(b"\"\nthird.sample@practice.example,Third Sample\n");
    let told = here.run_with_input(&import("-", &[]), &people).succeeded();
    assert!(
        told.starts_with("2 added, 0 on the list already, 1 refused.\n"),
        "{told}"
    );
    assert!(told.contains("row 3: The line is longer"), "{told}");
}
