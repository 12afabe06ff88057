//! The service as its users meet it: through HTTP, the command line, SMTP and a browser, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod both_databases;
mod chromium;
mod clinic;
mod delivery;
mod leash;
mod mail;
mod postfix;
mod postgres;
mod programs;
mod python;
mod schema;
mod smtp_sink;
