//! Charts as SVG, made on the server: a line over time, what came and went beside each other, bars for parts of a whole.
//!
//! Nothing here decides about colours: each shape has a class, and the stylesheet gives it those of the theme. Every chart has
//! a title and a description for those who do not see it; its page gives the numbers as a table too. A chart over time is
//! drawn twice, for narrow and for wide screens, so that its letters keep their size: the stylesheet shows one of the two.

mod axis;
mod bars;
mod over_time;
pub(super) mod with_table;

pub(super) use bars::{Bar, bars};
pub(super) use over_time::{Moved, Point, line, moved};

use std::fmt::Write;

use self::axis::{Room, Scale};

/// The two sizes of a chart over time: class, width, height, how many names at the foot.
const SIZES: [(&str, f64, f64, usize); 2] =
    [("narrow", 340.0, 220.0, 4), ("wide", 560.0, 240.0, 6)];

/// What a chart is called, and what it shows in a sentence or two.
#[derive(Debug, Clone)]
pub(super) struct Caption<'a> {
    /// Part of the identifiers in the page: letters and hyphens.
    pub id: &'a str,
    /// Its name.
    pub title: &'a str,
    /// What can be seen in it.
    pub description: &'a str,
}

/// A drawing of this size, in units of which one is a pixel at its own size.
fn drawing(
    caption: &Caption<'_>,
    class: &str,
    (width, height): (f64, f64),
    shapes: &str,
) -> String {
    let Caption {
        id,
        title,
        description,
    } = caption;
    let (title, description) = (escaped(title), escaped(description));
    format!(
        "<svg class=\"chart {class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-{class}-title {id}-{class}-words\" \
         focusable=\"false\"><title id=\"{id}-{class}-title\">{title}</title><desc id=\"{id}-{class}-words\">{description}</desc>{shapes}</svg>"
    )
}

/// A chart over time, drawn for narrow and for wide screens: `draw` gets the room within the margins, how many names have room
/// at the foot, and where its shapes go.
fn in_both_sizes(
    caption: &Caption<'_>,
    scale: &Scale,
    draw: impl Fn(&Room, usize, &mut String),
) -> String {
    let mut both = String::new();
    for (class, width, height, names) in SIZES {
        let mut shapes = String::new();
        draw(&Room::of(scale, (width, height)), names, &mut shapes);
        both.push_str(&drawing(caption, class, (width, height), &shapes));
    }
    both
}

/// A text in a drawing: `anchor` is `start`, `middle` or `end`.
fn text(shapes: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, words: &str) {
    let words = escaped(words);
    // A `String` takes all that is written to it.
    let _ = write!(
        shapes,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

fn rectangle(shapes: &mut String, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let (width, height) = (width.max(0.0), height.max(0.0));
    let _ = write!(
        shapes,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
    );
}

fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A whole number as a length. Beyond 2^53 nobody counts people.
fn length(value: i64) -> f64 {
    value as f64
}
