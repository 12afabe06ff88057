//! Staff keep the list of subscribers.

pub(in crate::web) mod bulk;
pub(in crate::web) mod edit;
pub(in crate::web) mod export;
mod filter;
pub(in crate::web) mod import;
pub(in crate::web) mod import_report;
pub(in crate::web) mod list;
pub(in crate::web) mod merge;
pub(in crate::web) mod saved;
pub(in crate::web) mod show;
pub(in crate::web) mod status;
