//! Bulletins: assembled from articles, approved by a second person, sent, and followed.

pub(in crate::web) mod audience;
mod comparison;
pub(in crate::web) mod correct;
pub(in crate::web) mod deliveries;
pub(in crate::web) mod discard;
pub(in crate::web) mod edit;
mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod preview;
pub(in crate::web) mod progress;
pub(in crate::web) mod readiness;
pub(in crate::web) mod report;
pub(in crate::web) mod review;
pub(in crate::web) mod send;
pub(in crate::web) mod send_again;
pub(in crate::web) mod show;
mod steps;
pub(in crate::web) mod waves;
pub(in crate::web) mod working_copy;

use crate::domain::bulletin::BulletinId;
use crate::domain::grouped::grouped;

/// The address of a bulletin's page.
fn address(id: BulletinId) -> String {
    format!("/staff/bulletins/{id}")
}

/// "1,840 people".
fn people(count: i64) -> String {
    if count == 1 {
        "1 person".to_owned()
    } else {
        format!("{} people", grouped(count))
    }
}
