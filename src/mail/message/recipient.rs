//! Whom a message goes to, and the pieces of it that are theirs alone.

use thiserror::Error;

use super::super::content::Slot;
use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;
use crate::domain::person_name::PersonName;

/// Why a message cannot be finished for a recipient. Each of these is a mistake of the caller, not of the recipient.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SpliceError {
    /// The content has a place for a piece that was not given.
    #[error("the message has a place for {}, and no value was given for it", .0.name())]
    MissingValue(Slot),
    /// A piece is longer than was reckoned with when the size was checked.
    #[error("the value for {} is longer than {} bytes", .0.name(), .0.longest())]
    LongValue(Slot),
    /// A link or Message-ID holds what cannot stand in a header.
    #[error("{0} must be printable ASCII without spaces and angle brackets")]
    NotAToken(&'static str),
    /// A header would pass 998 octets in a line.
    #[error("the headers for this recipient hold a line of more than 998 octets")]
    LongHeader,
}

/// Whom a message goes to, with their personal pieces.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The address.
    pub address: EmailAddress,
    /// Their name, for `To` and the greeting.
    pub name: Option<PersonName>,
    /// A function of the delivery, the same on every try, such as `d-42@points.clinic.example`; with or without angle
    /// brackets.
    pub message_id: String,
    /// When this try is made: the `Date` header.
    pub at: Timestamp,
    /// Where bounces go, if not to the sender's address.
    pub return_path: Option<EmailAddress>,
    /// What Postmark gives back with its notifications, where messages go through it.
    pub metadata: Option<String>,
    /// How they leave. A bulletin cannot go without it.
    pub unsubscribe: Option<Unsubscribe>,
    /// Fills [`Slot::ConfirmUrl`].
    pub confirm_url: Option<String>,
    /// Fills [`Slot::ManageUrl`].
    pub manage_url: Option<String>,
}

/// One person's way out.
#[derive(Clone, Debug)]
pub struct Unsubscribe {
    /// The page that answers RFC 8058's POST and fills [`Slot::UnsubscribeUrl`].
    pub url: String,
    /// The token alone, for the `mailto:` form.
    pub token: String,
}

impl Recipient {
    /// A recipient without a name and without links; the rest can be set.
    #[must_use]
    pub fn new(address: EmailAddress, message_id: impl Into<String>, at: Timestamp) -> Self {
        Self {
            address,
            name: None,
            message_id: message_id.into(),
            at,
            return_path: None,
            metadata: None,
            unsubscribe: None,
            confirm_url: None,
            manage_url: None,
        }
    }

    /// The value that goes into a slot, not yet escaped.
    pub(super) fn value(&self, slot: Slot) -> Result<String, SpliceError> {
        let value = match slot {
            Slot::GreetingName => Some(
                self.name
                    .as_ref()
                    .map(|name| format!(" {}", name.greeting_name()))
                    .unwrap_or_default(),
            ),
            Slot::ConfirmUrl => self.confirm_url.clone(),
            Slot::ManageUrl => self.manage_url.clone(),
            Slot::UnsubscribeUrl => self.unsubscribe.as_ref().map(|way| way.url.clone()),
        };
        let value = value.ok_or(SpliceError::MissingValue(slot))?;
        if value.len() > slot.longest() {
            Err(SpliceError::LongValue(slot))
        } else {
            Ok(value)
        }
    }
}
