//! How long things are kept (Privacy Act 2020, IPP 9: no longer than they may lawfully be used for).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::name;
use crate::app::{App, AppError, retain};
use crate::config::Settings;
use crate::domain::staff_member::StaffId;
use crate::store::Db;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long things are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// A sign-up that was never confirmed.
    pub unconfirmed_days: u16,
    /// Messages that came back.
    pub inbound_days: u16,
    /// What somebody typed and never saved.
    pub unsaved_days: u16,
}

/// From how many to how many days.
pub type Bounds = std::ops::RangeInclusive<u16>;

impl Retention {
    /// A sign-up: longer than its link works (a week), and no longer than somebody who did not agree has to expect.
    pub const UNCONFIRMED: Bounds = 8..=90;
    /// What came back: long enough to be looked at, no longer than a complaint may take.
    pub const INBOUND: Bounds = 7..=365;
    /// What was typed: longer than a holiday.
    pub const UNSAVED: Bounds = 14..=365;

    /// How long a sign-up that was never confirmed is kept.
    pub fn unconfirmed(&self) -> Duration {
        DAY * u32::from(self.unconfirmed_days)
    }

    /// How long messages that came back are kept.
    pub fn inbound(&self) -> Duration {
        DAY * u32::from(self.inbound_days)
    }

    /// How long what was typed and never saved is kept.
    pub fn unsaved(&self) -> Duration {
        DAY * u32::from(self.unsaved_days)
    }
}

pub(super) fn read(db: &mut Db, settings: &Settings) -> Result<Retention, AppError> {
    Ok(super::value(db, name::RETENTION)?.unwrap_or_else(|| unset(settings)))
}

/// What is in force where nothing is set.
fn unset(settings: &Settings) -> Retention {
    let days = |duration: Duration| u16::try_from(duration.as_secs() / DAY.as_secs());
    Retention {
        unconfirmed_days: days(retain::UNCONFIRMED_FOR).unwrap_or(30),
        inbound_days: days(settings.inbound.keep_for).unwrap_or(90),
        unsaved_days: days(retain::UNSAVED_FOR).unwrap_or(90),
    }
}

/// What is typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RetentionFields {
    /// A sign-up that was never confirmed.
    pub unconfirmed_days: String,
    /// Messages that came back.
    pub inbound_days: String,
    /// What somebody typed and never saved.
    pub unsaved_days: String,
}

/// Sets how long things are kept. Returns whether anything has changed.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong; [`AppError::Store`].
pub async fn set_retention(
    app: &App,
    by: StaffId,
    typed: &RetentionFields,
) -> Result<bool, AppError> {
    let mut problems = Vec::new();
    let mut days = |field, text: &str, bounds: Bounds| match text.trim().parse::<u16>() {
        Ok(days) if bounds.contains(&days) => days,
        _ => {
            let (least, most) = bounds.into_inner();
            problems.push((
                field,
                format!("Please give a number of days from {least} to {most}."),
            ));
            0
        }
    };
    let retention = Retention {
        unconfirmed_days: days(
            "unconfirmed_days",
            &typed.unconfirmed_days,
            Retention::UNCONFIRMED,
        ),
        inbound_days: days("inbound_days", &typed.inbound_days, Retention::INBOUND),
        unsaved_days: days("unsaved_days", &typed.unsaved_days, Retention::UNSAVED),
    };
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let names = (name::RETENTION, "settings.retention");
    super::save(app, by, names, (unset(&app.settings), retention)).await
}
