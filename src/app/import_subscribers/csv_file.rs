//! Reads a file of people: CSV in UTF-8, with a line of column names.

use std::collections::HashSet;

use crate::app::AppError;
use crate::domain::email_address::EmailAddress;
use crate::domain::mcnz_number::McnzNumber;
use crate::domain::person_name::PersonName;
use crate::domain::short_text::ShortText;
use crate::store::subscribers::Details;

/// The largest file that is taken.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// The longest line: what is longer is a quotation mark that was never closed.
const MAX_LINE_BYTES: usize = 10_000;

/// The columns, and other names under which they are known.
const COLUMNS: [(&str, &[&str]); 7] = [
    (
        "email",
        &["e-mail", "mail", "email address", "e-mail address"],
    ),
    ("name", &["full name", "full_name"]),
    ("practice", &["clinic", "company", "organisation"]),
    ("region", &[]),
    ("role", &[]),
    ("mcnz_number", &["mcnz", "mcnz number"]),
    ("topics", &["lists", "tags"]),
];

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

/// Lines by their numbers in the file, each read or with what is wrong with it.
pub type Lines = Vec<(u64, Result<Row, String>)>;

/// Every line with a person in it by its number, read or with what is wrong with it.
///
/// # Errors
/// [`AppError::Invalid`] when the file as a whole is not such a list.
pub fn read(content: &[u8]) -> Result<Lines, AppError> {
    let invalid = |problem: String| AppError::Invalid(vec![("file", problem)]);
    if content.len() > MAX_FILE_BYTES {
        return Err(invalid(
            "The file is larger than 20 MB. Please split it.".to_owned(),
        ));
    }
    if content.starts_with(&[0xFF, 0xFE]) || content.starts_with(&[0xFE, 0xFF]) {
        let why = "The file is in UTF-16. Please save it as “CSV UTF-8”.";
        return Err(invalid(why.to_owned()));
    }
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let first = content.split(|&b| b == b'\n').next().unwrap_or_default();
    if first.iter().all(u8::is_ascii_whitespace) {
        let why = "The file begins with an empty line. Its first line must name the columns, \
                   “email” among them.";
        return Err(invalid(why.to_owned()));
    }
    let semicolons = first.iter().filter(|&&b| b == b';').count();
    let commas = first.iter().filter(|&&b| b == b',').count();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(if semicolons > commas { b';' } else { b',' })
        .from_reader(content);
    let header = reader
        .headers()
        .map_err(|_| invalid("The first line is not text in UTF-8.".to_owned()))?
        .clone();
    let places = columns(&header).map_err(invalid)?;
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        // The position before a record is that of its first line, blank lines before it left out.
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(rows),
            Err(error) => return Err(invalid(format!("The file cannot be read: {error}."))),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record
            .iter()
            .all(|cell| cell.iter().all(u8::is_ascii_whitespace))
        {
            continue;
        }
        let row = read_row(&record, header.len(), &places).and_then(|row| {
            if seen.insert(row.email.key()) {
                Ok(row)
            } else {
                Err("This address stands in the file already, further up.".to_owned())
            }
        });
        rows.push((line, row));
    }
}

/// The place of each known column.
fn columns(header: &csv::StringRecord) -> Result<[Option<usize>; 7], String> {
    let mut places = [None; 7];
    for (place, title) in header.iter().enumerate() {
        let title = title.trim().to_lowercase();
        let known = COLUMNS
            .iter()
            .position(|(name, others)| *name == title || others.contains(&title.as_str()));
        match known {
            Some(column) if places[column].is_some() => {
                return Err(format!(
                    "The column “{}” stands in the file twice.",
                    COLUMNS[column].0
                ));
            }
            Some(column) => places[column] = Some(place),
            None => {}
        }
    }
    if places[0].is_none() {
        let found: Vec<String> = header
            .iter()
            .take(10)
            .map(|t| t.chars().take(30).collect())
            .collect();
        return Err(format!(
            "There is no column “email”. The first line names: {}.",
            found.join(", ")
        ));
    }
    Ok(places)
}

fn read_row(
    record: &csv::ByteRecord,
    width: usize,
    places: &[Option<usize>; 7],
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
    if record.len() != width {
        return Err(format!(
            "The line has {} columns, and the first line names {width}. Is a cell with a comma \
             not in quotation marks?",
            record.len()
        ));
    }
    let cell = |column: usize| {
        places[column]
            .and_then(|place| record.get(place))
            .unwrap_or("")
    };
    let email = EmailAddress::parse(cell(0)).map_err(|e| e.to_string())?;
    let name = match cell(1).trim() {
        "" => String::new(),
        name => PersonName::parse(name)
            .map_err(|e| e.to_string())?
            .as_str()
            .to_owned(),
    };
    let practice = ShortText::optional(cell(2), 200).map_err(|e| e.to_string())?;
    let region = named(cell(3))?;
    let role = named(cell(4))?;
    let mcnz_number = McnzNumber::optional(cell(5)).map_err(|e| e.to_string())?;
    let topics = cell(6)
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

/// A value by its name, however it is spelled: “GP registrar” and “gp-registrar”.
fn named<T: std::str::FromStr>(cell: &str) -> Result<Option<T>, String>
where
    T::Err: ToString,
{
    let name = cell.trim().to_lowercase().replace([' ', '_'], "-");
    if name.is_empty() {
        return Ok(None);
    }
    name.parse().map(Some).map_err(|e: T::Err| e.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn problems(content: &str) -> Vec<(u64, String)> {
        let rows = read(content.as_bytes()).unwrap();
        rows.into_iter()
            .filter_map(|(line, row)| row.err().map(|why| (line, why)))
            .collect()
    }

    #[test]
    fn a_refused_line_is_told_by_its_number_in_the_file() {
        let file = "email,name\n\nhine@practice.example,Hine\nnot an address,X\n\
                    hine@practice.example,Again\nx@practice.example,a,b\n";
        let problems = problems(file);
        let lines: Vec<u64> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [4, 5, 6], "{problems:?}");
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_refuses_one_line_and_loses_none_before_it() {
        let mut file = String::from("email,name\na@practice.example,A\nb@practice.example,\"B\n");
        for n in 0..2_000 {
            file.push_str(&format!("c{n}@practice.example,C\n"));
        }
        let rows = read(file.as_bytes()).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].1.is_ok());
        assert!(rows[1].1.as_ref().unwrap_err().contains("quotation mark"));
    }

    #[test]
    fn a_file_that_is_no_list_is_refused_as_a_whole() {
        for bad in [
            "",
            "name,practice\nA,B\n",
            "email,email\na@b.example,c@d.example\n",
            "\u{feff}\n",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(read(b"\xFF\xFEe\0m\0a\0i\0l\0").is_err());
    }

    #[test]
    fn other_separators_names_and_spellings_are_understood() {
        let file = "E-Mail;Name;Role;Region;Topics\n\
                    j@practice.example;Jürgen Müller;GP registrar;Te Waipounamu;News|Case studies\n";
        let rows = read(file.as_bytes()).unwrap();
        let row = rows[0].1.as_ref().unwrap();
        assert_eq!(row.topics, ["news", "case-studies"]);
        assert_eq!(row.details.role.unwrap().as_str(), "gp-registrar");
        assert_eq!(row.details.region.unwrap().as_str(), "te-waipounamu");
    }

    #[test]
    fn a_line_in_another_encoding_is_refused_and_the_others_are_read() {
        let file = b"email,name\na@practice.example,M\xE4ori\nb@practice.example,B\n";
        let rows = read(file).unwrap();
        assert!(rows[0].1.as_ref().unwrap_err().contains("UTF-8"));
        assert!(rows[1].1.is_ok());
    }
}
