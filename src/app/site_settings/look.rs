//! The clinic's logo and colours.

use serde::{Deserialize, Serialize};
use url::Url;

use super::name;
use crate::app::{App, AppError, keep_images};
use crate::domain::colour::{Colour, Theme};
use crate::domain::image::{self, ImageFormat};
use crate::domain::staff_member::StaffId;
use crate::mail::brand::{self as mail, Brand, Palette};
use crate::store::{Db, images};

/// A logo, as it is kept among the images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Its hash.
    pub hash: String,
    /// Its address on the site.
    pub address: String,
    /// Its width in pixels.
    pub width: i32,
    /// Its height in pixels.
    pub height: i32,
}

/// The clinic's colours, as they were typed; empty where the program's own stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Colours {
    /// Links and buttons on light pages.
    pub main_light: String,
    /// Links and buttons on dark pages.
    pub main_dark: String,
    /// Accents on light pages.
    pub accent_light: String,
    /// Accents on dark pages.
    pub accent_dark: String,
}

/// How the clinic looks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// Its logo.
    pub logo: Option<Logo>,
    /// Its colours.
    #[serde(flatten)]
    pub colours: Colours,
}

impl Look {
    /// The same for messages.
    pub fn brand(&self, base_url: &Url) -> Brand {
        let Colours {
            main_light,
            main_dark,
            accent_light,
            accent_dark,
        } = &self.colours;
        let colour = |typed: &String| typed.parse::<Colour>().ok();
        let logo = self.logo.as_ref();
        Brand {
            logo: logo
                .and_then(|logo| mail::Logo::new(base_url, &logo.address, logo.width, logo.height)),
            palette: Palette::default()
                .with_light(colour(main_light), colour(accent_light))
                .with_dark(colour(main_dark), colour(accent_dark)),
        }
    }
}

pub(super) fn read(db: &mut Db) -> Result<Look, AppError> {
    Ok(super::value(db, name::LOOK)?.unwrap_or_default())
}

impl Colours {
    /// What the stylesheet's custom properties become, each within its own scheme, so that an empty field keeps the program's
    /// own colour there; none where all is as the program has it. Paper is light.
    pub fn stylesheet(&self) -> Option<String> {
        let light = rules(&self.main_light, &self.accent_light, Colour::BLACK);
        let dark = rules(&self.main_dark, &self.accent_dark, Colour::WHITE);
        let mut sheet = String::new();
        for (scheme, rules) in [
            ("print,(prefers-color-scheme:light)", light),
            ("screen and (prefers-color-scheme:dark)", dark),
        ] {
            if !rules.is_empty() {
                sheet.push_str(&format!("@media {scheme}{{:root{{{rules}}}}}\n"));
            }
        }
        Some(sheet).filter(|sheet| !sheet.is_empty())
    }
}

fn rules(main: &str, accent: &str, towards: Colour) -> String {
    let mut rules = String::new();
    if let Ok(main) = main.parse::<Colour>() {
        let deep = main.mixed(towards, 0.3);
        rules.push_str(&format!("--teal:{main};--teal-deep:{deep};"));
    }
    if let Ok(accent) = accent.parse::<Colour>() {
        rules.push_str(&format!("--accent:{accent};"));
    }
    rules
}

fn checked(typed: &Colours) -> Result<Colours, Vec<(&'static str, String)>> {
    let mut problems = Vec::new();
    let mut colour = |field, text: &str, check: &dyn Fn(Colour) -> Result<(), String>| {
        let text = text.trim();
        if text.is_empty() {
            return String::new();
        }
        let colour = text.parse::<Colour>().map_err(|error| error.to_string());
        match colour.and_then(|colour| check(colour).map(|()| colour)) {
            Ok(colour) => colour.to_string(),
            Err(problem) => {
                problems.push((field, problem));
                String::new()
            }
        }
    };
    let (light, dark) = (Theme::Light, Theme::Dark);
    let colours = Colours {
        main_light: colour("main_light", &typed.main_light, &|c| light.check_main(c)),
        main_dark: colour("main_dark", &typed.main_dark, &|c| dark.check_main(c)),
        accent_light: colour("accent_light", &typed.accent_light, &|c| {
            light.check_text(c)
        }),
        accent_dark: colour("accent_dark", &typed.accent_dark, &|c| dark.check_text(c)),
    };
    match problems.is_empty() {
        true => Ok(colours),
        false => Err(problems),
    }
}

/// Sets the colours. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong, those that could not be read among them; [`AppError::Store`].
pub async fn set_colours(app: &App, by: StaffId, typed: &Colours) -> Result<bool, AppError> {
    let colours = checked(typed).map_err(AppError::Invalid)?;
    let changed = save(app, by, "settings.colours", move |look| {
        look.colours = colours
    });
    changed.await
}

/// Sets the logo: an image that is made anew, as every other is. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] for the field `file`; [`AppError::Store`].
pub async fn set_logo(app: &App, by: StaffId, file: Vec<u8>) -> Result<bool, AppError> {
    let alt = format!("Logo of {}", app.site().clinic.name);
    let (hash, _) = keep_images::upload(app, by, file, &alt).await?;
    let found = hash.clone();
    let image = app.store.read(move |db| images::get(db, &found)).await?;
    let format: ImageFormat = image.format;
    let logo = Logo {
        address: image::address(&hash, format),
        hash,
        width: image.width,
        height: image.height,
    };
    save(app, by, "settings.logo", move |look| look.logo = Some(logo)).await
}

/// Takes the logo away. The image stays among the images.
///
/// # Errors
/// [`AppError::Store`].
pub async fn take_logo_away(app: &App, by: StaffId) -> Result<bool, AppError> {
    save(app, by, "settings.logo", |look| look.logo = None).await
}

async fn save(
    app: &App,
    by: StaffId,
    action: &'static str,
    change: impl FnOnce(&mut Look) + Send + 'static,
) -> Result<bool, AppError> {
    let now = app.now();
    let changed = app
        .store
        .write(move |db| {
            let mut look = read(db)?;
            change(&mut look);
            let names = (name::LOOK, action);
            super::set(db, by, names, (&Look::default(), &look), now)
        })
        .await?;
    app.site.refresh().await?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::Colours;

    #[test]
    fn a_colour_counts_within_its_own_scheme_alone() {
        assert_eq!(Colours::default().stylesheet(), None);
        let light_only = Colours {
            accent_light: "#7a1f4b".to_owned(),
            ..Colours::default()
        };
        let sheet = light_only.stylesheet().unwrap_or_default();
        assert_eq!(
            sheet,
            "@media print,(prefers-color-scheme:light){:root{--accent:#7a1f4b;}}\n"
        );
        let dark_only = Colours {
            accent_dark: "#f0a17a".to_owned(),
            ..Colours::default()
        };
        let sheet = dark_only.stylesheet().unwrap_or_default();
        assert_eq!(
            sheet,
            "@media screen and (prefers-color-scheme:dark){:root{--accent:#f0a17a;}}\n"
        );
    }
}
