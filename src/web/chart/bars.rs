//! Bars that lie: parts of a whole, with their names above them, so that long ones have room on a narrow screen.

use super::{Caption, drawing, length, rectangle, text};
use crate::domain::grouped::grouped;

/// A bar.
#[derive(Debug, Clone)]
pub(in crate::web) struct Bar {
    /// Its name.
    pub name: String,
    /// The number.
    pub value: i64,
}

const WIDTH: f64 = 340.0;

/// Height of a bar with its name.
const EACH: f64 = 38.0;

/// Bars one below the other, in the order that they have.
pub(in crate::web) fn bars(caption: &Caption<'_>, all: &[Bar]) -> String {
    let most = length(all.iter().map(|bar| bar.value).max().unwrap_or(0).max(1));
    let mut shapes = String::new();
    for (bar, place) in all.iter().zip(0_i64..) {
        let y = EACH * length(place);
        text(&mut shapes, "name", (0.0, y + 14.0), "start", &bar.name);
        text(
            &mut shapes,
            "value",
            (WIDTH, y + 14.0),
            "end",
            &grouped(bar.value),
        );
        rectangle(&mut shapes, "track", (0.0, y + 21.0), (WIDTH, 8.0));
        rectangle(
            &mut shapes,
            "bar",
            (0.0, y + 21.0),
            (WIDTH * length(bar.value) / most, 8.0),
        );
    }
    let height = EACH * length(i64::try_from(all.len().max(1)).unwrap_or(1));
    drawing(caption, "lying", (WIDTH, height), &shapes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width() {
        let all = [("News", 40), ("Case studies", 10)].map(|(name, value)| Bar {
            name: name.to_owned(),
            value,
        });
        let caption = Caption {
            id: "topics",
            title: "By topic",
            description: "",
        };
        let drawn = bars(&caption, &all);
        assert!(
            drawn.contains("width=\"340.0\" height=\"8.0\"") && drawn.contains("width=\"85.0\""),
            "{drawn}"
        );
    }
}
