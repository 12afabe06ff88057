//! The settings for what comes back.

use std::time::Duration;

use super::{SettingsError, Taker};
use crate::domain::inbound::StrikeRule;
use crate::domain::return_path::ReturnPath;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How what comes back is taken in.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Where it goes: the return path of every message; none leaves that to the sender's address.
    pub address: Option<ReturnPath>,
    /// How many failures suspend.
    pub strikes: StrikeRule,
    /// How long messages are kept for the staff.
    pub keep_for: Duration,
}

pub(super) fn read(take: &Taker<'_>) -> Result<Inbound, SettingsError> {
    let number = |text: &str, most: u16| match text.parse::<u16>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number from 1 to {most}")),
    };
    Ok(Inbound {
        address: take.optional("inbound.address", str::parse)?,
        strikes: StrikeRule {
            strikes: take.needed("inbound.strikes", |text| number(text, 1000))?,
            within: DAY * u32::from(take.needed("inbound.strike_days", |text| number(text, 3650))?),
        },
        keep_for: DAY * u32::from(take.needed("inbound.keep_days", |text| number(text, 3650))?),
    })
}
