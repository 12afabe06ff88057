//! Gathers the settings for a run: from the file, the environment and the command line.

use std::path::Path;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::{KEYS, Origin, Settings, SettingsError, Sources};

/// The file that is read where none is named.
const FILE: &str = "practice-points.toml";

/// What was set for this run.
pub(super) struct Configuration {
    /// All settings, checked.
    pub(super) settings: Settings,
    /// The texts from which they were read, with where each stands.
    pub(super) sources: Sources,
}

impl Configuration {
    /// Reads the settings. `built_in` are a command's own values for what is set nowhere.
    ///
    /// # Errors
    /// [`SettingsError`] for the first that cannot be used.
    pub(super) fn read(
        file: Option<&Path>,
        flags: &[(String, String)],
        built_in: &[(&str, &str)],
    ) -> Result<Self, SettingsError> {
        let mut sources = Sources::default();
        match file {
            Some(file) => sources.add_file(file, true)?,
            None => sources.add_file(Path::new(FILE), false)?,
        }
        let variables = std::env::vars_os();
        sources.add_environment(variables.map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        }));
        for (key, value) in flags {
            sources.add_flag(key, value.clone());
        }
        for (key, value) in built_in {
            if sources.get(key).is_none() {
                sources.add_flag(key, (*value).to_owned());
            }
        }
        let settings = Settings::from_sources(&sources)?;
        let configuration = Self { settings, sources };
        configuration.log_filter("off")?;
        Ok(configuration)
    }

    /// Begins the log of a service, on standard error.
    ///
    /// # Errors
    /// [`SettingsError`] for the setting `log`.
    pub(super) fn begin_log(&self) -> Result<(), SettingsError> {
        let built_in = KEYS
            .iter()
            .find(|(key, _)| *key == "log")
            .and_then(|(_, value)| *value);
        self.begin(built_in.unwrap_or("info"))
    }

    /// Begins the log of a command that ends by itself: only what matters, unless `log` is set.
    ///
    /// # Errors
    /// [`SettingsError`] for the setting `log`.
    pub(super) fn begin_quiet_log(&self) -> Result<(), SettingsError> {
        self.begin("warn")
    }

    fn begin(&self, built_in: &str) -> Result<(), SettingsError> {
        use std::io::IsTerminal;
        tracing_subscriber::fmt()
            .with_env_filter(self.log_filter(built_in)?)
            .with_writer(std::io::stderr)
            // A log that cannot be written (its disk is full, its reader is gone) costs its lines. The
            // library would say so on standard error, and panic where that is the log.
            .log_internal_errors(false)
            .with_ansi(std::io::stderr().is_terminal())
            .init();
        Ok(())
    }

    fn log_filter(&self, built_in: &str) -> Result<EnvFilter, SettingsError> {
        let (text, origin) = match self.sources.get("log") {
            Some((text, origin)) => (text.as_str(), origin.clone()),
            None => (built_in, Origin::BuiltIn),
        };
        let wrong = || SettingsError::Wrong {
            key: "log".to_owned(),
            value: text.to_owned(),
            origin,
            problem: "give a level (off, error, warn, info, debug, trace), or levels for parts of \
                      the program, like info,practice_points::worker=debug"
                .to_owned(),
        };
        // A bare word is taken for a part of the program otherwise, and a mistyped level is silence.
        let bare_words = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.contains(['=', '[']));
        for word in bare_words {
            if word.parse::<LevelFilter>().is_err() {
                return Err(wrong());
            }
        }
        EnvFilter::try_new(text).map_err(|_| wrong())
    }
}

/// Reads `KEY=VALUE` on the command line.
///
/// # Errors
/// What would be right.
pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("give a key and a value, like listen=127.0.0.1:8081".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn log_filter(text: &str) -> Result<EnvFilter, SettingsError> {
        let mut sources = Sources::default();
        let settings = Settings::from_sources(&sources).unwrap();
        sources.add_flag("log", text.to_owned());
        Configuration { settings, sources }.log_filter("info")
    }

    #[test]
    fn a_mistyped_level_of_the_log_is_refused() {
        let told = log_filter("inof").expect_err("is no level").to_string();
        assert!(
            told.contains("log = \"inof\" (on the command line)"),
            "{told}"
        );
        assert!(log_filter("info,actix_server=loud").is_err());
        assert!(log_filter("info,actix_server=warn").is_ok());
        assert!(log_filter("off").is_ok());
    }

    #[test]
    fn a_flag_needs_a_key_and_a_value() {
        assert_eq!(
            key_and_value("log = debug").unwrap(),
            ("log".to_owned(), "debug".to_owned())
        );
        assert_eq!(key_and_value("smtp_url=").unwrap().1, "");
        assert!(key_and_value("listen").is_err());
        assert!(key_and_value("=x").is_err());
    }
}
