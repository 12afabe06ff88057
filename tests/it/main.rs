//! The service as its users meet it: through HTTP, the command line, SMTP and a browser, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod app;
mod architecture;
mod bad_input;
mod both_databases;
mod chromium;
mod clinic;
mod delivery;
mod leash;
mod mail;
mod manage;
mod postfix;
mod postgres;
mod programs;
mod public_pages;
mod python;
mod referral_check;
mod safety;
mod schema;
mod sign_up;
mod smtp_sink;
mod staff_accounts;
mod subscribers;
mod unsubscribe;
