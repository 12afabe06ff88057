//! The axis of a chart: round numbers, a few of them.

use std::fmt::Write;

use super::{length, text};
use crate::domain::grouped::grouped;

/// About how wide a letter at the foot is.
const LETTER: f64 = 7.0;

/// From where to where, in round steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub least: i64,
    pub most: i64,
    pub step: i64,
}

impl Scale {
    /// For values from `least` to `most`, in about `steps` steps of 1, 2 or 5 and noughts. People are whole.
    pub fn new(least: i64, most: i64, steps: i64) -> Self {
        let span = most.saturating_sub(least).max(1);
        let wanted = span / steps.max(1);
        let mut step = 1_i64;
        while step < wanted {
            // 1, 2, 5, 10, 20 …
            let digit = step.to_string().as_bytes().first().copied();
            step = match digit {
                Some(b'2') => step / 2 * 5,
                _ => step * 2,
            };
        }
        let least = least.div_euclid(step) * step;
        let mut most =
            most.div_euclid(step) * step + if most.rem_euclid(step) == 0 { 0 } else { step };
        if most == least {
            most += step;
        }
        Self { least, most, step }
    }

    /// Where a value stands between the lower end (0) and the upper (1).
    pub fn place(&self, value: i64) -> f64 {
        length(value - self.least) / length(self.most - self.least)
    }
}

/// The room of a drawing within its margins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Room {
    /// Within a drawing of this size: on the left the numbers of the scale have room, so much for each digit.
    pub fn of(scale: &Scale, (width, height): (f64, f64)) -> Self {
        let digits = scale.most.abs().max(scale.least.abs()).to_string().len();
        let digits = length(i64::try_from(digits).unwrap_or(1));
        Self {
            left: 14.0 + digits * 8.0,
            right: width - 6.0,
            top: 12.0,
            bottom: height - 28.0,
        }
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height of a value in the drawing.
    pub fn y(&self, scale: &Scale, value: i64) -> f64 {
        self.bottom - scale.place(value) * (self.bottom - self.top)
    }

    /// The lines of the scale with their numbers.
    pub fn grid(&self, shapes: &mut String, scale: &Scale) {
        let mut value = scale.least;
        while value <= scale.most {
            let y = self.y(scale, value);
            let class = if value == 0 { "axis" } else { "grid" };
            let _ = write!(
                shapes,
                "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>",
                self.left, self.right
            );
            text(
                shapes,
                "tick",
                (self.left - 6.0, y + 4.0),
                "end",
                &grouped(value.abs()),
            );
            value += scale.step;
        }
    }

    /// The names of a few places along the foot, of `count` in all: the last one always, and as many before as have room.
    pub fn names(
        &self,
        shapes: &mut String,
        count: usize,
        most: usize,
        name: impl Fn(usize) -> String,
    ) {
        let every = count.div_ceil(most.max(1)).max(1);
        let width = self.width() / length(i64::try_from(count).unwrap_or(1).max(1));
        // From the last to the first: one that would run into its neighbour is left out.
        let mut free = f64::INFINITY;
        for place in (0..count).rev().step_by(every) {
            let name = name(place);
            let wide = LETTER * length(i64::try_from(name.chars().count()).unwrap_or(0));
            let x = self.left + width * (length(i64::try_from(place).unwrap_or(0)) + 0.5);
            let (x, anchor, from, to) = if place + 1 == count {
                (self.right, "end", self.right - wide, self.right)
            } else if x - self.left < wide / 2.0 {
                (self.left, "start", self.left, self.left + wide)
            } else {
                (x, "middle", x - wide / 2.0, x + wide / 2.0)
            };
            if to < free {
                text(shapes, "tick", (x, self.bottom + 18.0), anchor, &name);
                free = from - LETTER;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_their_values() {
        let steps = |least, most| {
            let scale = Scale::new(least, most, 4);
            (scale.least, scale.most, scale.step)
        };
        assert_eq!(steps(0, 36), (0, 40, 10));
        assert_eq!(steps(0, 0), (0, 1, 1));
        assert_eq!(steps(-3, 7), (-4, 8, 2));
        assert_eq!(steps(98_000, 100_400), (98_000, 101_000, 1_000));
        for most in [1, 3, 9, 11, 99, 12_345, 1_000_000] {
            let scale = Scale::new(0, most, 4);
            assert!(
                scale.most >= most && scale.most / scale.step <= 6,
                "{scale:?}"
            );
        }
    }
}
