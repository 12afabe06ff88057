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
    /// Not of the form that a date-and-time field sends.
    #[error("Please give a date and a time, like 2026-11-23T09:05.")]
    MalformedTime,
    /// Not of the form that a date field sends.
    #[error("Please give a date, like 2026-11-23.")]
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
/// time. A time that comes twice, when daylight saving ends, is the first of the two.
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
        return Err(LocalTimeError::MalformedTime);
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

/// A day with its name and a time: "Tuesday 6 April 2027, 6:30 pm".
pub fn display_with_weekday(at: Timestamp) -> String {
    local(at).strftime("%A %-d %B %Y, %-I:%M %P").to_string()
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

/// Reads `YYYY-MM-DD`, which is what `<input type="date">` sends.
///
/// # Errors
/// Another form, or a day that no calendar has.
pub fn parse_date(input: &str) -> Result<CalendarDate, LocalTimeError> {
    let input = input.trim_matches([' ', '\t']);
    if !has_shape(input, "0000-00-00") {
        return Err(LocalTimeError::MalformedDate);
    }
    civil::Date::strptime("%Y-%m-%d", input)
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

    /// So many months later, or earlier if negative: the same day of the month, or the month's last one where it is
    /// shorter.
    pub fn plus_months(self, months: i32) -> Self {
        // Ten thousand years either way leave the calendar, and saturate there.
        let months = months.clamp(-120_000, 120_000);
        Self(self.0.saturating_add(jiff::Span::new().months(months)))
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
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    fn utc(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn date(text: &str) -> CalendarDate {
        parse_date(text).unwrap()
    }

    #[test]
    fn a_summer_time_is_thirteen_hours_ahead() {
        let at = parse_local("2026-11-23T09:05").unwrap();
        assert_eq!(at, utc("2026-11-22T20:05:00Z"));
        assert_eq!(display(at), "23 November 2026, 9:05 am");
        assert_eq!(display_date(at), "23 November 2026");
        assert_eq!(offset(at), "NZDT (UTC+13)");
        assert_eq!(rfc3339(at), "2026-11-22T20:05:00Z");
    }

    #[test]
    fn a_span_tells_its_day_once_and_its_zone_where_it_changes() {
        let (from, to) = (
            parse_local("2027-04-06T18:30").unwrap(),
            parse_local("2027-04-06T20:30").unwrap(),
        );
        assert_eq!(
            display_span(from, to),
            "Tuesday 6 April 2027, 6:30 pm to 8:30 pm NZST"
        );
        let over_the_change = parse_local("2027-04-04T01:00").unwrap();
        assert_eq!(
            display_span(over_the_change, to),
            "Sunday 4 April 2027, 1:00 am NZDT to Tuesday 6 April 2027, 8:30 pm NZST"
        );
    }

    #[test]
    fn a_winter_time_is_twelve_hours_ahead() {
        let at = parse_local("2026-07-01T21:30").unwrap();
        assert_eq!(at, utc("2026-07-01T09:30:00Z"));
        assert_eq!(display(at), "1 July 2026, 9:30 pm");
        assert_eq!(offset(at), "NZST (UTC+12)");
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        assert_eq!(
            display(parse_local("2026-11-23T00:00").unwrap()),
            "23 November 2026, 12:00 am"
        );
        assert_eq!(
            display(parse_local("2026-11-23T12:00").unwrap()),
            "23 November 2026, 12:00 pm"
        );
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_of_the_two() {
        let first = parse_local("2027-04-04T02:30").unwrap();
        assert_eq!(first, utc("2027-04-03T13:30:00Z"));
        assert_eq!(offset(first), "NZDT (UTC+13)");

        let second = first.plus(Duration::from_secs(3600));
        assert_eq!(display(second), display(first));
        assert_eq!(offset(second), "NZST (UTC+12)");
        assert_eq!(
            parse_local("2027-04-04T03:00").unwrap(),
            utc("2027-04-03T15:00:00Z")
        );
    }

    #[test]
    fn a_time_that_never_comes_is_refused_and_says_why() {
        let message = parse_local("2027-09-26T02:30").unwrap_err().to_string();
        assert_eq!(
            message,
            "26 September 2027, 2:30 am does not exist: the clocks go forward to daylight saving time then. \
             Please choose another time, such as 26 September 2027, 3:30 am."
        );
        assert!(parse_local("2027-09-26T02:00").is_err());
        assert!(parse_local("2027-09-26T02:59").is_err());
        assert_eq!(
            parse_local("2027-09-26T01:59").unwrap(),
            utc("2027-09-25T13:59:00Z")
        );
        assert_eq!(
            parse_local("2027-09-26T03:00").unwrap(),
            utc("2027-09-25T14:00:00Z")
        );
    }

    #[test]
    fn what_a_form_shows_it_also_takes() {
        for text in ["2026-11-23T09:05", "2027-04-04T02:30", "2028-02-29T23:59"] {
            assert_eq!(input_value(parse_local(text).unwrap()), text);
        }
        assert_eq!(
            parse_local("2026-11-23T09:05:00"),
            parse_local(" 2026-11-23T09:05")
        );
    }

    #[test]
    fn other_forms_and_impossible_times_are_refused() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23 09:05",
            "23/11/2026 09:05",
            "2026-02-30T09:05",
            "2026-13-01T09:05",
            "2026-11-23T24:00",
            "2026-11-23T09:60",
            "2026-11-23T09:05Z",
            "2026-11-23T09:05+13",
            "2026-11-23T9:05 am",
            "2026-11-23T09:05\n",
            "２026-11-23T09:05",
            "-202-11-23T09:05",
        ] {
            assert_eq!(
                parse_local(text),
                Err(LocalTimeError::MalformedTime),
                "{text:?}"
            );
        }
    }

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(date("2026-11-23").to_string(), "23 November 2026");
        assert_eq!(date("2026-11-03").iso(), "2026-11-03");
        for text in [
            "",
            "2026-11-31",
            "23-11-2026",
            "2026-1-1",
            "2027-02-29",
            "2026-11-23T",
            "2026/11/23",
            "-202-11-23",
        ] {
            assert_eq!(
                parse_date(text),
                Err(LocalTimeError::MalformedDate),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_auckland() {
        let review_by = date("2026-11-23");
        assert!(!review_by.is_before(utc("2026-11-22T11:00:00Z")));
        assert!(!review_by.is_before(utc("2026-11-23T10:59:59Z")));
        assert!(review_by.is_before(utc("2026-11-23T11:00:00Z")));
        assert_eq!(CalendarDate::of(utc("2026-11-22T11:00:00Z")), review_by);
    }

    #[test]
    fn months_are_added_by_the_calendar() {
        assert_eq!(date("2026-11-23").plus_months(12), date("2027-11-23"));
        assert_eq!(date("2026-08-31").plus_months(1), date("2026-09-30"));
        assert_eq!(date("2027-12-31").plus_months(2), date("2028-02-29"));
        assert_eq!(date("2026-03-31").plus_months(-1), date("2026-02-28"));
        assert_eq!(date("2026-03-31").plus_months(i32::MAX), date("9999-12-31"));
    }

    #[test]
    fn dates_travel_through_json_and_sort_as_days() {
        assert_eq!(
            serde_json::to_string(&date("2026-11-23")).unwrap(),
            "\"2026-11-23\""
        );
        assert!(serde_json::from_str::<CalendarDate>("\"2026-11-31\"").is_err());
        assert!(date("2026-09-30") < date("2026-10-01"));
    }

    #[test]
    fn the_ends_of_time_are_shown_rather_than_failing() {
        assert!(display(Timestamp::from_millis(i64::MAX)).contains("9999"));
        assert!(!display(Timestamp::from_millis(i64::MIN)).is_empty());
        assert_eq!(
            offset(Timestamp::from_millis(-3_000_000_000_000)),
            "NZMT (UTC+11:30)"
        );
    }
}
