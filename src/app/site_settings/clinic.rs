//! Who the clinic is (every message says it: Unsolicited Electronic Messages Act 2007, s 10).

use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError};
use crate::config::{Clinic, Settings};
use crate::domain::email_address::EmailAddress;
use crate::domain::short_text::ShortText;
use crate::domain::staff_member::StaffId;
use crate::store::Db;

/// The longest name, in characters.
const NAME_CHARS: usize = 100;

/// The longest address, in characters.
const ADDRESS_CHARS: usize = 200;

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
}

pub(super) fn read(db: &mut Db, settings: &Settings) -> Result<(Clinic, String), AppError> {
    let Some(set) = super::value::<ClinicFields>(db, name::CLINIC)? else {
        return Ok((settings.clinic.clone(), String::new()));
    };
    let clinic = Clinic {
        name: set.name,
        street: set.street,
        postal: set.postal,
        email: EmailAddress::parse(&set.email).unwrap_or_else(|_| settings.clinic.email.clone()),
    };
    Ok((clinic, set.phone))
}

/// Sets who the clinic is. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::Store`].
pub async fn set_clinic(app: &App, by: StaffId, typed: ClinicFields) -> Result<bool, AppError> {
    let fields = checked(&typed).map_err(AppError::Invalid)?;
    let of_file = &app.settings.clinic;
    let unset = ClinicFields {
        name: of_file.name.clone(),
        street: of_file.street.clone(),
        postal: of_file.postal.clone(),
        phone: String::new(),
        email: of_file.email.as_str().to_owned(),
    };
    let names = (name::CLINIC, "settings.clinic");
    super::save(app, by, names, (unset, fields)).await
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
    match problems.is_empty() {
        true => Ok(ClinicFields {
            name,
            street,
            postal,
            phone: phone.to_owned(),
            email,
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
