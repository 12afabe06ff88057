//! The service as its users meet it: through HTTP, the command line, SMTP and a browser, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answer;
mod app;
mod architecture;
mod articles;
mod bad_input;
mod both_databases;
mod browser;
mod bulletins;
mod chromium;
mod cli;
mod clinic;
mod delivery;
mod desk;
mod dkim;
mod erasure;
mod feeds;
mod first_view;
mod leash;
mod ledger;
mod library;
mod mail;
mod mail_limits;
mod mail_servers;
mod mailbox;
mod manage;
mod messages_and_links;
mod postfix;
mod postgres;
mod process;
mod programs;
mod public_pages;
mod python;
mod races;
mod readme;
mod real_input;
mod referral_check;
mod safety;
mod sample_bulletin;
/// The file that the README has people make.
#[path = "../../examples/sample_subscribers.rs"]
#[allow(dead_code)] // Its `main`.
mod sample_subscribers;
mod schedules;
mod schema;
mod search;
mod sign_up;
mod smtp_sink;
mod staff_accounts;
mod subscribers;
mod symposium;
mod torture;
mod unsubscribe;
