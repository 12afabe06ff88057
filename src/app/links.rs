//! The links in messages: what each may do, and how long.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryId;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::{Purpose, TokenError};
use crate::domain::registration::RegistrationId;
use crate::domain::return_path;
use crate::domain::staff_member::{InvitationId, StaffLinkId};
use crate::domain::subscriber::SubscriberId;

use super::App;
use super::sign_in::by_mail::Wish;

/// A sign-up can be confirmed this long.
pub const CONFIRM_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The same in words.
pub const CONFIRM_IN_WORDS: &str = "7 days";

/// A link to one's own page works this long.
pub const MANAGE_FOR: Duration = Duration::from_secs(30 * 60);

/// The same in words.
pub const MANAGE_IN_WORDS: &str = "30 minutes";

/// A link with which to register works this long.
pub const REGISTER_FOR: Duration = Duration::from_secs(2 * 60 * 60);

/// The same in words.
pub const REGISTER_IN_WORDS: &str = "2 hours";

/// An invitation to the staff can be taken up this long.
pub const JOIN_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The same in words.
pub const JOIN_IN_WORDS: &str = "7 days";

/// A link by which staff sign in or choose a new password works this long.
pub const STAFF_LINK_FOR: Duration = Duration::from_secs(15 * 60);

/// The same in words.
pub const STAFF_LINK_IN_WORDS: &str = "15 minutes";

/// Why a link does not do what it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLink {
    /// It is not one of ours, or was cut off.
    Unknown,
    /// Its time has passed.
    Expired,
    /// It was used before.
    Used,
}

/// What becomes of a link: what it was for, or why not.
pub type Link<T> = Result<T, BadLink>;

impl App {
    /// The link that confirms a sign-up.
    pub fn confirm_url(&self, request: i64, expires: Timestamp) -> String {
        let token = self
            .instance
            .link_keys
            .sign(Purpose::Confirm, request, Some(expires));
        self.settings.base_url.join(&format!("/confirm/{token}"))
    }

    /// The token that unsubscribes this person, and can do nothing else. It never expires:
    /// the link has to work for at least 30 days (Unsolicited Electronic Messages Act 2007, s 11),
    /// and old mail is opened late.
    pub fn unsubscribe_token(&self, subscriber: SubscriberId) -> String {
        self.instance
            .link_keys
            .sign(Purpose::Unsubscribe, subscriber.0, None)
    }

    /// The address of the page and of the one-click POST for that token.
    pub fn unsubscribe_url(&self, token: &str) -> String {
        self.settings.base_url.join(&format!("/u/{token}"))
    }

    /// The page where anybody can ask for a link to their own page.
    pub fn manage_page(&self) -> String {
        self.settings.base_url.join("/manage")
    }

    /// The short-lived link to a person's own page.
    pub fn manage_url(&self, subscriber: SubscriberId, expires: Timestamp) -> String {
        let token = self
            .instance
            .link_keys
            .sign(Purpose::Manage, subscriber.0, Some(expires));
        self.settings.base_url.join(&format!("/manage/{token}"))
    }

    /// The path of the page on which a subscriber registers for a symposium, for a short time.
    pub fn register_path(
        &self,
        slug: &str,
        subscriber: SubscriberId,
        expires: Timestamp,
    ) -> String {
        let keys = &self.instance.link_keys;
        let token = keys.sign(Purpose::Register, subscriber.0, Some(expires));
        format!("/symposium/{slug}/register/{token}")
    }

    /// The link to it.
    pub fn register_url(&self, slug: &str, subscriber: SubscriberId, expires: Timestamp) -> String {
        self.settings
            .base_url
            .join(&self.register_path(slug, subscriber, expires))
    }

    /// The path of the page of one registration.
    pub fn registration_path(&self, registration: RegistrationId) -> String {
        let keys = &self.instance.link_keys;
        let token = keys.sign(Purpose::Registration, registration.0, None);
        format!("/registration/{token}")
    }

    /// The link to it. It works until the event is over: whoever has it can see and cancel this one registration.
    pub fn registration_url(&self, registration: RegistrationId) -> String {
        self.settings
            .base_url
            .join(&self.registration_path(registration))
    }

    /// The link with which somebody joins the staff.
    pub fn join_url(&self, invitation: InvitationId, expires: Timestamp) -> String {
        let keys = &self.instance.link_keys;
        let token = keys.sign(Purpose::StaffInvitation, invitation.0, Some(expires));
        self.settings.base_url.join(&format!("/join/{token}"))
    }

    /// The link with which a member of staff signs in, or chooses a new password.
    pub fn staff_link_url(&self, wish: Wish, link: StaffLinkId, expires: Timestamp) -> String {
        let keys = &self.instance.link_keys;
        let token = keys.sign(wish.purpose(), link.0, Some(expires));
        let page = match wish {
            Wish::SignIn => "sign-in",
            Wish::NewPassword => "new-password",
        };
        self.settings.base_url.join(&format!("/{page}/{token}"))
    }

    /// Whether a text holds a link that makes its reader a member of staff.
    pub fn holds_staff_link(&self, text: &str) -> bool {
        ["/join/", "/sign-in/", "/new-password/"]
            .iter()
            .any(|path| text.contains(&self.settings.base_url.join(path)))
    }

    /// The page of a symposium.
    pub fn symposium_url(&self, slug: &str) -> String {
        self.settings.base_url.join(&format!("/symposium/{slug}"))
    }

    /// Where what comes back of a message goes; none leaves that to the sender's address.
    pub fn return_path(&self, delivery: DeliveryId) -> Option<EmailAddress> {
        let path = self.settings.inbound.address.as_ref()?;
        path.of(&self.instance.link_keys, delivery)
    }

    /// The Message-ID of a message. A function of the delivery, the same on every try: a receiver that has it already
    /// knows.
    pub fn message_id(&self, delivery: DeliveryId) -> String {
        let host = self.settings.mail_from.email.domain();
        let instance = &self.instance;
        return_path::message_id(&instance.link_keys, &instance.id, delivery, host)
    }

    /// What a token from a link is about, if it is one for this purpose and still works.
    pub(super) fn read_link(&self, purpose: Purpose, token: &str) -> Link<i64> {
        match self.instance.link_keys.verify(purpose, token, self.now()) {
            Ok(id) => Ok(id),
            Err(TokenError::Expired { .. }) => Err(BadLink::Expired),
            Err(_) => Err(BadLink::Unknown),
        }
    }
}
