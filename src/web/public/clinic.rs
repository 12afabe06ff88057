//! How to reach the clinic, and how it looks after what it knows.

use askama::Template;

use crate::web::page::{Answer, PageContext, show};

#[derive(Template)]
#[template(path = "web/contact.html")]
struct Contact {
    page: PageContext,
}

#[derive(Template)]
#[template(path = "web/privacy.html")]
struct Privacy {
    page: PageContext,
}

/// `GET /contact`.
pub(in crate::web) async fn contact(page: PageContext) -> Answer {
    show(&Contact { page })
}

/// `GET /privacy`.
pub(in crate::web) async fn privacy(page: PageContext) -> Answer {
    show(&Privacy { page })
}
