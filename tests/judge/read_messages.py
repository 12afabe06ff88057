"""Reads messages with Python's own e-mail library, and prints what it understood as JSON.

Standard input: for each message its length in bytes, a line feed, and its bytes.
"""

import json
import re
import sys
from email import message_from_bytes, policy


def messages(stream):
    while line := stream.readline():
        yield message_from_bytes(stream.read(int(line)), policy=policy.default)


def read(message):
    defects = [repr(defect) for part in message.walk() for defect in part.defects]
    for header in message.values():
        defects += [repr(defect) for defect in getattr(header, "defects", [])]
    content = message
    if message.get_content_type() == "multipart/mixed":  # something is attached
        content = next(message.iter_parts())
    if content.get_content_type() != "multipart/alternative":
        defects.append(f"the message is {content.get_content_type()}")
    kinds = [part.get_content_type() for part in content.iter_parts()]
    if kinds != ["text/plain", "text/html"]:
        defects.append(f"its parts are {kinds}")
    text, html = (part.get_content() for part in content.iter_parts())
    return {
        "to": message["To"].addresses[0].addr_spec,
        "subject": str(message["Subject"]),
        "message_id": str(message["Message-ID"]),
        "list_unsubscribe": re.findall(r"<([^<>]*)>", str(message["List-Unsubscribe"])),
        "list_unsubscribe_post": str(message["List-Unsubscribe-Post"]),
        "defects": defects,
        "text": text,
        "html": html,
    }


json.dump([read(message) for message in messages(sys.stdin.buffer)], sys.stdout)
