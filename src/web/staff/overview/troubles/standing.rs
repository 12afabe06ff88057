//! Work that stands still, in sentences, each with its next step.

use crate::app::overview::{self, Halted, Held, LinksTrouble};
use crate::domain::bulletin::BulletinState;
use crate::domain::grouped::grouped;
use crate::domain::local_time;

use super::Trouble;

/// A bulletin that is held up.
pub(super) fn held(held: &Held) -> Trouble {
    let (subject, why) = (&held.subject, &held.why);
    let (words, next) = match held.state {
        BulletinState::Paused => (
            format!("“{subject}” is paused: {why}"),
            "Look, then resume or cancel",
        ),
        BulletinState::Approved => (
            format!("“{subject}”: {why}"),
            "Look, then send it or give it a time",
        ),
        _ => (format!("“{subject}” waits: {why}"), "Look at the bulletin"),
    };
    Trouble {
        heading: "A bulletin is held up",
        words,
        next: (next, format!("/staff/bulletins/{}", held.id)),
        is_bad: true,
    }
}

/// What goes on in the background and does not get on. The words of other programs are for those who can do something.
pub(super) fn background(found: &overview::Trouble, is_publisher: bool) -> Vec<Trouble> {
    let mut all = Vec::new();
    if is_publisher {
        let imports = found.imports.iter().map(|run| Trouble {
            heading: "An import stands still",
            words: format!("“{}”: {}", run.name, how_far(run, "lines")),
            next: (
                "Look at the import",
                format!("/staff/subscribers/import/{}", run.id),
            ),
            is_bad: true,
        });
        all.extend(imports);
        let changes = found.bulk_changes.iter().map(|change| Trouble {
            heading: "A change to many people stands still",
            words: format!("“{}”: {}", change.name, how_far(change, "people")),
            next: (
                "Look at the change",
                format!("/staff/subscribers/bulk/{}", change.id),
            ),
            is_bad: true,
        });
        all.extend(changes);
    }
    if let Some(links) = &found.links {
        all.push(Trouble {
            heading: "Links are not looked at",
            words: match links {
                LinksTrouble::Failed(why) if is_publisher => format!(
                    "Whether the links of bulletins answer cannot be found out: {why}. It is tried again by itself."
                ),
                LinksTrouble::Failed(_) => {
                    "Whether the links of bulletins answer cannot be found out just now.".to_owned()
                }
                LinksTrouble::Waiting(1) => "1 link of a bulletin has waited for a look for more than half an hour. Is the \
                     worker running?"
                    .to_owned(),
                LinksTrouble::Waiting(many) => format!(
                    "{} links of bulletins have waited for a look for more than half an hour. Is the worker running?",
                    grouped(*many)
                ),
            },
            next: ("See the bulletins", "/staff/bulletins".to_owned()),
            is_bad: false,
        });
    }
    if let Some((since, why)) = &found.mailbox {
        let said = if is_publisher {
            format!(" {why}")
        } else {
            String::new()
        };
        all.push(Trouble {
            heading: "Returned mail is not read",
            words: format!(
                "Since {} the mailbox into which bounces come cannot be read. Nothing is lost: it is tried again by itself, and \
                 what is there waits.{said}",
                local_time::display(*since)
            ),
            next: if is_publisher {
                ("See how mail is set up", "/staff/settings/mail".to_owned())
            } else {
                ("Tell an owner", "/staff/members".to_owned())
            },
            is_bad: true,
        });
    }
    all
}

/// How far it is, and what went wrong.
fn how_far(halted: &Halted, what: &str) -> String {
    let (done, all) = halted.done;
    let far = format!(
        "{} of {} {what} done since {}.",
        grouped(done),
        grouped(all),
        local_time::display(halted.since)
    );
    match &halted.words {
        Some(words) => format!(
            "{far} The last try failed: {words}. It is gone on with within the hour, or when the program is started again; \
             nobody is done twice."
        ),
        None => format!(
            "{far} It takes unusually long. If it does not get on, have the program started again: it goes on where it was."
        ),
    }
}
