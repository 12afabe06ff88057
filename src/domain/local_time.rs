//! Time as the clinic's clock shows it: Pacific/Auckland, with daylight saving.
//!
//! Stored times are UTC; this is where they become words, and where a form's local time becomes a moment. The rules
//! of the zone are compiled in, so that a machine without time zone data computes the same.

use std::fmt;

use jiff::civil;
use jiff::tz::{self, AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

static AUCKLAND: TimeZone = tz::get!("Pacific/Auckland");

const DATE_AND_TIME: &str = "%-d %B %Y, %-I:%M %P";
const DATE: &str = "%-d %B %Y";

/// Why a text is no local time or date, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimeError {
    /// Not of the form that a date-and-time field sends, nor as the site writes it.
    #[error("Please give a date and a time, such as 30 March 2027, 9:00 am.")]
    MalformedTime,
    /// Not of the form that a date field sends, nor as the site writes it.
    #[error("Please give a date, such as 30 March 2027.")]
    MalformedDate,
    /// A time in the hour that is left out when daylight saving begins.
    #[error(
        "{asked} does not exist: the clocks go forward to daylight saving time then. \
         Please choose another time, such as {next}."
    )]
    SkippedByClockChange {
        /// The time that was asked for, in words.
        asked: String,
        /// The same distance after the change, in words.
        next: String,
    },
}

/// Reads `YYYY-MM-DDTHH:MM` (with or without `:SS`), which is what `<input type="datetime-local">` sends, as Auckland
/// time; or the words of [`display`], which people type where a browser has no such field. A time that comes twice, when daylight saving ends, is the first of the two.
///
/// # Errors
/// Another form, a day or hour that no calendar has, or a time that the clock change leaves out.
pub fn parse_local(input: &str) -> Result<Timestamp, LocalTimeError> {
    let input = input.trim_matches([' ', '\t']);
    let format = if has_shape(input, "0000-00-00T00:00") {
        "%Y-%m-%dT%H:%M"
    } else if has_shape(input, "0000-00-00T00:00:00") {
        "%Y-%m-%dT%H:%M:%S"
    } else {
        DATE_AND_TIME
    };
    let local =
        civil::DateTime::strptime(format, input).map_err(|_| LocalTimeError::MalformedTime)?;
    let offset = match AUCKLAND.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, .. } => before,
        AmbiguousOffset::Gap { before, .. } => {
            let next = before
                .to_timestamp(local)
                .map_err(|_| LocalTimeError::MalformedTime)?;
            return Err(LocalTimeError::SkippedByClockChange {
                asked: local.strftime(DATE_AND_TIME).to_string(),
                next: display(Timestamp::from_millis(next.as_millisecond())),
            });
        }
    };
    let moment = offset
        .to_timestamp(local)
        .map_err(|_| LocalTimeError::MalformedTime)?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

/// Whether the clock shows this time twice, once before and once after it is put back at the end of daylight saving.
pub fn comes_twice(at: Timestamp) -> bool {
    matches!(
        AUCKLAND.to_ambiguous_timestamp(local(at)).offset(),
        AmbiguousOffset::Fold { .. }
    )
}

/// "23 November 2026, 9:05 am".
pub fn display(at: Timestamp) -> String {
    local(at).strftime(DATE_AND_TIME).to_string()
}

/// "23 November 2026".
pub fn display_date(at: Timestamp) -> String {
    local(at).strftime(DATE).to_string()
}

/// The value of an `<input type="datetime-local">`: `2026-11-23T09:05`. Of the two times that are called the same when
/// daylight saving ends, the second cannot be told apart from the first.
pub fn input_value(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Which of its two times the clock shows: "NZDT (UTC+13)" in summer, "NZST (UTC+12)" in winter.
pub fn offset(at: Timestamp) -> String {
    let info = AUCKLAND.to_offset_info(instant(at));
    let minutes = info.offset().seconds() / 60;
    let (hours, rest) = (minutes / 60, (minutes % 60).abs());
    if rest == 0 {
        format!("{} (UTC{hours:+})", info.abbreviation())
    } else {
        format!("{} (UTC{hours:+}:{rest:02})", info.abbreviation())
    }
}

/// The year that it is in Auckland at this moment.
pub fn year(at: Timestamp) -> i16 {
    local(at).year()
}

/// When a year of the calendar begins in Auckland.
pub fn new_year(year: i16) -> Option<Timestamp> {
    parse_local(&format!("{year:04}-01-01T00:00")).ok()
}

/// The moment for machines (RFC 3339), in UTC: `2026-11-22T20:05:00Z`, with a fraction where there is one.
pub fn rfc3339(at: Timestamp) -> String {
    instant(at).to_string()
}

/// "6:30 pm".
pub fn display_time(at: Timestamp) -> String {
    local(at).strftime("%-I:%M %P").to_string()
}

/// "6:30:05 pm".
pub fn display_seconds(at: Timestamp) -> String {
    local(at).strftime("%-I:%M:%S %P").to_string()
}

/// A day with its name and a time: "Tuesday 6 April 2027, 6:30 pm".
pub fn display_with_weekday(at: Timestamp) -> String {
    local(at).strftime("%A %-d %B %Y, %-I:%M %P").to_string()
}

/// "2:00 pm NZDT" on the same day as `now`, and with the day on another: "24 November 2026, 2:00 pm NZDT".
pub fn display_from(now: Timestamp, at: Timestamp) -> String {
    let info = AUCKLAND.to_offset_info(instant(at));
    let zone = info.abbreviation();
    if CalendarDate::of(now) == CalendarDate::of(at) {
        format!("{} {zone}", display_time(at))
    } else {
        format!("{} {zone}", display(at))
    }
}

/// From when to when, the day told once where it is one: "Tuesday 6 April 2027, 6:30 pm to 8:30 pm NZST".
pub fn display_span(from: Timestamp, to: Timestamp) -> String {
    let zone = AUCKLAND
        .to_offset_info(instant(to))
        .abbreviation()
        .to_owned();
    let from_zone = AUCKLAND
        .to_offset_info(instant(from))
        .abbreviation()
        .to_owned();
    // Where the clocks change in between, each time has its own.
    let between = if from_zone == zone {
        String::new()
    } else {
        format!(" {from_zone}")
    };
    let end = if CalendarDate::of(from) == CalendarDate::of(to) {
        display_time(to)
    } else {
        display_with_weekday(to)
    };
    format!("{}{between} to {end} {zone}", display_with_weekday(from))
}

/// For calendar files, in UTC (RFC 5545, section 3.3.5): `20261122T200500Z`.
pub fn ical_utc(at: Timestamp) -> String {
    instant(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// For calendar files, by the clinic's clock: `20261123T090500`.
pub fn ical_local(at: Timestamp) -> String {
    local(at).strftime("%Y%m%dT%H%M%S").to_string()
}

/// Reads `YYYY-MM-DD`, which is what `<input type="date">` sends; or the words of [`display_date`].
///
/// # Errors
/// Another form, or a day that no calendar has.
pub fn parse_date(input: &str) -> Result<CalendarDate, LocalTimeError> {
    let input = input.trim_matches([' ', '\t']);
    let format = if has_shape(input, "0000-00-00") {
        "%Y-%m-%d"
    } else {
        DATE
    };
    civil::Date::strptime(format, input)
        .map(CalendarDate)
        .map_err(|_| LocalTimeError::MalformedDate)
}

/// A day in the calendar on the clinic's wall: a review-by date, a symposium's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CalendarDate(civil::Date);

impl CalendarDate {
    /// The day that it is in Auckland at this moment.
    pub fn of(at: Timestamp) -> Self {
        Self(local(at).date())
    }

    /// `2026-11-23`, for storage and for `<input type="date">`. Sorts as the days do.
    pub fn iso(self) -> String {
        self.0.strftime("%Y-%m-%d").to_string()
    }

    /// Whether this day is over in Auckland at the moment `at`. Not yet on the day itself.
    pub fn is_before(self, at: Timestamp) -> bool {
        self < Self::of(at)
    }

    /// The moment at which this day begins in Auckland.
    pub fn begins_at(self) -> Timestamp {
        // No day of the calendar begins in the hour that a clock change leaves out; the ends of the calendar saturate.
        let begins = self.0.to_zoned(AUCKLAND.clone());
        let millis = begins.map_or(i64::MAX, |at| at.timestamp().as_millisecond());
        Timestamp::from_millis(millis)
    }

    /// So many months later, or earlier if negative: the same day of the month, or the month's last one where it is
    /// shorter.
    pub fn plus_months(self, months: i32) -> Self {
        // Ten thousand years either way leave the calendar, and saturate there.
        let months = months.clamp(-120_000, 120_000);
        Self(self.0.saturating_add(jiff::Span::new().months(months)))
    }

    /// So many days later, or earlier if negative.
    pub fn plus_days(self, days: i32) -> Self {
        let days = days.clamp(-3_650_000, 3_650_000);
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The Monday of its week.
    pub fn monday(self) -> Self {
        self.plus_days(-i32::from(self.0.weekday().to_monday_zero_offset()))
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// "23 Nov", where the year is plain.
    pub fn short(self) -> String {
        self.0.strftime("%-d %b").to_string()
    }

    /// "Nov 2026".
    pub fn month_in_words(self) -> String {
        self.0.strftime("%b %Y").to_string()
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime(DATE).fmt(f)
    }
}

impl std::str::FromStr for CalendarDate {
    type Err = LocalTimeError;

    fn from_str(input: &str) -> Result<Self, LocalTimeError> {
        parse_date(input)
    }
}

impl TryFrom<String> for CalendarDate {
    type Error = LocalTimeError;

    fn try_from(input: String) -> Result<Self, Self::Error> {
        parse_date(&input)
    }
}

impl From<CalendarDate> for String {
    fn from(date: CalendarDate) -> Self {
        date.iso()
    }
}

/// Whether the text has a digit wherever the shape has a nought, and is equal to it elsewhere. The parser itself would
/// take signs and missing digits too.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, place)| byte == place || (place == b'0' && byte.is_ascii_digit()))
}

fn local(at: Timestamp) -> civil::DateTime {
    AUCKLAND.to_datetime(instant(at))
}

/// The moment in the calendar, which ends with the year 9999.
fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(if at.as_millis() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

#[cfg(test)]
mod tests;
