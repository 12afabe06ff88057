//! Tells members of staff by mail what waits for them, and what became of what they wrote or sent: in the transaction of
//! what is told, so that nothing is told that did not happen, and nothing that happened goes untold.
//!
//! Nobody is told what they did themselves. Messages about one text gather for a while (see
//! [`StaffMailKind::gathers_for`]): what happens until a message is made is in it, and has no message of its own.

mod choice;
mod review_dates;

pub use choice::{choices, choose};
pub(super) use review_dates::of_member;
pub use review_dates::tell_due;

use crate::clock::Timestamp;
use crate::domain::article::ArticleId;
use crate::domain::bulletin::BulletinId;
use crate::domain::delivery::DeliveryKind;
use crate::domain::staff_mail::{About, HeldBecause, StaffMailId, StaffMailKind};
use crate::domain::staff_member::StaffId;
use crate::domain::waiting::{may_publish, may_review};
use crate::store::deliveries::{self, NewNotice};
use crate::store::staff_mails::{self, NewStaffMail};
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, StoreError, articles, audit_events, bulletins};

/// Tells those who may approve a text that it waits for them.
pub(super) fn handed_in(
    db: &mut Db,
    about: About,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let writers = writers(db, about)?;
    let kind = match about {
        About::Article(_) => StaffMailKind::ToReview,
        About::Bulletin(_) => StaffMailKind::ToApprove,
    };
    for member in staff_members::all(db)? {
        if may_review(member.role, &writers, member.id) {
            tell(db, &member, &new(kind, about, Some(by)), now)?;
        }
    }
    Ok(())
}

/// Tells those who wrote an article, or handed it in, of a remark.
pub(super) fn remarked(
    db: &mut Db,
    article: ArticleId,
    by: StaffId,
    remark: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let about = About::Article(article);
    let theirs = wrote_or_handed_in(db, about)?;
    let news = NewStaffMail {
        remark: Some(remark),
        ..new(StaffMailKind::Remarks, about, Some(by))
    };
    for member in staff_members::all(db)? {
        if theirs.contains(&member.id) {
            tell(db, &member, &news, now)?;
        }
    }
    Ok(())
}

/// Tells those who wrote a bulletin, or handed it in, that it is theirs again: a colleague asks for changes.
pub(super) fn changes_asked(
    db: &mut Db,
    bulletin: BulletinId,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let about = About::Bulletin(bulletin);
    let theirs = wrote_or_handed_in(db, about)?;
    for member in staff_members::all(db)? {
        if theirs.contains(&member.id) {
            let news = new(StaffMailKind::Remarks, about, Some(by));
            tell(db, &member, &news, now)?;
        }
    }
    Ok(())
}

/// Tells those who wrote a text, or handed it in, that it is approved; and those who may publish or send it that it waits.
pub(super) fn approved(
    db: &mut Db,
    about: About,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let theirs = wrote_or_handed_in(db, about)?;
    for member in staff_members::all(db)? {
        let news = new(StaffMailKind::Approved, about, Some(by));
        // One message is enough for who wrote it and may publish it.
        let is_told = theirs.contains(&member.id) && tell(db, &member, &news, now)?;
        if !is_told && may_publish(member.role) {
            let news = new(StaffMailKind::ToPublish, about, Some(by));
            tell(db, &member, &news, now)?;
        }
    }
    Ok(())
}

/// Tells those who may send that the program holds a bulletin.
pub(super) fn held(
    db: &mut Db,
    id: BulletinId,
    reason: HeldBecause,
    now: Timestamp,
) -> Result<(), StoreError> {
    let news = NewStaffMail {
        reason: Some(reason),
        ..new(StaffMailKind::Held, About::Bulletin(id), None)
    };
    for member in staff_members::all(db)? {
        if may_publish(member.role) {
            tell(db, &member, &news, now)?;
        }
    }
    Ok(())
}

/// Tells who sent a bulletin that it has gone to everybody.
pub(super) fn sent(db: &mut Db, id: BulletinId, now: Timestamp) -> Result<(), StoreError> {
    const SENDING: [&str; 3] = ["bulletin.send", "bulletin.schedule", "bulletin.send-again"];
    let about = About::Bulletin(id);
    if let Some(sender) = audit_events::last_by(db, &SENDING, about.parts())? {
        let member = staff_members::get(db, sender)?;
        tell(db, &member, &new(StaffMailKind::Sent, about, None), now)?;
    }
    Ok(())
}

/// All who ever saved a text.
pub(super) fn writers(db: &mut Db, about: About) -> Result<Vec<StaffId>, StoreError> {
    match about {
        About::Article(id) => articles::writers(db, id),
        About::Bulletin(id) => bulletins::writers(db, id),
    }
}

fn wrote_or_handed_in(db: &mut Db, about: About) -> Result<Vec<StaffId>, StoreError> {
    let action = match about {
        About::Article(_) => "article.submit",
        About::Bulletin(_) => "bulletin.submit",
    };
    let mut theirs = writers(db, about)?;
    theirs.extend(audit_events::last_by(db, &[action], about.parts())?);
    Ok(theirs)
}

fn new(kind: StaffMailKind, about: About, by: Option<StaffId>) -> NewStaffMail {
    NewStaffMail {
        kind,
        about: Some(about),
        by,
        remark: None,
        reason: None,
    }
}

/// Whether a member may be told, and wants to be.
pub(super) fn is_wanted(
    db: &mut Db,
    member: &StaffMember,
    kind: StaffMailKind,
) -> Result<bool, StoreError> {
    Ok(member.active
        && member.role.includes(kind.least_role())
        && !staff_mails::switched_off(db, member.id)?.contains(&kind))
}

/// Tells a member, unless it is their own doing or they do not want to be told. Returns whether they are told.
fn tell(
    db: &mut Db,
    member: &StaffMember,
    news: &NewStaffMail,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if news.by == Some(member.id) || !is_wanted(db, member, news.kind)? {
        return Ok(false);
    }
    let notice = |id: StaffMailId| NewNotice {
        kind: DeliveryKind::StaffMail,
        subscriber: None,
        reference: Some(id.0),
        recipient: member.email.as_str(),
    };
    let gathers_for = news.kind.gathers_for();
    if !gathers_for.is_zero()
        && let Some(about) = news.about
        && let Some(earlier) = staff_mails::newest(db, member.id, news.kind, about)?
        && deliveries::keep_waiting(db, &notice(earlier))?
    {
        staff_mails::set_by(db, earlier, news.by)?;
        return Ok(true);
    }
    let id = staff_mails::insert(db, member.id, news, now)?;
    deliveries::insert_notice_for(db, &notice(id), now.plus(gathers_for), now)?;
    Ok(true)
}
