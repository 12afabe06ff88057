//! The database: rows and queries, and nothing that decides. SQL is only here.
//!
//! A query takes `&mut Db` and runs within whatever [`Store::read`] or [`Store::write`] its caller
//! opened, so that a use case in `app` is one transaction.

pub mod article_remarks;
pub mod articles;
pub mod audiences;
pub mod audit_events;
pub mod background_troubles;
pub mod backup;
pub mod bulk_changes;
pub mod bulletin_links;
pub mod bulletin_overrides;
pub mod bulletin_readers;
pub mod bulletin_reports;
pub mod bulletin_waves;
pub mod bulletins;
pub mod case_grounds;
mod columns;
mod composed;
pub mod consent_events;
mod db;
pub mod deliveries;
pub mod delivery_reports;
mod error;
pub mod growth;
pub mod images;
pub mod import_runs;
pub mod inbound_events;
pub mod inbound_messages;
pub mod instance;
pub mod link_checks;
pub mod migrate;
pub mod publications;
pub mod registrations;
pub mod saved_audiences;
pub mod saved_filters;
pub mod schema;
pub mod search_entries;
pub mod second_factors;
pub mod signup_requests;
pub mod site_settings;
pub mod staff_invitations;
pub mod staff_links;
pub mod staff_mails;
pub mod staff_members;
pub mod staff_sign_ins;
mod statement;
pub mod strikes;
pub mod subscribers;
pub mod supersessions;
pub mod symposia;
pub mod topics;
pub mod working_copies;
mod writer;

pub(crate) use db::each;
pub use db::{DatabaseUrl, DatabaseUrlError, Db, Store};
pub use error::StoreError;
