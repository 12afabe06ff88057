//! What the columns of a file are: guessed from their headings and values, and changed by whoever brings it.

use serde::{Deserialize, Serialize};

use crate::domain::named::named;

named! {
    /// What a column holds.
    Column, "kind of column" {
        /// The address.
        Email = "email", "E-mail address";
        /// The whole name.
        Name = "name", "Name";
        /// The first name, where the last has a column of its own.
        FirstName = "first_name", "First name";
        /// The last name.
        LastName = "last_name", "Last name";
        /// Practice.
        Practice = "practice", "Practice";
        /// Health region.
        Region = "region", "Region";
        /// What they do.
        Role = "role", "Role";
        /// Medical Council number.
        McnzNumber = "mcnz_number", "Medical Council number";
        /// Slugs or names of topics.
        Topics = "topics", "Topics";
    }
}

impl Column {
    /// Other headings under which it is known, in lower case, with spaces only.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Email => &[
                "email",
                "e mail",
                "mail",
                "email address",
                "e mail address",
                "address",
                "subscriber",
            ],
            Self::Name => &[
                "name",
                "full name",
                "display name",
                "contact",
                "contact name",
            ],
            Self::FirstName => &[
                "first name",
                "firstname",
                "given name",
                "given names",
                "first",
            ],
            Self::LastName => &["last name", "lastname", "surname", "family name", "last"],
            Self::Practice => &[
                "practice",
                "clinic",
                "company",
                "organisation",
                "organization",
                "practice name",
                "medical centre",
            ],
            Self::Region => &["region", "health region", "dhb", "dhb region", "district"],
            Self::Role => &[
                "role",
                "job title",
                "job",
                "profession",
                "occupation",
                "position",
            ],
            Self::McnzNumber => &[
                "mcnz number",
                "mcnz",
                "mcnz no",
                "medical council number",
                "registration number",
            ],
            Self::Topics => &["topics", "topic", "lists", "tags", "interests", "likes"],
        }
    }
}

/// The first columns of a file of refused lines; they are left out when it is imported again.
pub const OURS: [&str; 2] = ["line", "reason"];

/// Whether these are the headings of a file of refused lines.
pub fn begins_as_ours(headings: &[String]) -> bool {
    headings.len() > OURS.len() && OURS.iter().zip(headings).all(|(own, it)| own == it)
}

/// For each column of a file what it holds, as far as it is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(Vec<Option<String>>);

impl Mapping {
    /// By what was chosen for each column; an empty or unknown choice leaves the column out.
    ///
    /// # Errors
    /// In words for whoever chose, where two columns are the same, or none is the address.
    pub fn chosen(choices: &[String]) -> Result<Self, String> {
        let columns: Vec<Option<Column>> = choices.iter().map(|c| c.parse().ok()).collect();
        for column in Column::ALL {
            let times = columns.iter().filter(|c| **c == Some(*column)).count();
            if times > 1 {
                return Err(format!(
                    "Two columns are the {}. Please leave one out.",
                    column.label().to_lowercase()
                ));
            }
        }
        let mapping = Self::of(&columns);
        if mapping.place(Column::Email).is_none() {
            return Err("Please say which column holds the e-mail addresses.".to_owned());
        }
        Ok(mapping)
    }

    /// As the headings have it; where no heading tells the address, the column in which most of the values look like one.
    pub fn guess(headings: &[String], samples: &[Vec<String>]) -> Option<Self> {
        let mut columns: Vec<Option<Column>> = vec![None; headings.len()];
        for (place, heading) in headings.iter().enumerate() {
            let heading = heading.trim().to_lowercase().replace(['-', '_', '.'], " ");
            let known = Column::ALL
                .iter()
                .find(|column| column.headings().contains(&heading.as_str()));
            if let Some(column) = known {
                // Of two of the same heading the first is meant: “address” may be a street, further on.
                if !columns.contains(&Some(*column)) {
                    columns[place] = Some(*column);
                }
            }
        }
        let is_ours = begins_as_ours(headings);
        let addresses = |place: usize| {
            // The reason why a line was refused may name an address.
            if is_ours && place < OURS.len() {
                return 0;
            }
            let has = |row: &&Vec<String>| row.get(place).is_some_and(|cell| cell.contains('@'));
            samples.iter().filter(has).count()
        };
        let email = columns.iter().position(|c| *c == Some(Column::Email));
        let is_doubtful = email.is_none_or(|place| addresses(place) == 0 && !samples.is_empty());
        if is_doubtful {
            let best =
                (0..headings.len()).max_by_key(|place| (addresses(*place), usize::MAX - place));
            match best.filter(|place| addresses(*place) > 0) {
                Some(best) => {
                    if let Some(email) = email {
                        columns[email] = None;
                    }
                    columns[best] = Some(Column::Email);
                }
                None if email.is_none() => return None,
                None => {}
            }
        }
        Some(Self::of(&columns))
    }

    fn of(columns: &[Option<Column>]) -> Self {
        Self(
            columns
                .iter()
                .map(|c| c.map(|c| c.as_str().to_owned()))
                .collect(),
        )
    }

    /// The place of a column.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.0
            .iter()
            .position(|name| name.as_deref() == Some(column.as_str()))
    }

    /// What the column at this place holds; empty where it is left out.
    pub fn at(&self, place: usize) -> &str {
        self.0.get(place).and_then(Option::as_deref).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn guessed(headings: &[&str], samples: &[&[&str]]) -> Option<Vec<String>> {
        let samples: Vec<Vec<String>> = samples.iter().map(|row| texts(row)).collect();
        let mapping = Mapping::guess(&texts(headings), &samples)?;
        Some(
            (0..headings.len())
                .map(|place| mapping.at(place).to_owned())
                .collect(),
        )
    }

    #[test]
    fn columns_are_guessed_from_their_headings() {
        let headings = [
            "Email Address",
            "First Name",
            "SURNAME",
            "Medical-Centre",
            "DHB region",
            "Job",
            "Likes",
            "Fax",
        ];
        assert_eq!(
            guessed(&headings, &[]).unwrap(),
            [
                "email",
                "first_name",
                "last_name",
                "practice",
                "region",
                "role",
                "topics",
                ""
            ]
        );
    }

    #[test]
    fn the_address_is_found_by_its_values_where_no_heading_tells() {
        let rows: &[&[&str]] = &[
            &["Hēmi", "h@practice.example"],
            &["Mere", "m@practice.example"],
        ];
        assert_eq!(guessed(&["Wer", "Wohin"], rows).unwrap(), ["", "email"]);
        let street: &[&[&str]] = &[&["1 High Street", "h@practice.example"]];
        assert_eq!(
            guessed(&["Address", "Kontakt"], street).unwrap(),
            ["", "email"]
        );
        assert_eq!(guessed(&["name"], &[&["Somebody"]]), None);
        let refused: &[&[&str]] = &[&["3", "“a@” is no address", "h@practice.example"]];
        let headings = ["line", "reason", "Kontakt"];
        assert_eq!(guessed(&headings, refused).unwrap(), ["", "", "email"]);
    }

    #[test]
    fn what_is_chosen_has_one_address_and_nothing_twice() {
        assert!(Mapping::chosen(&texts(&["email", "", "nonsense"])).is_ok());
        assert!(
            Mapping::chosen(&texts(&["name"]))
                .unwrap_err()
                .contains("e-mail")
        );
        assert!(
            Mapping::chosen(&texts(&["email", "email"]))
                .unwrap_err()
                .contains("Two columns")
        );
    }
}
