//! Pictures of numbers over time, drawn here as SVG: bars and lines with their axes, in the colours of the stylesheet, and
//! the same numbers as a table beneath for whoever does not see them. Shown by `web/time_chart.html`.

use crate::domain::grouped::grouped;

/// Width and height of the drawing, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 260.0;

/// Where the numbers are drawn, between the labels of the axes.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 628.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 222.0;

/// Where the labels below the axis stand.
const BELOW: f64 = 244.0;

/// At most so many labels stand below the axis; fewer where they are long.
const MOST_LABELS: usize = 6;

/// What a letter of a label takes of the width, and what stays between two labels.
const LETTER: f64 = 7.5;
const BETWEEN: f64 = 18.0;

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
    pub(in crate::web) id: &'static str,
    pub(in crate::web) title: String,
    pub(in crate::web) description: String,
    pub(in crate::web) axis: &'static str,
    pub(in crate::web) width: f64,
    pub(in crate::web) height: f64,
    pub(in crate::web) left: f64,
    pub(in crate::web) right: f64,
    /// The lines across, from below, each with its number.
    pub(in crate::web) grid: Vec<Tick>,
    /// The labels below.
    pub(in crate::web) below: Vec<Tick>,
    pub(in crate::web) series: Vec<Drawn>,
    /// The table: a label, and a number of each row.
    pub(in crate::web) rows: Vec<(String, Vec<String>)>,
}

/// A label at an axis.
pub(in crate::web) struct Tick {
    pub(in crate::web) x: String,
    pub(in crate::web) y: String,
    pub(in crate::web) label: String,
}

/// A row of numbers, drawn.
pub(in crate::web) struct Drawn {
    pub(in crate::web) name: &'static str,
    pub(in crate::web) class: &'static str,
    /// The commands of an SVG path.
    pub(in crate::web) path: String,
}

impl Chart {
    /// Draws.
    pub(in crate::web) fn of(numbers: Numbers) -> Self {
        let largest = numbers.series.iter().flat_map(|series| &series.values);
        let step = step(largest.copied().max().unwrap_or(0));
        let steps = numbers
            .series
            .iter()
            .flat_map(|series| &series.values)
            .map(|&value| (value.max(0) + step - 1) / step)
            .max()
            .unwrap_or(1)
            .max(1);
        let frame = Frame {
            places: numbers.labels.len().max(1),
            top: steps * step,
        };
        Self {
            grid: (0..=steps)
                .map(|number| Tick {
                    x: rounded(LEFT - 8.0),
                    y: rounded(frame.y(number * step)),
                    label: grouped(number * step),
                })
                .collect(),
            below: frame.labels(&numbers.labels),
            series: numbers.series.iter().map(|one| frame.draw(one)).collect(),
            rows: rows(&numbers),
            id: numbers.id,
            title: numbers.title,
            description: numbers.description,
            axis: numbers.axis,
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
        }
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

/// The distance of the lines across: 1, 2 or 5 and noughts, so that there are at most five of them.
fn step(largest: i64) -> i64 {
    let mut unit: i64 = 1;
    loop {
        for factor in [1, 2, 5] {
            if unit.saturating_mul(factor).saturating_mul(5) >= largest {
                return unit * factor;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// How numbers become places.
struct Frame {
    places: usize,
    /// The number at the top.
    top: i64,
}

impl Frame {
    fn breadth(&self) -> f64 {
        (RIGHT - LEFT) / as_float(self.places)
    }

    fn x(&self, place: usize) -> f64 {
        LEFT + (as_float(place) + 0.5) * self.breadth()
    }

    fn y(&self, value: i64) -> f64 {
        // A picture has some hundreds of dots: what a float loses of so many people is not seen.
        let part = value.clamp(0, self.top) as f64 / self.top.max(1) as f64;
        BOTTOM - (BOTTOM - TOP) * part
    }

    fn draw(&self, series: &Series) -> Drawn {
        let values = series.values.iter().enumerate();
        let path: Vec<String> = match series.shape {
            Shape::Bars => {
                let half = (self.breadth() * 0.4).min(24.0);
                values
                    .filter(|(_, value)| **value > 0)
                    .map(|(place, &value)| {
                        let (x, y) = (self.x(place), self.y(value));
                        let (left, right) = (rounded(x - half), rounded(x + half));
                        format!("M{left} {}V{}H{right}V{0}Z", rounded(BOTTOM), rounded(y))
                    })
                    .collect()
            }
            Shape::Line | Shape::Dashes => values
                .map(|(place, &value)| {
                    let command = if place == 0 { 'M' } else { 'L' };
                    format!(
                        "{command}{} {}",
                        rounded(self.x(place)),
                        rounded(self.y(value))
                    )
                })
                .collect(),
        };
        Drawn {
            name: series.name,
            class: series.shape.class(),
            path: path.join(""),
        }
    }

    /// The first, and others at equal distances: as many as have room.
    fn labels(&self, labels: &[String]) -> Vec<Tick> {
        let longest = labels.iter().map(|label| label.chars().count()).max();
        let width = as_float(longest.unwrap_or(0)) * LETTER;
        let fitting = (1..=MOST_LABELS)
            .rev()
            .find(|&number| as_float(number) * (width + BETWEEN) <= RIGHT - LEFT + BETWEEN);
        let every = labels.len().div_ceil(fitting.unwrap_or(1)).max(1);
        labels
            .iter()
            .enumerate()
            .step_by(every)
            .map(|(place, label)| Tick {
                // None is cut off at an edge.
                x: rounded(
                    self.x(place)
                        .clamp(width / 2.0, (WIDTH - width / 2.0).max(width / 2.0)),
                ),
                y: rounded(BELOW),
                label: label.clone(),
            })
            .collect()
    }
}

/// There are some dozens of places: no float loses any of them.
fn as_float(number: usize) -> f64 {
    number as f64
}

/// A place to a tenth of a unit: what nobody sees need not be sent.
fn rounded(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn chart(values: &[i64]) -> Chart {
        let labels = (0..values.len()).map(|place| format!("{place} am"));
        Chart::of(Numbers {
            id: "sample",
            title: "A sample".into(),
            description: "Numbers.".into(),
            axis: "Time",
            labels: labels.collect(),
            series: vec![
                Series {
                    name: "Bars",
                    shape: Shape::Bars,
                    values: values.to_vec(),
                },
                Series {
                    name: "Line",
                    shape: Shape::Dashes,
                    values: values.to_vec(),
                },
            ],
        })
    }

    #[test]
    fn the_lines_across_have_round_numbers_and_reach_over_the_largest() {
        for (largest, labels) in [
            (0, vec!["0", "1"]),
            (1, vec!["0", "1"]),
            (7, vec!["0", "2", "4", "6", "8"]),
            (1_840, vec!["0", "500", "1,000", "1,500", "2,000"]),
        ] {
            let chart = chart(&[largest]);
            let found: Vec<_> = chart.grid.iter().map(|tick| tick.label.as_str()).collect();
            assert_eq!(found, labels, "{largest}");
        }
        assert!(chart(&[i64::MAX / 8, 0]).grid.len() <= 6);
    }

    #[test]
    fn numbers_become_bars_and_lines_at_the_same_places() {
        let chart = chart(&[0, 5, 10]);
        assert_eq!(
            chart.series[0].path,
            "M322 222V117H370V222ZM510 222V12H558V222Z"
        );
        assert_eq!(chart.series[1].path, "M158 222L346 117L534 12");
        assert_eq!(chart.rows[1], ("1 am".into(), vec!["5".into(), "5".into()]));
    }

    #[test]
    fn few_labels_stand_below_however_many_numbers_there_are() {
        for length in [0, 1, 6, 7, 40] {
            let chart = chart(&vec![1; length]);
            assert!(chart.below.len() <= MOST_LABELS, "{length}");
            assert_eq!(chart.rows.len(), length);
        }
    }

    #[test]
    fn long_labels_do_not_run_into_each_other_or_over_the_edge() {
        let series = Vec::new();
        let labels = vec!["30 November 2026".to_owned(); 5];
        let chart = Chart::of(Numbers {
            id: "days",
            title: String::new(),
            description: String::new(),
            axis: "Day",
            labels,
            series,
        });
        let places: Vec<f64> = chart
            .below
            .iter()
            .map(|tick| tick.x.parse().unwrap())
            .collect();
        let half = 16.0 * LETTER / 2.0;
        assert!(places.len() > 1 && places.windows(2).all(|two| two[1] - two[0] > 2.0 * half));
        assert!(
            places
                .iter()
                .all(|place| place - half >= 0.0 && place + half <= WIDTH)
        );
    }
}
