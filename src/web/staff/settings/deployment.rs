//! What stands in the settings file and the environment: shown, and changed there.

use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::app::examine;
use crate::config::Origin;
use crate::web::page::{Answer, PageContext, show as show_page};

struct SettingRow {
    key: &'static str,
    value: String,
    origin: String,
    /// The variable of the environment with which it is changed.
    variable: String,
    /// Whether what the clinic has set on its pages stands in its place.
    is_overridden: bool,
}

#[derive(Template)]
#[template(path = "web/staff/settings/deployment.html")]
struct DeploymentPage {
    page: PageContext,
    rows: Vec<SettingRow>,
}

/// `GET /staff/settings/deployment`.
pub(in crate::web) async fn show(app: Data<App>, page: PageContext) -> Answer {
    let site = app.site();
    let now = site.over(&app.settings);
    let old = &app.settings;
    let row = |(key, value, origin): (&'static str, String, Origin)| SettingRow {
        is_overridden: match key {
            "clinic.name" => now.clinic.name != old.clinic.name,
            "clinic.street" => now.clinic.street != old.clinic.street,
            "clinic.postal" => now.clinic.postal != old.clinic.postal,
            "clinic.email" => now.clinic.email != old.clinic.email,
            "mail_from" => now.mail_from != old.mail_from,
            "reply_to" => now.reply_to != old.reply_to,
            _ => false,
        },
        variable: format!("PRACTICE_POINTS_{}", key.replace('.', "__").to_uppercase()),
        origin: match origin {
            Origin::BuiltIn => "Built in".to_owned(),
            set => {
                let words = set.to_string();
                let mut letters = words.chars();
                let first = letters.next().map(|first| first.to_uppercase().to_string());
                first.unwrap_or_default() + letters.as_str()
            }
        },
        key,
        value,
    };
    let rows = examine::as_understood(old).into_iter().map(row).collect();
    show_page(&DeploymentPage { page, rows })
}
