//! Where settings come from, as texts under their keys.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::SettingsError;

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the program.
    BuiltIn,
    /// In a file.
    File(String),
    /// In a variable of the environment.
    Environment(String),
    /// On the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path) => write!(f, "in {path}"),
            Self::Environment(name) => write!(f, "in the environment as {name}"),
            Self::Flag => f.write_str("on the command line"),
        }
    }
}

/// Texts under their keys; a later source takes the place of an earlier one.
#[derive(Clone, Default)]
pub struct Sources(BTreeMap<String, (String, Origin)>);

/// Variables of the environment that are settings begin so; `__` stands between levels.
const PREFIX: &str = "PRACTICE_POINTS_";

impl Sources {
    /// Adds what a TOML file says. A file that need not be there may be absent.
    ///
    /// # Errors
    /// [`SettingsError::File`] when it cannot be read or is not TOML.
    pub fn add_file(&mut self, path: &Path, needed: bool) -> Result<(), SettingsError> {
        let shown = path.display().to_string();
        let problem = |problem: String| SettingsError::File {
            path: shown.clone(),
            problem,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !needed => return Ok(()),
            Err(e) => return Err(problem(e.to_string())),
        };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            // Not the error's own words: they repeat the line, and a password that stands in it.
            let before = e
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or_default();
            problem(format!(
                "line {}: {}",
                before.matches('\n').count() + 1,
                e.message()
            ))
        })?;
        self.add_table("", &table, &Origin::File(shown.clone()));
        Ok(())
    }

    fn add_table(&mut self, before: &str, table: &toml::Table, origin: &Origin) {
        for (key, value) in table {
            let key = format!("{before}{key}");
            let text = match value {
                toml::Value::Table(inner) => {
                    self.add_table(&format!("{key}."), inner, origin);
                    continue;
                }
                toml::Value::String(text) => text.clone(),
                toml::Value::Array(items) => {
                    let items: Vec<String> = items.iter().map(plain).collect();
                    items.join(",")
                }
                other => plain(other),
            };
            self.0.insert(key, (text, origin.clone()));
        }
    }

    /// Adds what variables of the environment say: those that begin with `PRACTICE_POINTS_`.
    pub fn add_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in variables {
            if let Some(key) = name.strip_prefix(PREFIX).filter(|key| *key != "CONFIG") {
                let key = key.to_lowercase().replace("__", ".");
                self.0.insert(key, (value, Origin::Environment(name)));
            }
        }
    }

    /// Adds a flag of the command line.
    pub fn add_flag(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), (value, Origin::Flag));
    }

    /// The text under a key, and where it stands.
    pub fn get(&self, key: &str) -> Option<&(String, Origin)> {
        self.0.get(key)
    }

    /// All texts.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &(String, Origin))> {
        self.0.iter()
    }
}

/// The keys, and nothing of the texts, which hold passwords: `{:?}` of the settings ends up in logs.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn plain(value: &toml::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The known key that is most like a mistyped one, if any is near.
pub(super) fn closest(
    key: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    known
        .map(|candidate| (distance(key, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 3.min(candidate.len() / 2))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, taken out or changed to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// An address with its password, or anything that may hold one, taken out.
pub fn without_password(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://…@{after}")
        }
        None => url.to_owned(),
    }
}
