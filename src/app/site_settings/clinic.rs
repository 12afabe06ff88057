//! Who the clinic is (every message says it: Unsolicited Electronic Messages Act 2007, s 10).

use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError};
use crate::config::{Clinic, Settings};
use crate::domain::article::USUAL_CONFLICTS;
use crate::domain::email_address::EmailAddress;
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::Db;

/// The longest name, in characters.
const NAME_CHARS: usize = 100;

/// The longest address, in characters.
const ADDRESS_CHARS: usize = 200;

/// The longest usual statement on conflicts of interest, in characters.
const CONFLICTS_CHARS: usize = 400;

/// What is typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClinicFields {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub street: String,
    /// Its postal address.
    pub postal: String,
    /// Where it is called.
    pub phone: String,
    /// Where people write to it.
    pub email: String,
    /// What new guidance on calcium scores says of conflicts of interest; may be empty. Versions from before it could be set
    /// have none, and the built-in one goes on.
    #[serde(default = "usual_conflicts")]
    pub conflicts: String,
}

fn usual_conflicts() -> String {
    USUAL_CONFLICTS.to_owned()
}

/// What is in force where nothing is set.
fn unset(settings: &Settings) -> ClinicFields {
    let of_file = &settings.clinic;
    ClinicFields {
        name: of_file.name.clone(),
        street: of_file.street.clone(),
        postal: of_file.postal.clone(),
        phone: String::new(),
        email: of_file.email.as_str().to_owned(),
        conflicts: usual_conflicts(),
    }
}

/// Who the clinic is, and all that is set of it.
pub(super) fn read(db: &mut Db, settings: &Settings) -> Result<(Clinic, ClinicFields), AppError> {
    let set = super::value::<ClinicFields>(db, name::CLINIC)?;
    let set = set.unwrap_or_else(|| unset(settings));
    let clinic = Clinic {
        name: set.name.clone(),
        street: set.street.clone(),
        postal: set.postal.clone(),
        email: EmailAddress::parse(&set.email).unwrap_or_else(|_| settings.clinic.email.clone()),
    };
    Ok((clinic, set))
}

/// Sets who the clinic is. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::Store`].
pub async fn set_clinic(app: &App, by: StaffId, typed: ClinicFields) -> Result<bool, AppError> {
    let fields = checked(&typed).map_err(AppError::Invalid)?;
    let names = (name::CLINIC, "settings.clinic");
    super::save(app, by, names, (unset(&app.settings), fields)).await
}

fn checked(typed: &ClinicFields) -> Result<ClinicFields, Vec<(&'static str, String)>> {
    let mut problems = Vec::new();
    let mut line = |field, text: &str, most, what: &str| {
        ShortText::parse(text, most)
            .map(String::from)
            .map_err(|error| problems.push((field, error.about(what))))
            .unwrap_or_default()
    };
    let name = line("name", &typed.name, NAME_CHARS, "the clinic’s name");
    let street = line("street", &typed.street, ADDRESS_CHARS, "the address");
    let postal = line("postal", &typed.postal, ADDRESS_CHARS, "the postal address");
    let phone = typed.phone.trim();
    if !is_phone(phone) {
        let problem = "Please give a telephone number such as 09 555 0100, or leave it empty.";
        problems.push(("phone", problem.to_owned()));
    }
    let email = EmailAddress::parse(&typed.email)
        .map(|email| email.as_str().to_owned())
        .map_err(|error| problems.push(("email", error.to_string())))
        .unwrap_or_default();
    let conflicts = ShortText::optional(&typed.conflicts, CONFLICTS_CHARS)
        .map(|text| text.map(String::from).unwrap_or_default())
        .map_err(|error| problems.push(("conflicts", error.about("a statement on conflicts"))))
        .unwrap_or_default();
    match problems.is_empty() {
        true => Ok(ClinicFields {
            name,
            street,
            postal,
            phone: phone.to_owned(),
            email,
            conflicts,
        }),
        false => Err(problems),
    }
}

/// Digits, with what people put between them; or nothing.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_plain = |c: char| c.is_ascii_digit() || " +-()".contains(c);
    text.is_empty()
        || (text.len() <= 30 && (6..=15).contains(&digits) && text.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::is_phone;

    #[test]
    fn phones_are_as_people_write_them() {
        for phone in [
            "",
            "09 555 0100",
            "+64 (9) 555-0100",
            "0800 555 010",
            "021 555 010",
        ] {
            assert!(is_phone(phone), "{phone}");
        }
        for none in [
            "9",
            "call us",
            "09 555 0100 ext 3\nBcc: x",
            "1234567890123456",
        ] {
            assert!(!is_phone(none), "{none}");
        }
    }
}
