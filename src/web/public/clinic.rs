//! How to reach the clinic, and how it looks after what it knows.

use askama::Template;

use crate::web::page::{Answer, PageContext, show};

#[derive(Template)]
#[template(path = "web/contact.html")]
pub(super) struct Contact {
    pub(super) page: PageContext,
}

#[derive(Template)]
#[template(path = "web/privacy.html")]
pub(super) struct Privacy {
    pub(super) page: PageContext,
}

/// `GET /contact`.
pub(in crate::web) async fn contact(page: PageContext) -> Answer {
    show(&Contact { page })
}

/// `GET /privacy`.
pub(in crate::web) async fn privacy(page: PageContext) -> Answer {
    show(&Privacy { page })
}
