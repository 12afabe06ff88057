//! A picture of rows of numbers over time, as bars and lines, and the same numbers as a table beneath for whoever does not see
//! them. Shown by `web/time_chart.html`.

use std::fmt::Write;

use super::axis::{Room, Scale};
use super::{Caption, in_both_sizes, length};
use crate::domain::grouped::grouped;

/// How a row of numbers is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Shape {
    /// As bars.
    Bars,
    /// As a line; of two, one is dashed.
    Line,
    /// As a dashed line.
    Dashes,
}

impl Shape {
    fn class(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Line => "line",
            Self::Dashes => "line dashes",
        }
    }
}

/// A row of numbers, one for each label.
#[derive(Debug, Clone)]
pub(in crate::web) struct Series {
    /// What they are, for people.
    pub(in crate::web) name: &'static str,
    /// How they are drawn.
    pub(in crate::web) shape: Shape,
    /// The numbers; those below nought are drawn as nought.
    pub(in crate::web) values: Vec<i64>,
}

/// What is to be drawn.
#[derive(Debug, Clone)]
pub(in crate::web) struct Numbers {
    /// A name for the page, unlike that of any other picture on it.
    pub(in crate::web) id: &'static str,
    /// What the picture shows, in a few words.
    pub(in crate::web) title: String,
    /// What is seen in it, in a sentence.
    pub(in crate::web) description: String,
    /// What the labels are: "Time".
    pub(in crate::web) axis: &'static str,
    /// A label for each place of the rows, in the order of time.
    pub(in crate::web) labels: Vec<String>,
    /// The rows.
    pub(in crate::web) series: Vec<Series>,
}

/// A picture, as its template shows it.
pub(in crate::web) struct Chart {
    pub(in crate::web) title: String,
    pub(in crate::web) axis: &'static str,
    /// The picture, as SVG.
    pub(in crate::web) drawn: String,
    /// Each row: its name, and the class of its shapes.
    pub(in crate::web) legend: Vec<(&'static str, &'static str)>,
    /// The table: a label, and a number of each row.
    pub(in crate::web) rows: Vec<(String, Vec<String>)>,
}

impl Chart {
    /// Draws.
    pub(in crate::web) fn of(numbers: Numbers) -> Self {
        let all = numbers.series.iter().flat_map(|series| &series.values);
        let scale = Scale::new(0, all.copied().max().unwrap_or(0).max(0), 4);
        let caption = Caption {
            id: numbers.id,
            title: &numbers.title,
            description: &numbers.description,
        };
        let drawn = in_both_sizes(&caption, &scale, |room, names, shapes| {
            room.grid(shapes, &scale);
            room.names(shapes, numbers.labels.len(), names, |place| {
                numbers.labels[place].clone()
            });
            for series in &numbers.series {
                draw(shapes, room, &scale, series);
            }
        });
        let legend = numbers.series.iter();
        Self {
            drawn,
            legend: legend.map(|one| (one.name, one.shape.class())).collect(),
            rows: rows(&numbers),
            title: numbers.title,
            axis: numbers.axis,
        }
    }
}

fn draw(shapes: &mut String, room: &Room, scale: &Scale, series: &Series) {
    let count = i64::try_from(series.values.len().max(1)).unwrap_or(1);
    let breadth = room.width() / length(count);
    let half = (breadth * 0.4).min(24.0);
    let mut path = String::new();
    for (&value, place) in series.values.iter().zip(0_i64..) {
        let x = room.left + (length(place) + 0.5) * breadth;
        let y = room.y(scale, value.max(0));
        // A `String` takes all that is written to it.
        let _ = match series.shape {
            Shape::Bars if value <= 0 => Ok(()),
            Shape::Bars => write!(
                path,
                "M{:.1} {foot:.1}V{y:.1}H{:.1}V{foot:.1}Z",
                x - half,
                x + half,
                foot = room.bottom
            ),
            Shape::Line | Shape::Dashes if path.is_empty() => write!(path, "M{x:.1} {y:.1}"),
            Shape::Line | Shape::Dashes => write!(path, "L{x:.1} {y:.1}"),
        };
    }
    if !path.is_empty() {
        let class = series.shape.class();
        let _ = write!(shapes, "<path class=\"{class}\" d=\"{path}\"/>");
    }
}

fn rows(numbers: &Numbers) -> Vec<(String, Vec<String>)> {
    let labels = numbers.labels.iter().enumerate();
    labels
        .map(|(place, label)| {
            let values = numbers.series.iter();
            let values = values.map(|one| grouped(one.values.get(place).copied().unwrap_or(0)));
            (label.clone(), values.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[i64]) -> Chart {
        let labels = (0..values.len()).map(|place| format!("{place} am"));
        let series = |name, shape| Series {
            name,
            shape,
            values: values.to_vec(),
        };
        Chart::of(Numbers {
            id: "sample",
            title: "A sample".into(),
            description: "Numbers.".into(),
            axis: "Time",
            labels: labels.collect(),
            series: vec![series("Bars", Shape::Bars), series("Line", Shape::Dashes)],
        })
    }

    #[test]
    fn numbers_become_bars_and_lines_at_the_same_places() {
        let chart = chart(&[0, 5, 10]);
        // The wide drawing: its middle at half of the room, and 10 at the top.
        let bars = "M268.0 212.0V112.0H316.0V212.0ZM442.7 212.0V12.0H490.7V212.0Z";
        assert!(chart.drawn.contains(bars), "{}", chart.drawn);
        let line = "M117.3 212.0L292.0 112.0L466.7 12.0";
        assert!(chart.drawn.contains(line), "{}", chart.drawn);
        assert_eq!(chart.rows[1], ("1 am".into(), vec!["5".into(), "5".into()]));
    }

    #[test]
    fn nothing_at_all_is_still_a_drawing() {
        for values in [&[][..], &[0], &[i64::MAX / 8, 0]] {
            let drawn = chart(values).drawn;
            assert!(drawn.contains("</svg>") && !drawn.contains("NaN") && !drawn.contains("inf"));
        }
    }
}
