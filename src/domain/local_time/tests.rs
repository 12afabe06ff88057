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
fn what_the_site_writes_is_read_too() {
    let at = parse_local("2027-03-30T09:00").unwrap();
    assert_eq!(parse_local("30 March 2027, 9:00 am"), Ok(at));
    assert_eq!(parse_local(&display(at)), Ok(at));
    assert_eq!(date("30 March 2027").iso(), "2027-03-30");
    let said = LocalTimeError::MalformedTime.to_string();
    assert!(said.contains("30 March 2027, 9:00 am"), "{said}");
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

#[test]
fn an_hour_that_comes_twice_is_known() {
    let at = |text| parse_local(text).unwrap();
    assert!(comes_twice(at("2027-04-04T02:30")));
    assert!(comes_twice(
        at("2027-04-04T02:30").plus(std::time::Duration::from_secs(3600))
    ));
    assert!(!comes_twice(at("2027-04-04T01:59")));
    assert!(!comes_twice(at("2027-04-04T03:00")));
    assert!(!comes_twice(at("2026-11-23T10:00")));
}

#[test]
fn a_time_of_today_needs_no_day() {
    let at = |text| parse_local(text).unwrap();
    let now = at("2026-11-23T10:00");
    assert_eq!(display_from(now, at("2026-11-23T14:00")), "2:00 pm NZDT");
    assert_eq!(
        display_from(now, at("2026-11-24T02:00")),
        "24 November 2026, 2:00 am NZDT"
    );
}
