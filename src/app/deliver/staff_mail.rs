//! Messages that tell staff what waits for them and what became of what they did: made of what holds when they go, and not
//! sent when it has come to nothing meanwhile.

use crate::app::{App, AppError, follow_bulletin, tell_staff};
use crate::clock::Timestamp;
use crate::domain::article::ArticleState;
use crate::domain::bulletin::{BulletinId, BulletinState};
use crate::domain::delivery::DeliveryState;
use crate::domain::grouped::grouped;
use crate::domain::staff_mail::{About, StaffMailId, StaffMailKind};
use crate::domain::waiting::{may_publish, may_review};
use crate::mail::content::Content;
use crate::mail::notice::staff::Button;
use crate::mail::notice::staff_mail::{Item, StaffMail as Notice};
use crate::mail::sender::Sender;
use crate::store::staff_mails::{self, StaffMail};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, StoreError, article_remarks, articles, bulletins};

use super::message::ComposeError;

/// Why a message is not to be sent any more, if so.
pub(super) fn objection(
    db: &mut Db,
    id: StaffMailId,
    now: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    let mail = staff_mails::get(db, id)?;
    let member = staff_members::get(db, mail.staff_id)?;
    if !tell_staff::is_wanted(db, &member, mail.kind)? {
        return Ok(Some("they have left, or do not want to be told this"));
    }
    let holds = match mail.about() {
        Some(about) => still_holds(db, &mail, about, &member)?,
        None => !tell_staff::of_member(db, member.id, now)?.is_empty(),
    };
    Ok((!holds).then_some("it was over before it was told"))
}

/// Whether a text is still where the message says.
fn still_holds(
    db: &mut Db,
    mail: &StaffMail,
    about: About,
    member: &StaffMember,
) -> Result<bool, StoreError> {
    let (in_review, approved, done) = match about {
        About::Article(id) => match articles::get(db, id)?.state {
            ArticleState::Draft => (false, false, false),
            ArticleState::InReview => (true, false, false),
            ArticleState::Approved => (false, true, false),
            ArticleState::Published => (false, false, true),
        },
        About::Bulletin(id) => match bulletins::get(db, id)?.state {
            BulletinState::Draft | BulletinState::Cancelled => (false, false, false),
            BulletinState::InReview => (true, false, false),
            BulletinState::Approved => (false, true, false),
            _ => (false, false, true),
        },
    };
    Ok(match mail.kind {
        StaffMailKind::ToReview | StaffMailKind::ToApprove => {
            let writers = tell_staff::writers(db, about)?;
            in_review && may_review(member.role, &writers, member.id)
        }
        StaffMailKind::ToPublish => approved && may_publish(member.role),
        StaffMailKind::Approved => approved || done,
        // Whoever resumed it or gave it up knows.
        StaffMailKind::Held => approved || is_paused(db, about)?,
        // What was asked for of a bulletin is answered by handing it in again.
        StaffMailKind::Remarks => is_article(about) || !(in_review || approved || done),
        StaffMailKind::Sent | StaffMailKind::ReviewDates => true,
    })
}

fn is_article(about: About) -> bool {
    matches!(about, About::Article(_))
}

fn is_paused(db: &mut Db, about: About) -> Result<bool, StoreError> {
    match about {
        About::Bulletin(id) => Ok(bulletins::get(db, id)?.state == BulletinState::Paused),
        About::Article(_) => Ok(false),
    }
}

/// What there is to be told.
struct Facts {
    mail: StaffMail,
    member: StaffMember,
    /// Who did it.
    by: String,
    /// What the text is called.
    title: String,
    /// Whether it has been put on the site, or its sending has begun.
    is_out: bool,
    /// Whether the member is asked by name to review it.
    is_asked: bool,
    /// Who made each remark, and whether it asks for changes.
    remarks: Vec<(String, bool)>,
    items: Vec<Item>,
}

/// What a message says, and the name of whom it goes to.
pub(super) async fn news(
    app: &App,
    sender: &Sender,
    id: StaffMailId,
) -> Result<(Content, String), ComposeError> {
    let (now, own) = (app.now(), sender.clone());
    let facts = app.store.read(move |db| facts(db, &own, id, now)).await?;
    let about = facts.mail.about();
    let mut words = words(&facts);
    if let (StaffMailKind::Sent, Some(About::Bulletin(bulletin))) = (facts.mail.kind, about) {
        words.lines = vec![counts(app, bulletin, &facts.title).await?];
    }
    let path = match (facts.mail.kind, about) {
        (_, None) => "/staff".to_owned(),
        (StaffMailKind::Sent, Some(about)) => format!("{}/report", about.path()),
        (StaffMailKind::Remarks, Some(about @ About::Article(_))) => {
            format!("{}#remarks-heading", about.path())
        }
        (_, Some(about)) => about.path(),
    };
    let content = Notice {
        sender,
        title: &words.title,
        preheader: words.lines.first().map_or("", String::as_str),
        lines: words.lines.clone(),
        items: facts.items,
        button: Button {
            label: words.button,
            url: sender.page(&path),
        },
        why: words.why,
        choose_url: &sender.page("/staff/account#mails"),
    }
    .render()?;
    Ok((content, facts.member.name))
}

fn facts(db: &mut Db, sender: &Sender, id: StaffMailId, now: Timestamp) -> Result<Facts, AppError> {
    let mail = staff_mails::get(db, id)?;
    let member = staff_members::get(db, mail.staff_id)?;
    let by = match mail.by_staff {
        Some(by) => staff_members::get(db, by)?.name,
        None => String::new(),
    };
    let (mut title, mut is_out, mut is_asked) = (String::new(), false, false);
    let (mut remarks, mut items) = (Vec::new(), Vec::new());
    match mail.about() {
        Some(About::Article(id)) => {
            let article = articles::get(db, id)?;
            is_asked = article.reviewer_id == Some(member.id);
            is_out = article.state == ArticleState::Published;
            title = article.title;
            if let Some(first) = mail.first_remark {
                let next = staff_mails::next_first_remark(db, &mail)?;
                remarks = article_remarks::made_by(db, id, first, next, member.id)?;
            }
        }
        Some(About::Bulletin(id)) => {
            let bulletin = bulletins::get(db, id)?;
            is_out = bulletin.state.has_started();
            title = bulletin.subject;
        }
        None => {
            for (id, title, date) in tell_staff::of_member(db, member.id, now)? {
                let word = if date.is_before(now) {
                    "was due"
                } else {
                    "due"
                };
                items.push(Item {
                    title,
                    url: sender.page(&About::Article(id).path()),
                    note: format!("{word} {date}"),
                });
            }
        }
    }
    Ok(Facts {
        mail,
        member,
        by,
        title,
        is_out,
        is_asked,
        remarks,
        items,
    })
}

/// A message in words.
struct Words {
    title: String,
    lines: Vec<String>,
    button: &'static str,
    why: &'static str,
}

fn words(facts: &Facts) -> Words {
    let Facts { by, title, .. } = facts;
    let is_article = facts.mail.about().is_some_and(is_article);
    match facts.mail.kind {
        StaffMailKind::ToReview => Words {
            title: format!("To review: {title}"),
            lines: vec![if facts.is_asked {
                format!("{by} asks you to review “{title}”.")
            } else {
                format!("{by} has handed in “{title}”. It waits for a second person’s approval.")
            }],
            button: "Read the article",
            why: "you may approve what others wrote",
        },
        StaffMailKind::ToApprove => Words {
            title: format!("To approve: {title}"),
            lines: vec![format!(
                "{by} asks for the approval of the bulletin “{title}”. It is sent only after a second person has approved it."
            )],
            button: "Look at the bulletin",
            why: "you may approve what others wrote",
        },
        StaffMailKind::ToPublish if is_article => Words {
            title: format!("To be published: {title}"),
            lines: vec![format!("{by} has approved “{title}”. It can be put on the site now.")],
            button: "Go to the article",
            why: "you may publish",
        },
        StaffMailKind::ToPublish => Words {
            title: format!("To be sent: {title}"),
            lines: vec![format!("{by} has approved the bulletin “{title}”. It can be sent now, or given a time.")],
            button: "Go to the bulletin",
            why: "you may send",
        },
        StaffMailKind::Remarks if is_article => remarks(facts),
        StaffMailKind::Remarks => Words {
            title: format!("Changes asked for: {title}"),
            lines: vec![format!(
                "{by} asks for changes in the bulletin “{title}”, so it is a draft again."
            )],
            button: "Read what they ask for",
            why: "you wrote it, or handed it in",
        },
        StaffMailKind::Approved => Words {
            title: format!("Approved: {title}"),
            lines: vec![match (is_article, facts.is_out) {
                (true, false) => {
                    format!("{by} has approved “{title}”. A publisher can put it on the site now.")
                }
                (true, true) => format!("{by} has approved “{title}”, and it is on the site."),
                (false, false) => {
                    format!("{by} has approved the bulletin “{title}”. A publisher can send it now.")
                }
                (false, true) => {
                    format!("{by} has approved the bulletin “{title}”, and it is on its way.")
                }
            }],
            button: if is_article {
                "Go to the article"
            } else {
                "Go to the bulletin"
            },
            why: "you wrote it, or handed it in",
        },
        StaffMailKind::Held => Words {
            title: format!("Held: {title}"),
            lines: vec![
                facts
                    .mail
                    .reason
                    .map_or_else(String::new, |reason| reason.label().to_owned()),
                format!(
                    "The bulletin “{title}” waits until somebody has looked at it. Its page says what happened, and what can \
                     be done. Nobody gets it twice."
                ),
            ],
            button: "Look at the bulletin",
            why: "you may send",
        },
        StaffMailKind::Sent => Words {
            title: format!("Sent: {title}"),
            lines: Vec::new(),
            button: "Read its report",
            why: "you sent it",
        },
        StaffMailKind::ReviewDates => Words {
            title: match facts.items.len() {
                1 => "An article to be looked at again".to_owned(),
                many => format!("{many} articles to be looked at again"),
            },
            lines: vec![
                "These are on the site, and their day of review is near or has passed. Is what they say still so? A new text, \
                 approved and published, has a new day."
                    .to_owned(),
            ],
            button: "See what waits for you",
            why: "you wrote, reviewed or approved what it names",
        },
    }
}

fn remarks(facts: &Facts) -> Words {
    let title = &facts.title;
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &facts.remarks {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let who = match names.as_slice() {
        [] => facts.by.clone(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    };
    let asker = facts.remarks.iter().rev().find(|(_, asks)| *asks);
    let others = facts.remarks.iter().filter(|(_, asks)| !asks).count();
    let mut lines = Vec::new();
    if let Some((name, _)) = asker {
        lines.push(format!(
            "{name} asks for changes in “{title}”, so it is a draft again."
        ));
    }
    if others > 0 || asker.is_none() {
        let remarks = match others {
            0 | 1 => "a remark".to_owned(),
            many => format!("{many} remarks"),
        };
        lines.push(match asker {
            Some(_) if others == 1 => "There is a remark on it besides.".to_owned(),
            Some(_) => format!("There are {remarks} on it besides."),
            None => format!("{who} made {remarks} on “{title}”."),
        });
    }
    Words {
        title: match asker {
            Some(_) => format!("Changes asked for: {title}"),
            None => format!("Remarks: {title}"),
        },
        lines,
        button: "Read what they say",
        why: "you wrote the article, or handed it in",
    }
}

/// How a bulletin went, in a sentence.
async fn counts(app: &App, id: BulletinId, subject: &str) -> Result<String, AppError> {
    let progress = follow_bulletin::progress(app, id).await?;
    let (mut accepted, mut failed, mut left_out) = (0, 0, 0);
    for (state, count) in &progress.counts {
        match state {
            DeliveryState::Accepted => accepted += count,
            DeliveryState::Refused | DeliveryState::Failed => failed += count,
            DeliveryState::Skipped => left_out += count,
            _ => {}
        }
    }
    let left_out = match left_out {
        0 => String::new(),
        many => format!(
            ", {} not sent because people had left meanwhile",
            grouped(many)
        ),
    };
    let total = match progress.total() {
        1 => "1 message".to_owned(),
        many => format!("{} messages", grouped(many)),
    };
    Ok(format!(
        "The bulletin “{subject}” has gone out. {total}: {} accepted by the mail servers, {} refused or given up{left_out}.",
        grouped(accepted),
        grouped(failed)
    ))
}
