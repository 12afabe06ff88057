//! Articles: written, reviewed by a second person, put on the site.

pub(in crate::web) mod case;
pub(in crate::web) mod comparison;
pub(in crate::web) mod edit;
mod form;
pub(in crate::web) mod list;
pub(super) mod marks;
pub(in crate::web) mod remarks;
pub(in crate::web) mod remove;
pub(in crate::web) mod review;
pub(in crate::web) mod revision;
pub(in crate::web) mod show;
pub(in crate::web) mod supersede;
mod view;
pub(in crate::web) mod working_copy;

use crate::domain::article::ArticleId;

/// The address of an article's page.
fn address(id: ArticleId) -> String {
    format!("/staff/articles/{id}")
}
