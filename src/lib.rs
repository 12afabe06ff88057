//! Practice Points: the newsletter service of a specialist clinic for its general practitioners.
//!
//! ```text
//! web   worker   cli        faces: HTTP, background work, command line
//!    \     |     /
//!        app                use cases: one verb each, each one transaction
//!       /    \
//!    mail   store           MIME, SMTP        diesel, SQL
//!       \    /
//!       domain              pure types and rules: no I/O, no clock of its own
//! ```
//!
//! Imports point down only. actix-web appears only in `web`, diesel only in `store`, lettre only in
//! `mail`; a test reads the sources and fails on anything else. The same entity has the same name
//! in every layer.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod mail;
pub mod store;
pub mod web;
pub mod worker;

/// What the clinic's newsletter is called.
pub const NEWSLETTER_NAME: &str = "GP Practice Points";
