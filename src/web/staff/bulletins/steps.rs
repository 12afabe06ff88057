//! What somebody can do with a bulletin, and what is to be looked at before it goes out.

use crate::app::Actor;
use crate::app::write_bulletin::Shown;
use crate::clock::Timestamp;
use crate::domain::article::may_approve;
use crate::domain::bulletin::{BulletinAction, BulletinState};
use crate::domain::staff_member::StaffRole;
use crate::mail::content::Content;
use crate::mail::message::HTML_LIMIT;

use super::people;

/// What this person can do with the bulletin, and why not what comes next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) may_edit: bool,
    pub(super) may_submit: bool,
    pub(super) may_approve: bool,
    pub(super) may_withdraw: bool,
    pub(super) withdraw_label: &'static str,
    pub(super) may_test: bool,
    pub(super) may_send: bool,
    pub(super) may_schedule: bool,
    pub(super) may_unschedule: bool,
    pub(super) may_pause: bool,
    pub(super) may_resume: bool,
    pub(super) may_cancel: bool,
    pub(super) may_see_people: bool,
    pub(super) why_not: Option<String>,
}

impl Steps {
    pub(super) fn of(shown: &Shown, actor: &Actor) -> Self {
        use BulletinAction as A;
        let state = shown.bulletin.state;
        let possible = |action| state.after(action).is_some();
        let publisher = actor.role.includes(StaffRole::Publisher);
        let second = may_approve(possible(A::Approve), &shown.writers, actor.id);
        let reviewer = actor.role.includes(StaffRole::Reviewer);
        let before = !matches!(state, BulletinState::Cancelled) && !state.has_started();
        Self {
            may_edit: state.is_open(),
            may_submit: possible(A::Submit) && shown.problems.is_empty(),
            may_approve: reviewer && second.is_ok() && shown.problems.is_empty(),
            may_withdraw: possible(A::Withdraw),
            withdraw_label: if state == BulletinState::Approved {
                "Withdraw the approval"
            } else {
                "Take back to draft"
            },
            may_test: before,
            may_send: publisher && possible(A::Send),
            may_schedule: publisher && possible(A::Schedule),
            may_unschedule: publisher && possible(A::Unschedule),
            may_pause: publisher && possible(A::Pause),
            may_resume: publisher && possible(A::Resume),
            may_cancel: publisher && possible(A::Cancel),
            may_see_people: publisher,
            why_not: match (state, second) {
                (BulletinState::InReview, _) if !reviewer => {
                    Some(waits_for("It waits for approval by", StaffRole::Reviewer))
                }
                (BulletinState::InReview, Err(refused)) => Some(refused.to_string()),
                (BulletinState::Approved, _) if !publisher => Some(waits_for(
                    "It is approved. It is sent by",
                    StaffRole::Publisher,
                )),
                _ => None,
            },
        }
    }
}

fn waits_for(what: &str, role: StaffRole) -> String {
    format!("{what} somebody with the role “{role}” or higher.")
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Fine,
    Warning,
    Blocker,
}

/// Something that was looked at before sending.
pub(super) struct Check {
    pub(super) level: &'static str,
    pub(super) level_label: &'static str,
    pub(super) text: String,
}

impl Check {
    fn new(level: Level, text: impl Into<String>) -> Self {
        let (level, level_label) = match level {
            Level::Fine => ("ok", "Fine"),
            Level::Warning => ("warning", "Look"),
            Level::Blocker => ("blocker", "Needed"),
        };
        Self {
            level,
            level_label,
            text: text.into(),
        }
    }
}

/// What is to be looked at before a bulletin goes out.
pub(super) fn checks(shown: &Shown, mail: &Content, now: Timestamp) -> Vec<Check> {
    let mut checks: Vec<Check> = shown
        .problems
        .iter()
        .map(|problem| Check::new(Level::Blocker, problem))
        .collect();
    if checks.is_empty() {
        checks.push(Check::new(
            Level::Fine,
            "Nothing is missing, and no patient’s number was found.",
        ));
    }
    let corrects = shown.corrections.corrects.is_some();
    if !shown.topics.is_empty() || shown.symposium.is_some() || corrects {
        let level = if shown.audience == 0 {
            Level::Warning
        } else {
            Level::Fine
        };
        let text = format!("{} would get it now.", people(shown.audience));
        checks.push(Check::new(level, text));
    }
    checks.push(size_check(mail.html.len()));
    let overdue = shown
        .articles
        .iter()
        .filter_map(|(_, _, on_site)| on_site.as_ref())
        .filter(|on_site| on_site.review_by.is_some_and(|day| day.is_before(now)));
    for publication in overdue {
        let text = format!("“{}” is past its review-by date.", publication.title);
        checks.push(Check::new(Level::Warning, text));
    }
    checks
}

/// The HTML part's size in words: "38 KB of at most 102 KB".
pub(super) fn size(bytes: usize) -> String {
    format!(
        "{} KB of at most {} KB",
        bytes.div_ceil(1024),
        HTML_LIMIT / 1024
    )
}

fn size_check(bytes: usize) -> Check {
    let size = size(bytes);
    if bytes > HTML_LIMIT {
        let text = format!(
            "The HTML part has {size}: Gmail hides the rest. Send some articles as teasers."
        );
        Check::new(Level::Blocker, text)
    } else if bytes > HTML_LIMIT / 10 * 9 {
        Check::new(
            Level::Warning,
            format!("The HTML part has {size}, which is close."),
        )
    } else {
        Check::new(Level::Fine, format!("The HTML part has {size}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_gmail_would_cut_is_held_up() {
        assert_eq!(size_check(HTML_LIMIT + 1).level, "blocker");
        assert_eq!(size_check(HTML_LIMIT).level, "warning");
        let fine = size_check(38 * 1024);
        assert_eq!(
            (fine.level, fine.text.as_str()),
            ("ok", "The HTML part has 38 KB of at most 102 KB.")
        );
    }
}
