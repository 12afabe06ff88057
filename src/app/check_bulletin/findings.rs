//! What is found of a bulletin, one look after the other.

use crate::app::compose_bulletin::as_approved_or_now;
use crate::app::examine::{self, RecordKind};
use crate::app::write_bulletin::{articles_of, number_problems, problems_but_numbers};
use crate::app::{App, AppError, check_links, run_checks};
use crate::domain::article::ArticleId;
use crate::domain::bulletin::{BulletinState, COMPUTER_SUBJECT, PHONE_SUBJECT};
use crate::domain::clinical_text::nhi_problems;
use crate::domain::local_time;
use crate::domain::public_address::is_sample;
use crate::domain::published::Published;
use crate::domain::readiness::{CheckKind, Finding, Level};
use crate::mail::content::{Content, Slot};
use crate::mail::inside;
use crate::mail::message::{CompileError, CompiledMessage, HTML_LIMIT, Kind};
use crate::store::bulletins::{self, Bulletin};
use crate::store::publications::Publication;
use crate::store::{Db, articles, staff_members, supersessions};

/// All that is found of a bulletin as it is now, or as it was approved.
pub(super) fn all(app: &App, db: &mut Db, bulletin: &Bulletin) -> Result<Vec<Finding>, AppError> {
    let is_approved = matches!(
        bulletin.state,
        BulletinState::Approved | BulletinState::Scheduled
    );
    let content = as_approved_or_now(app, db, bulletin)?;
    let on_site = articles_of(db, bulletin.id)?;
    let on_site: Vec<(ArticleId, Option<Publication>)> = on_site
        .into_iter()
        .map(|(id, _, on_site)| (id, on_site))
        .collect();
    let mut found = vec![
        approval(db, bulletin, is_approved)?,
        what_is_there(db, bulletin, is_approved)?,
        patient_numbers(bulletin, &content),
        unsubscribe(&content),
        size(app, &content),
        pictures(&content),
        check_links::finding(app, db, bulletin, &content.html, app.now())?,
        review_dates(app, &on_site),
        current(db, &on_site)?,
    ];
    found.extend(sender(app, db)?);
    Ok(found)
}

fn approval(db: &mut Db, bulletin: &Bulletin, is_approved: bool) -> Result<Finding, AppError> {
    let finding = |level, text: String| Finding::new(CheckKind::Approval, level, text);
    let approved = bulletin.approved_by.zip(bulletin.approved_at);
    let Some((by, at)) = approved.filter(|_| is_approved) else {
        let text = "A second person has not approved it yet.";
        return Ok(finding(Level::Blocker, text.to_owned()));
    };
    if bulletins::writers(db, bulletin.id)?.contains(&by) {
        let text = "It was approved by somebody who wrote at it.";
        return Ok(finding(Level::Blocker, text.to_owned()));
    }
    let name = staff_members::get(db, by)?.name;
    let date = local_time::display_date(at);
    Ok(finding(
        Level::Fine,
        format!("{name} approved it on {date}."),
    ))
}

/// An approved mail was complete when it was frozen.
fn what_is_there(db: &mut Db, bulletin: &Bulletin, is_approved: bool) -> Result<Finding, AppError> {
    let missing = match is_approved {
        true => Vec::new(),
        false => problems_but_numbers(db, bulletin)?,
    };
    let kind = CheckKind::Content;
    Ok(match missing.len() {
        0 => {
            let length = bulletin.subject.chars().count();
            match length > COMPUTER_SUBJECT {
                true => {
                    let text = format!(
                        "The subject has {length} characters; inboxes show {PHONE_SUBJECT} to {COMPUTER_SUBJECT}."
                    );
                    Finding::new(kind, Level::Look, text)
                }
                false => {
                    let text = format!("Both are there; the subject has {length} characters.");
                    Finding::new(kind, Level::Fine, text)
                }
            }
        }
        1 => Finding::new(kind, Level::Blocker, &missing[0]),
        count => {
            let text = format!("{count} things have to be put right.");
            Finding::new(kind, Level::Blocker, text).with(missing)
        }
    })
}

/// Over everything that is sent, as it is sent; addresses of pages aside, whose letters and digits mean nothing.
fn patient_numbers(bulletin: &Bulletin, content: &Content) -> Finding {
    let written: Vec<&str> = content
        .text
        .split_inclusive(char::is_whitespace)
        .map(|word| match word.contains("://") {
            true if word.ends_with('\n') => "\n",
            true => " ",
            false => word,
        })
        .collect();
    let mut found = number_problems(bulletin);
    // What stands in the introduction stands in the mail too, and is told once, by its place in the form.
    let number = |problem: &str| {
        let quoted = problem.split('”').next().unwrap_or_default();
        quoted.to_lowercase()
    };
    let told: Vec<String> = found.iter().map(|problem| number(problem)).collect();
    let in_mail = nhi_problems("text part of the mail", &written.concat());
    let others = in_mail.into_iter();
    found.extend(others.filter(|problem| !told.contains(&number(problem))));
    let kind = CheckKind::PatientNumbers;
    match found.is_empty() {
        true => Finding::new(kind, Level::Fine, "None was found."),
        false => Finding::new(kind, Level::Blocker, "Something looks like one.").with(found),
    }
}

fn unsubscribe(content: &Content) -> Finding {
    let marker = Slot::UnsubscribeUrl.marker();
    let in_html = inside::look(&content.html)
        .links
        .iter()
        .any(|link| link == marker);
    let (level, text) = match (in_html, content.text.contains(marker)) {
        (true, true) => (
            Level::Fine,
            "There is one in the HTML and in the text part.",
        ),
        (false, true) => (Level::Blocker, "The HTML part has none."),
        (true, false) => (Level::Blocker, "The text part has none."),
        (false, false) => (Level::Blocker, "Neither part has one."),
    };
    Finding::new(CheckKind::Unsubscribe, level, text)
}

/// The HTML part's size in words: "38 KB of at most 102 KB".
pub fn size_in_words(bytes: usize) -> String {
    let (size, most) = (bytes.div_ceil(1024), HTML_LIMIT / 1024);
    format!("{size} KB of at most {most} KB")
}

/// As it is sent, with every personal piece at its longest.
fn size(app: &App, content: &Content) -> Finding {
    let finding = |level, text: String| Finding::new(CheckKind::Size, level, text);
    match CompiledMessage::new(content, &app.sender(), Kind::Bulletin) {
        Err(CompileError::TooLarge { bytes }) => finding(
            Level::Blocker,
            format!(
                "The HTML part has {}: Gmail hides the rest. Send some articles as teasers.",
                size_in_words(bytes)
            ),
        ),
        Err(error) => finding(Level::Blocker, format!("It cannot be sent so: {error}.")),
        Ok(_) => {
            let bytes = content.html.len();
            let size = size_in_words(bytes);
            match bytes > HTML_LIMIT / 10 * 9 {
                true => finding(
                    Level::Look,
                    format!("The HTML part has {size}, which is close."),
                ),
                false => finding(Level::Fine, format!("The HTML part has {size}.")),
            }
        }
    }
}

fn pictures(content: &Content) -> Finding {
    let pictures = inside::look(&content.html).pictures;
    let without: Vec<String> = pictures
        .iter()
        .filter(|picture| {
            picture
                .alternative
                .as_deref()
                .unwrap_or_default()
                .is_empty()
        })
        .map(|picture| picture.address.clone())
        .collect();
    let kind = CheckKind::Pictures;
    match (pictures.len(), without.len()) {
        (0, _) => Finding::new(kind, Level::Fine, "There are no pictures."),
        (1, 0) => Finding::new(kind, Level::Fine, "The picture has an alternative text."),
        (all, 0) => {
            let text = format!("All {all} pictures have an alternative text.");
            Finding::new(kind, Level::Fine, text)
        }
        (all, some) => {
            let text = format!("{some} of {all} have no alternative text.");
            Finding::new(kind, Level::Blocker, text).with(without)
        }
    }
}

fn review_dates(app: &App, on_site: &[(ArticleId, Option<Publication>)]) -> Finding {
    let now = app.now();
    let past: Vec<String> = on_site
        .iter()
        .filter_map(|(_, on_site)| on_site.as_ref())
        .filter_map(|on_site| {
            let day = on_site.review_by.filter(|day| day.is_before(now))?;
            Some(format!("“{}” was to be reviewed by {day}.", on_site.title))
        })
        .collect();
    let kind = CheckKind::ReviewDates;
    match past.len() {
        0 => Finding::new(kind, Level::Fine, "No article is past its date."),
        1 => Finding::new(kind, Level::Blocker, "An article is past its date.").with(past),
        some => {
            let text = format!("{some} articles are past their dates.");
            Finding::new(kind, Level::Blocker, text).with(past)
        }
    }
}

fn current(db: &mut Db, on_site: &[(ArticleId, Option<Publication>)]) -> Result<Finding, AppError> {
    let superseded = supersessions::superseded(db)?;
    let mut found = Vec::new();
    for (id, on_site) in on_site {
        match on_site {
            None => {
                let title = articles::get(db, *id)?.title;
                found.push(format!("“{title}” is not on the site (any more)."));
            }
            Some(on_site) if superseded.contains(id) => {
                found.push(format!("“{}” is superseded by a newer one.", on_site.title));
            }
            Some(_) => {}
        }
    }
    let kind = CheckKind::Superseded;
    Ok(match found.is_empty() {
        true => Finding::new(
            kind,
            Level::Fine,
            "All are on the site, and none has a successor.",
        ),
        false => Finding::new(kind, Level::Blocker, "Not all of them are.").with(found),
    })
}

/// Who writes, and whether messages are signed. On trial, and where a mail server beside us takes over, it is only told.
fn sender(app: &App, db: &mut Db) -> Result<[Finding; 2], AppError> {
    let (settings, site) = (&app.settings, app.site());
    let from = &site.mail_from.email;
    let is_out_in_the_world = settings
        .smtp_servers
        .iter()
        .any(|server| !server.is_loopback());
    let serious = match is_out_in_the_world {
        true => Level::Blocker,
        false => Level::Look,
    };
    let is_sample = is_sample(from.domain());
    let who = match (is_sample, settings.smtp_servers.is_empty()) {
        (_, true) => Finding::new(
            CheckKind::Sender,
            Level::Look,
            "No mail server is set: messages stay in the built-in mailbox, and reach nobody outside.",
        ),
        (true, false) => {
            let text =
                format!("{from} is a sample address: nobody could answer (setting mail_from).");
            Finding::new(CheckKind::Sender, serious, text)
        }
        (false, false) => Finding::new(
            CheckKind::Sender,
            Level::Fine,
            format!("It comes from {from}."),
        ),
    };
    let signed = match &site.dkim {
        Some(_) => match unseen_keys(app, db)? {
            None => Finding::new(CheckKind::Signature, Level::Fine, "Messages are signed."),
            Some(words) => Finding::new(CheckKind::Signature, Level::Look, words),
        },
        None => Finding::new(
            CheckKind::Signature,
            serious,
            "Messages are not signed here: Gmail and Outlook may refuse them, unless the mail server signs them.",
        ),
    };
    Ok([who, signed])
}

/// What is to be said of keys that sign although the DNS did not show their records when it was asked last.
fn unseen_keys(app: &App, db: &mut Db) -> Result<Option<String>, AppError> {
    let Some(checks) = run_checks::kept(db)? else {
        return Ok(None);
    };
    let records = examine::dns_records(&app.site().over(&app.settings));
    let unseen = records.iter().filter(|record| {
        let published = checks.published(record);
        record.kind == RecordKind::Dkim && published.is_some_and(Published::is_lacking)
    });
    let names: Vec<&str> = unseen.map(|record| record.name.as_str()).collect();
    Ok((!names.is_empty()).then(|| {
        format!(
            "Messages are signed, but the DNS did not show the right record at {} when it was asked, {}. Look under Settings, Mail and DNS.",
            names.join(", "),
            local_time::display(checks.began())
        )
    }))
}
