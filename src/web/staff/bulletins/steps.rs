//! What somebody can do with a bulletin.

use crate::app::Actor;
use crate::app::check_bulletin::can_be_let_pass;
use crate::app::write_bulletin::Shown;
use crate::domain::article::may_approve;
use crate::domain::bulletin::{BulletinAction, BulletinState};
use crate::domain::staff_member::StaffRole;

/// What this person can do with the bulletin, and why not what comes next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) may_edit: bool,
    pub(super) may_submit: bool,
    pub(super) may_approve: bool,
    pub(super) may_ask_for_changes: bool,
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
    pub(super) may_divide: bool,
    pub(super) may_let_pass: bool,
    pub(super) why_not: Option<String>,
    /// Where sending is, as long as it is not offered.
    pub(super) later: Option<String>,
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
            may_ask_for_changes: reviewer && second.is_ok(),
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
            // What may be deleted need not be given up besides.
            may_cancel: publisher && possible(A::Cancel) && !shown.may_discard,
            may_see_people: publisher,
            may_divide: publisher && before,
            may_let_pass: publisher && can_be_let_pass(state),
            why_not: match (state, second) {
                (BulletinState::InReview, _) if shown.nobody_approves.is_some() => {
                    shown.nobody_approves.clone()
                }
                (BulletinState::InReview, _) if !reviewer => {
                    Some(waits_for("It waits for approval by", StaffRole::Reviewer))
                }
                (BulletinState::InReview, Err(refused)) => Some(refused.to_string()),
                (BulletinState::InReview, Ok(())) if !shown.problems.is_empty() => Some(format!(
                    "You can approve it once this is put right: {}",
                    shown.problems.join(" ")
                )),
                (BulletinState::Draft, _) if !shown.problems.is_empty() => Some(format!(
                    "It can be submitted for approval once this is put right: {}",
                    shown.problems.join(" ")
                )),
                // Said before it is submitted, while somebody can still be found.
                (BulletinState::Draft, _) => shown.nobody_approves.clone(),
                (BulletinState::Approved, _) if !publisher => Some(waits_for(
                    "It is approved. It is sent by",
                    StaffRole::Publisher,
                )),
                _ => None,
            },
            later: match state {
                BulletinState::Draft | BulletinState::InReview if publisher => Some(
                    "“Schedule” and “Send now” appear here once a second person has approved it."
                        .to_owned(),
                ),
                BulletinState::Draft | BulletinState::InReview => Some(waits_for(
                    "Once a second person has approved it, it is scheduled and sent by",
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
