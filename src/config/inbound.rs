//! The settings for what comes back.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
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
    /// Where mail servers hand it over by LMTP; none for not at all.
    pub lmtp: Option<LmtpAddress>,
    /// How many failures suspend.
    pub strikes: StrikeRule,
    /// How long messages are kept for the staff.
    pub keep_for: Duration,
}

/// An address for mail servers on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LmtpAddress {
    /// A port of a loopback address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl FromStr for LmtpAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() {
                Ok(Self::Unix(path))
            } else {
                Err("give the whole path, like unix:/run/practice-points/lmtp".to_owned())
            };
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self::Tcp(address)),
            _ => Err(
                "give a port of this machine alone, like 127.0.0.1:2424, or unix: and a path"
                    .to_owned(),
            ),
        }
    }
}

pub(super) fn read(take: &Taker<'_>) -> Result<Inbound, SettingsError> {
    let number = |text: &str, most: u16| match text.parse::<u16>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number from 1 to {most}")),
    };
    Ok(Inbound {
        address: take.optional("inbound.address", str::parse)?,
        lmtp: take.optional("inbound.lmtp", str::parse)?,
        strikes: StrikeRule {
            strikes: take.needed("inbound.strikes", |text| number(text, 1000))?,
            within: DAY * u32::from(take.needed("inbound.strike_days", |text| number(text, 3650))?),
        },
        keep_for: DAY * u32::from(take.needed("inbound.keep_days", |text| number(text, 3650))?),
    })
}
