//! What changes over time: a line, and what came and went.

use std::fmt::Write;

use super::axis::Scale;
use super::{Caption, in_both_sizes, length, rectangle, text};

/// A moment and its number.
#[derive(Debug, Clone)]
pub(in crate::web) struct Point {
    /// Its name at the foot.
    pub name: String,
    /// The number.
    pub value: i64,
}

/// What came and what went in a time.
#[derive(Debug, Clone)]
pub(in crate::web) struct Moved {
    /// Its name at the foot.
    pub name: String,
    /// What came.
    pub came: i64,
    /// What went.
    pub went: i64,
}

/// A line with the ground below it filled. Where all numbers are large and near each other, the scale does not begin with
/// nought, and nothing is filled: the height of the ground would lie.
pub(in crate::web) fn line(caption: &Caption<'_>, points: &[Point]) -> String {
    let most = points.iter().map(|point| point.value).max().unwrap_or(0);
    let least = points.iter().map(|point| point.value).min().unwrap_or(0);
    let from_nought = least.saturating_mul(10) < most.saturating_mul(7) || least == most;
    let scale = Scale::new(if from_nought { 0 } else { least }, most, 4);
    in_both_sizes(caption, &scale, |room, names, shapes| {
        room.grid(shapes, &scale);
        room.names(shapes, points.len(), names, |place| {
            points[place].name.clone()
        });
        let step = room.width() / length(i64::try_from(points.len().max(2) - 1).unwrap_or(1));
        let places = points.iter().zip(0_i64..).map(|(point, place)| {
            let x = room.left + step * length(place);
            (x, room.y(&scale, point.value))
        });
        let mut path = String::new();
        for (x, y) in places.clone() {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.1} {y:.1}");
        }
        if from_nought && points.len() > 1 {
            let (right, left, foot) = (room.right, room.left, room.bottom);
            let _ = write!(
                shapes,
                "<path class=\"ground\" d=\"{path}L{right:.1} {foot:.1}L{left:.1} {foot:.1}Z\"/>"
            );
        }
        let _ = write!(shapes, "<path class=\"line\" d=\"{path}\"/>");
        if let Some((x, y)) = places.last() {
            let _ = write!(
                shapes,
                "<circle class=\"now\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"
            );
        }
    })
}

/// Bars: up for what came, down for what went.
pub(in crate::web) fn moved(
    caption: &Caption<'_>,
    (came, went): (&str, &str),
    times: &[Moved],
) -> String {
    let most = times.iter().map(|time| time.came).max().unwrap_or(0);
    let least = times.iter().map(|time| -time.went).min().unwrap_or(0);
    let scale = Scale::new(least, most, 4);
    in_both_sizes(caption, &scale, |room, names, shapes| {
        let mut room = *room;
        // For the legend, which also says what is up and what is down.
        room.top += 20.0;
        rectangle(shapes, "came", (room.left, 5.0), (10.0, 10.0));
        text(shapes, "legend", (room.left + 15.0, 14.0), "start", came);
        rectangle(shapes, "went", (room.left + 110.0, 5.0), (10.0, 10.0));
        text(shapes, "legend", (room.left + 125.0, 14.0), "start", went);
        room.grid(shapes, &scale);
        room.names(shapes, times.len(), names, |place| {
            times[place].name.clone()
        });
        let count = i64::try_from(times.len().max(1)).unwrap_or(1);
        let step = room.width() / length(count);
        let (bar, nought) = (step * 0.7, room.y(&scale, 0));
        for (time, place) in times.iter().zip(0_i64..) {
            let x = room.left + step * length(place) + step * 0.15;
            let (up, down) = (room.y(&scale, time.came), room.y(&scale, -time.went));
            if time.came > 0 {
                rectangle(shapes, "came", (x, up), (bar, nought - up));
            }
            if time.went > 0 {
                rectangle(shapes, "went", (x, nought), (bar, down - nought));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'_> = Caption {
        id: "x",
        title: "A <b>",
        description: "\"words\" & more",
    };

    #[test]
    fn a_line_says_what_it_is_and_escapes_it() {
        let points = [3, 9].map(|value| Point {
            name: "23 Nov".to_owned(),
            value,
        });
        let drawn = line(&CAPTION, &points);
        assert_eq!(drawn.matches("<svg").count(), 2);
        assert!(drawn.contains("A &lt;b&gt;") && drawn.contains("&quot;words&quot; &amp; more"));
        assert!(drawn.contains("class=\"ground\""));
        assert!(!drawn.contains("style=") && !drawn.contains("NaN"));
    }

    #[test]
    fn large_numbers_near_each_other_are_not_filled() {
        let points = [98_000, 100_400].map(|value| Point {
            name: String::new(),
            value,
        });
        let drawn = line(&CAPTION, &points);
        assert!(
            !drawn.contains("ground") && drawn.contains(">98,000<"),
            "{drawn}"
        );
    }

    #[test]
    fn nothing_at_all_is_still_a_drawing() {
        for drawn in [
            line(&CAPTION, &[]),
            moved(&CAPTION, ("Joined", "Left"), &[]),
        ] {
            assert!(drawn.contains("</svg>") && !drawn.contains("NaN") && !drawn.contains("inf"));
        }
    }
}
