//! How a bulletin will look in an inbox.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::check_bulletin::size_in_words;
use crate::app::preview_bulletin::{self, SAMPLE_READER};
use crate::app::{Actor, App};
use crate::domain::bulletin::{BulletinId, COMPUTER_SUBJECT, PHONE_SUBJECT};
use crate::domain::staff_member::StaffRole;
use crate::domain::subscriber::SubscriberId;
use crate::web::headers::{MAIL_PREVIEW, MAIL_PREVIEW_WITHOUT_IMAGES};
use crate::web::page::{Answer, PageContext, list_address, show as show_page};
use crate::web::session::Staff;
use crate::web::staff::mailbox::links_outside;

use super::address;

/// So many letters of the line below the subject a phone's list shows, about.
const PHONE_PREHEADER: usize = 80;

/// So many letters of both together a computer's list shows, about.
const COMPUTER_LINE: usize = 110;

/// How it is to be shown; what is no known word is as if it were not there.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::web) struct PreviewQuery {
    /// With whose eyes: the key of a subscriber.
    #[serde(rename = "as")]
    reader: String,
    /// Words with which somebody is looked for.
    q: String,
    /// "phone", or wide.
    width: String,
    /// "dark", or light.
    colours: String,
    /// "off", or on.
    images: String,
}

impl PreviewQuery {
    /// Whose eyes, if this member of staff may know who is on the list.
    fn reader(&self, actor: &Actor) -> Option<SubscriberId> {
        let chosen = self.reader.parse().ok().map(SubscriberId);
        chosen.filter(|_| may_choose(actor))
    }

    fn is_dark(&self) -> bool {
        self.colours == "dark"
    }

    fn is_phone(&self) -> bool {
        self.width == "phone"
    }

    fn has_images(&self) -> bool {
        self.images != "off"
    }

    /// The address of the HTML part, shown so.
    fn frame(&self, id: BulletinId, reader: Option<SubscriberId>) -> String {
        let reader = reader.map(|id| id.to_string()).unwrap_or_default();
        let fields = [
            ("as", reader.as_str()),
            ("colours", if self.is_dark() { "dark" } else { "" }),
            ("images", if self.has_images() { "" } else { "off" }),
        ];
        list_address(&format!("{}/preview.html", address(id)), fields, 0)
    }
}

fn may_choose(actor: &Actor) -> bool {
    actor.role.includes(StaffRole::Publisher)
}

/// Somebody who would get it.
struct Reader {
    name: String,
    email: String,
    url: String,
}

/// How a list of messages shows it.
struct InboxLine {
    subject: String,
    preheader: String,
}

#[derive(Template)]
#[template(path = "web/staff/bulletins/preview.html")]
struct Preview {
    page: PageContext,
    id: BulletinId,
    subject: String,
    preheader: String,
    from: String,
    from_name: String,
    html_size: String,
    text: String,
    computer: InboxLine,
    phone: InboxLine,
    is_cut: bool,
    reader: String,
    reader_id: String,
    why: String,
    may_choose: bool,
    q: String,
    found: Vec<Reader>,
    frame: String,
    is_phone: bool,
    is_dark: bool,
    has_images: bool,
}

/// `GET /staff/bulletins/{id}/preview?as=&q=&width=&colours=&images=`.
pub(in crate::web) async fn show(
    app: Data<App>,
    Staff(actor): Staff,
    page: PageContext,
    id: Path<i64>,
    query: Query<PreviewQuery>,
) -> Answer {
    let id = BulletinId(*id);
    let reader = query.reader(&actor);
    let seen = preview_bulletin::show(&app, id, reader).await?;
    let words = query.q.trim().to_owned();
    let found = match may_choose(&actor) && !words.is_empty() {
        true => preview_bulletin::search(&app, id, words).await?,
        false => Vec::new(),
    };
    let found = found.into_iter().map(|person| {
        let key = person.id.to_string();
        let fields = [
            ("as", key.as_str()),
            ("width", &query.width),
            ("colours", &query.colours),
            ("images", &query.images),
        ];
        Reader {
            url: list_address(&format!("{}/preview", address(id)), fields, 0),
            name: person.name,
            email: person.email,
        }
    });
    let sender = app.sender();
    let (subject, preheader) = (seen.content.subject, seen.bulletin.preheader);
    let shown = subject.chars().count().min(COMPUTER_SUBJECT);
    let room = COMPUTER_LINE.saturating_sub(shown);
    show_page(&Preview {
        page,
        id,
        from: format!("{} <{}>", sender.from_name, sender.from_address),
        from_name: sender.from_name,
        html_size: size_in_words(seen.content.html.len()),
        text: seen.content.text,
        computer: InboxLine {
            subject: cut(&subject, COMPUTER_SUBJECT),
            preheader: cut(&preheader, room),
        },
        phone: InboxLine {
            subject: cut(&subject, PHONE_SUBJECT),
            preheader: cut(&preheader, PHONE_PREHEADER),
        },
        is_cut: subject.chars().count() > PHONE_SUBJECT,
        subject,
        preheader,
        reader: match &seen.reader {
            Some(reader) => format!("{} <{}>", reader.name, reader.email),
            None => SAMPLE_READER.to_owned(),
        },
        reader_id: reader.map(|id| id.to_string()).unwrap_or_default(),
        why: seen.why,
        may_choose: may_choose(&actor),
        q: query.q.clone(),
        found: found.collect(),
        frame: query.frame(id, reader),
        is_phone: query.is_phone(),
        is_dark: query.is_dark(),
        has_images: query.has_images(),
    })
}

/// `GET /staff/bulletins/{id}/preview.html`: the HTML part, for the frames of the preview.
pub(in crate::web) async fn mail(
    app: Data<App>,
    Staff(actor): Staff,
    id: Path<i64>,
    query: Query<PreviewQuery>,
) -> Answer {
    let reader = query.reader(&actor);
    let seen = preview_bulletin::show(&app, BulletinId(*id), reader).await?;
    let policy = match query.has_images() {
        true => MAIL_PREVIEW,
        false => MAIL_PREVIEW_WITHOUT_IMAGES,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(links_outside(&in_colours(
            &seen.content.html,
            query.is_dark(),
        ))))
}

/// The mail has colours for the light and for the dark, and a mail program takes those of its machine. Here they are
/// chosen, whatever machine this is.
fn in_colours(html: &str, is_dark: bool) -> String {
    let (scheme, applies) = match is_dark {
        true => ("dark", "all"),
        false => ("light", "not all"),
    };
    html.replace("(prefers-color-scheme: dark)", applies)
        .replace(
            "color-scheme: light dark",
            &format!("color-scheme: {scheme}"),
        )
        .replace("content=\"light dark\"", &format!("content=\"{scheme}\""))
}

/// As much of a line as there is room for.
fn cut(line: &str, longest: usize) -> String {
    if line.chars().count() <= longest {
        return line.to_owned();
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    match kept.trim_end() {
        "" => String::new(),
        kept => format!("{kept}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_there_is_no_room() {
        assert_eq!(cut("Māngere Ōtara", 20), "Māngere Ōtara");
        assert_eq!(cut("Māngere Ōtara", 9), "Māngere…");
        assert_eq!(cut("Māngere Ōtara", 0), "");
    }

    #[test]
    fn the_colours_are_chosen_and_not_the_machines() {
        let html = "<style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a {} }</style>";
        assert!(in_colours(html, true).contains("color-scheme: dark; } @media all {"));
        assert!(in_colours(html, false).contains("color-scheme: light; } @media not all {"));
    }
}
