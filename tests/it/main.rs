//! The service as its users meet it: through HTTP, the command line, SMTP and a browser, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod both_databases;
mod chromium;
mod cli;
mod clinic;
mod delivery;
mod leash;
mod mail;
mod postfix;
mod postgres;
mod process;
mod programs;
mod python;
mod readme;
/// The file that the README has people make.
#[path = "../../examples/sample_subscribers.rs"]
#[allow(dead_code)] // Its `main`.
mod sample_subscribers;
mod schema;
mod smtp_sink;
