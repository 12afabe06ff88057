//! Whom messages come from, and where replies go.

use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError};
use crate::config::{MailAddress, Settings};
use crate::domain::email_address::EmailAddress;
use crate::domain::free_mail::is_free_provider;
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::Db;

/// The longest name of a sender, in characters: inboxes show the first 25 or so.
const NAME_CHARS: usize = 60;

/// What is typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SenderFields {
    /// The name that inboxes show.
    pub from_name: String,
    /// The address.
    pub from_address: String,
    /// Where replies go; empty for the address itself.
    pub reply_to: String,
}

pub(super) fn read(
    db: &mut Db,
    settings: &Settings,
) -> Result<(MailAddress, Option<EmailAddress>), AppError> {
    let from_file = || (settings.mail_from.clone(), settings.reply_to.clone());
    let Some(set) = super::value::<SenderFields>(db, name::SENDER)? else {
        return Ok(from_file());
    };
    let Ok(email) = EmailAddress::parse(&set.from_address) else {
        return Ok(from_file());
    };
    let from = MailAddress {
        name: set.from_name,
        email,
    };
    Ok((from, EmailAddress::parse(&set.reply_to).ok()))
}

/// Sets whom messages come from. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::Store`].
pub async fn set_sender(app: &App, by: StaffId, typed: SenderFields) -> Result<bool, AppError> {
    let fields = checked(&typed).map_err(AppError::Invalid)?;
    let reply_to = app.settings.reply_to.as_ref();
    let unset = SenderFields {
        from_name: app.sender().from_name,
        from_address: app.settings.mail_from.email.as_str().to_owned(),
        reply_to: reply_to.map_or_else(String::new, |email| email.as_str().to_owned()),
    };
    let names = (name::SENDER, "settings.sender");
    super::save(app, by, names, (unset, fields)).await
}

fn checked(typed: &SenderFields) -> Result<SenderFields, Vec<(&'static str, String)>> {
    let mut problems = Vec::new();
    let from_name = ShortText::parse(&typed.from_name, NAME_CHARS)
        .map(String::from)
        .map_err(|error| problems.push(("from_name", error.about("the sender’s name"))))
        .unwrap_or_default();
    if from_name.contains(['<', '>', '"', '@']) {
        let problem = "Please give a name without < > \" and @: some mail programs take it for a forged address.";
        problems.push(("from_name", problem.to_owned()));
    }
    let mut address = |field, text: &str| {
        EmailAddress::parse(text)
            .map(|email| email.as_str().to_owned())
            .map_err(|error| problems.push((field, error.to_string())))
            .unwrap_or_default()
    };
    let from_address = address("from_address", &typed.from_address);
    let reply_to = match typed.reply_to.trim() {
        "" => String::new(),
        text => address("reply_to", text),
    };
    if let Some((_, domain)) = from_address.rsplit_once('@')
        && is_free_provider(domain)
    {
        let problem = format!(
            "The mail of this provider may only be sent by it: {domain} tells all receivers so (DMARC), and they turn away what \
             we send in its name. Please give an address at a domain of the clinic. Replies may go to {domain}."
        );
        problems.push(("from_address", problem));
    }
    match problems.is_empty() {
        true => Ok(SenderFields {
            from_name,
            from_address,
            reply_to,
        }),
        false => Err(problems),
    }
}
