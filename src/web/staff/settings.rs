//! What the clinic sets itself, and what the deployment has set.

pub(in crate::web) mod clinic;
pub(in crate::web) mod deployment;
pub(in crate::web) mod mail;
pub(in crate::web) mod retention;
pub(in crate::web) mod sender;
pub(in crate::web) mod topics;
pub(in crate::web) mod wordings;

use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::app::site_settings::Earlier;
use crate::domain::local_time;
use crate::web::page::{Answer, PageContext, show as show_page};

/// A version of a setting, as people see it.
struct EarlierRow {
    when: String,
    by: String,
    fields: Vec<(String, String)>,
}

fn earlier_rows(versions: Vec<Earlier>) -> Vec<EarlierRow> {
    let row = |version: Earlier| EarlierRow {
        when: local_time::display(version.at),
        by: version.by,
        fields: version.fields,
    };
    versions.into_iter().map(row).collect()
}

/// What is said after saving.
fn said(changed: bool, saved: &'static str) -> &'static str {
    if changed {
        saved
    } else {
        "Nothing was changed."
    }
}

struct SectionCard {
    path: &'static str,
    name: &'static str,
    what: &'static str,
    /// How it is now, in a few words.
    now: String,
}

#[derive(Template)]
#[template(path = "web/staff/settings/index.html")]
struct Index {
    page: PageContext,
    sections: Vec<SectionCard>,
}

/// `GET /staff/settings`.
pub(in crate::web) async fn index(app: Data<App>, page: PageContext) -> Answer {
    let site = app.site();
    let card = |path, name, what, now| SectionCard {
        path,
        name,
        what,
        now,
    };
    let signs = match &site.dkim {
        Some(dkim) => format!("Messages are signed for {}.", dkim.signer.domain()),
        None => "Messages are not signed by this program.".to_owned(),
    };
    let days = site.retention.unconfirmed_days;
    let wording = &site.wording.version;
    let sections = vec![
        card(
            "/staff/settings/clinic",
            "Clinic",
            "Name, addresses, telephone, logo and colours are on every page and in every message.",
            site.clinic.name.clone(),
        ),
        card(
            "/staff/settings/sender",
            "Sender",
            "Whom messages come from, and where replies go.",
            site.mail_from.email.to_string(),
        ),
        card(
            "/staff/settings/topics",
            "Topics",
            "What subscribers choose among: names, order, what is offered.",
            String::new(),
        ),
        card(
            "/staff/settings/wordings",
            "Wordings",
            "To what people agree, and what they are told about their details.",
            format!("Wording of {wording}"),
        ),
        card(
            "/staff/settings/retention",
            "How long things are kept",
            "Sign-ups that were never confirmed, what came back, what was never saved.",
            format!("Sign-ups: {days} days"),
        ),
        card(
            "/staff/settings/mail",
            "Mail and DNS",
            "Keys that sign messages, records to publish, and whether everything works.",
            signs,
        ),
        card(
            "/staff/settings/deployment",
            "Deployment",
            "What stands in the settings file and the environment. It is shown, and changed there.",
            String::new(),
        ),
    ];
    show_page(&Index { page, sections })
}
