//! Messages to members of staff: made of what holds at the moment of sending, and not sent when the link in them has come
//! to nothing.

use crate::app::links::{JOIN_IN_WORDS, STAFF_LINK_IN_WORDS};
use crate::app::sign_in::by_mail::Wish;
use crate::app::{App, AppError};
use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::staff_mail::StaffMailId;
use crate::domain::staff_member::{InvitationId, StaffId, StaffLinkId};
use crate::mail::content::Content;
use crate::mail::notice::staff::{Button, StaffNotice};
use crate::mail::sender::Sender;
use crate::store::deliveries::Claimed;
use crate::store::{Db, StoreError, staff_invitations, staff_links, staff_members};

use super::message::ComposeError;
use super::staff_mail;

/// What a row says, and the name of whom it goes to. `reference` is an invitation, a link, or, of what is told, a member.
pub(super) async fn notice(
    app: &App,
    sender: &Sender,
    kind: DeliveryKind,
    reference: i64,
) -> Result<(Content, String), ComposeError> {
    match kind {
        DeliveryKind::StaffInvitation => invitation(app, sender, InvitationId(reference)).await,
        DeliveryKind::StaffSecondFactorOff => {
            second_factor_off(app, sender, StaffId(reference)).await
        }
        DeliveryKind::StaffMail => staff_mail::news(app, sender, StaffMailId(reference)).await,
        _ => link(app, sender, kind, StaffLinkId(reference)).await,
    }
}

async fn invitation(
    app: &App,
    sender: &Sender,
    id: InvitationId,
) -> Result<(Content, String), ComposeError> {
    let found = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_invitations::get(db, id)?))
        .await?;
    let newsletter = &sender.newsletter_name;
    let title = format!("Please join the staff of {newsletter}");
    let content = StaffNotice {
        sender,
        title: &title,
        preheader: &format!("Choose a password, then sign in with it. The link works for {JOIN_IN_WORDS}."),
        lines: vec![
            format!(
                "{} invites you to work on {newsletter}, the newsletter of {}, as {}.",
                found.invited_by,
                sender.clinic_name,
                found.role.label().to_lowercase()
            ),
            "With this link you choose a password of your own; then you sign in with it and this address."
                .to_owned(),
        ],
        button: Some(Button {
            label: "Choose my password",
            url: app.join_url(found.id, found.expires_at),
        }),
        quiet: &format!(
            "The link works for {JOIN_IN_WORDS}, once, and is for you alone: please do not forward it. If you do not \
             know what this is about, do nothing: without you there is no account."
        ),
    }
    .render()?;
    Ok((content, found.name))
}

async fn second_factor_off(
    app: &App,
    sender: &Sender,
    id: StaffId,
) -> Result<(Content, String), ComposeError> {
    let member = app
        .store
        .read(move |db| Ok::<_, AppError>(staff_members::get(db, id)?))
        .await?;
    let content = StaffNotice {
        sender,
        title: "Your second factor was taken off",
        preheader: "Signing in needs your password alone now.",
        lines: vec![
            "The second factor of your account was taken off, by yourself or by an owner. Signing in needs your \
             password alone now; you can set up another under Account."
                .to_owned(),
        ],
        button: None,
        quiet: "If you know nothing of this, please change your password at once, and tell an owner.",
    }
    .render()?;
    Ok((content, member.name))
}

async fn link(
    app: &App,
    sender: &Sender,
    kind: DeliveryKind,
    id: StaffLinkId,
) -> Result<(Content, String), ComposeError> {
    let (found, member) = app
        .store
        .read(move |db| {
            let found = staff_links::get(db, id)?;
            let member = staff_members::get(db, found.staff_id)?;
            Ok::<_, AppError>((found, member))
        })
        .await?;
    let (wish, title, line, label) = match kind {
        DeliveryKind::StaffSignInLink => (
            Wish::SignIn,
            "The link that signs you in",
            "Here is the link that signs you in to the staff pages. Please open it in the browser in which you asked \
             for it.",
            "Sign in",
        ),
        _ => (
            Wish::NewPassword,
            "The link for a new password",
            "Here is the link with which you choose a new password. Please open it in the browser in which you asked \
             for it.",
            "Choose a new password",
        ),
    };
    let content = StaffNotice {
        sender,
        title,
        preheader: &format!("It works for {STAFF_LINK_IN_WORDS}."),
        lines: vec![line.to_owned()],
        button: Some(Button {
            label,
            url: app.staff_link_url(wish, found.id, found.expires_at),
        }),
        quiet: &format!(
            "The link works for {STAFF_LINK_IN_WORDS}, once, and in that browser only. If you did not ask for it, do \
             nothing: nothing has changed."
        ),
    }
    .render()?;
    Ok((content, member.name))
}

/// Why a message is not to be sent any more, if so.
pub(super) fn objection(
    db: &mut Db,
    row: &Claimed,
    now: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    const GONE: &str = "the account is gone";
    const ENDED: &str = "the link has ended";
    let Some(reference) = row.reference_id else {
        return Ok(Some(GONE));
    };
    if row.kind == DeliveryKind::StaffMail {
        return match staff_mail::objection(db, StaffMailId(reference), now) {
            Err(StoreError::NotFound) => Ok(Some("what it is about is gone")),
            told => told,
        };
    }
    let is_over = match row.kind {
        DeliveryKind::StaffInvitation => staff_invitations::get(db, InvitationId(reference))
            .map(|found| found.ended_at.is_some() || found.expires_at <= now),
        DeliveryKind::StaffSecondFactorOff => {
            staff_members::get(db, StaffId(reference)).map(|_| false)
        }
        _ => staff_links::get(db, StaffLinkId(reference))
            .map(|found| found.used_at.is_some() || found.expires_at <= now),
    };
    match is_over {
        Ok(is_over) => Ok(is_over.then_some(ENDED)),
        Err(StoreError::NotFound) => Ok(Some(GONE)),
        Err(error) => Err(error),
    }
}
