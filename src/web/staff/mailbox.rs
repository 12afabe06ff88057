//! The built-in mailbox, where messages are kept while no mail server is set.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::{Actor, App, read_mailbox};
use crate::domain::local_time;
use crate::domain::staff_member::StaffRole;
use crate::mail::mailbox::{AttachedFile, MailboxEntry, MailboxId, StoredMessage};
use crate::web::headers::MAIL_PREVIEW;
use crate::web::page::{Answer, PageContext, list_address, show as show_page, show_as};
use crate::web::problem::Problem;
use crate::web::public::manage::attachment;
use crate::web::session::Staff;

/// So many messages are on a page.
const PER_PAGE: usize = 50;

struct Entry {
    id: String,
    at: String,
    /// Empty where the address stands alone, or with others.
    to_name: String,
    to: String,
    subject: String,
    size: String,
}

impl Entry {
    fn of(entry: &MailboxEntry) -> Self {
        let (to_name, to) = name_and_address(&entry.to);
        Self {
            id: entry.id.to_string(),
            at: local_time::display(entry.at),
            to_name: to_name.to_owned(),
            to: to.to_owned(),
            subject: match entry.subject.as_str() {
                "" => "(no subject)".to_owned(),
                subject => subject.to_owned(),
            },
            size: format!("{} KB", entry.size.div_ceil(1024)),
        }
    }
}

/// Takes “name <address>” apart; what is not one of these stays whole, without a name.
fn name_and_address(to: &str) -> (&str, &str) {
    match to.strip_suffix('>').and_then(|rest| rest.split_once(" <")) {
        Some((name, address)) if !address.contains('<') => (name, address),
        _ => ("", to),
    }
}

#[derive(Template)]
#[template(path = "web/staff/mailbox/index.html")]
struct Index {
    page: PageContext,
    in_use: bool,
    /// What is looked for; empty for all.
    q: String,
    entries: Vec<Entry>,
    older_url: Option<String>,
}

/// Which messages are looked for, and before which of them the page begins.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ListQuery {
    q: String,
    before: String,
}

/// `GET /staff/mailbox?q=&before=`.
pub(in crate::web) async fn list(
    app: Data<App>,
    page: PageContext,
    query: Query<ListQuery>,
) -> Answer {
    let before = query.before.parse::<MailboxId>().ok();
    let q = query.into_inner().q;
    // One more than is shown tells whether there are older ones.
    let Some(found) = read_mailbox::list(&app, &q, before, PER_PAGE + 1).await? else {
        return not_in_use(page);
    };
    let last = found.get(PER_PAGE - 1).filter(|_| found.len() > PER_PAGE);
    show_page(&Index {
        page,
        in_use: true,
        older_url: last.map(|last| older(&q, last.id)),
        q,
        entries: found.iter().take(PER_PAGE).map(Entry::of).collect(),
    })
}

fn older(q: &str, last: MailboxId) -> String {
    let before = last.to_string();
    let fields = [("q", q), ("before", before.as_str())];
    list_address("/staff/mailbox", fields, 0)
}

/// Says where messages go instead.
fn not_in_use(page: PageContext) -> Answer {
    let index = Index {
        page,
        in_use: false,
        q: String::new(),
        entries: Vec::new(),
        older_url: None,
    };
    show_as(StatusCode::NOT_FOUND, &index)
}

struct Header {
    name: String,
    value: String,
}

/// In which of its forms a message is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ShowQuery {
    view: String,
}

#[derive(Template)]
#[template(path = "web/staff/mailbox/show.html")]
struct Show {
    page: PageContext,
    id: MailboxId,
    subject: String,
    from: String,
    to: String,
    at: String,
    view: &'static str,
    has_html: bool,
    text: String,
    headers: Vec<Header>,
    raw: String,
    files: Vec<FileView>,
    links: Vec<String>,
}

/// A file that the message carries.
struct FileView {
    name: String,
    size: String,
    url: String,
}

impl FileView {
    fn of((number, file): (usize, &AttachedFile), id: MailboxId) -> Self {
        Self {
            name: file.name.clone(),
            size: format!("{} KB", file.content.len().div_ceil(1024)),
            url: format!("/staff/mailbox/{id}/files/{number}"),
        }
    }
}

/// A message. One that makes its reader a member of staff, or signs them in as one, is for owners alone, who may do both
/// anyway: a publisher would have another's account by it.
async fn read(
    app: &App,
    by: &Actor,
    id: &str,
) -> Result<(MailboxId, Option<StoredMessage>), Problem> {
    let id: MailboxId = id.parse().map_err(|_| Problem::not_found())?;
    let found = read_mailbox::read(app, id).await?;
    let text = found.as_ref().and_then(|message| message.text.as_deref());
    let is_for_owners = text.is_some_and(|text| app.holds_staff_link(text));
    if is_for_owners && !by.role.includes(StaffRole::Owner) {
        let why =
            "This message holds a link to somebody’s staff account, which owners alone may see.";
        return Err(Problem::forbidden(why.to_owned()));
    }
    Ok((id, found))
}

/// `GET /staff/mailbox/{id}?view=html|text|headers|raw`.
pub(in crate::web) async fn show(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<String>,
    query: Query<ShowQuery>,
) -> Answer {
    let (id, found) = read(&app, &staff.0, &id).await?;
    let Some(message) = found else {
        return not_in_use(page);
    };
    let views = ["html", "text", "headers", "raw"];
    let text = message.text.unwrap_or_default();
    let headers = message
        .headers
        .into_iter()
        .map(|(name, value)| Header { name, value });
    show_page(&Show {
        page,
        id,
        subject: message.subject,
        from: message.from,
        to: message.to,
        at: local_time::display(id.at()),
        view: views
            .into_iter()
            .find(|view| *view == query.view)
            .unwrap_or("html"),
        has_html: message.html.is_some(),
        files: message
            .files
            .iter()
            .enumerate()
            .map(|file| FileView::of(file, id))
            .collect(),
        links: links(&text),
        text,
        headers: headers.collect(),
        raw: String::from_utf8_lossy(&message.raw).into_owned(),
    })
}

/// The addresses in a text part, each once.
fn links(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>')) {
        let word = word
            .trim_start_matches('(')
            .trim_end_matches(['.', ',', ';', ')']);
        let is_link = word.starts_with("https://") || word.starts_with("http://");
        if is_link && !links.iter().any(|link| link == word) {
            links.push(word.to_owned());
        }
    }
    links
}

/// `GET /staff/mailbox/{id}/html`: the HTML part, for the frame of its page.
pub(in crate::web) async fn html(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    id: Path<String>,
) -> Answer {
    let (_, found) = read(&app, &staff.0, &id).await?;
    let Some(message) = found else {
        return not_in_use(page);
    };
    let html = message.html.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, MAIL_PREVIEW))
        .body(links_outside(&html)))
}

/// A mail whose links lead out of the frame in which it is shown; those of its buttons say by themselves where they lead.
pub(in crate::web) fn links_outside(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_blank\">", 1)
        .replace("target=\"_self\"", "target=\"_blank\"")
}

/// `GET /staff/mailbox/{id}/files/{number}`: a file that the message carries, to be saved.
pub(in crate::web) async fn file(
    app: Data<App>,
    page: PageContext,
    staff: Staff,
    path: Path<(String, usize)>,
) -> Answer {
    let (id, number) = path.into_inner();
    let (_, found) = read(&app, &staff.0, &id).await?;
    let Some(message) = found else {
        return not_in_use(page);
    };
    let mut files = message.files.into_iter();
    let file = files.nth(number).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(attachment(&file.name))
        .body(file.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_taken_apart_and_several_are_not() {
        let hine = name_and_address("Hine Sample <hine@clinic.example>");
        assert_eq!(hine, ("Hine Sample", "hine@clinic.example"));
        for whole in [
            "hine@clinic.example",
            "A <a@b.example>, C <c@d.example>",
            "",
        ] {
            assert_eq!(name_and_address(whole), ("", whole));
        }
    }

    #[test]
    fn addresses_are_taken_out_of_the_text_without_the_marks_around_them() {
        let text = "Confirm: https://a.example/confirm/x-1.\nOr <http://b.example/?q=1>, (https://c.example/).\n\
                    javascript:alert(1) ftp://d.example https://a.example/confirm/x-1";
        assert_eq!(
            links(text),
            [
                "https://a.example/confirm/x-1",
                "http://b.example/?q=1",
                "https://c.example/"
            ]
        );
    }
}
