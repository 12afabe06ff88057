//! How the clinic looks in its messages: its logo, and its colours for light and for dark inboxes.
//!
//! Where a colour is not set, or could not be read, the program's own stands in its place.

use url::Url;

use crate::domain::colour::{Colour, Theme};

/// No wider than this is a logo shown, in pixels: with its plate it has room at the narrowest phone.
const WIDEST: u32 = 220;

/// No taller than this is it shown.
const TALLEST: u32 = 56;

/// From this width on a logo has room for the clinic's name, where images are turned off.
const HOLDS_TEXT: u32 = 120;

/// The clinic's logo and colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Its logo.
    pub logo: Option<Logo>,
    /// Its colours.
    pub palette: Palette,
}

/// A logo, as it is shown: at most half as large as its pixels are many if these are enough, so that it is sharp on dense
/// screens, and never larger than its pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Its whole address. It holds a hash of the image: under it nothing else is ever shown.
    pub url: String,
    /// The width at which it is shown.
    pub width: u32,
    /// The height at which it is shown.
    pub height: u32,
}

impl Logo {
    /// An image of so many pixels at this address of the site; none for an image of nothing.
    #[must_use]
    pub fn new(base_url: &Url, address: &str, width: i32, height: i32) -> Option<Self> {
        let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        if width == 0 || height == 0 {
            return None;
        }
        let (mut shown, mut tall) = (width, height);
        for (side, most) in [(width, WIDEST), (height, TALLEST)] {
            let fits = |length: u32| length.saturating_mul(most) / side;
            if side > most && fits(width) < shown {
                (shown, tall) = (fits(width), fits(height));
            }
        }
        Some(Self {
            url: format!("{}{address}", base_url.as_str().trim_end_matches('/')),
            width: shown.max(1),
            height: tall.max(1),
        })
    }

    /// Whether it stands for the clinic's name, which takes its place where images are turned off. A narrow one, a sign rather
    /// than a name, has the name beside it.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.width >= HOLDS_TEXT
    }
}

/// The colours of a message that a clinic may set, each fit for what stands on it or below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Links and buttons.
    pub main: Colour,
    /// The ground of the head; the newsletter's name on it is light.
    pub bar: Colour,
    /// The line below the head.
    pub line: Colour,
    /// Labels, and the lines above boxes.
    pub accent: Colour,
    /// The head in dark inboxes.
    pub dark_bar: Colour,
    /// Links in dark inboxes.
    pub dark_main: Colour,
    /// Buttons in dark inboxes.
    pub dark_button: Colour,
    /// The text on these.
    pub on_dark_button: Colour,
    /// Accents in dark inboxes.
    pub dark_accent: Colour,
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            main: Colour::of(0x0d_52_59),
            bar: Colour::of(0x0b_3d_43),
            line: Colour::of(0xe0_8a_5b),
            accent: Colour::of(0xad_4a_22),
            dark_bar: Colour::of(0x0a_2f_34),
            dark_main: Colour::of(0x86_cf_c9),
            dark_button: Colour::of(0x14_74_7a),
            on_dark_button: Colour::WHITE,
            dark_accent: Colour::of(0xf0_a1_7a),
        }
    }
}

impl Palette {
    /// The program's own with these for light inboxes: links and buttons, and accents. The head, which is dark in both, takes
    /// after the first.
    #[must_use]
    pub fn with_light(mut self, main: Option<Colour>, accent: Option<Colour>) -> Self {
        let theme = Theme::Light;
        if let Some(main) = main.filter(|colour| theme.check_main(*colour).is_ok()) {
            self.main = main;
            self.bar = main.mixed(Colour::BLACK, 0.3);
            self.dark_bar = main.mixed(Colour::BLACK, 0.5);
        }
        if let Some(accent) = accent.filter(|colour| theme.check_text(*colour).is_ok()) {
            self.accent = accent;
            self.line = accent;
        }
        self
    }

    /// The same with these for dark inboxes.
    #[must_use]
    pub fn with_dark(mut self, main: Option<Colour>, accent: Option<Colour>) -> Self {
        let theme = Theme::Dark;
        if let Some(main) = main.filter(|colour| theme.check_main(*colour).is_ok()) {
            self.dark_main = main;
            self.dark_button = main;
            self.on_dark_button = theme.on_button();
        }
        if let Some(accent) = accent.filter(|colour| theme.check_text(*colour).is_ok()) {
            self.dark_accent = accent;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::domain::colour::LEAST_CONTRAST;

    fn logo(width: i32, height: i32) -> Logo {
        let base_url = Url::parse("https://points.clinic.example").unwrap();
        Logo::new(&base_url, "/images/abc.png", width, height).unwrap()
    }

    #[test]
    fn a_logo_fits_its_place_and_is_never_blown_up() {
        for (pixels, shown) in [
            ((1600, 400), (220, 55)),
            ((600, 600), (56, 56)),
            ((440, 112), (220, 56)),
            ((120, 40), (120, 40)),
            ((1600, 4), (220, 1)),
            ((3, 2400), (1, 56)),
        ] {
            let logo = logo(pixels.0, pixels.1);
            assert_eq!((logo.width, logo.height), shown, "{pixels:?}");
        }
        assert_eq!(
            logo(10, 10).url,
            "https://points.clinic.example/images/abc.png"
        );
        let base_url = Url::parse("https://points.clinic.example").unwrap();
        assert_eq!(Logo::new(&base_url, "/images/abc.png", 0, 10), None);
    }

    #[test]
    fn whatever_a_clinic_chooses_can_be_read() {
        let steps = || (0..=0xff).step_by(0x11);
        let on_the_head = [0xf6_f1_e7, 0xc2_d6_d3].map(Colour::of);
        for (red, green, blue) in
            steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b))))
        {
            let colour = Some(Colour::of((red << 16) | (green << 8) | blue));
            let palette = Palette::default()
                .with_light(colour, colour)
                .with_dark(colour, colour);
            for text in on_the_head {
                for ground in [palette.bar, palette.dark_bar] {
                    assert!(text.contrast(ground) >= LEAST_CONTRAST, "{palette:?}");
                }
            }
            assert_eq!(Theme::Light.check_main(palette.main), Ok(()));
            assert_eq!(Theme::Light.check_text(palette.accent), Ok(()));
            assert_eq!(Theme::Dark.check_text(palette.dark_main), Ok(()));
            assert_eq!(Theme::Dark.check_text(palette.dark_accent), Ok(()));
            let on_button = palette.on_dark_button.contrast(palette.dark_button);
            assert!(on_button >= LEAST_CONTRAST, "{palette:?}");
        }
    }
}
