//! How fast the whole program sends, as a ratio to Postfix's `smtp-source`, which is measured in turn with it in the same
//! run: machines differ and are shared, ratios between neighbours in time less so.
//!
//!     cargo bench --bench delivery                 everything but the million: about ten minutes
//!     cargo bench --bench delivery -- quick        a small form of it, for a look
//!     cargo bench --bench delivery -- million      memory and speed with 1,000,000 recipients
//!     cargo bench --bench delivery -- sqlite-30k   one row, or several, by name
//!
//! The program is the real one, over its settings: every recipient's row is claimed, and recorded with the server's words.
//! The mail server is part of the benchmark (or Postfix's `smtp-sink`), and runs on the same machine as everything else.
//! A rate is taken between the first and the last message that the mail server accepted.
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

#[path = "delivery/installation.rs"]
mod installation;
#[path = "delivery/pages.rs"]
mod pages;
#[path = "delivery/rows.rs"]
mod rows;
#[path = "delivery/sink.rs"]
mod sink;
#[path = "delivery/smtp_source.rs"]
mod smtp_source;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("sink") => sink::serve(&arguments[1..]),
        _ => rows::run(&arguments),
    }
}
