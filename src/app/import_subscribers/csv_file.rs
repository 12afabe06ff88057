//! Reads a file of people: separated by commas, semicolons or tabs, with a line of headings. A line at a time, so that a
//! large file needs little more memory than itself.

use std::collections::HashSet;
use std::io::Cursor;

use crate::app::AppError;

use super::columns::Mapping;
use super::row::{MAX_LINE_BYTES, Row, read_row};

/// The largest file that is taken.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// So many columns are looked at.
const MOST_COLUMNS: usize = 100;

/// So many lines are looked at to guess what the columns are.
const SAMPLES: usize = 20;

/// A line by its row, as a spreadsheet counts with the headings as row 1; read, or with what is wrong with it; and its cells.
pub type Line = (u64, Result<Row, String>, Vec<String>);

/// The headings of a file, and some of its values.
#[derive(Debug, Clone)]
pub struct Head {
    /// The headings.
    pub headings: Vec<String>,
    /// The first lines, cell by cell.
    pub samples: Vec<Vec<String>>,
}

fn invalid(problem: impl Into<String>) -> AppError {
    AppError::Invalid(vec![("file", problem.into())])
}

/// What the file begins with.
///
/// # Errors
/// [`AppError::Invalid`] when the file as a whole is no list.
pub fn head(content: &[u8]) -> Result<Head, AppError> {
    let mut reader = reader(content)?;
    let headings: Vec<String> = reader
        .byte_headers()
        .map_err(|error| invalid(format!("The file cannot be read: {error}.")))?
        .iter()
        .map(cell_text)
        .collect();
    if headings.len() > MOST_COLUMNS {
        return Err(invalid("The file has more than 100 columns."));
    }
    let mut samples = Vec::new();
    for record in reader.byte_records().take(SAMPLES) {
        // What cannot be read is told by the lines themselves.
        let Ok(record) = record else { break };
        samples.push(record.iter().map(cell_text).collect());
    }
    Ok(Head { headings, samples })
}

fn cell_text(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    text.trim().chars().take(80).collect()
}

/// A guess at what the columns are.
///
/// # Errors
/// [`AppError::Invalid`] when no column holds addresses.
pub fn guess(head: &Head) -> Result<Mapping, AppError> {
    Mapping::guess(&head.headings, &head.samples).ok_or_else(|| {
        let found: Vec<String> = head
            .headings
            .iter()
            .take(10)
            .map(|heading| heading.chars().take(30).collect())
            .collect();
        invalid(format!(
            "There is no column “email”, nor any other with e-mail addresses. The first line names: {}.",
            found.join(", ")
        ))
    })
}

fn reader<T: AsRef<[u8]>>(content: T) -> Result<csv::Reader<Cursor<T>>, AppError> {
    let bytes = content.as_ref();
    if bytes.len() > MAX_FILE_BYTES {
        return Err(invalid("The file is larger than 20 MB. Please split it."));
    }
    let first = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    if first.iter().all(u8::is_ascii_whitespace) {
        return Err(invalid(
            "The file begins with an empty line. Its first line must name the columns, “email” among them.",
        ));
    }
    let separator = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|separator| first.iter().filter(|b| *b == separator).count())
        .unwrap_or(b',');
    Ok(csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .from_reader(Cursor::new(content)))
}

/// The lines of a file with a person in them, one after the other.
pub struct Lines {
    reader: csv::Reader<Cursor<Vec<u8>>>,
    mapping: Mapping,
    headings: Vec<String>,
    /// The row that was read last.
    row: u64,
    seen: HashSet<String>,
    record: csv::ByteRecord,
    is_at_end: bool,
}

impl Lines {
    /// The lines of this file, whose columns are these.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when the file as a whole is no list.
    pub fn of(content: Vec<u8>, mapping: Mapping) -> Result<Self, AppError> {
        let mut reader = reader(content)?;
        let headings = reader
            .byte_headers()
            .map_err(|error| invalid(format!("The file cannot be read: {error}.")))?
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        Ok(Self {
            reader,
            mapping,
            headings,
            row: 1,
            seen: HashSet::new(),
            record: csv::ByteRecord::new(),
            is_at_end: false,
        })
    }

    /// The headings, whole.
    pub(super) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The row of the record that was just read: a cell may have several lines, and blank lines are rows too.
    fn next_row(&self) -> u64 {
        let from = self.record.position().map_or(0, csv::Position::byte);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let content = self.reader.get_ref().get_ref();
        self.row + 1 + blank_lines(content, from)
    }

    /// The cells of the record that was just read; none of one that is far too long.
    fn cells(&self) -> Vec<String> {
        match self.record.as_slice().len() > MAX_LINE_BYTES {
            true => Vec::new(),
            false => {
                let cells = self.record.iter();
                cells
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect()
            }
        }
    }
}

/// How many blank lines stand where the reader looked for a record: it passes over them.
fn blank_lines(content: &[u8], from: usize) -> u64 {
    // Of “\r\n” the reader may have taken the first half only.
    let mut last = from.checked_sub(1).and_then(|place| content.get(place));
    let mut blank = 0;
    for byte in content.get(from..).unwrap_or_default() {
        match byte {
            b'\n' if last == Some(&b'\r') => {}
            b'\n' | b'\r' => blank += 1,
            _ => break,
        }
        last = Some(byte);
    }
    blank
}

impl Iterator for Lines {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while !self.is_at_end {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => self.is_at_end = true,
                Err(error) => {
                    self.is_at_end = true;
                    return Some((
                        self.row + 1,
                        Err(format!("The file cannot be read from here on: {error}.")),
                        Vec::new(),
                    ));
                }
            }
            let is_blank = |cell: &[u8]| cell.iter().all(u8::is_ascii_whitespace);
            if self.is_at_end {
                continue;
            }
            self.row = self.next_row();
            if self.record.iter().all(is_blank) {
                continue;
            }
            let width = self.headings.len();
            let row = read_row(&self.record, width, &self.mapping).and_then(|row| {
                if self.seen.insert(row.email.key()) {
                    Ok(row)
                } else {
                    Err("This address stands in the file already, further up.".to_owned())
                }
            });
            return Some((self.row, row, self.cells()));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn read(content: &[u8]) -> Result<Vec<Line>, AppError> {
        let mapping = guess(&head(content)?)?;
        Ok(Lines::of(content.to_vec(), mapping)?.collect())
    }

    fn problems(content: &str) -> Vec<(u64, String)> {
        let rows = read(content.as_bytes()).unwrap();
        rows.into_iter()
            .filter_map(|(line, row, _)| row.err().map(|why| (line, why)))
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
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        for end in ["\n", "\r\n"] {
            let file = [
                "email,practice",
                "a@practice.example,\"Two\nlines\"",
                "",
                "nobody,X",
                ",",
                "nobody,Y",
            ];
            let rows: Vec<u64> = problems(&file.join(end)).iter().map(|p| p.0).collect();
            assert_eq!(rows, [2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn a_cell_that_was_made_harmless_is_read_as_it_was() {
        let file = "email,practice\na@practice.example,'=Sample\nb@practice.example,'Sample'\n";
        let rows = read(file.as_bytes()).unwrap();
        let practice = |place: usize| rows[place].1.as_ref().unwrap().details.practice.clone();
        assert_eq!(practice(0).as_deref(), Some("=Sample"));
        assert_eq!(practice(1).as_deref(), Some("'Sample'"));
        assert_eq!(rows[0].2, ["a@practice.example", "'=Sample"]);
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
        for bad in ["", "name,practice\nA,B\n", "\n", "a@b.example\n"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn other_separators_names_and_spellings_are_understood() {
        let file = "E-Mail;Name;Role;Region;Topics\n\
                    j@practice.example;Jürgen Müller;GP registrar;Te Waipounamu;News|Case studies\n";
        for separator in [";", "\t"] {
            let rows = read(file.replace(';', separator).as_bytes()).unwrap();
            let row = rows[0].1.as_ref().unwrap();
            assert_eq!(row.topics, ["news", "case-studies"]);
            assert_eq!(row.details.role.unwrap().as_str(), "gp-registrar");
            assert_eq!(row.details.region.unwrap().as_str(), "te-waipounamu");
        }
    }

    #[test]
    fn first_and_last_names_become_one_name() {
        let file = "Email,First name,Last name\na@practice.example,Āroha,Sample\nb@practice.example,Rangi,\n";
        let rows = read(file.as_bytes()).unwrap();
        let names: Vec<&str> = rows
            .iter()
            .map(|(_, row, _)| row.as_ref().unwrap().details.name.as_str())
            .collect();
        assert_eq!(names, ["Āroha Sample", "Rangi"]);
    }

    #[test]
    fn a_line_in_another_encoding_is_refused_and_the_others_are_read() {
        let file = b"email,name\na@practice.example,M\xE4ori\nb@practice.example,B\n";
        let rows = read(file).unwrap();
        assert!(rows[0].1.as_ref().unwrap_err().contains("UTF-8"));
        assert!(rows[1].1.is_ok());
    }
}
