//! The pictures of the list, and the same numbers as tables.

use crate::app::overview::Audience;
use crate::app::overview::growth::{By, Period};
use crate::domain::grouped::grouped;
use crate::domain::local_time;
use crate::domain::subscriber::Region;
use crate::web::chart::{self, Bar, Caption, Moved, Point};

/// A row of the table of growth.
pub(super) struct GrowthRow {
    pub(super) when: String,
    pub(super) joined: String,
    pub(super) departed: String,
    pub(super) net: String,
    pub(super) active: String,
}

/// Pictures as SVG, with their numbers.
pub(super) struct Pictures {
    pub(super) has_growth: bool,
    pub(super) active: String,
    pub(super) moved: String,
    /// What the year came to, in a sentence.
    pub(super) year: String,
    /// The newest first.
    pub(super) growth: Vec<GrowthRow>,
    pub(super) topics: String,
    pub(super) topic_rows: Vec<(String, String)>,
    pub(super) regions: String,
    pub(super) region_rows: Vec<(String, String)>,
    pub(super) counted_at: String,
}

impl Pictures {
    pub(super) fn of(periods: &[Period], by: By, audience: &Audience) -> Self {
        let joined: i64 = periods.iter().map(|period| period.joined).sum();
        let departed: i64 = periods.iter().map(|period| period.departed).sum();
        let now = periods.last().map_or(0, |period| period.active);
        let year = format!(
            "In the last year people came onto the list {} and went off it {}, suspensions and returns included: {} are on it now.",
            times(joined),
            times(departed),
            grouped(now)
        );
        let topics: Vec<Bar> = audience
            .topics
            .iter()
            .map(|(topic, people)| Bar {
                name: match topic.retired_at {
                    Some(_) => format!("{} (not offered any more)", topic.name),
                    None => topic.name.clone(),
                },
                value: *people,
            })
            .collect();
        let regions: Vec<Bar> = audience
            .regions
            .iter()
            .map(|(region, people)| Bar {
                name: region.map_or("Not told", Region::label).to_owned(),
                value: *people,
            })
            .collect();
        let what = match by {
            By::Week => "week",
            By::Month => "month",
        };
        Self {
            // A list on which nothing has happened for a year is drawn too.
            has_growth: joined + departed > 0 || now > 0,
            active: chart::line(
                &Caption {
                    id: "active",
                    title: "Active subscribers over the last year",
                    description: &year,
                },
                &periods
                    .iter()
                    .map(|period| Point {
                        name: name(period, by),
                        value: period.active,
                    })
                    .collect::<Vec<_>>(),
            ),
            moved: chart::moved(
                &Caption {
                    id: "moved",
                    title: &format!(
                        "How often people came onto the list and went off it, by {what}"
                    ),
                    description: &year,
                },
                ("Came", "Went"),
                &periods
                    .iter()
                    .map(|period| Moved {
                        name: name(period, by),
                        came: period.joined,
                        went: period.departed,
                    })
                    .collect::<Vec<_>>(),
            ),
            growth: periods.iter().rev().map(|period| row(period, by)).collect(),
            topics: in_bars("topics", "Active subscribers by topic", &topics),
            topic_rows: rows(&topics),
            regions: in_bars("regions", "Active subscribers by region", &regions),
            region_rows: rows(&regions),
            counted_at: local_time::display(audience.counted_at),
            year,
        }
    }
}

fn in_bars(id: &str, title: &str, all: &[Bar]) -> String {
    let words: Vec<String> = all
        .iter()
        .map(|bar| format!("{}: {}", bar.name, grouped(bar.value)))
        .collect();
    let description = words.join("; ");
    chart::bars(
        &Caption {
            id,
            title,
            description: &description,
        },
        all,
    )
}

fn rows(all: &[Bar]) -> Vec<(String, String)> {
    let row = |bar: &Bar| (bar.name.clone(), grouped(bar.value));
    all.iter().map(row).collect()
}

fn name(period: &Period, by: By) -> String {
    match by {
        By::Week => period.to.short(),
        By::Month => period.from.month_in_words(),
    }
}

fn row(period: &Period, by: By) -> GrowthRow {
    GrowthRow {
        when: match by {
            By::Week => format!("{} to {}", period.from.short(), period.to),
            By::Month => period.from.month_in_words(),
        },
        joined: grouped(period.joined),
        departed: grouped(period.departed),
        net: signed(period.joined - period.departed),
        active: grouped(period.active),
    }
}

/// So often: "once", "1,234 times".
fn times(number: i64) -> String {
    match number {
        1 => "once".to_owned(),
        _ => format!("{} times", grouped(number)),
    }
}

/// With its sign: "+12", "−3", "0".
fn signed(number: i64) -> String {
    match number {
        0 => "0".to_owned(),
        more if more > 0 => format!("+{}", grouped(more)),
        less => format!("−{}", grouped(-less)),
    }
}
