"""Reads a calendar file with the Python package icalendar, and prints what it understood as JSON.

Standard input: the file. Times are given in UTC twice: by the zone's name, and by the rules that the file itself has for it.
"""

import json
import sys
from datetime import timezone

from icalendar import Calendar

file = sys.stdin.buffer.read()
defects = []
for line in file.split(b"\r\n"):
    if len(line) > 75:
        defects.append(f"a line of {len(line)} octets")
    if b"\n" in line or b"\r" in line:
        defects.append("a line end that is not CRLF")
if not file.endswith(b"END:VCALENDAR\r\n"):
    defects.append("it does not end")

calendar = Calendar.from_ical(file)
zones = calendar.walk("VTIMEZONE")
events = calendar.walk("VEVENT")
if len(zones) != 1 or len(events) != 1:
    defects.append(f"{len(zones)} zones and {len(events)} events")
event = events[0]
for part in calendar.walk():
    defects += [f"{part.name}: {error}" for error in getattr(part, "errors", [])]
zone = zones[0].to_tz()


def utc(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def times(name):
    moment = event[name].dt
    if event[name].params.get("TZID") is None:
        return [utc(moment), utc(moment)]
    local = moment.replace(tzinfo=None)
    # Of two moments that are called the same, the first (RFC 5545, section 3.3.5).
    by_rules = zone.localize(local, is_dst=True) if hasattr(zone, "localize") else local.replace(tzinfo=zone, fold=0)
    named = moment.tzinfo
    by_name = named.localize(local, is_dst=True) if hasattr(named, "localize") else local.replace(tzinfo=named, fold=0)
    return [utc(by_name), utc(by_rules)]


json.dump(
    {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "location": str(event["LOCATION"]),
        "url": str(event["URL"]),
        "organizer": str(event["ORGANIZER"]),
        "zone": str(zones[0]["TZID"]),
        "starts": times("DTSTART"),
        "ends": times("DTEND"),
        "defects": defects,
    },
    sys.stdout,
)
