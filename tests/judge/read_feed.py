"""Reads an Atom feed with the Universal Feed Parser, and holds it against what RFC 4287 demands in section 4.

Standard input: the feed. Standard output: JSON with what is wrong, and with each entry as a feed reader understands it.
"""

import json
import re
import sys
import xml.etree.ElementTree as xml
from urllib.parse import urlsplit

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3339, section 5.6; RFC 4287, section 3.3 wants capitals.
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KNOWN = {"author", "category", "content", "contributor", "entry", "generator", "icon", "id", "link", "logo", "published"}
KNOWN |= {"rights", "source", "subtitle", "summary", "title", "updated", "name", "uri", "email", "feed"}

content = sys.stdin.buffer.read()
feed = xml.fromstring(content)
wrong = []


def demand(what, holds):
    if not holds:
        wrong.append(what)


def is_absolute(address):
    parts = urlsplit(address)
    return bool(parts.scheme and parts.netloc)


def judge(element, name):
    """What holds for a feed and for an entry alike (4.1.1 and 4.1.2)."""
    for child in ("id", "title", "updated"):
        demand(f"{name} has one {child}", len(element.findall(ATOM + child)) == 1)
    demand(f"{name}: its id is an absolute IRI", is_absolute(element.findtext(ATOM + "id", "")))
    for date in element.findall(ATOM + "updated") + element.findall(ATOM + "published"):
        demand(f"{name}: {date.text} is a date", DATE.fullmatch(date.text or ""))
    alternates = []
    for link in element.findall(ATOM + "link"):
        demand(f"{name}: {link.get('href')} is absolute", is_absolute(link.get("href", "")))
        if link.get("rel", "alternate") == "alternate":
            alternates.append((link.get("type"), link.get("hreflang")))
    demand(f"{name}: each alternate link is of another type", len(set(alternates)) == len(alternates))
    for person in element.findall(ATOM + "author"):
        demand(f"{name}: an author has a name", person.findtext(ATOM + "name", "").strip())
    return alternates


demand("the root is a feed", feed.tag == ATOM + "feed")
for element in feed.iter():
    demand(f"{element.tag} is in the standard", element.tag.removeprefix(ATOM) in KNOWN)
judge(feed, "the feed")
demand("the feed links to itself", any(link.get("rel") == "self" for link in feed.findall(ATOM + "link")))
entries = feed.findall(ATOM + "entry")
ids = [entry.findtext(ATOM + "id") for entry in entries]
demand("every entry has an id of its own", len(set(ids)) == len(ids))
for entry in entries:
    name = f"the entry {entry.findtext(ATOM + 'id')}"
    alternates = judge(entry, name)
    texts = entry.findall(ATOM + "content")
    demand(f"{name} has a content, or a link to it", texts or alternates)
    demand(f"{name} has one content at most", len(texts) <= 1)
    demand(f"{name} has one summary at most", len(entry.findall(ATOM + "summary")) <= 1)
    demand(f"{name} has an author", entry.find(ATOM + "author") is not None or feed.find(ATOM + "author") is not None)
    for category in entry.findall(ATOM + "category"):
        demand(f"{name}: a category has a term", category.get("term"))

parsed = feedparser.parse(content, response_headers={"content-type": "application/atom+xml; charset=utf-8"})
if parsed.bozo:
    wrong.append(f"the feed reader stumbles: {parsed.bozo_exception}")
demand("the feed reader knows it as Atom 1.0", parsed.version == "atom10")
read = [
    {
        "id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "author": entry.get("author", ""),
        "content": "".join(part.value for part in entry.get("content", [])),
    }
    for entry in parsed.entries
]
json.dump({"wrong": wrong, "entries": read}, sys.stdout)
