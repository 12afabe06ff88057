//! Leaving by the link in a message: a page with a button for people, and the same address for the
//! one-click request of mail programs (RFC 8058).

use actix_web::web::{self, Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::app::unsubscribe::{self, Leaving};
use crate::domain::consent::Channel;
use crate::store::topics::Topic;
use crate::web::forms::{Form, read_leniently};
use crate::web::page::{Answer, PageContext, show as show_page};

#[derive(Template)]
#[template(path = "web/unsubscribe.html")]
struct UnsubscribePage {
    page: PageContext,
    token: String,
    masked_email: String,
    already_left: bool,
    topics: Vec<Topic>,
}

#[derive(Template)]
#[template(path = "web/unsubscribe_unknown.html")]
struct Unknown {
    page: PageContext,
}

#[derive(Template)]
#[template(path = "web/unsubscribed.html")]
struct Unsubscribed {
    page: PageContext,
    token: String,
    masked_email: String,
    kept: Vec<String>,
}

#[derive(Template)]
#[template(path = "web/unsubscribe_undone.html")]
struct Undone {
    page: PageContext,
    masked_email: String,
    topics: Vec<String>,
}

fn chosen(leaving: Leaving) -> Vec<Topic> {
    leaving
        .topics
        .into_iter()
        .filter(|(_, chosen)| *chosen)
        .map(|(topic, _)| topic)
        .collect()
}

fn names(topics: Vec<Topic>) -> Vec<String> {
    topics.into_iter().map(|topic| topic.name).collect()
}

/// `GET /u/{token}`: changes nothing.
pub(in crate::web) async fn ask(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let Some(leaving) = unsubscribe::look(&app, &token).await? else {
        return show_page(&Unknown { page });
    };
    show_page(&UnsubscribePage {
        page,
        token: token.into_inner(),
        masked_email: leaving.masked_email.clone(),
        already_left: !leaving.is_subscribed,
        topics: chosen(leaving),
    })
}

/// `POST /u/{token}`: leaves, at the first request and at every later one, whatever the body is. RFC
/// 8058, section 3.2: no redirect, no cookie, no further question.
pub(in crate::web) async fn take(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    body: web::Payload,
) -> Answer {
    let body = read_leniently(body.into_inner()).await;
    let channel = if is_one_click(&body) {
        Channel::OneClick
    } else {
        Channel::MailedLink
    };
    unsubscribe::unsubscribe(&app, &token, channel).await?;
    let Some(leaving) = unsubscribe::look(&app, &token).await? else {
        return show_page(&Unknown { page });
    };
    show_page(&Unsubscribed {
        page,
        token: token.into_inner(),
        masked_email: leaving.masked_email,
        kept: Vec::new(),
    })
}

/// The body of a mail program holds `List-Unsubscribe=One-Click`, urlencoded or as multipart.
fn is_one_click(body: &[u8]) -> bool {
    let holds = |words: &[u8]| {
        body.windows(words.len())
            .any(|window| window.eq_ignore_ascii_case(words))
    };
    holds(b"List-Unsubscribe") && holds(b"One-Click")
}

/// The topics that are kept.
#[derive(Deserialize)]
pub(in crate::web) struct KeepForm {
    #[serde(default)]
    topics: Vec<String>,
}

/// `POST /u/{token}/keep`: stays with some topics; with none of them, leaves.
pub(in crate::web) async fn keep(
    app: Data<App>,
    page: PageContext,
    token: Path<String>,
    Form(form): Form<KeepForm>,
) -> Answer {
    let stayed = unsubscribe::keep_topics(&app, &token, form.topics).await?;
    let Some(leaving) = unsubscribe::look(&app, &token).await? else {
        return show_page(&Unknown { page });
    };
    show_page(&Unsubscribed {
        page,
        token: token.into_inner(),
        masked_email: leaving.masked_email.clone(),
        kept: if stayed {
            names(chosen(leaving))
        } else {
            Vec::new()
        },
    })
}

/// `POST /u/{token}/undo`: takes the leaving of a moment ago back.
pub(in crate::web) async fn undo(app: Data<App>, page: PageContext, token: Path<String>) -> Answer {
    let back = unsubscribe::undo(&app, &token).await?;
    let Some(leaving) = unsubscribe::look(&app, &token).await? else {
        return show_page(&Unknown { page });
    };
    let masked_email = leaving.masked_email.clone();
    if back {
        show_page(&Undone {
            page,
            masked_email,
            topics: names(chosen(leaving)),
        })
    } else {
        show_page(&UnsubscribePage {
            page,
            token: token.into_inner(),
            masked_email,
            already_left: true,
            topics: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_is_known_in_either_encoding() {
        assert!(is_one_click(b"List-Unsubscribe=One-Click"));
        let multipart = b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--";
        assert!(is_one_click(multipart));
        assert!(!is_one_click(b""));
        assert!(!is_one_click(b"reason=click"));
    }
}
