//! Sending in two waves: the first people, a wait, and then the rest, unless the first wave shows trouble.

use std::time::Duration;

/// The rest is held when more than this part of the first wave was refused, in per cent. Lists that are kept well lose
/// two or three in a hundred; ten are a list that is out of date, or a sender that is not welcome.
pub const MOST_REFUSED: i64 = 10;

/// The most people in a first wave.
pub const MOST_FIRST: i64 = 1_000_000;

/// The longest wait, in minutes: a week.
pub const LONGEST_WAIT: i64 = 7 * 24 * 60;

/// Whether the rest is held, by how many of the first wave were refused.
pub fn is_trouble(refused: i64, first: i64) -> bool {
    refused.saturating_mul(100) > first.saturating_mul(MOST_REFUSED)
}

/// A wait in words: "2 hours", "90 minutes".
pub fn wait_in_words(minutes: i64) -> String {
    let words = |number: i64, unit: &str| match number {
        1 => format!("1 {unit}"),
        more => format!("{more} {unit}s"),
    };
    match (minutes % (24 * 60), minutes % 60) {
        (0, _) => words(minutes / (24 * 60), "day"),
        (_, 0) => words(minutes / 60, "hour"),
        _ => words(minutes, "minute"),
    }
}

/// A wait of so many minutes.
pub fn wait(minutes: i64) -> Duration {
    Duration::from_secs(u64::try_from(minutes).unwrap_or(0).saturating_mul(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_ten_is_the_most() {
        assert!(!is_trouble(10, 100));
        assert!(is_trouble(11, 100));
        assert!(!is_trouble(0, 5));
        assert!(is_trouble(1, 5));
    }

    #[test]
    fn a_wait_is_said_in_the_largest_unit_that_fits() {
        let said: Vec<String> = [1, 45, 60, 90, 120, 1440, 2880].map(wait_in_words).into();
        let expected = [
            "1 minute",
            "45 minutes",
            "1 hour",
            "90 minutes",
            "2 hours",
            "1 day",
            "2 days",
        ];
        assert_eq!(said, expected);
    }
}
