//! What is in trouble, in sentences, each with its next step.

mod standing;

use crate::app::overview;
use crate::domain::grouped::grouped;

/// From so many hundredths of its room on, staff are told how full it is.
const NEARLY_FULL: u64 = 80;

/// Something in trouble.
pub(super) struct Trouble {
    pub(super) heading: &'static str,
    pub(super) words: String,
    /// What to do, and where.
    pub(super) next: (&'static str, String),
    /// Whether mail is held up by it.
    pub(super) is_bad: bool,
}

/// What this person may know of it: names and addresses of subscribers are for those who keep them.
pub(super) fn of(found: &overview::Trouble, is_publisher: bool) -> Vec<Trouble> {
    let mut all = Vec::new();
    all.extend(found.held.iter().map(standing::held));
    all.extend(standing::background(found, is_publisher));
    if let Some(waiting) = found.notices_waiting {
        let said = match &found.mail_server {
            Some(words) if is_publisher => format!(" {words}"),
            _ => String::new(),
        };
        all.push(Trouble {
            heading: "Mail is waiting",
            words: format!(
                "{} to single people, such as confirmations, {} for more than a quarter of an hour. They go out by themselves when the mail server takes them again.{said}",
                messages(waiting),
                if waiting == 1 { "waits" } else { "wait, some" }
            ),
            next: if is_publisher {
                ("Check the mail server", "/staff/settings/mail#checks".to_owned())
            } else {
                ("Tell an owner", "/staff/members".to_owned())
            },
            is_bad: true,
        });
    }
    if found.notices_failed > 0 {
        all.push(Trouble {
            heading: "Messages that did not arrive",
            words: format!(
                "{} of the last week to single people, such as confirmations, could not be delivered. Each stands with the server’s words on the page of its subscriber.",
                messages(found.notices_failed)
            ),
            next: if is_publisher {
                ("See who is suspended", "/staff/subscribers?status=suspended".to_owned())
            } else {
                ("Tell a publisher", "/staff/members".to_owned())
            },
            is_bad: false,
        });
    }
    if found.alarms.0 > 0 {
        all.push(alarm(found, is_publisher));
    }
    if is_publisher && found.came_back != (0, 0) {
        let (bounces, complaints) = found.came_back;
        let complained = match complaints {
            0 => String::new(),
            1 => " 1 reader called one unwanted, and was taken off the list.".to_owned(),
            many => format!(
                " {} readers called one unwanted, and were taken off the list.",
                grouped(many)
            ),
        };
        let returned = match bounces {
            0 => String::new(),
            many => format!("{} came back undelivered in the last week.", messages(many)),
        };
        all.push(Trouble {
            heading: "What came back",
            words: format!("{returned}{complained}").trim().to_owned(),
            next: (
                "See each of them",
                "/staff/inbound?view=understood".to_owned(),
            ),
            is_bad: false,
        });
    }
    if is_publisher && found.inbound_open > 0 {
        let mut words = match found.inbound_open {
            1 => "1 message came back that a person has to look at.".to_owned(),
            many => format!(
                "{} messages came back that a person has to look at.",
                grouped(many)
            ),
        };
        if found.inbound_percent >= NEARLY_FULL {
            words.push_str(&format!(
                " They take {} % of the room for them; when it is full, mail servers are told to come again later. What is \
                 marked as dealt with makes room.",
                found.inbound_percent.min(100)
            ));
        }
        all.push(Trouble {
            heading: "To be looked at",
            words,
            next: ("Look at what came back", "/staff/inbound".to_owned()),
            is_bad: false,
        });
    }
    all
}

fn messages(count: i64) -> String {
    match count {
        1 => "1 message".to_owned(),
        many => format!("{} messages", grouped(many)),
    }
}

/// What servers hold against our mail. Their words name subscribers.
fn alarm(found: &overview::Trouble, is_publisher: bool) -> Trouble {
    let (count, words) = &found.alarms;
    let words = words
        .as_ref()
        .filter(|words| is_publisher && !words.is_empty());
    let said = words.map_or(String::new(), |words| {
        format!(" The last one said: “{words}”")
    });
    Trouble {
        heading: "Our mail is being refused",
        words: format!(
            "In the last week, {} of our messages came back because of what we are or what they hold: reputation, SPF, DKIM, \
             a blocklist, content. Nobody was suspended for it; please have it looked at.{said}",
            grouped(*count)
        ),
        next: if is_publisher {
            ("See each of them", "/staff/inbound?view=alarms".to_owned())
        } else {
            ("Tell a publisher", "/staff/members".to_owned())
        },
        is_bad: true,
    }
}
