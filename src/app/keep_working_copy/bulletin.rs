//! What is typed into the form of a bulletin.

use serde::{Deserialize, Serialize};

use super::tidy;

/// The fields of the form, as they were typed; of its list of articles those that have a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedBulletin {
    /// Subject.
    pub subject: String,
    /// Preheader.
    pub preheader: String,
    /// Introduction, in Markdown.
    pub introduction: String,
    /// Topics, by their slugs.
    pub topics: Vec<String>,
    /// Key of the event whose people alone get it.
    pub symposium: String,
    /// Names of regions.
    pub regions: Vec<String>,
    /// Names of roles.
    pub roles: Vec<String>,
    /// A day.
    pub joined_from: String,
    /// A day.
    pub joined_before: String,
    /// Key of an event.
    pub event: String,
    /// What they have to do with it.
    pub attendance: String,
    /// Key of a bulletin.
    pub received: String,
    /// Key of another.
    pub not_received: String,
    /// Articles.
    pub articles: Vec<TypedLine>,
}

/// An article in the form of a bulletin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedLine {
    /// Its key.
    pub article: i64,
    /// Its number in the order.
    pub position: String,
    /// How much of it.
    pub form: String,
}

impl TypedBulletin {
    /// Whether two say the same, whatever the numbers that put their articles in the same order.
    pub fn is_same(&self, other: &Self) -> bool {
        let fields = |typed: &Self| {
            // Without an event, what people have to do with it says nothing.
            let attendance = match typed.event.is_empty() {
                true => "",
                false => typed.attendance.as_str(),
            };
            [
                &typed.subject,
                &typed.preheader,
                &typed.introduction,
                &typed.symposium,
                &typed.joined_from,
                &typed.joined_before,
                &typed.event,
                attendance,
                &typed.received,
                &typed.not_received,
            ]
            .map(tidy)
        };
        let sets = |typed: &Self| {
            [&typed.topics, &typed.regions, &typed.roles].map(|names| {
                let mut names = names.clone();
                names.sort();
                names
            })
        };
        let articles = |typed: &Self| {
            let lines = typed.in_order().into_iter();
            lines
                .map(|line| (line.article, line.form.clone()))
                .collect::<Vec<_>>()
        };
        fields(self) == fields(other)
            && sets(self) == sets(other)
            && articles(self) == articles(other)
    }

    /// The same for those whom another one reaches.
    #[must_use]
    pub fn with_audience_of(self, other: Self) -> Self {
        Self {
            subject: self.subject,
            preheader: self.preheader,
            introduction: self.introduction,
            articles: self.articles,
            ..other
        }
    }

    /// The articles by their numbers; what is no number comes first, where the form shows it.
    pub fn in_order(&self) -> Vec<&TypedLine> {
        let mut lines: Vec<&TypedLine> = self.articles.iter().collect();
        lines.sort_by_key(|line| line.position.trim().parse::<u32>().unwrap_or(0));
        lines
    }
}
