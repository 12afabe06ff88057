//! Signing in, or choosing a new password, by a link in a message: it works for a short time, once, and only in the browser
//! that asked for it, so that a message that is forwarded or read by others is not enough.

use secrecy::SecretString;
use subtle::ConstantTimeEq as _;

use crate::app::first_owner::check_password;
use crate::app::links::{BadLink, Link, STAFF_LINK_FOR};
use crate::app::{App, AppError, notices, passwords};
use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryKind;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::Purpose;
use crate::domain::person_name::PersonName;
use crate::domain::staff_member::StaffLinkId;
use crate::store::deliveries::NewNotice;
use crate::store::staff_links::StaffLink;
use crate::store::staff_members::StaffMember;
use crate::store::{Db, StoreError, staff_links, staff_members};

use super::{FirstStep, device_text, end_all, first_step, hash_of, new_token, note};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To sign in.
    SignIn,
    /// To choose a new password.
    NewPassword,
}

impl Wish {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::NewPassword => "password",
        }
    }

    pub(in crate::app) fn purpose(self) -> Purpose {
        match self {
            Self::SignIn => Purpose::StaffSignIn,
            Self::NewPassword => Purpose::PasswordReset,
        }
    }

    /// Whether it can be had on this installation.
    pub fn is_offered(self, app: &App) -> bool {
        match self {
            Self::SignIn => app.settings.sign_in_links,
            Self::NewPassword => true,
        }
    }
}

/// A value for the cookie of the browser that asks.
///
/// # Errors
/// [`AppError::Internal`] without random numbers.
pub fn browser_token() -> Result<String, AppError> {
    new_token()
}

/// Mails a link to a member of staff, if there is one with this address. The caller answers the same in every case.
///
/// # Errors
/// [`AppError::Store`].
pub async fn ask(
    app: &App,
    wish: Wish,
    email: EmailAddress,
    browser: &str,
) -> Result<(), AppError> {
    if !wish.is_offered(app) {
        return Err(AppError::NotFound);
    }
    let browser = hash_of(browser);
    let now = app.now();
    app.store
        .write(move |db| {
            let found = staff_members::by_email(db, &email)?;
            let Some(member) = found.filter(|member| member.active) else {
                return Ok(());
            };
            let until = now.plus(STAFF_LINK_FOR);
            let link = staff_links::insert(db, wish.name(), member.id, &browser, now, until)?;
            let notice = NewNotice {
                kind: match wish {
                    Wish::SignIn => DeliveryKind::StaffSignInLink,
                    Wish::NewPassword => DeliveryKind::StaffPasswordLink,
                },
                subscriber: None,
                reference: Some(link.0),
                recipient: member.email.as_str(),
            };
            notices::queue(db, &notice, now)?;
            Ok::<_, AppError>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// A link that works.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Whose.
    pub member: StaffMember,
    /// Whether this is the browser that asked for it.
    pub is_here: bool,
}

/// What a link is about. Changes nothing: mail scanners open every link.
///
/// # Errors
/// [`AppError::Store`].
pub async fn look(
    app: &App,
    wish: Wish,
    token: &str,
    browser: Option<&str>,
) -> Result<Link<Looked>, AppError> {
    let id = match read(app, wish, token) {
        Ok(id) => id,
        Err(bad) => return Ok(Err(bad)),
    };
    let browser = browser.map(hash_of).unwrap_or_default();
    let now = app.now();
    app.store
        .read(move |db| {
            Ok(usable(db, wish, id, now)?.map(|(link, member)| Looked {
                member,
                is_here: is_same(&link, &browser),
            }))
        })
        .await
}

fn read(app: &App, wish: Wish, token: &str) -> Link<StaffLinkId> {
    if !wish.is_offered(app) {
        return Err(BadLink::Unknown);
    }
    app.read_link(wish.purpose(), token).map(StaffLinkId)
}

fn is_same(link: &StaffLink, browser: &str) -> bool {
    bool::from(link.browser_hash.as_bytes().ct_eq(browser.as_bytes()))
}

fn usable(
    db: &mut Db,
    wish: Wish,
    id: StaffLinkId,
    now: Timestamp,
) -> Result<Link<(StaffLink, StaffMember)>, AppError> {
    let link = match staff_links::get(db, id) {
        Ok(link) => link,
        Err(StoreError::NotFound) => return Ok(Err(BadLink::Unknown)),
        Err(error) => return Err(error.into()),
    };
    if link.purpose != wish.name() {
        return Ok(Err(BadLink::Unknown));
    }
    if link.used_at.is_some() {
        return Ok(Err(BadLink::Used));
    }
    if link.expires_at <= now {
        return Ok(Err(BadLink::Expired));
    }
    let member = staff_members::get(db, link.staff_id)?;
    Ok(if member.active {
        Ok((link, member))
    } else {
        Err(BadLink::Used)
    })
}

/// The link, used up; if it works, here.
fn used(
    db: &mut Db,
    wish: Wish,
    id: StaffLinkId,
    browser: &str,
    now: Timestamp,
) -> Result<Link<StaffMember>, AppError> {
    let (link, member) = match usable(db, wish, id, now)? {
        Ok(found) => found,
        Err(bad) => return Ok(Err(bad)),
    };
    if !is_same(&link, browser) {
        return Ok(Err(BadLink::Unknown));
    }
    if !staff_links::use_up(db, id, now)? {
        return Ok(Err(BadLink::Used));
    }
    Ok(Ok(member))
}

/// Signs somebody in by their link. A second factor is still asked for.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sign_in(
    app: &App,
    token: &str,
    browser: &str,
    device: &str,
) -> Result<Link<FirstStep>, AppError> {
    let id = match read(app, Wish::SignIn, token) {
        Ok(id) => id,
        Err(bad) => return Ok(Err(bad)),
    };
    let browser = hash_of(browser);
    let device = device_text(device);
    let session = new_token()?;
    let now = app.now();
    app.store
        .write(move |db| {
            let member = match used(db, Wish::SignIn, id, &browser, now)? {
                Ok(member) => member,
                Err(bad) => return Ok(Err(bad)),
            };
            note(db, member.id, "staff.sign-in-link", now)?;
            first_step(db, member.id, session, &device, false, now).map(Ok)
        })
        .await
}

/// Sets a new password by a link; all sessions end. A second factor stays as it is.
///
/// # Errors
/// [`AppError::Invalid`] when the password is no good.
pub async fn set_password(
    app: &App,
    token: &str,
    browser: &str,
    password: SecretString,
) -> Result<Link<()>, AppError> {
    let found = match look(app, Wish::NewPassword, token, Some(browser)).await? {
        Ok(found) if found.is_here => found.member,
        Ok(_) => return Ok(Err(BadLink::Unknown)),
        Err(bad) => return Ok(Err(bad)),
    };
    let name = PersonName::parse(&found.name).map_err(AppError::internal)?;
    check_password(&password, &found.email, &name)?;
    let id = match read(app, Wish::NewPassword, token) {
        Ok(id) => id,
        Err(bad) => return Ok(Err(bad)),
    };
    let hash = passwords::hash(password).await?;
    let browser = hash_of(browser);
    let now = app.now();
    app.store
        .write(move |db| {
            let member = match used(db, Wish::NewPassword, id, &browser, now)? {
                Ok(member) => member,
                Err(bad) => return Ok(Err(bad)),
            };
            staff_members::set_password(db, member.id, &hash, now)?;
            end_all(db, member.id, None, now)?;
            note(db, member.id, "staff.reset-password", now)?;
            Ok::<_, AppError>(Ok(()))
        })
        .await
}
