//! Colours of the clinic, and whether text in them can be read (WCAG 2.2, success criterion 1.4.3).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A colour of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Please give a colour as # and six digits from 0 to f, like #0d5259.")]
pub struct ColourError;

impl Colour {
    /// Black.
    pub const BLACK: Self = Self::of(0x00_00_00);
    /// White.
    pub const WHITE: Self = Self::of(0xff_ff_ff);

    /// By its number: `0x0d5259`.
    pub const fn of(number: u32) -> Self {
        let [_, red, green, blue] = number.to_be_bytes();
        Self { red, green, blue }
    }

    /// How much lighter the lighter of two is: from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The same with a part of another in it, from 0 to 1.
    #[must_use]
    pub fn mixed(self, other: Self, part: f64) -> Self {
        let mix = |a: u8, b: u8| {
            let mixed = f64::from(a) * (1.0 - part) + f64::from(b) * part;
            mixed.round().clamp(0.0, 255.0) as u8
        };
        Self {
            red: mix(self.red, other.red),
            green: mix(self.green, other.green),
            blue: mix(self.blue, other.blue),
        }
    }

    /// The relative luminance (WCAG 2.2, glossary).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.trim().strip_prefix('#').ok_or(ColourError)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ColourError);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| ColourError)?;
        Ok(Self::of(number))
    }
}

/// The least contrast of text (WCAG 2.2 AA).
pub const LEAST_CONTRAST: f64 = 4.5;

/// One of the two looks of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// What text may stand on, as the stylesheet has it: the page, its panels, the two washes.
    fn grounds(self) -> [Colour; 4] {
        match self {
            Self::Light => [0xfb_f7_f0, 0xff_fd_f9, 0xea_f1_ee, 0xfb_ee_e3].map(Colour::of),
            Self::Dark => [0x0e_1a_1d, 0x15_26_2a, 0x17_31_36, 0x2d_26_20].map(Colour::of),
        }
    }

    /// The text on buttons, as the stylesheet has it.
    pub fn on_button(self) -> Colour {
        match self {
            Self::Light => Colour::WHITE,
            Self::Dark => Colour::of(0x08_28_2c),
        }
    }

    /// Whether links and buttons in this colour can be read; or why not.
    ///
    /// # Errors
    /// The reason, for the person who chose it.
    pub fn check_main(self, colour: Colour) -> Result<(), String> {
        self.check_text(colour)?;
        let found = colour.contrast(self.on_button());
        if found < LEAST_CONTRAST {
            return Err(format!(
                "The text on a button of {colour} could not be read: its contrast is {found:.1} to 1, and it takes {LEAST_CONTRAST} to 1.{}",
                self.hint()
            ));
        }
        Ok(())
    }

    /// Whether text in this colour can be read; or why not.
    ///
    /// # Errors
    /// The reason, for the person who chose it.
    pub fn check_text(self, colour: Colour) -> Result<(), String> {
        let contrasts = self.grounds().map(|ground| colour.contrast(ground));
        let least = contrasts.into_iter().fold(f64::INFINITY, f64::min);
        if least < LEAST_CONTRAST {
            return Err(format!(
                "Text in {colour} could not be read on our pages: its contrast is {least:.1} to 1, and it takes {LEAST_CONTRAST} to 1.{}",
                self.hint()
            ));
        }
        Ok(())
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Light => " Please choose a darker one.",
            Self::Dark => " Please choose a lighter one.",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        let grey: Colour = "#767676".parse().unwrap();
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn the_stylesheets_own_colours_pass() {
        let sheet = include_str!("../../static/site.css");
        let all = |name: &str| -> Vec<Colour> {
            let property = format!(" --{name}: ");
            sheet
                .split(property.as_str())
                .skip(1)
                .filter_map(|rest| rest.get(..7)?.parse().ok())
                .collect()
        };
        for (place, theme) in [Theme::Light, Theme::Dark].into_iter().enumerate() {
            assert_eq!(theme.check_main(all("teal")[place]), Ok(()));
            assert_eq!(theme.check_text(all("accent")[place]), Ok(()));
            let names = ["paper", "surface", "wash", "wash-warm"];
            assert_eq!(theme.grounds(), names.map(|name| all(name)[place]));
            assert_eq!(theme.on_button(), all("on-teal")[place]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_reason() {
        let yellow: Colour = "#ffd500".parse().unwrap();
        let refused = Theme::Light.check_main(yellow).unwrap_err();
        assert!(refused.contains("darker"), "{refused}");
        assert!(Theme::Dark.check_text(Colour::BLACK).is_err());
        for text in ["", "red", "#fff", "#12345g", "123456"] {
            assert_eq!(text.parse::<Colour>(), Err(ColourError), "{text}");
        }
    }
}
