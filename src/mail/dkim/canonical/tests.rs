#![allow(clippy::unwrap_used, clippy::expect_used)]

use aws_lc_rs::digest::digest;
use proptest::prelude::*;

use super::*;

/// The relaxed body as RFC 6376, section 3.4.4 words it: line by line, in plain steps.
fn by_the_book(body: &str) -> String {
    let mut lines: Vec<String> = body
        .split("\r\n")
        .map(|line| {
            let mut reduced = String::new();
            for c in line.chars().map(|c| if c == '\t' { ' ' } else { c }) {
                if c != ' ' || !reduced.ends_with(' ') {
                    reduced.push(c);
                }
            }
            reduced.trim_end_matches(' ').to_owned()
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

fn assert_hashes_as(body: &str, canonical: &str) {
    assert_eq!(
        body_hash(body.as_bytes()).as_ref(),
        digest(&SHA256, canonical.as_bytes()).as_ref(),
        "{body:?}"
    );
}

#[test]
fn the_body_of_the_rfc_reduces_as_it_says() {
    // RFC 6376, section 3.4.5.
    assert_hashes_as(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
}

#[test]
fn a_body_without_words_is_nothing() {
    for body in ["", "\r\n", "\r\n\r\n", " \t\r\n \r\n", " "] {
        assert_hashes_as(body, "");
    }
}

#[test]
fn a_last_line_without_an_end_gets_one() {
    assert_hashes_as("a", "a\r\n");
    assert_hashes_as("a \t", "a\r\n");
    assert_hashes_as("\r\n\r\na", "\r\n\r\na\r\n");
}

proptest! {
    #[test]
    fn every_body_reduces_as_by_the_book(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                " ", "  ", "\t", "\r\n", "\r\n\r\n", "a", "words=20of a\tline", "=3D",
                "<td style=3D\"padding:0;word-break:break-word;text-align:left;\">",
            ]),
            0..60,
        )
    ) {
        let body = parts.concat();
        assert_hashes_as(&body, &by_the_book(&body));
    }
}

fn canonical(headers: &str, names: &[&str]) -> String {
    let mut output = Vec::new();
    push_fields(&fields(headers), names, &mut output);
    String::from_utf8(output).unwrap()
}

#[test]
fn the_headers_of_the_rfc_reduce_as_it_says() {
    // RFC 6376, section 3.4.5.
    let headers = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
    assert_eq!(canonical(headers, &["A", "B"]), "a:X\r\nb:Y Z\r\n");
}

#[test]
fn of_several_fields_the_last_is_signed_first_and_one_too_many_is_nothing() {
    let headers = "To: 1\r\nSubject: s\r\nTO: 2\r\n";
    assert_eq!(canonical(headers, &["To"]), "to:2\r\n");
    assert_eq!(
        canonical(headers, &["To", "Subject", "To", "To", "From"]),
        "to:2\r\nsubject:s\r\nto:1\r\n"
    );
}

#[test]
fn a_field_that_is_folded_is_one_field_and_the_body_is_none() {
    let message = "A: 1\r\n 2\r\n\t3\r\nB:\r\nC: x:y\r\n\r\nA: body\r\n";
    let (headers, body) = split(message);
    assert_eq!(body, "A: body\r\n");
    assert_eq!(
        canonical(headers, &["A", "B", "C", "A"]),
        "a:1 2 3\r\nb:\r\nc:x:y\r\n"
    );
}
