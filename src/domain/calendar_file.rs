//! A symposium as a calendar file (iCalendar, RFC 5545; its methods, RFC 5546).
//!
//! It is written here rather than by a library: the `icalendar` crate puts a DTSTAMP and a UID into every component, its
//! time zones included, where RFC 5545, section 3.6.5 does not allow them, and brings a second set of dates and times.

use crate::clock::Timestamp;
use crate::domain::local_time;

/// An event, as a calendar is told of it.
#[derive(Debug, Clone)]
pub struct CalendarEvent<'a> {
    /// The same for good, so that a newer file takes the place of an older one.
    pub uid: &'a str,
    /// Raised with every change that calendars have to know of.
    pub sequence: i32,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Title.
    pub title: &'a str,
    /// What it is, and perhaps more; lines are kept.
    pub description: &'a str,
    /// Where it is.
    pub place: &'a str,
    /// Its page.
    pub url: &'a str,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who holds it: name and address.
    pub organizer: (&'a str, &'a str),
    /// Whether it has been called off.
    pub is_cancelled: bool,
}

/// The rules of the clinic's zone since 2007. A calendar computes with these, and not with its own, which may be old.
const ZONE: [&str; 17] = [
    "BEGIN:VTIMEZONE",
    "TZID:Pacific/Auckland",
    "BEGIN:DAYLIGHT",
    "DTSTART:20070930T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=-1SU",
    "TZOFFSETFROM:+1200",
    "TZOFFSETTO:+1300",
    "TZNAME:NZDT",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:20080406T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU",
    "TZOFFSETFROM:+1300",
    "TZOFFSETTO:+1200",
    "TZNAME:NZST",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// A content line has at most so many octets, its line end apart (RFC 5545, section 3.1).
const LINE_OCTETS: usize = 75;

impl CalendarEvent<'_> {
    /// The method, which the `Content-Type` repeats: events are published, and cancelled (RFC 5546, sections 3.2.1 and 3.2.5).
    /// Nothing is requested: a calendar's "decline" would look like a cancelled registration, and cancel nothing.
    pub fn method(&self) -> &'static str {
        if self.is_cancelled {
            "CANCEL"
        } else {
            "PUBLISH"
        }
    }

    /// The file: UTF-8, CRLF line ends, no line of more than 75 octets.
    pub fn file(&self) -> String {
        let status = if self.is_cancelled {
            "CANCELLED"
        } else {
            "CONFIRMED"
        };
        let mut file = String::new();
        let mut add = |line: &str| fold(line, &mut file);
        add("BEGIN:VCALENDAR");
        add("VERSION:2.0");
        add("PRODID:-//Practice Points//Symposium//EN");
        add("CALSCALE:GREGORIAN");
        add(&format!("METHOD:{}", self.method()));
        for line in ZONE {
            add(line);
        }
        add("BEGIN:VEVENT");
        add(&format!("UID:{}", text(self.uid)));
        add(&format!(
            "DTSTAMP:{}",
            local_time::ical_utc(self.changed_at)
        ));
        add(&format!(
            "LAST-MODIFIED:{}",
            local_time::ical_utc(self.changed_at)
        ));
        add(&format!("SEQUENCE:{}", self.sequence));
        add(&format!("STATUS:{status}"));
        add(&time("DTSTART", self.starts_at));
        add(&time("DTEND", self.ends_at));
        add(&format!("SUMMARY:{}", text(self.title)));
        if !self.description.is_empty() {
            add(&format!("DESCRIPTION:{}", text(self.description)));
        }
        if !self.place.is_empty() {
            add(&format!("LOCATION:{}", text(self.place)));
        }
        add(&format!("URL:{}", self.url));
        let (name, address) = self.organizer;
        add(&format!(
            "ORGANIZER;CN=\"{}\":mailto:{address}",
            parameter(name)
        ));
        add("TRANSP:OPAQUE");
        add("END:VEVENT");
        add("END:VCALENDAR");
        file
    }
}

/// A time by the clinic's clock. Of two moments that are called the same when daylight saving ends, a calendar takes the
/// first (RFC 5545, section 3.3.5): the second is told in UTC.
fn time(name: &str, at: Timestamp) -> String {
    let local = local_time::input_value(at);
    if local_time::parse_local(&local).is_ok_and(|first| at.since(first).as_secs() < 60) {
        format!(
            "{name};TZID=Pacific/Auckland:{}",
            local_time::ical_local(at)
        )
    } else {
        format!("{name}:{}", local_time::ical_utc(at))
    }
}

/// Text as a value (RFC 5545, section 3.3.11). Control characters other than line ends are left out.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for c in value.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ',' | ';' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A value in quotation marks, which can hold everything but these and control characters (RFC 5545, section 3.2).
fn parameter(value: &str) -> String {
    value
        .chars()
        .map(|c| if c == '"' { '\'' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

/// Adds a content line, broken where it is too long, never within a character.
fn fold(line: &str, file: &mut String) {
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            file.push_str("\r\n ");
            octets = 1;
        }
        file.push(c);
        octets += c.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    fn event<'a>(title: &'a str, description: &'a str) -> CalendarEvent<'a> {
        CalendarEvent {
            uid: "symposium-1.ab12@points.clinic.example",
            sequence: 2,
            changed_at: local_time::parse_local("2026-11-23T09:05").unwrap(),
            title,
            description,
            place: "Ascot Hospital, Level 3; Remuera",
            url: "https://points.clinic.example/symposium/hearts",
            starts_at: local_time::parse_local("2027-04-03T18:30").unwrap(),
            ends_at: local_time::parse_local("2027-04-04T01:00").unwrap(),
            organizer: ("The \"Heart\" Clinic", "points@clinic.example"),
            is_cancelled: false,
        }
    }

    fn unfolded(file: &str) -> String {
        file.replace("\r\n ", "")
    }

    #[test]
    fn lines_are_folded_within_75_octets_and_never_within_a_character() {
        for length in 1..120 {
            let title = "ā".repeat(length) + &"😀".repeat(length);
            let file = event(&title, "").file();
            assert!(file.split("\r\n").all(|line| line.len() <= LINE_OCTETS));
            assert!(unfolded(&file).contains(&format!("\r\nSUMMARY:{title}\r\n")));
            assert!(!file.replace("\r\n", "").contains(['\r', '\n']));
        }
    }

    #[test]
    fn what_has_a_meaning_is_escaped_and_nothing_begins_a_line_of_its_own() {
        let file = unfolded(&event("a, b; c\\d", "one\r\nEND:VEVENT\n\u{1}two").file());
        assert!(file.contains("SUMMARY:a\\, b\\; c\\\\d\r\n"), "{file}");
        assert!(
            file.contains("DESCRIPTION:one\\nEND:VEVENT\\ntwo\r\n"),
            "{file}"
        );
        assert!(
            file.contains("ORGANIZER;CN=\"The 'Heart' Clinic\":mailto:points@clinic.example\r\n")
        );
        assert_eq!(file.matches("\r\nEND:VEVENT\r\n").count(), 1);
    }

    #[test]
    fn times_are_the_clinics_and_only_the_second_of_two_equal_ones_is_in_utc() {
        let file = unfolded(&event("a", "").file());
        assert!(file.contains("DTSTART;TZID=Pacific/Auckland:20270403T183000\r\n"));
        assert!(file.contains("DTSTAMP:20261122T200500Z\r\n"));
        let first = local_time::parse_local("2027-04-04T02:30").unwrap();
        assert_eq!(
            time("DTEND", first),
            "DTEND;TZID=Pacific/Auckland:20270404T023000"
        );
        let second = first.plus(Duration::from_secs(3600));
        assert_eq!(time("DTEND", second), "DTEND:20270403T143000Z");
    }

    #[test]
    fn a_cancelled_event_says_so_twice() {
        let file = CalendarEvent {
            is_cancelled: true,
            ..event("a", "")
        }
        .file();
        assert!(file.contains("METHOD:CANCEL\r\n") && file.contains("STATUS:CANCELLED\r\n"));
        assert!(file.contains("SEQUENCE:2\r\n"));
    }
}
