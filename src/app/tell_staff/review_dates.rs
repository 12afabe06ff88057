//! Once a week, whoever wrote or reviewed what is on the site is told what of it is to be looked at again. That somebody was
//! told is kept in the transaction that queues the message: several workers, and one that starts anew, agree about it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::overview::review_dates;
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::local_time::CalendarDate;
use crate::domain::staff_mail::{About, StaffMailKind};
use crate::domain::staff_member::StaffId;
use crate::domain::waiting::may_publish;
use crate::store::staff_mails::{self, NewStaffMail};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, StoreError, articles, publications};

use super::{tell, writers};

/// Mondays, at this time after midnight.
const AT: Duration = Duration::from_secs(7 * 60 * 60);

/// An article, its title, and the day by which it is to be looked at again.
pub type ReviewDate = (ArticleId, String, CalendarDate);

/// Queues the messages that are due. Returns how many.
///
/// # Errors
/// [`AppError::Store`].
pub async fn tell_due(app: &App) -> Result<usize, AppError> {
    let now = app.now();
    let told = app
        .store
        .write(move |db| {
            staff_mails::take_turn(db)?;
            let members = staff_members::all(db)?;
            let mut due = BTreeSet::new();
            for (id, ..) in review_dates(db, now, i64::MAX)? {
                due.extend(responsible(db, id, &members)?);
            }
            let kind = StaffMailKind::ReviewDates;
            let news = NewStaffMail {
                kind,
                about: None,
                by: None,
                remark: None,
                reason: None,
            };
            let mut told = 0;
            for member in members.iter().filter(|member| due.contains(&member.id)) {
                if !staff_mails::told_since(db, member.id, kind, week_began(now))?
                    && tell(db, member, &news, now)?
                {
                    told += 1;
                }
            }
            Ok::<_, AppError>(told)
        })
        .await?;
    if told > 0 {
        app.wake.notify_one();
    }
    Ok(told)
}

/// The last Monday's time for it.
fn week_began(now: Timestamp) -> Timestamp {
    let monday = CalendarDate::of(now).monday();
    let at = monday.begins_at().plus(AT);
    if at <= now {
        at
    } else {
        monday.plus_days(-7).begins_at().plus(AT)
    }
}

/// What a member is to look at again, or have looked at.
pub(in crate::app) fn of_member(
    db: &mut Db,
    who: StaffId,
    now: Timestamp,
) -> Result<Vec<ReviewDate>, StoreError> {
    let members = staff_members::all(db)?;
    let mut theirs = Vec::new();
    for date in review_dates(db, now, i64::MAX)? {
        if responsible(db, date.0, &members)?.contains(&who) {
            theirs.push(date);
        }
    }
    Ok(theirs)
}

/// Who wrote an article, reviewed it or approved what the site shows; where they have all left, those who may publish it.
fn responsible(
    db: &mut Db,
    id: ArticleId,
    members: &[StaffMember],
) -> Result<Vec<StaffId>, StoreError> {
    let mut theirs = writers(db, About::Article(id))?;
    theirs.extend(articles::get(db, id)?.reviewer_id);
    theirs.extend(publications::of_article(db, id)?.map(|shown| shown.approved_by));
    let here = || members.iter().filter(|member| member.active);
    if !here().any(|member| theirs.contains(&member.id)) {
        theirs = here()
            .filter(|member| may_publish(member.role))
            .map(|member| member.id)
            .collect();
    }
    Ok(theirs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::domain::local_time;

    #[test]
    fn a_week_begins_on_monday_at_seven() {
        for (now, began) in [
            ("2026-11-23T07:00", "2026-11-23T07:00"),
            ("2026-11-23T06:59", "2026-11-16T07:00"),
            ("2026-11-29T23:00", "2026-11-23T07:00"),
            // Over the end of daylight saving.
            ("2027-04-05T08:00", "2027-04-05T07:00"),
        ] {
            let at = |text| local_time::parse_local(text).unwrap();
            assert_eq!(week_began(at(now)), at(began), "{now}");
        }
    }
}
