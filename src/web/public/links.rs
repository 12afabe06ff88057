//! What a link says that does not work, and what can be done instead.

use actix_web::http::StatusCode;
use askama::Template;

use crate::app::links::BadLink;
use crate::web::page::{Answer, PageContext, show_as};

#[derive(Template)]
#[template(path = "web/link_invalid.html")]
struct Invalid {
    page: PageContext,
}

#[derive(Template)]
#[template(path = "web/link_expired.html")]
struct Expired {
    page: PageContext,
    for_manage: bool,
}

#[derive(Template)]
#[template(path = "web/link_used.html")]
struct Used {
    page: PageContext,
    for_manage: bool,
    missed: Option<MissedEvent>,
}

/// An event that a confirmation would have been for, if a newer one had not come first.
pub(super) struct MissedEvent {
    pub(super) title: String,
    pub(super) path: String,
}

/// The page for a link that does not work.
pub(super) fn bad(page: PageContext, link: BadLink, for_manage: bool) -> Answer {
    match link {
        BadLink::Unknown => show_as(StatusCode::NOT_FOUND, &Invalid { page }),
        BadLink::Expired => show_as(StatusCode::GONE, &Expired { page, for_manage }),
        BadLink::Used => used(page, for_manage, None),
    }
}

/// The page for a link that has been used, or whose place a newer one has taken.
pub(super) fn used(page: PageContext, for_manage: bool, missed: Option<MissedEvent>) -> Answer {
    let used = Used {
        page,
        for_manage,
        missed,
    };
    show_as(StatusCode::GONE, &used)
}
