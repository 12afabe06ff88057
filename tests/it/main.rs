//! The service as its users meet it: through HTTP, the command line, SMTP and a browser, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod both_databases;
mod chromium;
mod leash;
mod postfix;
mod postgres;
mod programs;
mod python;
