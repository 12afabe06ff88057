//! How to reach the clinic, and how it looks after what it knows.

use actix_web::web::Data;
use askama::Template;

use crate::app::App;
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
    /// Whether it is counted how often links in bulletins are followed.
    pub(super) counts_links: bool,
}

/// `GET /contact`.
pub(in crate::web) async fn contact(page: PageContext) -> Answer {
    show(&Contact { page })
}

/// `GET /privacy`.
pub(in crate::web) async fn privacy(app: Data<App>, page: PageContext) -> Answer {
    show(&Privacy {
        page,
        counts_links: app.settings.count_links,
    })
}
