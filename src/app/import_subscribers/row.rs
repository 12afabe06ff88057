//! A line of a file of people: what stands in its cells, or what is wrong with it.

use std::fmt::Display;
use std::str::FromStr;

use crate::domain::email_address::EmailAddress;
use crate::domain::mcnz_number::McnzNumber;
use crate::domain::person_name::PersonName;
use crate::domain::short_text::ShortText;
use crate::domain::subscriber::{Region, Role};
use crate::store::subscribers::Details;

use super::columns::{Column, Mapping};

/// The longest line: what is longer is a quotation mark that was never closed.
pub(super) const MAX_LINE_BYTES: usize = 10_000;

/// A person in a file.
#[derive(Debug, Clone)]
pub struct Row {
    /// Address.
    pub email: EmailAddress,
    /// What is told of them.
    pub details: Details,
    /// Slugs of topics; none where the line names none.
    pub topics: Vec<String>,
}

/// Reads a line of a file with `width` columns; or says all that is wrong with it.
pub(super) fn read_row(
    record: &csv::ByteRecord,
    width: usize,
    mapping: &Mapping,
) -> Result<Row, String> {
    if record.as_slice().len() > MAX_LINE_BYTES {
        return Err(
            "The line is longer than 10,000 characters. Is a quotation mark not closed, \
                    here or before?"
                .to_owned(),
        );
    }
    let record = csv::StringRecord::from_byte_record(record.clone()).map_err(|_| {
        "The line is not text in UTF-8. Please save the file as “CSV UTF-8”.".to_owned()
    })?;
    // Spreadsheets add empty cells at the end of a line, but leave none out: then a separator is missing.
    let goes_beyond = record
        .iter()
        .skip(width)
        .any(|cell| !cell.trim().is_empty());
    if goes_beyond || record.len() < width {
        let has = match record.len() {
            1 => "1 column".to_owned(),
            more => format!("{more} columns"),
        };
        return Err(format!(
            "The line has {has}, and the first line names {width}. Is a cell with a comma \
             not in quotation marks?"
        ));
    }
    let cell = |column: Column| {
        mapping
            .place(column)
            .and_then(|place| record.get(place))
            .map_or("", as_written)
            .trim()
    };
    let mut faults = Vec::new();
    let email = noted(EmailAddress::parse(cell(Column::Email)), &mut faults);
    let whole = match cell(Column::Name) {
        "" => format!("{} {}", cell(Column::FirstName), cell(Column::LastName)),
        name => name.to_owned(),
    };
    let name = match whole.trim() {
        "" => Some(String::new()),
        name => noted(PersonName::parse(name), &mut faults).map(|name| name.as_str().to_owned()),
    };
    let practice = ShortText::optional(cell(Column::Practice), 200);
    let practice = noted(practice, &mut faults).flatten();
    let region = match Region::of_district(cell(Column::Region)) {
        None => {
            let region = named(cell(Column::Region), "region", Region::ALL);
            noted(region, &mut faults).flatten()
        }
        known => known,
    };
    let role = noted(named(cell(Column::Role), "role", Role::ALL), &mut faults).flatten();
    let mcnz_number = McnzNumber::optional(cell(Column::McnzNumber));
    let mcnz_number = noted(mcnz_number, &mut faults).flatten();
    let (Some(email), Some(name), true) = (email, name, faults.is_empty()) else {
        return Err(faults.join(" "));
    };
    let topics = cell(Column::Topics)
        .split([';', '|', ','])
        .map(|topic| topic.trim().to_lowercase().replace(' ', "-"))
        .filter(|topic| !topic.is_empty())
        .collect();
    let details = Details {
        name,
        practice: practice.map(|text| text.as_str().to_owned()),
        region,
        role,
        mcnz_number: mcnz_number.map(|number| number.as_str().to_owned()),
    };
    Ok(Row {
        email,
        details,
        topics,
    })
}

/// What a cell holds; or nothing, and what is wrong with it is noted.
fn noted<T, E: Display>(cell: Result<T, E>, faults: &mut Vec<String>) -> Option<T> {
    cell.inspect_err(|fault| faults.push(fault.to_string()))
        .ok()
}

/// A cell without the mark that keeps a spreadsheet from taking it for a formula: our own files have it.
fn as_written(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

/// A value by its name, however it is spelled: “GP registrar” and “gp-registrar”. `all`: what it may be.
fn named<T: FromStr + Display>(cell: &str, what: &str, all: &[T]) -> Result<Option<T>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    let name = cell.to_lowercase().replace([' ', '_'], "-");
    name.parse().map(Some).map_err(|_| {
        let given: String = cell.chars().take(40).collect();
        let mut labels: Vec<String> = all.iter().map(ToString::to_string).collect();
        let last = labels.pop().unwrap_or_default();
        format!(
            "“{given}” is not a {what} here. Use {} or {last}, or leave it empty.",
            labels.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_as_it_is_spelled_and_refused_with_what_it_may_be() {
        let region = |cell: &str| named(cell, "region", Region::ALL);
        assert_eq!(region(""), Ok(None));
        assert_eq!(region("Te Manawa Taki"), Ok(Some(Region::TeManawaTaki)));
        assert_eq!(
            region("Atlantis"),
            Err("“Atlantis” is not a region here. Use Northern, Te Manawa Taki, Central or Te Waipounamu, or leave \
                 it empty."
                .to_owned())
        );
        assert_eq!(Region::of_district("Waitematā DHB"), Some(Region::Northern));
        assert_eq!(
            Region::of_district("Capital & Coast"),
            Some(Region::Central)
        );
        assert_eq!(Region::of_district("Northern"), None);
    }
}
