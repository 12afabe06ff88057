//! What the frame of every page shows, and how a page becomes an answer.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::site_settings::Logo;
use crate::app::{Actor, App};
use crate::domain::grouped::grouped;
use crate::domain::staff_member::StaffRole;

use super::problem::Problem;
use super::{assets, session};

/// The fonts of text and of headings. Those with rarer letters are fetched when a page has one.
const FIRST_FONTS: [&str; 2] = [
    "fonts/figtree-latin.woff2",
    "fonts/newsreader-600-latin.woff2",
];

/// What the frame of a page shows.
#[derive(Debug, Clone)]
pub struct PageContext {
    /// For the tab, where a page gives no title of its own.
    pub title: String,
    /// Path of the page, to mark its place in the navigation.
    pub path: String,
    /// The whole address of the page, without what was asked for in its query.
    pub url: String,
    /// Address of the stylesheet.
    pub css: &'static str,
    /// Addresses of the fonts that every page shows at once.
    pub fonts: [&'static str; 2],
    /// Address of the script.
    pub js: &'static str,
    /// Address of the editor's script, for pages that have it.
    pub editor: &'static str,
    /// Who the clinic is.
    pub clinic: ClinicContext,
    /// Address of the stylesheet with the clinic's own colours.
    pub colours: Option<String>,
    /// What people are told in the clinic's own words.
    pub told: ToldContext,
    /// Who is signed in.
    pub staff: Option<StaffContext>,
    /// A sentence about what was just done.
    pub flash: Option<String>,
}

/// Who the clinic is, for the foot of a page.
#[derive(Debug, Clone, Default)]
pub struct ClinicContext {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub street: String,
    /// Its postal address.
    pub postal: String,
    /// Where people write to it.
    pub email: String,
    /// Where it is called; empty if that is not told.
    pub phone: String,
    /// Its logo.
    pub logo: Option<Logo>,
}

/// What people are told in the clinic's own words: each may be empty.
#[derive(Debug, Clone, Default)]
pub struct ToldContext {
    /// Who carries the mail.
    pub carrier: String,
    /// Who looks after privacy.
    pub privacy_officer: String,
    /// Where the database is kept.
    pub place: String,
    /// Anything else.
    pub more: String,
    /// After how many days a sign-up is erased that was not confirmed.
    pub unconfirmed_days: u16,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct StaffContext {
    /// Their key.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// What their role is called.
    pub role: String,
    /// Whether they keep the staff.
    pub is_owner: bool,
    /// Whether they publish, send and keep subscribers.
    pub may_publish: bool,
}

impl PageContext {
    /// For the page that answers this request.
    pub fn of(request: &HttpRequest) -> Self {
        let app = request.app_data::<web::Data<App>>();
        let site = app.map(|app| app.site());
        let clinic = site.as_ref().map(|site| ClinicContext {
            name: site.clinic.name.clone(),
            street: site.clinic.street.clone(),
            postal: site.clinic.postal.clone(),
            email: site.clinic.email.to_string(),
            phone: site.phone.clone(),
            logo: site.look.logo.clone(),
        });
        let told = site.as_ref().map(|site| ToldContext {
            carrier: site.notices.carrier.clone(),
            privacy_officer: site.notices.privacy_officer.clone(),
            place: site.notices.place.clone(),
            more: site.notices.more.clone(),
            unconfirmed_days: site.retention.unconfirmed_days,
        });
        let staff = request
            .extensions()
            .get::<Actor>()
            .map(|actor| StaffContext {
                name: actor.name.clone(),
                role: actor.role.label().to_owned(),
                is_owner: actor.role == StaffRole::Owner,
                id: actor.id.0,
                may_publish: actor.role.includes(StaffRole::Publisher),
            });
        Self {
            title: crate::NEWSLETTER_NAME.to_owned(),
            path: request.path().to_owned(),
            url: app
                .map(|app| app.settings.base_url.join(request.path()))
                .unwrap_or_default(),
            css: assets::address("site.css"),
            fonts: FIRST_FONTS.map(assets::address),
            js: assets::address("site.js"),
            editor: assets::address("vendor/editor.js"),
            clinic: clinic.unwrap_or_default(),
            colours: site.as_ref().and_then(|site| assets::colours_address(site)),
            told: told.unwrap_or_default(),
            staff,
            flash: app.and_then(|app| session::flash(request, app)),
        }
    }
}

impl FromRequest for PageContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// What a handler answers.
pub(super) type Answer = Result<HttpResponse, Problem>;

/// Answers with a page.
pub(super) fn show(page: &impl Template) -> Answer {
    show_as(StatusCode::OK, page)
}

/// Answers with a page, and a status other than 200.
pub(super) fn show_as(status: StatusCode, page: &impl Template) -> Answer {
    let html = page.render()?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// Answers a form with what is to be mended: 422, the page again with what was typed.
pub(super) fn show_again(page: &impl Template) -> Answer {
    show_as(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// Steps between the pages of a list.
#[derive(Debug, Clone)]
pub(super) struct Pager {
    /// "51 to 100 of 2,000", or "38 in all" when one page holds them.
    pub(super) label: String,
    /// Address of the page before.
    pub(super) previous: Option<String>,
    /// Address of the page after.
    pub(super) next: Option<String>,
}

/// The address of a list, with what is set of its filters, and the page (from 0) if it is not the first.
pub(super) fn list_address<'a>(
    path: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    page: i64,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if page > 0 {
        query.append_pair("page", &page.to_string());
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

impl Pager {
    /// For the page `page` (from 0) of a list of `total`, so many a page. `address` makes the address
    /// of a page.
    pub(super) fn new(
        page: i64,
        per_page: i64,
        total: i64,
        address: impl Fn(i64) -> String,
    ) -> Self {
        let first = page.saturating_mul(per_page).saturating_add(1);
        let last = first.saturating_add(per_page - 1).min(total);
        let label = if total == 0 || first > total {
            format!("None of {}", grouped(total))
        } else if total <= per_page {
            format!("{} in all", grouped(total))
        } else {
            format!(
                "{} to {} of {}",
                grouped(first),
                grouped(last),
                grouped(total)
            )
        };
        let last_page = (total - 1).max(0) / per_page;
        Self {
            label,
            previous: (page > 0).then(|| address((page - 1).min(last_page))),
            next: (page < last_page).then(|| address(page + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_leads_to_the_pages_that_there_are() {
        let address = |page: i64| format!("?page={page}");
        let middle = Pager::new(1, 50, 2_000, address);
        assert_eq!(middle.label, "51 to 100 of 2,000");
        assert_eq!(
            (middle.previous.as_deref(), middle.next.as_deref()),
            (Some("?page=0"), Some("?page=2"))
        );
        let only = Pager::new(0, 50, 50, address);
        assert_eq!(
            (only.label.as_str(), only.previous, only.next),
            ("50 in all", None, None)
        );
        let beyond = Pager::new(9, 50, 60, address);
        assert_eq!(
            (beyond.previous.as_deref(), beyond.next),
            (Some("?page=1"), None)
        );
    }
}
